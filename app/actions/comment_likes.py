"""Liking comments, and no longer liking them."""

from sqlalchemy import delete, update

from app.actions import verb
from app.actions.discussion import held, show, standing
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.models import Comment, CommentLike, Post, User
from app.models.columns import insert_once, now
from app.queries.comments import comment_as_it_is


@verb
def like(post_id: int, comment_id: int, by: User) -> Comment:
    """Like a comment; doing it twice is doing it once."""
    post, comment = held(post_id, by), standing(comment_id)
    new = insert_once(CommentLike, comment_id=comment_id, user_id=by.id, created_at=now())
    return _count(post, comment, +1) if new else comment


@verb
def unlike(post_id: int, comment_id: int, by: User) -> Comment:
    """No longer like a comment."""
    post, comment = held(post_id, by), standing(comment_id)
    mine = delete(CommentLike).where(CommentLike.comment_id == comment_id, CommentLike.user_id == by.id)
    gone = db.session.scalar(mine.returning(CommentLike.comment_id), execution_options=UNSYNCHRONISED)
    return _count(post, comment, -1) if gone is not None else comment


def _count(post: Post, comment: Comment, change: int) -> Comment:
    counted = update(Comment).where(Comment.id == comment.id).values(like_count=Comment.like_count + change)
    db.session.execute(counted, execution_options=UNSYNCHRONISED)
    comment = comment_as_it_is(comment.id)
    first = comment_as_it_is(comment.parent_id) if comment.parent_id else None
    count = comment.like_count
    show(post, comment, first, lambda: partial("comment_like_count", comment_id=comment.id, count=count))
    return comment
