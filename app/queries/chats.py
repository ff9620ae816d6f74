"""Chats as their members see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from app.extensions import db
from app.models import Chat, Membership, Message, User
from app.models.columns import EPOCH

PAGE = 30


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat for one of its members: whom it is with, what was said last, and how far they have read."""

    chat: Chat
    other: User | None
    last: Message | None
    read_seq: int

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


def _rows(viewer: User) -> Select[Chat, User, Message, int]:
    other_id = case((Chat.low_id == viewer.id, Chat.high_id), else_=Chat.low_id)
    return (
        select(Chat, User, Message, Membership.read_seq)
        .join(Membership, and_(Membership.chat_id == Chat.id, Membership.user_id == viewer.id))
        .outerjoin(User, User.id == other_id)
        .outerjoin(Message, and_(Message.chat_id == Chat.id, Message.seq == Chat.last_seq))
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
