"""Chats as their members see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Chat, Membership, Message, User
from app.models.columns import EPOCH

PAGE = 30


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat for one of its members: whom it is with, what was said last, and how far they have read.

    A direct chat is with the ``other`` one, who may be gone; a group has none.
    """

    chat: Chat
    other: User | None
    last: Message | None
    read_seq: int

    @property
    def title(self) -> str:
        """What the chat is called for this member."""
        if self.chat.is_group:
            return self.chat.name or ""
        return self.other.full_name if self.other else gettext("Deleted user")

    @property
    def unread(self) -> int:
        """How many messages the member has not read."""
        return max(0, self.chat.last_seq - self.read_seq)

    @property
    def cursor(self) -> str:
        """Where the inbox goes on after this row."""
        return f"{(self.chat.last_message_at - EPOCH) // timedelta(microseconds=1)}-{self.chat.id}"


def inbox(viewer: User, limit: int = PAGE, after: str | None = None) -> list[ChatRow]:
    """Return the viewer's chats in which something was said, the latest first."""
    rows = _rows(viewer).where(Chat.last_seq > 0).order_by(Chat.last_message_at.desc(), Chat.id.desc()).limit(limit)
    if (last := _parse(after)) is not None:
        rows = rows.where(_beyond(*last))
    return [ChatRow(*row) for row in db.session.execute(rows)]


def chat_for(viewer: User, chat_id: int) -> ChatRow | None:
    """Return a chat the viewer takes part in."""
    row = db.session.execute(_rows(viewer).where(Chat.id == chat_id)).one_or_none()
    return ChatRow(*row) if row else None


def member_ids(chat: Chat) -> frozenset[int]:
    """Return the ids of everybody in a chat.

    A group's are remembered until somebody comes or goes, so that a word to a thousand people reads no thousand rows.
    A verb that changes the members asks ``present_member_ids``: what its transaction sees may never come to be.
    """
    if not chat.is_group:
        return frozenset(person for person in (chat.low_id, chat.high_id) if person is not None)
    return _member_ids(chat.id, chat.created_at, chat.members_version)


@lru_cache(maxsize=1000)
def _member_ids(chat_id: int, _created_at: datetime, _members_version: int) -> frozenset[int]:
    # The moment is in the key since SQLite gives a deleted chat's number to the next one.
    return present_member_ids(chat_id)


def present_member_ids(chat_id: int) -> frozenset[int]:
    """Return the ids of everybody in a chat as the present transaction sees them."""
    return frozenset(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == chat_id)))


def _rows(viewer: User) -> Select[Chat, User, Message, int]:
    other_id = case((Chat.low_id == viewer.id, Chat.high_id), else_=Chat.low_id)
    return (
        select(Chat, User, Message, Membership.read_seq)
        .join(Membership, and_(Membership.chat_id == Chat.id, Membership.user_id == viewer.id))
        .outerjoin(User, User.id == other_id)
        .outerjoin(Message, and_(Message.chat_id == Chat.id, Message.seq == Chat.last_seq))
        .options(joinedload(Message.author), joinedload(Message.subject))
    )


def _beyond(moment: datetime, chat_id: int) -> ColumnElement[bool]:
    return or_(Chat.last_message_at < moment, and_(Chat.last_message_at == moment, Chat.id < chat_id))


def _parse(cursor: str | None) -> tuple[datetime, int] | None:
    left, _, right = (cursor or "").partition("-")
    if (
        not (left.isascii() and left.isdigit() and right.isascii() and right.isdigit())
        or len(left) > 17
        or len(right) > 9
    ):
        return None
    return EPOCH + timedelta(microseconds=int(left)), int(right)
