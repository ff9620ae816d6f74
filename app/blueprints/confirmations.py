"""The code that confirms another e-mail address or password: tried, mailed anew, or no longer waited for."""

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Form

from app.actions import confirmations, emails, passwords
from app.blueprints import sections
from app.blueprints.account_form import CodeForm, wrong_code
from app.blueprints.throttles import by_person
from app.errors import Refused
from app.fragments import beside, partial, reply
from app.models import Confirmation, User
from app.queries.confirmations import confirmation_of
from app.viewer import viewer

bp = Blueprint("confirmations", __name__, url_prefix="/settings/<any(email, password):purpose>")

CONFIRM = {
    "email": (emails.confirm, lazy_gettext("Your e-mail is changed.")),
    "password": (passwords.confirm, lazy_gettext("Your password is changed, and all other devices are signed out.")),
}


@bp.post("/code")
@login_required
@by_person("60 per hour", method="POST")
def confirm(purpose: str) -> Response:
    """Change what waits for the code, if it is right."""
    confirmation, form = confirmation_of(viewer(), purpose), CodeForm(request.form)
    if confirmation is None:
        return ended(purpose)
    if not form.validate():
        return ask_again(form, purpose)
    change, said = CONFIRM[purpose]
    try:
        if not change(viewer(), str(form.code.data)):
            return ask_again(form, purpose, wrong_code(confirmation))
    except Refused as no:
        return ask_again(form, purpose, no.sentence)
    return sections.saved(purpose, str(said), beside("section-sessions", sections.closed("sessions")))


@bp.post("/code/resend")
@login_required
@by_person("10 per hour", method="POST")
def resend(purpose: str) -> Response:
    """Mail another code."""
    confirmation = confirmation_of(viewer(), purpose)
    if confirmation is None:
        return ended(purpose)
    try:
        confirmations.resend(confirmation, viewer())
    except Refused as no:
        return ask_again(CodeForm(), purpose, no.sentence)
    return asked(purpose, gettext("A new code is on its way."))


@bp.post("/cancel")
@login_required
def cancel(purpose: str) -> Response:
    """Go back to where the change is begun."""
    confirmations.cancel(viewer(), purpose)
    address = url_for("settings.open", name=purpose, _anchor=f"section-{purpose}")
    return reply(sections.opened(purpose) or Markup(), otherwise=address)


def asked(purpose: str, said: str | None = None) -> Response:
    """Answer a form after which a code was mailed: ask for it."""
    section = drawn(viewer(), purpose, CodeForm(), confirmation_of(viewer(), purpose), focused=True)
    return reply(section, otherwise=url_for("settings.show", _anchor=f"section-{purpose}"), said=said)


def ask_again(form: CodeForm, purpose: str, sentence: str | None = None) -> Response:
    """Show the code's form with what is wrong, unless another tab was faster."""
    if sentence:
        form.code.errors = [sentence]
    confirmation = confirmation_of(viewer(), purpose)
    if confirmation is None:
        return ended(purpose)
    return sections.wrong(purpose, drawn(viewer(), purpose, form, confirmation, focused=True))


def ended(purpose: str) -> Response:
    """Show how it stands where nothing waits any more: another tab was faster, or an answer was lost on its way."""
    return sections.saved(purpose, gettext("Nothing waits for a code any more. This is how it stands now."))


def shown(user: User, purpose: str, form: Form | None = None) -> Markup:
    """Return the section of what changes by a code: asking for it while it is waited for, and otherwise its form."""
    confirmation = confirmation_of(user, purpose)
    return drawn(user, purpose, CodeForm() if confirmation else form, confirmation)


def drawn(
    user: User, purpose: str, form: Form | None, confirmation: Confirmation | None = None, *, focused: bool = False
) -> Markup:
    """Return the section with one of its forms, or as it is read."""
    return partial(f"settings_{purpose}", user=user, form=form, waiting=confirmation, focused=focused)
