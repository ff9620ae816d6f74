"""Likes of comments: made and unmade, never toggled."""

from flask import Blueprint, abort
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import comment_likes
from app.blueprints.posts import comment_place
from app.fragments import partial, reply
from app.queries.comments import comment_for
from app.viewer import viewer

bp = Blueprint("comment_likes", __name__, url_prefix="/comments/<int:comment_id>/like")


@bp.post("")
@login_required
def create(comment_id: int) -> Response:
    """Like a comment."""
    comment = comment_for(viewer(), comment_id) or abort(404)
    comment = comment_likes.like(comment.post_id, comment_id, by=viewer())
    return reply(partial("comment_like", comment=comment, liked=True), otherwise=comment_place(comment))


@bp.post("/delete")
@login_required
def delete(comment_id: int) -> Response:
    """No longer like a comment."""
    comment = comment_for(viewer(), comment_id) or abort(404)
    comment = comment_likes.unlike(comment.post_id, comment_id, by=viewer())
    return reply(partial("comment_like", comment=comment, liked=False), otherwise=comment_place(comment))
