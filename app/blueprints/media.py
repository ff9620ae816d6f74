"""The bytes of pictures, for those who may see them."""

from flask import Blueprint, Response, abort, current_app, request
from flask_login import login_required
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from app import media
from app.queries.pictures import may_see
from app.viewer import viewer

bp = Blueprint("media", __name__)


@bp.get("/media/<key>/<variant>")
@login_required
def show(key: str, variant: str) -> Response:
    """A picture in one of its sizes."""
    if not may_see(viewer(), key):
        abort(404)
    return variant_sent(key, variant)


def variant_sent(key: str, variant: str) -> Response:
    """Send stored bytes to who may see them, or have the web server before us send them.

    The key names the bytes, so whoever has them never needs to ask again.
    """
    another = bool(current_app.config["ACCEL"])
    try:
        response = _sent_by_another(key, variant) if another else _sent_by_us(key, variant)
    except LookupError:
        abort(404)
    response.set_etag(f"{key}-{variant}")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    length = response.content_length
    try:
        response.make_conditional(request, accept_ranges=not another, complete_length=length)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    if response.status_code != 200:
        response.headers.pop("X-Accel-Redirect", None)
    return response


def _sent_by_another(key: str, variant: str) -> Response:
    response = Response(content_type="image/webp")
    response.headers["X-Accel-Redirect"] = current_app.config["ACCEL"] + media.place_of(key, variant)
    return response


def _sent_by_us(key: str, variant: str) -> Response:
    file = media.open_variant(key, variant)
    response = Response(wrap_file(request.environ, file), content_type="image/webp", direct_passthrough=True)
    response.content_length = file.seek(0, 2)
    file.seek(0)
    return response
