"""The section of the settings that shows on which devices somebody is signed in, and ends what should not be."""

from flask import Blueprint, abort, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import sessions
from app.blueprints import sections
from app.blueprints.sections import section
from app.fragments import leave_for, partial
from app.models import User
from app.queries.sessions import devices_of, session_for
from app.viewer import viewer

bp = Blueprint("sessions", __name__, url_prefix="/settings/sessions")


@section("sessions")
def _sessions(user: User) -> Markup:
    return partial("settings_sessions", devices=devices_of(user), here=user.session_id)


@bp.post("/<int:session_id>/delete")
@login_required
def delete(session_id: int) -> Response:
    """Sign one device out; where it is this one, go to the login page."""
    login = session_for(viewer(), session_id) or abort(404)
    sessions.end(login.id)
    if login.id == viewer().session_id:
        return leave_for(url_for("accounts.login"))
    return sections.saved("sessions", gettext("The device is signed out."))


@bp.post("/delete")
@login_required
def delete_others() -> Response:
    """Sign all other devices out."""
    sessions.end_others(viewer())
    return sections.saved("sessions", gettext("All other devices are signed out."))
