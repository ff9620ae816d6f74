"""What is said in a chat, and what people do with it."""

from collections import defaultdict

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.chat import Chat
from app.models.columns import Key, MaybeMoment, Moment
from app.models.picture import Picture
from app.models.user import User

BODY = 4096
PICTURES = 10
PINNED = text("pinned_at IS NOT NULL")


class Message(Base):
    """A message: ``seq`` is its place in the chat for ever, ``revision`` the chat's count at its last change.

    A system message tells an event of the chat itself, such as "added"; its sentence is made for each reader, of its
    author, the subject it is about, and the body where it has one. A deleted message keeps its place and nothing of
    what it said.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("author_id", "client_id"),
        Index("ix_messages_chat_id_revision", "chat_id", "revision"),
        Index("ix_messages_pinned", "chat_id", "pinned_at", sqlite_where=PINNED, postgresql_where=PINNED),
    )

    id: Mapped[Key]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    seq: Mapped[int]
    revision: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # Made by the sender's page, so that a message sent again after a lost answer is said once.
    client_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(10), default="said")  # or "system"
    event: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[Moment]
    edited_at: Mapped[MaybeMoment]
    deleted_at: Mapped[MaybeMoment]
    pinned_at: Mapped[MaybeMoment]

    chat: Mapped[Chat] = relationship(lazy="raise")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise")
    subject: Mapped[User | None] = relationship(foreign_keys=[subject_id], lazy="raise")
    pictures: Mapped[list[Picture]] = relationship(order_by=(Picture.position, Picture.id), lazy="raise")
    reply_to: Mapped["Message | None"] = relationship(remote_side="Message.id", lazy="raise")
    reactions: Mapped[list["Reaction"]] = relationship(
        order_by="Reaction.created_at, Reaction.user_id", lazy="raise", viewonly=True
    )
    mentions: Mapped[list["Mention"]] = relationship(order_by="Mention.user_id", lazy="raise", viewonly=True)

    @property
    def face(self) -> str:
        """How it is shown: "said", "system" or "deleted"."""
        return "deleted" if self.deleted_at else self.kind

    @property
    def tally(self) -> dict[str, list[User]]:
        """Who reacted with which emoji, the first one first."""
        tally = defaultdict(list)
        for reaction in self.reactions:
            tally[reaction.emoji].append(reaction.user)
        return tally

    @property
    def mentioned(self) -> dict[str, str]:
        """The people it names, as they are called now, by the folded names it has for them."""
        return {mention.name: mention.user.username or "" for mention in self.mentions}


class Reaction(Base):
    """An emoji somebody put to a message."""

    __tablename__ = "reactions"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    emoji: Mapped[str] = mapped_column(String(16), primary_key=True)
    created_at: Mapped[Moment]

    user: Mapped[User] = relationship(lazy="raise")


class Mention(Base):
    """That a message names somebody of its chat; its place is here too, so that who has not read it yet is found."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_user_id", "user_id", "chat_id", "seq"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    chat_id: Mapped[int]
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(30))  # as it was written, folded

    user: Mapped[User] = relationship(lazy="raise")


class Hiding(Base):
    """That somebody deleted a message for themselves alone; ``revision`` was the chat's at that time."""

    __tablename__ = "hidings"
    __table_args__ = (Index("ix_hidings_chat_id", "chat_id", "user_id", "revision"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, index=True)
    chat_id: Mapped[int]
    revision: Mapped[int]
