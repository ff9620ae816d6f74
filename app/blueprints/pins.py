"""Messages that are pinned in their chat."""

from flask import Blueprint, abort, render_template
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import pins
from app.blueprints.chats import columns
from app.blueprints.messages import shown
from app.queries.chats import chat_for
from app.queries.messages import may_see, pinned_messages
from app.viewer import viewer

bp = Blueprint("pins", __name__)


@bp.get("/chats/<int:chat_id>/pins")
@login_required
def index(chat_id: int) -> str:
    """Everything that is pinned in a chat."""
    row = chat_for(viewer(), chat_id) or abort(404)
    found = pinned_messages(viewer(), row.chat)
    return render_template("chats/pins.html", row=row, messages=found, **columns())


@bp.post("/messages/<int:message_id>/pin")
@login_required
def create(message_id: int) -> Response:
    """Pin a message."""
    may_see(viewer(), message_id) or abort(404)
    return shown(pins.create(message_id, viewer()))


@bp.post("/messages/<int:message_id>/pin/delete")
@login_required
def delete(message_id: int) -> Response:
    """Unpin a message."""
    may_see(viewer(), message_id) or abort(404)
    return shown(pins.delete(message_id, viewer()))
