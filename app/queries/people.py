"""People, as others find them: those who have told their name."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.models import Friendship, User
from app.models.friendship import is_pair
from app.text import fold


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody and what they are to the viewer.

    The kind is ``self``, ``friend``, ``request`` (they ask to be friends), ``sent`` (the viewer asks) or ``stranger``.
    """

    user: User
    kind: str


def person_for(viewer: User, user_id: int) -> Person | None:
    """Return the person with this id."""
    return _person(viewer, User.id == user_id)


def person_named(viewer: User, username: str) -> Person | None:
    """Return the person with this username, however its letters are cased."""
    return _person(viewer, User.username_folded == fold(username))


def _person(viewer: User, condition: ColumnElement[bool]) -> Person | None:
    found = db.session.scalar(select(User).where(condition, User.username.is_not(None)))
    return found and Person(found, kind_of(viewer, found))


def kind_of(viewer: User, user: User) -> str:
    """Return what a person is to the viewer; see Person."""
    if viewer.id == user.id:
        return "self"
    row = db.session.execute(
        select(Friendship.requester_id, Friendship.accepted_at).where(is_pair(Friendship, viewer.id, user.id))
    ).one_or_none()
    if row is None:
        return "stranger"
    if row.accepted_at is not None:
        return "friend"
    return "sent" if row.requester_id == viewer.id else "request"
