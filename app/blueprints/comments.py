"""Comments under posts: read in stretches, written, answered, changed, deleted; a post's author switches them off."""

from dataclasses import replace

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import comment_removals, comments
from app.blueprints.comment_form import CommentForm, Sent
from app.blueprints.keys import key
from app.blueprints.posts import comment_place, post_page
from app.errors import Refused
from app.fragments import beside, partial, reply, retry
from app.models import Comment, Post
from app.queries.comments import (
    Place,
    Replies,
    comment_for,
    comments_under,
    discussed_post,
    liked_comments,
    own_comment_for,
    removable_comment_for,
    replies_to,
    thread_for,
    thread_of,
)
from app.queries.posts import editable_post_for, post_for
from app.text import clean
from app.viewer import viewer

bp = Blueprint("comments", __name__)


@bp.get("/posts/<int:post_id>/comments")
@login_required
def index(post_id: int) -> Markup:
    """Earlier comments, or later ones; or, for a page that was away, all since one, and what else may have changed."""
    post = discussed_post(viewer(), post_id) or abort(404)
    place = _asked()
    found = comments_under(viewer(), post, place)
    if place.after is not None:
        found = replace(found, before=None)
    elif place.before is not None:
        found = replace(found, after=None)
    stretch = partial("comments", post=post, found=found)
    if place.since is None:
        return stretch
    return stretch + partial("comments_closed", post_id=post.id, closed=not post.takes_comments) + _count(post)


@bp.get("/comments/<int:comment_id>/replies")
@login_required
def replies(comment_id: int) -> Markup:
    """Earlier replies to a comment, or later ones, or all since one."""
    thread = thread_for(viewer(), comment_id) or abort(404)
    place = _asked()
    found = replies_to(viewer(), thread.id, place)
    if place.after is not None:
        found = replace(found, earlier=0)
    elif place.before is not None:
        found = replace(found, after=None)
    liked = liked_comments(viewer(), [(thread, found)])
    return partial("replies", comment_id=thread.id, post=thread.post, found=found, liked=liked)


@bp.post("/posts/<int:post_id>/comments")
@login_required
def create(post_id: int) -> Response:
    """Comment on a post, or answer a comment on it."""
    post = discussed_post(viewer(), post_id) or abort(404)
    sent = Sent.here()
    try:
        comment = comments.write(post_id, viewer(), sent.body, sent.client_id, sent.parent_id)
    except Refused as reason:
        if reason.field is None:
            raise
        form = CommentForm.refused(viewer(), sent, reason.sentence)
        fragment = partial("comment_form", post_id=post_id, form=form)
        return retry(fragment, lambda: post_page(post_for(viewer(), post_id) or abort(404), form))
    shown = partial("comment", comment=comment, post=post, replies=Replies(), liked=())
    return reply(shown, _count(post), otherwise=comment_place(comment))


@bp.get("/comments/<int:comment_id>")
@login_required
def show(comment_id: int) -> str:
    """A comment with its thread, and all that can be done with it."""
    return _page(comment_for(viewer(), comment_id) or abort(404))


@bp.get("/comments/<int:comment_id>/edit")
@login_required
def edit(comment_id: int) -> Markup:
    """The form in which an own comment is changed: a fragment."""
    comment = _own(comment_id)
    return partial("comment_edit_form", comment_id=comment.id, body=comment.body, error=None, focused=True)


@bp.post("/comments/<int:comment_id>")
@login_required
def update(comment_id: int) -> Response:
    """Change one's words."""
    comment = _own(comment_id)
    body = clean(request.form.get("body"))
    try:
        comment = comments.edit(comment.post_id, comment_id, viewer(), body)
    except Refused as reason:
        if reason.field is None:
            raise
        error = reason.sentence
        form = partial("comment_edit_form", comment_id=comment_id, body=body, error=error, focused=True)
        return retry(form, lambda: _page(_own(comment_id), body, error))
    words = beside(f"comment-body-{comment_id}", partial("comment_body", comment=comment))
    done = beside(f"comment-edit-{comment_id}", Markup(), swap="delete")
    return reply(words, done, otherwise=comment_place(comment))


@bp.post("/comments/<int:comment_id>/delete")
@login_required
def delete(comment_id: int) -> Response:
    """Delete one's own comment, or one under one's own post."""
    comment = removable_comment_for(viewer(), comment_id) or abort(404)
    post, own = comment.post, comment.author_id == viewer().id
    changed = comment_removals.remove(post.id, comment_id, viewer())
    if changed.stands:
        said = partial("comment_said", comment=changed, post=post, liked=False)
        shown = beside(f"comment-said-{changed.id}", said)
    else:
        shown = beside(f"comment-{changed.id}", Markup(), swap="delete")
    return reply(
        shown,
        beside(f"comment-count-{post.id}", _count(post)),
        otherwise=url_for("posts.show", post_id=post.id, _anchor="comments"),
        said=gettext("The comment has been deleted."),
        undo=url_for("comments.restore", comment_id=comment_id) if own else None,
    )


@bp.post("/comments/<int:comment_id>/restore")
@login_required
def restore(comment_id: int) -> Response:
    """Put back an own comment that was deleted a moment ago; it comes back to this tab as it does to all others."""
    return reply(otherwise=comment_place(comment_removals.restore(comment_id, viewer())))


@bp.post("/posts/<int:post_id>/comments/close")
@login_required
def close(post_id: int) -> Response:
    """Take no more comments under an own post."""
    return _switch(post_id, on=False)


@bp.post("/posts/<int:post_id>/comments/open")
@login_required
def reopen(post_id: int) -> Response:
    """Take comments under an own post again."""
    return _switch(post_id, on=True)


def _switch(post_id: int, on: bool) -> Response:
    post = editable_post_for(viewer(), post_id) or abort(404)
    comments.switch(post, viewer(), on)
    closed = partial("comments_closed", post_id=post_id, closed=not on)
    here = url_for("posts.show", post_id=post_id, _anchor="comments")
    said = gettext("Comments are switched on.") if on else gettext("Comments are switched off.")
    switch = partial("comments_switch", post_id=post_id, takes=on)
    return reply(switch, beside(f"comments-closed-{post_id}", closed), otherwise=here, said=said)


def _own(comment_id: int) -> Comment:
    return own_comment_for(viewer(), comment_id) or abort(404)


def _asked() -> Place:
    return Place(*(request.args.get(side, type=key) for side in ("before", "after", "since")))


def _count(post: Post) -> Markup:
    return partial("comment_count", post_id=post.id, count=post.comment_count)


def _page(comment: Comment, body: str | None = None, error: str | None = None) -> str:
    return render_template(
        "comments/show.html",
        comment=comment,
        post=comment.post,
        found=thread_of(viewer(), comment, _asked()),
        form=CommentForm.answering(viewer(), comment),
        body=comment.body if body is None else body,
        error=error,
    )
