"""Likes: made and unmade, never toggled; and whose they are."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import likes
from app.fragments import partial, reply
from app.queries.likes import who_likes
from app.queries.posts import post_for
from app.viewer import viewer

bp = Blueprint("likes", __name__, url_prefix="/posts/<int:post_id>")


@bp.get("/likes")
@login_required
def index(post_id: int) -> str:
    """Who likes a post, the latest first."""
    post = post_for(viewer(), post_id) or abort(404)
    found = who_likes(viewer(), post, request.args.get("after"))
    older = url_for("likes.index", post_id=post_id, after=found.after) if found.after else None
    return render_template("likes/index.html", post=post, found=found, older=older)


@bp.post("/like")
@login_required
def create(post_id: int) -> Response:
    """Like a post."""
    post = post_for(viewer(), post_id) or abort(404)
    post.like_count = likes.like(post, by=viewer())
    return reply(partial("like_button", post=post, liked=True), otherwise=url_for("posts.show", post_id=post_id))


@bp.post("/like/delete")
@login_required
def delete(post_id: int) -> Response:
    """No longer like a post."""
    post = post_for(viewer(), post_id) or abort(404)
    post.like_count = likes.unlike(post, by=viewer())
    return reply(partial("like_button", post=post, liked=False), otherwise=url_for("posts.show", post_id=post_id))
