"""Signing up, in and out."""

from flask import Blueprint, url_for
from flask_login import login_required, logout_user
from werkzeug.wrappers import Response

from app.actions import sessions
from app.fragments import leave_for
from app.viewer import viewer

bp = Blueprint("accounts", __name__)


@bp.post("/logout")
@login_required
def logout() -> Response:
    """End the session of this device."""
    session_id = viewer().session_id
    assert session_id is not None
    sessions.end(session_id)
    logout_user()
    return leave_for(url_for("accounts.login"))
