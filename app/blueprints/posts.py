"""The feed, one's own posts, and posts alone."""

from uuid import uuid4

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import posts, views
from app.blueprints.keys import key
from app.blueprints.post_form import PostForm
from app.fragments import leave_for, partial, reply, retry, wants_fragment
from app.models import Post
from app.models.post import AUDIENCES
from app.queries import chats, friends
from app.queries.posts import Posts, editable_post_for, feed, liked_by, post_for, posts_by
from app.viewer import viewer

bp = Blueprint("posts", __name__)


@bp.get("/")
@login_required
def index() -> str:
    """Everybody's posts, beside what waits for the viewer."""
    return _page("posts/index.html", feed(viewer(), request.args.get("before", type=key)), "posts.index")


@bp.get("/publications")
@login_required
def mine() -> str:
    """The viewer's own posts, or those for an audience."""
    audience = request.args.get("audience")
    audience = audience if audience in AUDIENCES else None
    found = posts_by(viewer(), viewer(), request.args.get("before", type=key), audience)
    return _page("posts/mine.html", found, "posts.mine", audience=audience)


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
    """The whole form, with the words that were begun in the feed."""
    form = PostForm(body=request.args.get("body", ""), client_id=str(uuid4()))
    return render_template("posts/new.html", form=form, action=url_for("posts.create"), post=None)


@bp.post("/posts")
@login_required
def create() -> Response:
    """Publish a post."""
    form = PostForm.sent_by(viewer())
    if not form.validate():
        return _again(form, url_for("posts.create"), None)
    posts.publish(viewer(), form.draft(), form.client_id)
    return leave_for(url_for("posts.index"))


@bp.get("/posts/<int:post_id>")
@login_required
def show(post_id: int) -> str:
    """A post alone; who opens it has seen it, with or without a script."""
    post = _existing(post_id)
    seen = views.see(viewer(), [post.id])
    post.view_count = seen.get(post.id, post.view_count)
    liked = post.id in liked_by(viewer(), [post.id])
    return render_template("posts/show.html", post=post, liked=liked)


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
    """Change an own post."""
    post = _own(post_id)
    form = PostForm.sent_by(viewer(), post)
    if not form.validate():
        return _again(form, url_for("posts.update", post_id=post.id), post)
    posts.edit(post, viewer(), form.draft())
    return leave_for(url_for("posts.show", post_id=post.id))


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
    page = (
        ""
        if wants_fragment()
        else render_template("posts/edit.html" if post else "posts/new.html", form=form, action=action, post=post)
    )
    return retry(fragment, page)


def _existing(post_id: int) -> Post:
    return post_for(viewer(), post_id) or abort(404)


def _own(post_id: int) -> Post:
    return editable_post_for(viewer(), post_id) or abort(404)
