"""What people say under a post."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment, UserKey
from app.models.post import Post
from app.models.user import User

BODY = 2000


class Comment(Base):
    """A comment on a post, or a reply to one: there are two levels, so a reply to a reply stands beside it.

    ``like_count`` and, of a comment of the first level, ``reply_count`` are kept by the verbs. A deleted one that has
    replies keeps its place, and nothing of what it said is shown; any other is gone. For a while the row stays as it
    was, so that its author can take that back.
    """

    __tablename__ = "comments"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        Index("ix_comments_post_id", "post_id", "parent_id", "id"),
    )

    id: Mapped[Key]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    author_id: Mapped[UserKey]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    # Made with the form, so that a form sent twice makes one comment.
    client_id: Mapped[str] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    edited_at: Mapped[MaybeMoment]
    deleted_at: Mapped[MaybeMoment]
    like_count: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)

    post: Mapped[Post] = relationship(lazy="raise")
    author: Mapped[User] = relationship(lazy="raise")
    mentions: Mapped[list["CommentMention"]] = relationship(
        order_by="CommentMention.user_id", lazy="raise", viewonly=True
    )

    @property
    def mentioned(self) -> dict[str, str]:
        """The people it names, as they are called now, by the folded names it has for them."""
        return {mention.name: mention.user.username or "" for mention in self.mentions}

    @property
    def stands(self) -> bool:
        """Whether it is shown: as long as it is not deleted, or there are replies to it."""
        return self.deleted_at is None or self.reply_count > 0


class CommentLike(Base):
    """That somebody likes a comment."""

    __tablename__ = "comment_likes"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Moment]


class CommentMention(Base):
    """That a comment names somebody."""

    __tablename__ = "comment_mentions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(30))  # as it was written, folded

    user: Mapped[User] = relationship(lazy="raise")
