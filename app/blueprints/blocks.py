"""Whom the viewer wants to have nothing to do with."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import blocks
from app.fragments import beside, reply
from app.models import User
from app.queries.blocks import blocked_by, person_to_block
from app.viewer import viewer

bp = Blueprint("blocks", __name__)


@bp.get("/settings/blocks")
@login_required
def index() -> str:
    """Whom the viewer has blocked."""
    found = blocked_by(viewer(), request.args.get("after"))
    return render_template("blocks/index.html", found=found)


@bp.post("/users/<int:user_id>/block")
@login_required
def create(user_id: int) -> Response:
    """Block somebody."""
    other = _person(user_id)
    blocks.block(viewer(), other)
    undo = url_for("blocks.delete", user_id=other.id)
    said = gettext("%(name)s is blocked.", name=other.full_name)
    return reply(otherwise=url_for("friends.index"), said=said, undo=undo)


@bp.post("/users/<int:user_id>/block/delete")
@login_required
def delete(user_id: int) -> Response:
    """Block somebody no longer."""
    other = _person(user_id)
    blocks.unblock(viewer(), other)
    return reply(
        beside(f"blocked-{other.id}", Markup(), swap="delete"),
        otherwise=url_for("blocks.index"),
        said=gettext("%(name)s is not blocked any more.", name=other.full_name),
    )


def _person(user_id: int) -> User:
    return person_to_block(viewer(), user_id) or abort(404)
