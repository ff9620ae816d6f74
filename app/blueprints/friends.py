"""The viewer's people: friends, and who might become one."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask_login import login_required

from app.models import User
from app.queries import friends
from app.viewer import viewer

bp = Blueprint("friends", __name__, url_prefix="/friends")

A_FEW = 6


@bp.get("")
@login_required
def index() -> str:
    """A few of each kind."""
    person = viewer()
    return render_template(
        "friends/index.html",
        counts=friends.counts_of(person),
        requests=friends.requests(person, limit=A_FEW),
        suggestions=friends.suggestions(person, limit=A_FEW),
        friends=friends.friends(person, limit=A_FEW),
    )


@bp.get("/requests")
@login_required
def requests() -> str:
    """Who asks to be friends."""
    return _list("request", friends.requests)


@bp.get("/suggestions")
@login_required
def suggestions() -> str:
    """Who might be a friend."""
    return _list("suggestion", friends.suggestions)


@bp.get("/all")
@login_required
def all() -> str:
    """Every friend."""
    return _list("friend", friends.friends)


@bp.get("/sent")
@login_required
def sent() -> str:
    """Whom the viewer asked."""
    return _list("sent", friends.sent)


def _list(kind: str, question: Callable[[User, str | None], friends.People]) -> str:
    after = request.args.get("after")
    return render_template(
        "friends/list.html",
        kind=kind,
        found=question(viewer(), after),
        first=not after,
        counts=friends.counts_of(viewer()),
    )
