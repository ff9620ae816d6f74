"""What people tell about themselves: in the profile card, and in their personal information."""

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import users
from app.blueprints import sections
from app.blueprints.fields import ProfileForm
from app.blueprints.sections import form_of, section
from app.errors import Refused
from app.fragments import beside, partial
from app.models import User
from app.viewer import viewer

bp = Blueprint("profile", __name__, url_prefix="/settings")

CARD = ("username", "status", "bio")


@section("profile")
def _card(user: User) -> Markup:
    return partial("settings_profile", user=user, form=None)


@form_of("profile")
def _card_form() -> Markup:
    return partial("settings_profile", user=viewer(), form=ProfileForm(obj=viewer()))


@section("personal")
def _personal(user: User) -> Markup:
    return partial("settings_personal", user=user, form=None)


@form_of("personal")
def _personal_form() -> Markup:
    return partial("settings_personal", user=viewer(), form=ProfileForm(obj=viewer()))


@bp.post("/profile")
@login_required
def card() -> Response:
    """Take what was sent of the profile card."""
    return _tell("profile")


@bp.post("/personal")
@login_required
def personal() -> Response:
    """Take what was sent of the personal information."""
    return _tell("personal")


def _tell(name: str) -> Response:
    """Take what was sent, of either section; what was not stays as it is."""
    form = ProfileForm(request.form, obj=viewer())
    sent = [field for field in form if field.name in request.form]
    wrong = [field.name for field in sent if not field.validate(form)]
    if not wrong:
        try:
            users.describe(viewer(), **{field.name: field.data for field in sent})
        except Refused as no:
            form.username.errors = [no.sentence]
            wrong = ["username"]
        else:
            # The card shows the name, and what signs by it does, too.
            named = (beside("my-name", partial("my_name", user=viewer())), sections.signed())
            return sections.saved(name, gettext("Your information is saved."), *named)
    name = "profile" if wrong[0] in CARD else "personal"
    return sections.wrong(name, partial(f"settings_{name}", user=viewer(), form=form))
