"""What people set for themselves; language and theme also for this browser, before anybody signs in."""

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import users
from app.blueprints.doorkeeper import came_from, own_path
from app.blueprints.fields import ProfileForm
from app.config import LANGUAGES, THEMES
from app.errors import Refused
from app.fragments import leave_for, partial, reply, retry
from app.viewer import viewer, viewer_or_none

bp = Blueprint("settings", __name__, url_prefix="/settings")

HABITS = ("enter_sends", "shows_presence", "shows_typing", "shows_reading")
A_YEAR = 60 * 60 * 24 * 365


@bp.get("")
@login_required
def show() -> str:
    """What can be set."""
    return render_template("settings/show.html", form=ProfileForm(obj=viewer()))


@bp.post("/profile")
@login_required
def profile() -> Response:
    """Take another name, and what the viewer tells about themselves."""
    form = ProfileForm(request.form)
    if form.validate():
        names = (str(form.first_name.data), str(form.last_name.data), str(form.username.data))
        try:
            users.describe(viewer(), *names, bio=form.bio.data)
        except Refused as no:
            form.username.errors = [no.sentence]
        else:
            return reply(
                partial("profile_form", form=form),
                otherwise=url_for("settings.show"),
                said=gettext("Your information is saved."),
            )
    return retry(partial("profile_form", form=form), render_template("settings/show.html", form=form))


@bp.post("/chats")
@login_required
def chats() -> Response:
    """Choose what the Enter key does in chats, and what others are told about oneself."""
    users.choose_chat_habits(viewer(), **{name: name in request.form for name in HABITS})
    form = partial("chat_habits", user=viewer())
    return reply(form, otherwise=url_for("settings.show"), said=gettext("Your choice is saved."))


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


def one_of(allowed: tuple[str, ...], wanted: str | None) -> str:
    """Return what was chosen, if it is among what can be."""
    if wanted not in allowed:
        raise Refused(gettext("This cannot be chosen."))
    return wanted


def remember(name: str, value: str) -> Response:
    """Keep a choice in this browser, so that it also holds when nobody is signed in, and go back to the page."""
    response = leave_for(own_path(request.form.get("next")) or came_from() or "/")
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
