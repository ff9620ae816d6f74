"""Pinning what shall be found at once, and unpinning it."""

from uuid import uuid4

from flask_babel import gettext

from app.actions import verb
from app.actions.log import place, require_open, revise, said_in, show
from app.errors import Refused
from app.models import Chat, Message, User
from app.models.columns import now
from app.queries.chats import member_ids
from app.queries.groups import role_in
from app.queries.messages import message_as_it_is


@verb
def create(message_id: int, user: User) -> Message:
    """Pin a message; a line in the chat tells of it. Who leads a group may, and both in a direct chat."""
    chat, message = _pinnable(message_id, user)
    if message.pinned_at:
        return message
    message.pinned_at = now()
    revise(chat, message, pins=True)
    line = place(chat, user, kind="system", event="pinned", reply_to_id=message.id, client_id=str(uuid4()), body="")
    show(chat, line, member_ids(chat), new=True)
    return message_as_it_is(message_id)


@verb
def delete(message_id: int, user: User) -> Message:
    """Unpin a message."""
    chat, message = _pinnable(message_id, user)
    if not message.pinned_at:
        return message
    message.pinned_at = None
    return revise(chat, message, pins=True)


def _pinnable(message_id: int, user: User) -> tuple[Chat, Message]:
    chat, message = said_in(message_id, user)
    require_open(chat)
    if chat.is_group and role_in(chat, user.id) not in ("owner", "admin"):
        raise Refused(gettext("Only the owner and the admins of the group can pin messages."), status=403)
    return chat, message
