"""What people publish in the feed."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment, UserKey
from app.models.picture import Picture
from app.models.tag import Tag
from app.models.user import User


class Post(Base):
    """A post; likes and views are rows, and their counts stand here too."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        Index("ix_posts_author_id_id", "author_id", "id"),
    )

    id: Mapped[Key]
    author_id: Mapped[UserKey]
    # Made with the form, so that a form sent twice makes one post.
    client_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String(150))
    topic: Mapped[str] = mapped_column(String(150))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    edited_at: Mapped[MaybeMoment]
    like_count: Mapped[int] = mapped_column(default=0)
    view_count: Mapped[int] = mapped_column(default=0)

    author: Mapped[User] = relationship(lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary="post_tags", order_by="PostTag.position", lazy="raise")
    links: Mapped[list["PostLink"]] = relationship(
        order_by="PostLink.position", cascade="all, delete-orphan", lazy="raise"
    )
    pictures: Mapped[list[Picture]] = relationship(order_by=(Picture.position, Picture.id), lazy="raise")

    def editable_by(self, user: User) -> bool:
        """Whether this person may change or delete the post."""
        return self.author_id == user.id


class PostTag(Base):
    """A tag of a post."""

    __tablename__ = "post_tags"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]


class PostLink(Base):
    """A web address a post points to."""

    __tablename__ = "post_links"

    id: Mapped[Key]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    url: Mapped[str] = mapped_column(String(2000))


class Like(Base):
    """That somebody likes a post."""

    __tablename__ = "likes"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Moment]


class PostView(Base):
    """That somebody has seen a post; once for ever."""

    __tablename__ = "post_views"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[Moment]
