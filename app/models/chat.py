"""A conversation and who takes part in it."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, Moment
from app.models.user import User

GROUP_NAME = 100


class Chat(Base):
    """A conversation: a direct one has two people and exists once for each pair, a group has a name and members.

    ``last_seq`` is the place of its newest message; ``last_revision`` counts every change in it: a page that was cut
    off is made whole by the changes after the last revision it has. ``members_version`` counts the changes of who takes
    part. A group's photo is square pictures in the media store, under ``photo_key``.
    """

    __tablename__ = "chats"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="ordered"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10), default="direct")  # or "group"
    name: Mapped[str | None] = mapped_column(String(GROUP_NAME))
    photo_key: Mapped[str | None] = mapped_column(String(64))
    low_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    high_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_revision: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[Moment]
    member_count: Mapped[int] = mapped_column(default=0)
    members_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]

    memberships: Mapped[list["Membership"]] = relationship(lazy="raise", back_populates="chat")

    @property
    def is_group(self) -> bool:
        """Whether it has a name and members who come and go."""
        return self.kind == "group"

    @property
    def initials(self) -> str:
        """One or two letters that stand for a missing photo of a group."""
        return "".join(word[0] for word in (self.name or "?").split()[:2]).upper()


class Membership(Base):
    """That somebody takes part in a chat, and how far they have read: unread is what came after."""

    __tablename__ = "memberships"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10), default="member")  # or "owner", of whom a group has one
    read_seq: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[Moment]

    chat: Mapped[Chat] = relationship(lazy="raise", back_populates="memberships")
    user: Mapped[User] = relationship(lazy="raise")
