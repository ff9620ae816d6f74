"""Topics: the posts about one."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from werkzeug.routing import PathConverter

from app.blueprints.keys import key
from app.queries.posts import about, count_visible, posts_about
from app.viewer import viewer

bp = Blueprint("topics", __name__, url_prefix="/topics")


class TopicConverter(PathConverter):
    """A topic in a path: whatever was written, slashes too."""

    regex = "(?s:.+?)"
    part_isolating = False


@bp.get("/<topic:topic>", merge_slashes=False)
@login_required
def show(topic: str) -> str:
    """The posts about a topic."""
    count = count_visible(viewer(), about(topic)) or abort(404)
    found = posts_about(viewer(), topic, request.args.get("before", type=key))
    older = url_for("topics.show", topic=topic, before=found.before) if found.before else None
    called = found.posts[0][0].topic if found.posts else topic
    return render_template("topics/show.html", topic=called, count=count, found=found, older=older)
