"""What somebody has published, as the viewer may see it: how much, what about, and its pictures."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.models import Picture, Post, PostTag, Tag, User
from app.queries.posts import count_visible, visible_to

TAGS = 12
PICTURES = 36


@dataclass(frozen=True, slots=True)
class Album:
    """Pictures with the posts they are in, the newest first; ``before`` is where older ones are, if there are any."""

    pictures: list[tuple[Picture, Post]]
    before: int | None


def count_posts(viewer: User, author: User) -> int:
    """Return how many posts of somebody the viewer may see."""
    return count_visible(viewer, select(Post).where(Post.author_id == author.id), limit=100_000)


def pictures_by(viewer: User, author: User, before: int | None = None) -> Album:
    """Return the pictures in the posts of somebody."""
    # Whoever uploaded a picture wrote the post, and by its owner it is found without a look at every post.
    theirs = (Picture.owner_id == author.id, Post.author_id == author.id, visible_to(viewer))
    found = select(Picture, Post).join(Post, Post.id == Picture.post_id).where(*theirs).order_by(Picture.id.desc())
    if before is not None:
        found = found.where(Picture.id < before)
    rows = [(picture, post) for picture, post in db.session.execute(found.limit(PICTURES + 1))]
    return Album(rows[:PICTURES], rows[PICTURES - 1][0].id if len(rows) > PICTURES else None)


def tags_of(viewer: User, author: User) -> list[tuple[Tag, int]]:
    """Return what somebody writes about most, and in how many posts."""
    theirs = select(PostTag.tag_id, func.count().label("times")).join(Post, Post.id == PostTag.post_id)
    most = theirs.where(Post.author_id == author.id, visible_to(viewer)).group_by(PostTag.tag_id).subquery()
    found = select(Tag, most.c.times).join(most, most.c.tag_id == Tag.id).order_by(most.c.times.desc(), Tag.name)
    return [(tag, times) for tag, times in db.session.execute(found.limit(TAGS))]
