"""Tags: the posts that carry one, and suggestions."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup

from app.blueprints.keys import key
from app.fragments import partial
from app.queries.posts import posts_tagged
from app.queries.tags import tag_called, tags_like
from app.viewer import viewer

bp = Blueprint("tags", __name__, url_prefix="/tags")


@bp.get("")
@login_required
def index() -> Markup:
    """Tags whose names begin as typed: a fragment."""
    return partial("tag_suggestions", tags=tags_like(viewer(), request.args.get("q", "")))


@bp.get("/<name>")
@login_required
def show(name: str) -> str:
    """The posts of a tag."""
    tag = tag_called(viewer(), name) or abort(404)
    found = posts_tagged(viewer(), tag, request.args.get("before", type=key))
    older = url_for("tags.show", name=tag.name, before=found.before) if found.before else None
    return render_template("tags/show.html", tag=tag, found=found, older=older)
