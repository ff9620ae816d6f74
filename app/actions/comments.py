"""Commenting on posts, answering comments, and changing one's words; a post's author may switch comments off."""

from flask_babel import gettext
from sqlalchemy import delete, insert, update

from app.actions import verb
from app.actions.discussion import count, held, show, show_new, show_switch, standing
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.models import Comment, CommentMention, Post, User
from app.models.columns import insert_once, now
from app.models.comment import BODY
from app.queries.comments import comment_as_it_is, comment_for, comment_said
from app.queries.mentions import people_named
from app.queries.posts import reach_of
from app.text import names_in

NAMES = 50


@verb
def write(post_id: int, author: User, body: str, client_id: str, parent_id: int | None = None) -> Comment:
    """Comment on a post, or answer a comment on it; the same ``client_id`` again is the same comment."""
    post = held(post_id, author)
    if said := comment_said(author, client_id):
        return _said_before(post, said)
    if not post.takes_comments:
        raise Refused(gettext("Comments are switched off."), "body")
    _check(body)
    thread_id = _thread_answered(post, author, parent_id) if parent_id is not None else None
    values = {"client_id": client_id, "body": body, "created_at": now()}
    new = insert_once(Comment, post_id=post.id, author_id=author.id, parent_id=thread_id, **values)
    comment = comment_said(author, client_id)
    assert comment is not None
    if not new:  # under another post, at the same moment
        return _said_before(post, comment)
    _mention(post, comment)
    first = count(post, comment, +1)
    comment = comment_as_it_is(comment.id)
    show_new(post, comment, first)
    return comment


@verb
def edit(post_id: int, comment_id: int, author: User, body: str) -> Comment:
    """Change one's own words."""
    post, comment = held(post_id, author), standing(comment_id)
    if comment.author_id != author.id:
        raise Refused(gettext("Only the person who wrote a comment can change it."), status=403)
    _check(body)
    if comment.body == body:
        return comment
    changed = update(Comment).where(Comment.id == comment_id).values(body=body, edited_at=now())
    db.session.execute(changed, execution_options=UNSYNCHRONISED)
    comment = comment_as_it_is(comment_id)
    _mention(post, comment)
    comment = comment_as_it_is(comment_id)
    first = comment_as_it_is(comment.parent_id) if comment.parent_id else None
    show(post, comment, first, lambda: partial("comment_body", comment=comment))
    return comment


@verb
def switch(post: Post, author: User, on: bool) -> None:
    """Take comments under one's post, or no new ones; those that are there stay."""
    changed = (
        update(Post)
        .where(Post.id == post.id, Post.author_id == author.id, Post.deleted_at.is_(None))
        .values(takes_comments=on)
        .returning(Post.id)
    )
    if db.session.scalar(changed, execution_options=UNSYNCHRONISED) is None:
        raise Refused(gettext("This post has been deleted."), status=404)
    show_switch(post, on)


def _said_before(post: Post, comment: Comment) -> Comment:
    if comment.post_id != post.id:
        raise Refused(gettext("This comment was sent under another post."), "body")
    if comment.deleted_at:
        raise Refused(gettext("This comment has been deleted."), "body")
    return comment


def _check(body: str) -> None:
    if not body:
        raise Refused(gettext("Write something."), "body")
    if len(body) > BODY:
        raise Refused(gettext("Use %(count)s characters at most.", count=BODY), "body")


def _thread_answered(post: Post, author: User, comment_id: int) -> int:
    """Return the thread in which a comment is answered: a reply to a reply stands beside it."""
    answered = comment_for(author, comment_id)
    if answered is None or answered.post_id != post.id:
        raise Refused(gettext("The comment you answer is no longer here."), "body")
    return answered.parent_id or answered.id


def _mention(post: Post, comment: Comment) -> None:
    """Keep whom a comment names, of those who may see it."""
    if comment.edited_at:
        theirs = delete(CommentMention).where(CommentMention.comment_id == comment.id)
        db.session.execute(theirs, execution_options=UNSYNCHRONISED)
    names = sorted(names_in(comment.body))[:NAMES]
    if not names:
        return
    reach = reach_of(post)
    rows = [
        {"comment_id": comment.id, "user_id": user_id, "name": name}
        for user_id, name in people_named(comment.author, names).items()
        if user_id in reach
    ]
    if rows:
        db.session.execute(insert(CommentMention), rows)
