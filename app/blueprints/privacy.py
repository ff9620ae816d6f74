"""Whom somebody shows what: one section of the settings."""

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import privacy
from app.blueprints import sections
from app.blueprints.fields import one_of
from app.blueprints.sections import form_of, section
from app.fragments import beside, partial
from app.models import User
from app.models.user import ASKERS, AUDIENCES
from app.viewer import viewer

bp = Blueprint("privacy", __name__, url_prefix="/settings/privacy")

CHOICES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("name_shown_to", "birth_date_shown_to", "email_shown_to", "friends_shown_to"), AUDIENCES),
    "requests_from": ASKERS,
    "shows_birth_year": ("yes", "no"),
    "shows_presence": ("yes", "no"),
}


@section("privacy")
def _privacy(user: User) -> Markup:
    return partial("settings_privacy", user=user, editing=False)


@form_of("privacy")
def _privacy_form() -> Markup:
    return partial("settings_privacy", user=viewer(), editing=True)


@bp.post("")
@login_required
def update() -> Response:
    """Take what was chosen; what was not sent stays as it is."""
    chosen = {name: one_of(allowed, request.form[name]) for name, allowed in CHOICES.items() if name in request.form}
    privacy.choose(viewer(), **{name: {"yes": True, "no": False}.get(one, one) for name, one in chosen.items()})
    signs = {"my-name": viewer().name_shown_to, "my-birth-date": viewer().birth_date_shown_to}
    beside_facts = (beside(f"shown-{name}", partial("shown_to", name=name, audience=to)) for name, to in signs.items())
    return sections.saved("privacy", gettext("Your choice is saved."), *beside_facts, sections.signed())
