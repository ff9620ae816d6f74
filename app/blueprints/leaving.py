"""Deleting one's account, and the one page that is left to somebody who has asked for it."""

from flask import Blueprint, flash, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import login_required, logout_user
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField
from wtforms.validators import DataRequired

from app.actions import leaving
from app.blueprints import sections
from app.blueprints.sections import form_of, section
from app.blueprints.throttles import by_person_failing
from app.errors import Refused
from app.fragments import leave_for, partial
from app.language import day_of, written_day
from app.models import User
from app.queries.users import knows_password
from app.viewer import viewer

bp = Blueprint("leaving", __name__)


class LeavingForm(Form):
    """Who wants to go, and means it."""

    password = PasswordField(lazy_gettext("Password"), validators=[DataRequired(lazy_gettext("Enter your password."))])


@section("leaving")
def _leaving(user: User) -> Markup:
    return partial("settings_leaving", user=user, form=None)


@form_of("leaving")
def _leaving_form() -> Markup:
    return partial("settings_leaving", user=viewer(), form=LeavingForm())


@bp.post("/settings/leaving")
@login_required
@by_person_failing("10 per 15 minutes")
def leave() -> Response:
    """Delete the account after a while, and end all of its sessions now."""
    form, person = LeavingForm(request.form), viewer()
    if form.validate():
        if not knows_password(person, str(form.password.data)):
            form.password.errors = [gettext("This is not your password.")]
        else:
            try:
                leaving.leave(person)
            except Refused as no:
                form.password.errors = [no.sentence]
    if form.password.errors:
        return sections.wrong("leaving", partial("settings_leaving", user=person, form=form))
    logout_user()
    session.clear()
    flash(
        gettext(
            "Your account is going to be deleted on %(day)s. Log in before that if you want to keep it.",
            day=day(person),
        )
    )
    return leave_for(url_for("accounts.login"))


@bp.get("/leaving")
@login_required
def show() -> Response | str:
    """Ask somebody who comes back whether they stay."""
    if viewer().deleted_at is None:
        return leave_for(url_for("settings.show", _anchor="section-leaving"))
    return render_template("leaving/show.html", day=day(viewer()))


@bp.post("/leaving/stay")
@login_required
def stay() -> Response:
    """Keep the account."""
    leaving.stay(viewer())
    flash(gettext("Welcome back. Everything is as it was."))
    return leave_for(url_for("posts.index"))


def day(person: User) -> str:
    """Return the day on which an account ends, in words."""
    return written_day(day_of(person.ends_at)) if person.ends_at else ""
