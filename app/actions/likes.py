"""Liking posts, and no longer liking them."""

from sqlalchemy import delete, update

from app.actions import verb
from app.actions.discussion import held
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import push
from app.models import Like, Post, User
from app.models.columns import insert_once, now
from app.queries.posts import reach_of


@verb
def like(post: Post, by: User) -> int:
    """Like a post; doing it twice is doing it once. Return how many like it now."""
    post = held(post.id, by, status=422)
    new = insert_once(Like, post_id=post.id, user_id=by.id, created_at=now())
    return _count(post, +1 if new else 0)


@verb
def unlike(post: Post, by: User) -> int:
    """No longer like a post. Return how many like it now."""
    post = held(post.id, by, status=422)
    gone = delete(Like).where(Like.post_id == post.id, Like.user_id == by.id).returning(Like.post_id)
    liked = db.session.scalar(gone, execution_options=UNSYNCHRONISED) is not None
    return _count(post, -1 if liked else 0)


def _count(post: Post, change: int) -> int:
    counted = (
        update(Post).where(Post.id == post.id).values(like_count=Post.like_count + change).returning(Post.like_count)
    )
    count = db.session.scalars(counted, execution_options=UNSYNCHRONISED).one()
    if change:
        push.show_looking(
            f"post-{post.id}", reach_of(post), lambda: partial("like_count", post_id=post.id, count=count)
        )
    return count
