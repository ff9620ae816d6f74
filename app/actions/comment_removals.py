"""Taking comments away, and back."""

from flask_babel import gettext
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from app import jobs
from app.actions import verb
from app.actions.discussion import count, held, show_again, show_gone, standing
from app.actions.undo import UNDO_WITHIN, beyond_undo, restorable, too_late
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Comment, CommentLike, CommentMention, Post, User
from app.models.columns import now
from app.queries.comments import comment_as_it_is


@verb
def remove(post_id: int, comment_id: int, remover: User) -> Comment:
    """Delete one's own comment, or one under one's own post, and return whose place has changed by it.

    Who wrote it may take that back for a while; what a post's author removes is gone at once.
    """
    post, comment = held(post_id, remover), standing(comment_id)
    own = comment.author_id == remover.id
    if not own and post.author_id != remover.id:
        raise Refused(gettext("Only the person who wrote a comment can delete it."), status=403)
    gone = update(Comment).where(Comment.id == comment_id).values(deleted_at=now())
    db.session.execute(gone, execution_options=UNSYNCHRONISED)
    first = count(post, comment, -1)
    changed = show_gone(post, comment_as_it_is(comment_id), first)
    if own:
        jobs.enqueue("bury_comment", {"comment_id": str(comment_id)}, after=UNDO_WITHIN)
    else:
        _empty(comment_id)
        _sweep(comment_id, comment.parent_id)
    return changed


@verb
def restore(comment_id: int, author: User) -> Comment:
    """Put back a comment that its author deleted a moment ago."""
    deleted = (Comment.id == comment_id, Comment.author_id == author.id, restorable(Comment))
    mine = (*deleted, Comment.body != "")
    post_id = db.session.scalar(select(Comment.post_id).where(*mine))
    post = held(post_id, author) if post_id is not None else None
    back = update(Comment).where(*mine).values(deleted_at=None).returning(Comment.id)
    if post is None or db.session.scalar(back, execution_options=UNSYNCHRONISED) is None:
        raise too_late()
    first = count(post, comment_as_it_is(comment_id), +1)
    comment = comment_as_it_is(comment_id)
    show_again(post, comment, first)
    return comment


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted comment, or what it said where its place stays, unless it has been restored."""
    comment_id = int(payload["comment_id"])
    found = db.session.execute(select(Comment.post_id, Comment.parent_id).where(Comment.id == comment_id)).one_or_none()
    if found is None:
        return
    db.session.execute(select(Post.id).where(Post.id == found.post_id).with_for_update(key_share=True))
    over = (Comment.id == comment_id, beyond_undo(Comment))
    if db.session.scalar(select(Comment.id).where(*over)) is not None:
        _empty(comment_id)
        _sweep(comment_id, found.parent_id)


def bury_for(comment_id: int, post_id: int) -> None:
    """Within a verb: remove a comment of somebody whose account is deleted; where it was answered its place stays.

    The place belongs to whose post it is under, for nothing is shown of its author, and nobody is in the table who is
    not there.
    """
    author_id = db.session.scalar(select(Post.author_id).where(Post.id == post_id).with_for_update(key_share=True))
    found = select(Comment.parent_id, Comment.deleted_at).where(Comment.id == comment_id)
    parent_id, deleted_at = db.session.execute(found).one()
    if deleted_at is None:
        for fewer in (
            update(Post).where(Post.id == post_id).values(comment_count=Post.comment_count - 1),
            update(Comment).where(Comment.id == parent_id).values(reply_count=Comment.reply_count - 1),
        ):
            db.session.execute(fewer, execution_options=UNSYNCHRONISED)
    _empty(comment_id)
    place = {"author_id": author_id, "client_id": f"place-{comment_id}", "deleted_at": now(), "edited_at": None}
    db.session.execute(update(Comment).where(Comment.id == comment_id).values(place), execution_options=UNSYNCHRONISED)
    _sweep(comment_id, parent_id)


def _empty(comment_id: int) -> None:
    """Take everything out of a deleted comment."""
    for what in (CommentLike, CommentMention):
        of_it = delete(what).where(what.comment_id == comment_id)
        db.session.execute(of_it, execution_options=UNSYNCHRONISED)
    nothing = update(Comment).where(Comment.id == comment_id).values(body="", like_count=0)
    db.session.execute(nothing, execution_options=UNSYNCHRONISED)


def _sweep(*comment_ids: int | None) -> None:
    """Remove those of these emptied comments that nobody has answered: first a reply, then what it answers."""
    reply = aliased(Comment)
    answered = exists().where(reply.parent_id == Comment.id).correlate(Comment)
    for comment_id in comment_ids:
        empty = (Comment.id == comment_id, Comment.deleted_at.is_not(None), Comment.body == "", ~answered)
        db.session.execute(delete(Comment).where(*empty), execution_options=UNSYNCHRONISED)
