"""Posts as a viewer sees them: all of the community's, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.models import Like, Post, PostTag, User
from app.models.tag import Tag

PAGE = 10


@dataclass(frozen=True, slots=True)
class Posts:
    """One page of posts: each with whether the viewer likes it, and the cursor of the next page, if there is more."""

    posts: list[tuple[Post, bool]]
    before: int | None


def feed(viewer: User, before: int | None = None) -> Posts:
    """Return everybody's posts, the newest first."""
    return _page(viewer, select(Post), before)


def posts_by(viewer: User, author: User, before: int | None = None) -> Posts:
    """Return one person's posts, the newest first."""
    return _page(viewer, select(Post).where(Post.author_id == author.id), before)


def posts_tagged(viewer: User, tag: Tag, before: int | None = None) -> Posts:
    """Return the posts with a tag, the newest first."""
    tagged = select(Post).join(PostTag, PostTag.post_id == Post.id).where(PostTag.tag_id == tag.id)
    return _page(viewer, tagged, before)


def post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post with everything that is shown of it; everybody who is signed in sees every post."""
    return db.session.scalar(_whole(select(Post).where(Post.id == post_id)))


def editable_post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post that the viewer may change."""
    post = post_for(viewer, post_id)
    return post if post and post.editable_by(viewer) else None


def liked_by(viewer: User, post_ids: Iterable[int]) -> set[int]:
    """Return which of these posts the viewer likes."""
    liked = select(Like.post_id).where(Like.user_id == viewer.id, Like.post_id.in_(list(post_ids)))
    return set(db.session.scalars(liked))


def _page(viewer: User, posts: Select[Post], before: int | None) -> Posts:
    if before is not None:
        posts = posts.where(Post.id < before)
    found = list(db.session.scalars(_whole(posts.order_by(Post.id.desc()).limit(PAGE + 1))))
    shown = found[:PAGE]
    liked = liked_by(viewer, (post.id for post in shown)) if shown else set()
    return Posts([(post, post.id in liked) for post in shown], shown[-1].id if len(found) > PAGE else None)


def _whole(posts: Select[Post]) -> Select[Post]:
    return posts.options(
        joinedload(Post.author, innerjoin=True),
        selectinload(Post.tags),
        selectinload(Post.links),
        selectinload(Post.pictures),
    )
