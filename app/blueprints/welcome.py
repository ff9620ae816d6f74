"""The first sign-in: people tell what they are called."""

from flask import Blueprint, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import users
from app.blueprints.fields import NameForm, tidy
from app.blueprints.usernames import candidates
from app.errors import Refused
from app.fragments import leave_for, partial, retry
from app.queries.users import free_usernames
from app.viewer import viewer

bp = Blueprint("welcome", __name__, url_prefix="/welcome")

SUGGESTIONS = 4


@bp.get("")
@login_required
def show() -> Response | str:
    """Ask for a name. Words in the address fill the form, which is how a suggestion is taken without a script."""
    if viewer().is_introduced:
        return leave_for(url_for("posts.index"))
    form = NameForm(request.args)
    if username := request.args.getlist("username"):
        form.username.data = username[-1]  # a suggestion's button stands after the field
    return render_template("welcome/show.html", form=form, suggestions=suggested())


@bp.post("")
@login_required
def introduce() -> Response:
    """Take the name, and open the community."""
    form = NameForm(request.form)
    if form.validate():
        try:
            users.introduce(viewer(), str(form.first_name.data), str(form.last_name.data), str(form.username.data))
        except Refused as no:
            form.username.errors = [no.sentence]
        else:
            return leave_for(url_for("posts.index"))
    things = {"form": form, "suggestions": suggested()}
    return retry(partial("name_form", **things), lambda: render_template("welcome/show.html", **things))


@bp.get("/suggestions")
@login_required
def suggestions() -> Markup:
    """Free usernames for the name as it is typed: a fragment."""
    return partial("username_suggestions", suggestions=suggested())


def suggested() -> list[str]:
    """Return free usernames for the name the request tells."""
    names = [tidy(request.values.get(field)) for field in ("first_name", "last_name")]
    return free_usernames(candidates(*names), SUGGESTIONS)
