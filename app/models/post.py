"""What people publish in the feed, for whom, and who has seen and liked it."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment, UserKey
from app.models.picture import Picture
from app.models.tag import Tag
from app.models.user import User
from app.text import fold

AUDIENCES = ("everyone", "friends", "me")
WIDE, LINES = 90, 14  # letters in a line of a wide page, and lines that the feed shows of a post


class Post(Base):
    """A post; likes, views and comments are rows, and their counts stand here too.

    One that was deleted keeps its row for a while, so that its author can take that back.
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        Index("ix_posts_author_id_id", "author_id", "id"),
        Index("ix_posts_topic_folded", "topic_folded", "id"),
    )

    id: Mapped[Key]
    author_id: Mapped[UserKey]
    # Made with the form, so that a form sent twice makes one post.
    client_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String(150))
    topic: Mapped[str] = mapped_column(String(150))
    topic_folded: Mapped[str] = mapped_column(String(150), default="")
    audience: Mapped[str] = mapped_column(String(10), default="everyone")  # one of AUDIENCES
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    edited_at: Mapped[MaybeMoment]
    deleted_at: Mapped[MaybeMoment]
    takes_comments: Mapped[bool] = mapped_column(default=True)
    comment_count: Mapped[int] = mapped_column(default=0)
    like_count: Mapped[int] = mapped_column(default=0)
    view_count: Mapped[int] = mapped_column(default=0)

    author: Mapped[User] = relationship(lazy="raise")
    tagged: Mapped[list["PostTag"]] = relationship(order_by="PostTag.position", lazy="raise", viewonly=True)
    links: Mapped[list["PostLink"]] = relationship(
        order_by="PostLink.position", cascade="all, delete-orphan", lazy="raise"
    )
    pictures: Mapped[list[Picture]] = relationship(order_by=(Picture.position, Picture.id), lazy="raise")

    mentions: Mapped[list["PostMention"]] = relationship(order_by="PostMention.user_id", lazy="raise", viewonly=True)

    @property
    def tags(self) -> list[Tag]:
        """The tags that were chosen for it; those in its text stand there."""
        return [tagged.tag for tagged in self.tagged if not tagged.in_text]

    @property
    def topic_has_page(self) -> bool:
        """Whether its topic can stand in an address: browsers take dots between slashes for steps of a path."""
        return not {".", ".."}.intersection(self.topic.split("/"))

    @property
    def mentioned(self) -> dict[str, str]:
        """The people it names, as they are called now, by the folded names it has for them."""
        return {mention.name: mention.user.username or "" for mention in self.mentions}

    @property
    def is_long(self) -> bool:
        """Whether the feed shows only its beginning: its lines, or what a wide page makes of them, are many."""
        return sum(1 + len(line) // WIDE for line in self.body.split("\n")) > LINES

    def editable_by(self, user: User) -> bool:
        """Whether this person may change or delete the post."""
        return self.author_id == user.id


def topic_key(topic: str) -> str:
    """Return a topic as topics are compared; folding can lengthen text, and PostgreSQL refuses what does not fit."""
    return fold(topic)[:150]


class PostTag(Base):
    """A tag of a post: chosen for it, or standing as #tag in its text."""

    __tablename__ = "post_tags"
    __table_args__ = (Index("ix_post_tags_tag_id", "tag_id", "post_id"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int]
    in_text: Mapped[bool] = mapped_column(default=False)

    tag: Mapped[Tag] = relationship(lazy="raise")


class PostMention(Base):
    """That a post names somebody."""

    __tablename__ = "post_mentions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(30))  # as it was written, folded

    user: Mapped[User] = relationship(lazy="raise")


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
    __table_args__ = (Index("ix_likes_post_id_created_at", "post_id", "created_at", "user_id"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Moment]


class PostView(Base):
    """That somebody has seen a post; once for ever."""

    __tablename__ = "post_views"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[Moment]


class Reader(Base):
    """That somebody has seen posts of an author, and how many; so each is counted once among the author's readers."""

    __tablename__ = "readers"

    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    post_count: Mapped[int] = mapped_column(default=1)
