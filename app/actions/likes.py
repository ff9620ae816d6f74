"""Liking posts, and no longer liking them."""

from flask_babel import gettext
from sqlalchemy import delete, select, update

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Like, Post, User
from app.models.columns import insert_once, now
from app.queries.posts import reach_of, visible_to


@verb
def like(post: Post, by: User) -> int:
    """Like a post; doing it twice is doing it once. Return how many like it now."""
    post = _held(post, by)
    new = insert_once(Like, post_id=post.id, user_id=by.id, created_at=now())
    return _count(post, +1 if new else 0)


@verb
def unlike(post: Post, by: User) -> int:
    """No longer like a post. Return how many like it now."""
    post = _held(post, by)
    gone = delete(Like).where(Like.post_id == post.id, Like.user_id == by.id).returning(Like.post_id)
    liked = db.session.scalar(gone.execution_options(synchronize_session=False)) is not None
    return _count(post, -1 if liked else 0)


def _held(post: Post, by: User) -> Post:
    """Return the post as it is now, kept from changing meanwhile; refuse when it is not there for them any more."""
    seen = select(Post).where(Post.id == post.id, visible_to(by)).with_for_update(of=Post, key_share=True)
    held = db.session.scalar(seen.execution_options(populate_existing=True))
    if held is None:
        raise Refused(gettext("This post has been deleted."))
    return held


def _count(post: Post, change: int) -> int:
    counted = (
        update(Post).where(Post.id == post.id).values(like_count=Post.like_count + change).returning(Post.like_count)
    )
    count = db.session.scalars(counted.execution_options(synchronize_session=False)).one()
    if change:
        push.show_looking(
            f"post-{post.id}", reach_of(post), lambda: partial("like_count", post_id=post.id, count=count)
        )
    return count
