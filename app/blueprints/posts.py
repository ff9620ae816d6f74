"""The feed, one's own posts, and posts alone."""

from uuid import uuid4

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import posts, views
from app.blueprints.comment_form import CommentForm
from app.blueprints.keys import key, keys
from app.blueprints.post_form import PostForm
from app.blueprints.post_pictures import FormPicture
from app.errors import Refused
from app.fragments import leave_for, partial, reply, retry
from app.models import Comment, Post
from app.models.post import AUDIENCES
from app.queries import chats, feeds, friends
from app.queries.comments import Place, comment_for, comments_under
from app.queries.pictures import waiting_pictures
from app.queries.posts import (
    Posts,
    editable_post_for,
    has_seen,
    liked_by,
    post_for,
    post_made_with,
    post_written_by,
    posts_by,
)
from app.viewer import viewer

bp = Blueprint("posts", __name__)


@bp.get("/")
@login_required
def index() -> str:
    """A feed, beside what waits for the viewer."""
    show = _chosen()
    found = feeds.feed(viewer(), show, request.args.get("before", type=key))
    return _page("posts/index.html", found, "posts.index", show=show)


@bp.get("/publications")
@login_required
def mine() -> str:
    """The viewer's own posts, or those for an audience."""
    audience = request.args.get("audience")
    audience = audience if audience in AUDIENCES else None
    found = posts_by(viewer(), viewer(), request.args.get("before", type=key), audience)
    return _page("posts/mine.html", found, "posts.mine", audience=audience)


@bp.get("/posts/news")
@login_required
def news() -> Markup:
    """How many posts have come into a feed after one: a fragment."""
    show = _chosen()
    count = feeds.news(viewer(), show, request.args.get("after", 0, type=key))
    return partial("new_posts", show=show, count=count)


def _chosen() -> str | None:
    """Return whose posts are asked for; everyone's feed has the plain address."""
    show = request.args.get("show", "")
    return show if show in feeds.SHOWS else None


def _page(template: str, found: Posts, endpoint: str, **wanted: str | None) -> str:
    rows = chats.inbox(viewer(), limit=6)
    return render_template(
        template,
        found=found,
        older=url_for(endpoint, before=found.before, **wanted) if found.before else None,  # type: ignore[arg-type]
        requests=friends.requests_to(viewer(), limit=4),
        inbox=rows,
        online=chats.online_others(rows),
        first="before" not in request.args,
        wanted=wanted,
    )


@bp.get("/posts/new")
@login_required
def new() -> str:
    """The whole form, with the words that were begun in the feed, or with photos that were taken out of an album."""
    begun = [FormPicture(one, one.alt) for one in waiting_pictures(viewer(), keys(request.args.getlist("image_ids")))]
    form = PostForm(body=request.args.get("body", ""), pictures=begun, client_id=str(uuid4()))
    return render_template("posts/new.html", form=form, action=url_for("posts.create"), post=None)


@bp.post("/posts")
@login_required
def create() -> Response:
    """Publish a post; a form sent again leads to the post it made, unless it says something else by now."""
    form = PostForm.sent_by(viewer())
    if made := post_made_with(viewer(), form.client_id):
        if form.made(made):
            return leave_for(url_for("posts.show", post_id=made.id))
        form.client_id = str(uuid4())
    if form.rearranged or not form.validate():
        return _again(form, url_for("posts.create"), None)
    post_id = posts.publish(viewer(), form.draft(), form.client_id)
    return leave_for(url_for("posts.show", post_id=post_id))


@bp.get("/posts/<int:post_id>")
@login_required
def show(post_id: int) -> str:
    """A post alone; who opens it has seen it, with or without a script."""
    post = _existing(post_id)
    if not has_seen(viewer(), post.id):
        post.view_count = views.see(viewer(), [post.id]).get(post.id, post.view_count)
    answered = request.args.get("reply_to", type=key)
    comment = comment_for(viewer(), answered) if answered else None
    return post_page(post, CommentForm.answering(viewer(), comment))


def post_page(post: Post, form: CommentForm) -> str:
    """Return the page of a post, with a stretch of the comments under it and the form for another."""
    asked = {side: request.args.get(side, type=key) for side in ("before", "after", "at")}
    found = comments_under(viewer(), post, Place(**asked))
    liked = post.id in liked_by(viewer(), [post.id])
    return render_template("posts/show.html", post=post, liked=liked, found=found, form=form)


def comment_place(comment: Comment) -> str:
    """Return the address of a comment's place under its post."""
    return url_for("posts.show", post_id=comment.post_id, at=comment.id, _anchor=f"comment-{comment.id}")


@bp.get("/posts/<int:post_id>/edit")
@login_required
def edit(post_id: int) -> str:
    """The form of an own post."""
    post = _own(post_id)
    form = PostForm.of(post)
    return render_template("posts/edit.html", form=form, action=url_for("posts.update", post_id=post.id), post=post)


@bp.post("/posts/<int:post_id>")
@login_required
def update(post_id: int) -> Response:
    """Change an own post; one that has been deleted meanwhile leaves the words in the form."""
    post = post_written_by(viewer(), post_id) or abort(404)
    form = PostForm.sent_by(viewer(), post)
    if form.rearranged or not form.validate():
        return _again(form, url_for("posts.update", post_id=post_id), post)
    try:
        posts.edit(post, viewer(), form.draft())
    except Refused as reason:
        form.errors[reason.field or "post"] = reason.sentence
        return _again(form, url_for("posts.update", post_id=post_id), post)
    return leave_for(url_for("posts.show", post_id=post_id))


@bp.post("/posts/<int:post_id>/delete")
@login_required
def delete(post_id: int) -> Response:
    """Delete an own post."""
    posts.remove(_own(post_id), viewer())
    undo = url_for("posts.restore", post_id=post_id)
    return reply(otherwise=url_for("posts.mine"), said=gettext("The post has been deleted."), undo=undo)


@bp.post("/posts/<int:post_id>/restore")
@login_required
def restore(post_id: int) -> Response:
    """Put back an own post that was deleted a moment ago."""
    posts.restore(post_id, viewer())
    return leave_for(url_for("posts.show", post_id=post_id))


def _again(form: PostForm, action: str, post: Post | None) -> Response:
    fragment = partial("post_form", form=form, action=action, post=post)
    page = "posts/edit.html" if post else "posts/new.html"
    answer = retry(fragment, lambda: render_template(page, form=form, action=action, post=post))
    if form.rearranged:
        answer.status_code = 200
    return answer


def _existing(post_id: int) -> Post:
    return post_for(viewer(), post_id) or abort(404)


def _own(post_id: int) -> Post:
    return editable_post_for(viewer(), post_id) or abort(404)
