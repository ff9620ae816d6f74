"""Asking somebody to be friends, answering, and taking it back."""

from flask import Blueprint, abort, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import friendships
from app.blueprints.doorkeeper import was_going_to
from app.fragments import beside, partial, reply
from app.models import User
from app.queries.friends import counts_of
from app.queries.people import kind_of, person_for
from app.viewer import viewer

bp = Blueprint("friendships", __name__, url_prefix="/users/<int:user_id>")


@bp.post("/friendship")
@login_required
def create(user_id: int) -> Response:
    """Ask somebody, or agree where they asked first."""
    other = _person(user_id)
    became = friendships.request(viewer(), other)
    return _show(other, gettext("Request sent.") if became == "sent" else gettext("You are friends now."))


@bp.post("/friendship/accept")
@login_required
def accept(user_id: int) -> Response:
    """Say yes."""
    other = _person(user_id)
    friendships.accept(viewer(), other)
    return _show(other, gettext("You are friends now."))


@bp.post("/friendship/decline")
@login_required
def decline(user_id: int) -> Response:
    """Say no."""
    other = _person(user_id)
    declined = friendships.decline(viewer(), other)
    return _show(other, gettext("Request declined."), undo="friendships.restore" if declined else None)


@bp.post("/friendship/delete")
@login_required
def delete(user_id: int) -> Response:
    """End a friendship, or take back a request."""
    other = _person(user_id)
    was = friendships.end(viewer(), other)
    said = gettext("Request cancelled.") if was == "sent" else gettext("Removed from friends.")
    return _show(other, said, undo="friendships.restore" if was else None)


@bp.post("/friendship/restore")
@login_required
def restore(user_id: int) -> Response:
    """Put back what was ended a moment ago."""
    other = _person(user_id)
    friendships.restore(viewer(), other)
    return _show(other, gettext("Everything is as it was."))


@bp.post("/suggestion/delete")
@login_required
def hide(user_id: int) -> Response:
    """Suggest somebody no more."""
    other = _person(user_id)
    friendships.hide(viewer(), other)
    return _show(other, gettext("Suggestion hidden."), undo="friendships.unhide")


@bp.post("/suggestion")
@login_required
def unhide(user_id: int) -> Response:
    """Suggest somebody again."""
    other = _person(user_id)
    friendships.unhide(viewer(), other)
    return _show(other, gettext("Everything is as it was."))


def _person(user_id: int) -> User:
    person = person_for(viewer(), user_id) or abort(404)
    return person.user


def _show(other: User, said: str, undo: str | None = None) -> Response:
    """Take the person's card out of whatever list it is in, and let the page ask where it belongs now."""
    counts = counts_of(viewer())
    return reply(
        beside(f"person-{other.id}", Markup(), swap="delete"),
        beside(f"friendship-{other.id}", partial("friendship_buttons", user=other, kind=kind_of(viewer(), other))),
        beside("badge-requests", partial("badge", name="requests", count=counts["requests"], muted=None)),
        *(beside(f"count-{name}", partial("count", name=name, count=count)) for name, count in counts.items()),
        beside("friends-news", partial("friends_news")),
        otherwise=was_going_to() or url_for("friends.index"),
        said=said,
        undo=undo and url_for(undo, user_id=other.id),
    )
