"""The viewer's people: friends, and who might become one."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask_login import login_required

from app.blueprints.keys import key
from app.live import presence
from app.models import User
from app.queries import friends
from app.queries.acquaintances import People
from app.queries.suggestions import suggestions as suggested
from app.text import clean
from app.viewer import viewer

bp = Blueprint("friends", __name__, url_prefix="/friends")

A_FEW = 6


@bp.get("")
@login_required
def index() -> str:
    """A few of each kind."""
    person = viewer()
    mates = friends.friends(person, limit=A_FEW)
    return render_template(
        "friends/index.html",
        counts=friends.counts_of(person),
        requests=friends.requests(person, limit=A_FEW),
        suggestions=suggested(person, limit=A_FEW),
        friends=mates,
        online=presence.online(one.user.id for one in mates.people),
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
    return _list("suggestion", suggested)


@bp.get("/all")
@login_required
def all() -> str:
    """Every friend, or those with these words in their names, or who are online; the newest first, or by name."""
    q, online, by_name = words(), request.args.get("show") == "online", request.args.get("by") == "name"
    if by_name:
        found = friends.friends_by_name(viewer(), request.args.get("after", type=key), q, online)
    else:
        found = friends.friends(viewer(), request.args.get("after"), q=q, online=online)
    wanted = {"q": q or None, "show": "online" if online else None, "by": "name" if by_name else None}
    return _page("friends/all.html", "friend", found, wanted)


@bp.get("/sent")
@login_required
def sent() -> str:
    """Whom the viewer asked."""
    return _list("sent", friends.sent)


def words() -> str:
    """Return what is searched for among people."""
    return clean(request.args.get("q"))[:100]


def _list(kind: str, question: Callable[[User, str | None], People]) -> str:
    found = question(viewer(), request.args.get("after"))
    return _page("friends/list.html", kind, found, {"q": None, "show": None, "by": None})


def _page(template: str, kind: str, found: People, wanted: dict[str, str | None]) -> str:
    return render_template(
        template,
        kind=kind,
        found=found,
        wanted=wanted,
        first="after" not in request.args,
        counts=friends.counts_of(viewer()),
        online=presence.online(one.user.id for one in found.people) if kind == "friend" else frozenset(),
    )
