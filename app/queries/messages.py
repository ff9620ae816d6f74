"""What was said in a chat; the chat comes from ``chat_for``, which asks who may see it."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.models import Chat, Membership, Message, User

PAGE = 50
REPLAYED = 200


@dataclass(frozen=True, slots=True)
class Messages:
    """A stretch of a chat in order; ``before`` is the place before which older ones are, if there are any."""

    messages: list[Message]
    before: int | None


def messages_before(chat: Chat, before: int | None = None) -> Messages:
    """Return the newest messages before a place, or the newest of all."""
    found = select(Message).where(Message.chat_id == chat.id)
    if before is not None:
        found = found.where(Message.seq < before)
    messages = list(db.session.scalars(_whole(found.order_by(Message.seq.desc()).limit(PAGE))))[::-1]
    return Messages(messages, messages[0].seq if messages and messages[0].seq > 1 else None)


def messages_changed_after(chat: Chat, revision: int) -> list[Message] | None:
    """Return the present state of every message changed after a revision, in order; None when there are too many."""
    found = select(Message).where(Message.chat_id == chat.id, Message.revision > revision)
    messages = list(db.session.scalars(_whole(found.order_by(Message.revision).limit(REPLAYED + 1))))
    return messages if len(messages) <= REPLAYED else None


def message_for(viewer: User, message_id: int) -> Message | None:
    """Return a message of a chat the viewer takes part in."""
    theirs = select(Membership.chat_id).where(Membership.user_id == viewer.id)
    return db.session.scalar(_whole(select(Message).where(Message.id == message_id, Message.chat_id.in_(theirs))))


def message_as_it_is(message_id: int) -> Message:
    """Return a message, for a verb that has locked its chat."""
    return db.session.scalars(_anew(select(Message).where(Message.id == message_id))).one()


def message_said(author: User, client_id: str) -> Message | None:
    """Return what somebody said under the id their page gave it."""
    said = select(Message).where(Message.author_id == author.id, Message.client_id == client_id)
    return db.session.scalar(_anew(said))


def _anew(messages: Select[Message]) -> Select[Message]:
    """Have messages read again, whatever the session remembers of them from before the lock."""
    return _whole(messages).execution_options(populate_existing=True)


def _whole(messages: Select[Message]) -> Select[Message]:
    return messages.options(joinedload(Message.author), joinedload(Message.subject), selectinload(Message.pictures))
