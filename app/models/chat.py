"""A conversation and who takes part in it."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, Moment
from app.models.user import User


class Chat(Base):
    """A conversation; a direct one has two people and exists once for each pair.

    ``last_seq`` is the place of its newest message; ``last_revision`` counts every change in it: a page that was cut
    off is made whole by the changes after the last revision it has.
    """

    __tablename__ = "chats"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="ordered"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10), default="direct")
    low_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    high_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_revision: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[Moment]
    created_at: Mapped[Moment]

    memberships: Mapped[list["Membership"]] = relationship(lazy="raise", back_populates="chat")


class Membership(Base):
    """That somebody takes part in a chat, and how far they have read: unread is what came after."""

    __tablename__ = "memberships"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    read_seq: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[Moment]

    chat: Mapped[Chat] = relationship(lazy="raise", back_populates="memberships")
    user: Mapped[User] = relationship(lazy="raise")
