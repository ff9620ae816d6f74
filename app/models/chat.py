"""A conversation and who takes part in it."""

from datetime import timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import EPOCH, Key, MaybeMoment, Moment
from app.models.user import User
from app.text import initials

GROUP_NAME = 100
DESCRIPTION = 500
ARCHIVED = text("archived_seq IS NOT NULL")
ROLES = ("owner", "admin", "member")


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
    description: Mapped[str] = mapped_column(String(DESCRIPTION), default="")
    photo_key: Mapped[str | None] = mapped_column(String(64), index=True)
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
    def cursor(self) -> str:
        """Where it stands in lists of chats, the latest first."""
        return f"{(self.last_message_at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @property
    def initials(self) -> str:
        """One or two letters that stand for a missing photo of a group."""
        return initials(self.name or "")


class Membership(Base):
    """That somebody takes part in a chat, how far they have read, and what they want it to be for them.

    Unread is what came after ``read_seq``; what was said up to ``joined_seq`` they found there. ``marked`` says that
    they want to come back to it anyway. ``archived_seq`` is the last message at the time at which they put it away:
    something new brings it back, unless it is ``muted``.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_archived", "chat_id", "archived_seq", sqlite_where=ARCHIVED, postgresql_where=ARCHIVED),
    )

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10), default="member")  # or "admin", or "owner", of whom a group has one
    read_seq: Mapped[int] = mapped_column(default=0)
    joined_seq: Mapped[int] = mapped_column(default=0)
    muted: Mapped[bool] = mapped_column(default=False)
    marked: Mapped[bool] = mapped_column(default=False)
    pinned_at: Mapped[MaybeMoment]
    archived_seq: Mapped[int | None]
    joined_at: Mapped[Moment]

    chat: Mapped[Chat] = relationship(lazy="raise", back_populates="memberships")
    user: Mapped[User] = relationship(lazy="raise")

    @property
    def leads(self) -> bool:
        """Whether they may change the group and who is in it."""
        return self.role != "member"


class Ban(Base):
    """That somebody was sent out of a group and may not be taken in again."""

    __tablename__ = "bans"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    banned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Moment]
