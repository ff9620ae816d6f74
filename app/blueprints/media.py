"""The bytes of pictures, for those who may see them."""

from flask import Blueprint, Response, abort, request
from flask_login import login_required

from app import media
from app.queries.pictures import may_see
from app.viewer import viewer

bp = Blueprint("media", __name__)


@bp.get("/media/<key>/<variant>")
@login_required
def show(key: str, variant: str) -> Response:
    """A picture in one of its sizes. The key names the bytes, so whoever has them never needs to ask again."""
    if not may_see(viewer(), key):
        abort(404)
    try:
        file = media.open_variant(key, variant)
    except LookupError:
        abort(404)
    with file:
        response = Response(file.read(), content_type="image/webp")
    response.set_etag(f"{key}-{variant}")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.make_conditional(request)
    return response
