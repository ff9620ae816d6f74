"""What was said in a chat; the chat comes from ``chat_for``, which asks who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.models import Chat, Hiding, Membership, Mention, Message, Reaction, User
from app.models.block import parted

Found = TypeVarTuple("Found")
PAGE = 50
REPLAYED = 200


@dataclass(frozen=True, slots=True)
class Messages:
    """A stretch of a chat in order; ``before`` and ``after`` are the places beyond which there is more, if there is."""

    messages: list[Message]
    before: int | None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Pins:
    """The message pinned last in a chat, and how many are."""

    last: Message | None
    count: int


def messages_before(viewer: User, chat: Chat, before: int | None = None, limit: int = PAGE) -> Messages:
    """Return the newest messages before a place, or the newest of all."""
    found = seen_by(viewer, chat)
    if before is not None:
        found = found.where(Message.seq < before)
    messages = list(db.session.scalars(whole(found.order_by(Message.seq.desc()).limit(limit + 1))))
    more = len(messages) > limit
    messages = messages[:limit][::-1]
    return Messages(messages, messages[0].seq if more else None, _after(chat, messages) if before is not None else None)


def messages_after(viewer: User, chat: Chat, after: int, limit: int = PAGE) -> Messages:
    """Return the oldest messages after a place."""
    found = seen_by(viewer, chat).where(Message.seq > after)
    messages = list(db.session.scalars(whole(found.order_by(Message.seq).limit(limit + 1))))
    more = len(messages) > limit
    messages = messages[:limit]
    return Messages(messages, messages[0].seq if messages else None, messages[-1].seq if more else None)


def messages_around(viewer: User, chat: Chat, place: int) -> Messages:
    """Return the messages on both sides of a place, as many as a page holds."""
    following = messages_after(viewer, chat, place - 1, PAGE // 2)
    leading = messages_before(viewer, chat, place, PAGE - len(following.messages))
    if following.after and len(leading.messages) < PAGE - len(following.messages):
        following = messages_after(viewer, chat, place - 1, PAGE - len(leading.messages))
    return Messages([*leading.messages, *following.messages], leading.before, following.after)


def messages_changed_after(viewer: User, chat: Chat, revision: int) -> list[Message] | None:
    """Return the present state of every message changed after a revision, in order; None when there are too many."""
    found = seen_by(viewer, chat).where(Message.revision > revision)
    messages = list(db.session.scalars(whole(found.order_by(Message.revision).limit(REPLAYED + 1))))
    return messages if len(messages) <= REPLAYED else None


def quotes_changed_after(chat: Chat, revision: int) -> list[Message]:
    """Return messages changed after a revision that may be quoted; also those the viewer deleted for themselves."""
    changed = or_(Message.edited_at.is_not(None), Message.deleted_at.is_not(None))
    found = select(Message).where(Message.chat_id == chat.id, Message.revision > revision, changed)
    return list(db.session.scalars(whole(found.order_by(Message.revision).limit(REPLAYED))))


def hidden_since(viewer: User, chat: Chat, revision: int) -> Sequence[int]:
    """Return the ids of messages the viewer deleted for themselves when the chat had come at least to this revision."""
    theirs = (Hiding.chat_id == chat.id, Hiding.user_id == viewer.id, Hiding.revision >= revision)
    return db.session.scalars(select(Hiding.message_id).where(*theirs)).all()


def may_see(viewer: User, message_id: int) -> bool:
    """Tell whether a message is one of a chat the viewer takes part in, and not deleted for themselves."""
    return db.session.scalar(_standing_for(viewer, message_id).with_only_columns(Message.id)) is not None


def message_for(viewer: User, message_id: int) -> Message | None:
    """Return a message of a chat the viewer takes part in."""
    return db.session.scalar(whole(_standing_for(viewer, message_id)))


def readers_of(viewer: User, message: Message) -> list[User]:
    """Return who has read a message, by name, of those who let others know; its author and the viewer left out."""
    readers = select(User).join(Membership, Membership.user_id == User.id).where(_has_read(viewer, message))
    return list(db.session.scalars(readers.order_by(User.search_text, User.id).limit(REPLAYED)))


def count_readers(viewer: User, message: Message) -> int:
    """Return how many they are."""
    readers = select(func.count()).select_from(Membership).join(User, Membership.user_id == User.id)
    return db.session.scalar(readers.where(_has_read(viewer, message))) or 0


def message_as_it_is(message_id: int) -> Message:
    """Return a message, for a verb that has locked its chat."""
    return db.session.scalars(_anew(select(Message).where(Message.id == message_id))).one()


def message_said(author: User, client_id: str) -> Message | None:
    """Return what somebody said under the id their page gave it."""
    said = select(Message).where(Message.author_id == author.id, Message.client_id == client_id)
    return db.session.scalar(_anew(said))


def pins_of(viewer: User | None, chat: Chat) -> Pins:
    """Return what is pinned in a chat, without what the viewer deleted for themselves; for nobody, all of it."""
    pinned = select(Message, func.count().over()).where(Message.chat_id == chat.id, Message.pinned_at.is_not(None))
    if viewer is not None:
        pinned = pinned.where(not_hidden(viewer))
    last = pinned.order_by(Message.pinned_at.desc(), Message.id.desc()).limit(1)
    row = db.session.execute(last.options(joinedload(Message.author))).one_or_none()
    return Pins(row[0], row[1]) if row else Pins(None, 0)


def pinned_messages(viewer: User, chat: Chat) -> list[Message]:
    """Return everything that is pinned in a chat, the last one first."""
    found = seen_by(viewer, chat).where(Message.pinned_at.is_not(None)).order_by(Message.pinned_at.desc())
    return list(db.session.scalars(whole(found.limit(REPLAYED))))


def _has_read(viewer: User, message: Message) -> ColumnElement[bool]:
    return and_(
        Membership.chat_id == message.chat_id,
        Membership.read_seq >= message.seq,
        # Who came later reads on from there; it does not follow that they have looked at what was said before.
        Membership.joined_seq < message.seq,
        Membership.user_id.not_in([viewer.id, message.author_id or 0]),
        User.shows_reading,
    )


def _standing_for(viewer: User, message_id: int) -> Select[Message]:
    theirs = select(Membership.chat_id).join(Chat, Chat.id == Membership.chat_id)
    theirs = theirs.where(Membership.user_id == viewer.id, ~parted())
    return select(Message).where(Message.id == message_id, Message.chat_id.in_(theirs), not_hidden(viewer))


def seen_by(viewer: User, chat: Chat) -> Select[Message]:
    """Ask for the messages of a chat that the viewer has not deleted for themselves."""
    return select(Message).where(Message.chat_id == chat.id, not_hidden(viewer))


def not_hidden(viewer: User) -> ColumnElement[bool]:
    """Whether a message is not one that the viewer deleted for themselves."""
    hidden = select(Hiding.message_id).where(Hiding.message_id == Message.id, Hiding.user_id == viewer.id)
    return ~hidden.correlate(Message).exists()


def _after(chat: Chat, messages: Sequence[Message]) -> int | None:
    return messages[-1].seq if messages and messages[-1].seq < chat.last_seq else None


def _anew(messages: Select[Message]) -> Select[Message]:
    """Have messages read again, whatever the session remembers of them from before the lock.

    For one message alone: what it answers is read again too, but not whole.
    """
    return whole(messages).execution_options(populate_existing=True)


def whole(messages: Select[*Found]) -> Select[*Found]:
    """Ask for messages with everything that is shown of them."""
    answered = selectinload(Message.reply_to)
    return messages.options(
        joinedload(Message.author),
        joinedload(Message.subject),
        selectinload(Message.pictures),
        selectinload(Message.reactions).joinedload(Reaction.user),
        selectinload(Message.mentions).joinedload(Mention.user),
        answered.joinedload(Message.author),
    )
