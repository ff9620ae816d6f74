"""Posts by their tags. A tag may have any number of posts: they are walked from the newest, no further than needed."""

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Post, PostTag, Tag, TagFollow, User
from app.queries.posts import PAGE, Posts, asked, page, visible_to


def shown_to(viewer: User, tagged: type[PostTag]) -> ColumnElement[bool]:
    """Whether the post that has a tag is there for the viewer."""
    # Its offset keeps PostgreSQL from making a join of it that walks all posts.
    return select(Post.id).where(Post.id == tagged.post_id, visible_to(viewer)).offset(0).correlate(tagged).exists()


def posts_tagged(viewer: User, tag: Tag, before: int | None = None) -> Posts:
    """Return the posts with a tag, the newest first."""
    ids = select(PostTag.post_id).where(PostTag.tag_id == tag.id, shown_to(viewer, PostTag))
    if before is not None:
        ids = ids.where(PostTag.post_id < before)
    return _these(viewer, list(db.session.scalars(ids.order_by(PostTag.post_id.desc()).limit(PAGE + 1))))


def posts_of_followed_tags(viewer: User, before: int | None = None) -> Posts:
    """Return the posts that have a tag which the viewer follows, the newest first.

    One page of each of them holds the page of all.
    """
    theirs = select(PostTag.post_id).where(PostTag.tag_id == TagFollow.tag_id, shown_to(viewer, PostTag))
    if before is not None:
        theirs = theirs.where(PostTag.post_id < before)
    newest = theirs.order_by(PostTag.post_id.desc()).limit(PAGE + 1).correlate(TagFollow).subquery()
    tagged = aliased(PostTag)
    ids = (
        select(tagged.post_id)
        .join(TagFollow, TagFollow.tag_id == tagged.tag_id)
        .where(TagFollow.user_id == viewer.id, shown_to(viewer, tagged))
        .where(tagged.post_id >= select(func.min(newest.c.post_id)).scalar_subquery())
    )
    if before is not None:
        ids = ids.where(tagged.post_id < before)
    return _these(viewer, list(db.session.scalars(ids.distinct().order_by(tagged.post_id.desc()).limit(PAGE + 1))))


def _these(viewer: User, post_ids: list[int]) -> Posts:
    return page(viewer, _THESE, these=post_ids)


_THESE = asked(select(Post).where(Post.id.in_(bindparam("these", expanding=True))))
