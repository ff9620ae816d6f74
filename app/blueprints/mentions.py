"""Naming people: who is offered while somebody writes."""

from flask import Blueprint, request
from flask_login import login_required
from markupsafe import Markup

from app.fragments import partial
from app.queries.mentions import people_called
from app.viewer import viewer

bp = Blueprint("mentions", __name__, url_prefix="/users/mentions")


@bp.get("")
@login_required
def index() -> Markup:
    """People whose names begin as somebody writes after an @: a fragment."""
    return partial("mentions", users=people_called(viewer(), request.args.get("q", "")[:30]))
