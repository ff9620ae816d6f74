"""Groups: who is in them, what they look like, and leaving them."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from app import media
from app.actions import groups
from app.blueprints.chats import columns
from app.blueprints.keys import key as row_key
from app.fragments import leave_for, partial
from app.queries.groups import group_for, members_of, online_in
from app.viewer import viewer

bp = Blueprint("groups", __name__, url_prefix="/chats/<int:chat_id>")


@bp.get("/members")
@login_required
def members(chat_id: int) -> str:
    """Who is in a group."""
    row = group_for(viewer(), chat_id) or abort(404)
    name, last_id = request.args.get("name"), request.args.get("id", type=row_key)
    found = members_of(viewer(), row, (name, last_id) if name and last_id else None)
    more = url_for("groups.members", chat_id=chat_id, name=found.after[0], id=found.after[1]) if found.after else None
    online = partial("online_count", chat_id=chat_id, online=online_in(viewer(), row))
    page = {"row": row, "members": found.members, "more_members": more, "online": online}
    return render_template("chats/members.html", **page, **columns())


@bp.post("/leave")
@login_required
def leave(chat_id: int) -> AnyResponse:
    """Go out of a group."""
    group_for(viewer(), chat_id) or abort(404)
    groups.leave(chat_id, viewer())
    return leave_for(url_for("chats.index"))


@bp.get("/photo/<key>")
@login_required
def photo(chat_id: int, key: str) -> Response:
    """A group's photo. The key names the bytes, so whoever has them never needs to ask again."""
    row = group_for(viewer(), chat_id)
    if row is None or row.chat.photo_key != key:
        abort(404)
    try:
        file = media.open_variant(key, "320")
    except LookupError:
        abort(404)
    with file:
        response = Response(file.read(), content_type="image/webp")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
