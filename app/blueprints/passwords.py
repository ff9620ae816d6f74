"""The section of the settings in which people choose another password."""

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import passwords
from app.blueprints import sections
from app.blueprints.account_form import PasswordForm
from app.blueprints.confirmations import asked, drawn, shown
from app.blueprints.sections import form_of, section
from app.blueprints.throttles import by_person, by_person_failing
from app.extensions import passwords as hasher
from app.models import User
from app.queries.users import knows_password
from app.viewer import viewer

bp = Blueprint("passwords", __name__, url_prefix="/settings/password")


@section("password")
def _password(user: User) -> Markup:
    return shown(user, "password")


@form_of("password")
def _password_form() -> Markup:
    return shown(viewer(), "password", PasswordForm())


@bp.post("")
@login_required
@by_person("20 per hour", method="POST")
@by_person_failing("15 per 15 minutes")
def begin() -> Response:
    """Mail a code to somebody who knows their password and wants another."""
    form = PasswordForm(request.form)
    form.names = [viewer().email, viewer().username]
    if form.validate() and may_begin(form):
        passwords.begin(viewer(), hasher.hash(str(form.password.data)))
        return asked("password")
    return sections.wrong("password", drawn(viewer(), "password", form))


def may_begin(form: PasswordForm) -> bool:
    """Tell whether the present password is right and the new one another, and say what is not."""
    if not knows_password(viewer(), str(form.current_password.data)):
        form.current_password.errors = [gettext("This is not your password.")]
    elif form.current_password.data == form.password.data:
        form.password.errors = [gettext("That is your password already.")]
    return not form.errors
