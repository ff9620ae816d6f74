"""Reactions to messages: made and unmade, never toggled."""

from flask import Blueprint, abort, request
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import reactions
from app.blueprints.messages import shown
from app.queries.messages import may_see
from app.viewer import viewer

bp = Blueprint("reactions", __name__, url_prefix="/messages/<int:message_id>/reactions")


@bp.post("")
@login_required
def create(message_id: int) -> Response:
    """React to a message."""
    may_see(viewer(), message_id) or abort(404)
    return shown(reactions.create(message_id, viewer(), request.form.get("emoji", "")))


@bp.post("/delete")
@login_required
def delete(message_id: int) -> Response:
    """Take a reaction away."""
    may_see(viewer(), message_id) or abort(404)
    return shown(reactions.delete(message_id, viewer(), request.form.get("emoji", "")))
