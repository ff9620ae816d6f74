"""People."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup

from app.blueprints.keys import key
from app.fragments import partial
from app.queries.mentions import people_called
from app.queries.people import person_named
from app.queries.posts import posts_by
from app.viewer import viewer

bp = Blueprint("users", __name__)


@bp.get("/users/mentions")
@login_required
def mentions() -> Markup:
    """People whose names begin as somebody writes after an @: a fragment."""
    return partial("mentions", users=people_called(viewer(), request.args.get("q", "")[:30]))


@bp.get("/@<username>")
@login_required
def show(username: str) -> str:
    """A person, what they are to the viewer, and what they published."""
    person = person_named(viewer(), username) or abort(404)
    found = posts_by(viewer(), person.user, request.args.get("before", type=key))
    older = url_for(".show", username=person.user.username, before=found.before) if found.before else None
    return render_template("users/show.html", person=person, found=found, older=older)
