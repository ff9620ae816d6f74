"""What people set for themselves; how pages look also for this browser, before anybody signs in."""

from flask import Blueprint, abort, current_app, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import users
from app.blueprints import sections
from app.blueprints.doorkeeper import came_from, own_path
from app.blueprints.fields import one_of
from app.blueprints.sections import section
from app.config import LANGUAGES, THEMES
from app.fragments import leave_for, partial
from app.language import current_language
from app.models import User
from app.models.user import TEXT_SIZES
from app.viewer import viewer, viewer_or_none

bp = Blueprint("settings", __name__, url_prefix="/settings")

HABITS = ("enter_sends", "shows_presence", "shows_typing", "shows_reading")
A_YEAR = 60 * 60 * 24 * 365


@bp.get("")
@login_required
def show() -> str:
    """What can be set, section by section."""
    return sections.page()


@bp.get("/<name>")
@login_required
def open(name: str) -> str:
    """The same page with one section open for editing."""
    return sections.page(name, sections.opened(name) or abort(404))


@section("chats")
def _chats(user: User) -> Markup:
    return partial("settings_chats", user=user)


@bp.post("/chats")
@login_required
def chats() -> Response:
    """Choose what the Enter key does in chats, and what others are told about oneself."""
    # A form may tell which of them it is about; one that does not is about all of them.
    asked = set(request.form.get("habits", " ".join(HABITS)).split())
    users.choose_chat_habits(viewer(), **{name: name in request.form for name in HABITS if name in asked})
    return sections.saved("chats", gettext("Your choice is saved."))


@section("appearance")
def _appearance(user: User) -> Markup:
    return partial("settings_appearance", theme=user.theme, text_size=user.text_size, language=current_language())


@bp.post("/language")
def language() -> Response:
    """Speak another language to this person, or this browser."""
    chosen = one_of(LANGUAGES, request.form.get("language"))
    if person := viewer_or_none():
        users.choose_language(person, chosen)
    return remember("language", chosen)


@bp.post("/theme")
def theme() -> Response:
    """Show this person, or this browser, another theme."""
    chosen = one_of(THEMES, request.form.get("theme"))
    if person := viewer_or_none():
        users.choose_theme(person, chosen)
    return remember("theme", chosen)


@bp.post("/text-size")
def text_size() -> Response:
    """Show this person, or this browser, letters of another size."""
    chosen = one_of(TEXT_SIZES, request.form.get("text_size"))
    if person := viewer_or_none():
        users.choose_text_size(person, chosen)
    return remember("text_size", chosen)


def remember(name: str, value: str) -> Response:
    """Keep a choice in this browser, so that it also holds when nobody is signed in, and go back to the page."""
    response = leave_for(own_path(request.form.get("next")) or came_from() or "/")
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
