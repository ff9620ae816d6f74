"""The section of the settings in which people take another e-mail address."""

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import emails
from app.blueprints import sections
from app.blueprints.account_form import EmailForm
from app.blueprints.confirmations import asked, drawn, shown
from app.blueprints.sections import form_of, section
from app.blueprints.throttles import by_email, by_person, by_person_failing
from app.models import User
from app.queries.users import knows_password
from app.viewer import viewer

bp = Blueprint("emails", __name__, url_prefix="/settings/email")


@section("email")
def _email(user: User) -> Markup:
    return shown(user, "email")


@form_of("email")
def _email_form() -> Markup:
    return shown(viewer(), "email", EmailForm())


@bp.post("")
@login_required
@by_email("5 per hour")
@by_person("10 per hour", method="POST")
@by_person_failing("15 per 15 minutes")
def begin() -> Response:
    """Mail a code to the new address of somebody who knows their password."""
    form = EmailForm(request.form)
    if form.validate() and may_begin(form):
        emails.begin(viewer(), str(form.email.data))
        return asked("email")
    return sections.wrong("email", drawn(viewer(), "email", form))


def may_begin(form: EmailForm) -> bool:
    """Tell whether the password is right and the address another one, and say what is not."""
    if form.email.data == viewer().email:
        form.email.errors = [gettext("That is your address already.")]
    if not knows_password(viewer(), str(form.password.data)):
        form.password.errors = [gettext("This is not your password.")]
    return not form.errors
