"""Views: pages report which posts have been before somebody's eyes."""

from flask import Blueprint, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import views
from app.fragments import beside, partial, reply
from app.viewer import viewer

bp = Blueprint("views", __name__, url_prefix="/posts/views")

BATCH = 50


@bp.post("")
@login_required
def create() -> Response:
    """Count posts as seen; the answer brings the counts that grew."""
    ids = [
        int(text) for text in request.form.getlist("post_ids") if text.isascii() and text.isdigit() and len(text) < 10
    ]
    counts = views.see(viewer(), ids[:BATCH])
    fragments = (
        beside(f"view-count-{post_id}", partial("view_count", post_id=post_id, count=count))
        for post_id, count in counts.items()
    )
    return reply(Markup("").join(fragments), otherwise=url_for("posts.index"))
