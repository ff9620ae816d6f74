"""Putting an emoji to what somebody said, and taking it away."""

from flask_babel import gettext
from sqlalchemy import delete as delete_rows

from app.actions import verb
from app.actions.log import require_open, revise, said_in
from app.emoji import ALL
from app.errors import Refused
from app.extensions import db
from app.models import Message, Reaction, User
from app.models.columns import insert_once, now

EACH = 3  # different ones that somebody can put to one message
KINDS = 20  # different ones that a message can have


@verb
def create(message_id: int, user: User, emoji: str) -> Message:
    """React to a message; twice with the same is once."""
    chat, message = said_in(message_id, user)
    require_open(chat)
    if emoji not in ALL:
        raise Refused(gettext("This cannot be chosen."))
    tally = message.tally
    mine = [one for one, users in tally.items() if user in users]
    if emoji in mine:
        return message
    if len(mine) >= EACH or (emoji not in tally and len(tally) >= KINDS):
        raise Refused(gettext("There are enough reactions here. Take one away first."))
    insert_once(Reaction, message_id=message_id, user_id=user.id, emoji=emoji, created_at=now())
    return revise(chat, message)


@verb
def delete(message_id: int, user: User, emoji: str) -> Message:
    """Take a reaction away; where there is none, nothing happens."""
    chat, message = said_in(message_id, user)
    require_open(chat)
    if emoji not in ALL:
        return message
    mine = (Reaction.message_id == message_id, Reaction.user_id == user.id, Reaction.emoji == emoji)
    done = db.session.execute(delete_rows(Reaction).where(*mine).returning(Reaction.user_id))
    return revise(chat, message) if done.first() else message
