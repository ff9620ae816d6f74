"""What each member makes of a chat: muted, pinned, put away, or to come back to."""

from flask import Blueprint, abort, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import chats
from app.fragments import leave_for, partial, reply
from app.queries.chats import chat_for
from app.viewer import viewer

bp = Blueprint("memberships", __name__, url_prefix="/chats/<int:chat_id>")

WISHES = {"mute": "muted", "pin": "pinned", "archive": "archived", "unread": "marked"}


@bp.post("/<any(mute, pin, archive, unread):wish>")
@login_required
def create(chat_id: int, wish: str) -> Response:
    """Mute a chat, pin it, put it away, or mark it as unread."""
    return _arrange(chat_id, wish, on=True)


@bp.post("/<any(mute, pin, archive, unread):wish>/delete")
@login_required
def delete(chat_id: int, wish: str) -> Response:
    """Take that back."""
    return _arrange(chat_id, wish, on=False)


def _arrange(chat_id: int, wish: str, on: bool) -> Response:
    chat_for(viewer(), chat_id) or abort(404)
    chats.arrange(chat_id, viewer(), **{WISHES[wish]: on})
    if wish in ("archive", "unread") and on:
        return leave_for(url_for("chats.index"))  # its page would be read again at once
    row = chat_for(viewer(), chat_id) or abort(404)
    return reply(partial("chat_menu", row=row), otherwise=url_for("chats.show", chat_id=chat_id))
