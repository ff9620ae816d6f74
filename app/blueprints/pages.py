"""Small doors that belong to no noun."""

from flask import Blueprint, Response, make_response, render_template, request
from flask_login import login_required

from app.config import THEMES
from app.models import User
from app.models.user import TEXT_SIZES
from app.viewer import viewer

bp = Blueprint("pages", __name__)


def theme_of(person: User | None) -> str:
    """Return the theme this page is shown in: the person's, or this browser's."""
    chosen = person.theme if person else request.cookies.get("theme")
    return chosen if chosen in THEMES else "system"


def text_size_of(person: User | None) -> str:
    """Return how large the letters of this page are: as the person, or this browser, chose."""
    chosen = person.text_size if person else request.cookies.get("text_size")
    return chosen if chosen in TEXT_SIZES else "normal"


@bp.get("/viewer.css")
@login_required
def viewer_css() -> Response:
    """The one rule that shows people what only they may use; its address carries their id, so it may be kept."""
    response = make_response(render_template("viewer.css", viewer_id=viewer().id))
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
