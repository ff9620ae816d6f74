"""What is said in a chat."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.chat import Chat
from app.models.columns import Key, MaybeMoment, Moment
from app.models.picture import Picture
from app.models.user import User


class Message(Base):
    """A message: ``seq`` is its place in the chat for ever, ``revision`` the chat's count at its last change.

    A system message tells an event of the chat itself: "created", "joined", "left", "added" or "removed". It has no
    body; its sentence is made for each reader, of its author and the subject it is about. A deleted message keeps its
    place and nothing of what it said.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("author_id", "client_id"),
        Index("ix_messages_chat_id_revision", "chat_id", "revision"),
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
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[Moment]
    edited_at: Mapped[MaybeMoment]
    deleted_at: Mapped[MaybeMoment]

    chat: Mapped[Chat] = relationship(lazy="raise")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise")
    subject: Mapped[User | None] = relationship(foreign_keys=[subject_id], lazy="raise")
    pictures: Mapped[list[Picture]] = relationship(order_by=(Picture.position, Picture.id), lazy="raise")

    @property
    def face(self) -> str:
        """How it is shown: "said", "system" or "deleted"."""
        return "deleted" if self.deleted_at else self.kind
