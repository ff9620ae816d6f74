"""Seeing posts."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select, update

from app.actions import verb
from app.extensions import db
from app.models import Post, PostView, User
from app.models.columns import insert_once, now


@verb
def see(viewer: User, post_ids: Iterable[int]) -> dict[int, int]:
    """Count each post as seen by the viewer, once for ever; return the counts of those that were new to them."""
    ids = sorted(set(post_ids))
    seen = select(PostView.post_id).where(PostView.user_id == viewer.id, PostView.post_id.in_(ids))
    posts = select(Post.id, Post.author_id).where(Post.id.in_(ids), Post.id.not_in(seen)).order_by(Post.id)
    unseen = {post_id: author_id for post_id, author_id in db.session.execute(posts)}
    # One by one, so that two tabs that report the same post at once count it once on every database.
    new = [post_id for post_id in unseen if insert_once(PostView, post_id=post_id, user_id=viewer.id, seen_at=now())]
    if not new:
        return {}
    counted = update(Post).where(Post.id.in_(new)).values(view_count=Post.view_count + 1)
    counts = db.session.execute(
        counted.returning(Post.id, Post.view_count), execution_options={"synchronize_session": False}
    )
    for author_id, readers in sorted(Counter(unseen[post_id] for post_id in new).items()):
        more = update(User).where(User.id == author_id).values(reader_count=User.reader_count + readers)
        db.session.execute(more, execution_options={"synchronize_session": False})
    return {post_id: count for post_id, count in counts}
