"""People."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required

from app.blueprints.keys import key
from app.queries.people import person_named
from app.queries.posts import posts_by
from app.viewer import viewer

bp = Blueprint("users", __name__)


@bp.get("/@<username>")
@login_required
def show(username: str) -> str:
    """A person, what they are to the viewer, and what they published."""
    person = person_named(viewer(), username) or abort(404)
    found = posts_by(viewer(), person.user, request.args.get("before", type=key))
    older = url_for(".show", username=person.user.username, before=found.before) if found.before else None
    return render_template("users/show.html", person=person, found=found, older=older)
