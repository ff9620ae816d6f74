"""Seeing posts."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select, update

from app.actions import readers, verb
from app.extensions import UNSYNCHRONISED, db
from app.models import Post, PostView, User
from app.models.columns import insert_all_once, now
from app.queries.posts import visible_to


@verb
def see(viewer: User, post_ids: Iterable[int]) -> dict[int, int]:
    """Count each post as seen by the viewer, once for ever; return the counts of those that were new to them."""
    # Rows are locked in the order of their keys: two people who look at the same posts at once wait, but never for
    # each other.
    posts = select(Post.id, Post.author_id).where(Post.id.in_(set(post_ids)), visible_to(viewer)).order_by(Post.id)
    authors = {post_id: author_id for post_id, author_id in db.session.execute(posts.with_for_update(key_share=True))}
    rows = [{"post_id": post_id, "user_id": viewer.id, "seen_at": now()} for post_id in authors]
    new = insert_all_once(PostView, rows, returning=PostView.post_id)
    if not new:
        return {}
    readers.add(viewer, Counter(authors[post_id] for post_id in new))
    viewed = update(Post).where(Post.id.in_(new)).values(view_count=Post.view_count + 1)
    counts = viewed.returning(Post.id, Post.view_count)
    return {post_id: count for post_id, count in db.session.execute(counts, execution_options=UNSYNCHRONISED)}
