"""Who is whose friend, and who asks to be."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, SQLColumnExpression, and_, bindparam, case, func, or_, select

from app.extensions import db
from app.live import presence
from app.models import Friendship, User
from app.models.columns import VIEWER
from app.models.friendship import friend_ids, is_pair
from app.queries.acquaintances import People, acquaint
from app.queries.cursors import PAGE, after_name, beyond, cursor, moment_after
from app.queries.people import called, findable_by

__all__ = ["friend_ids"]


def are_friends(one_id: int, other_id: int) -> bool:
    """Tell whether two people are friends."""
    accepted = select(Friendship.low_id).where(
        is_pair(Friendship, one_id, other_id), Friendship.accepted_at.is_not(None)
    )
    return db.session.scalar(accepted) is not None


def requests_to(viewer: User, limit: int) -> list[User]:
    """Return who asks to be the viewer's friend, the latest first."""
    return list(db.session.scalars(_REQUESTS, {"viewer": viewer.id, "limit": limit}))


# Beside the feed, so it is built once.
_REQUESTS = (
    select(User)
    .join(Friendship, User.id == case((Friendship.low_id == VIEWER, Friendship.high_id), else_=Friendship.low_id))
    .where(
        or_(Friendship.low_id == VIEWER, Friendship.high_id == VIEWER),
        Friendship.accepted_at.is_(None),
        Friendship.requester_id != VIEWER,
    )
    .order_by(Friendship.requested_at.desc(), User.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


def counts_of(viewer: User) -> dict[str, int]:
    """Return how many people are in the viewer's lists of ``requests``, ``sent`` and ``friends``, in one query."""
    mine = Friendship.requester_id == viewer.id
    waiting = Friendship.accepted_at.is_(None)
    counts = select(
        func.count().filter(waiting, ~mine).label("requests"),
        func.count().filter(waiting, mine).label("sent"),
        func.count(Friendship.accepted_at).label("friends"),
    )
    return dict(db.session.execute(counts.where(_involves(viewer))).mappings().one())


def requests(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return who asks to be the viewer's friend, the latest first."""
    return _newest(viewer, _asks(viewer), Friendship.requested_at, after, limit)


def sent(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return whom the viewer has asked and who has not answered, the latest first."""
    asked = and_(Friendship.accepted_at.is_(None), Friendship.requester_id == viewer.id)
    return _newest(viewer, asked, Friendship.requested_at, after, limit)


def friends(viewer: User, after: str | None = None, limit: int = PAGE, q: str = "", online: bool = False) -> People:
    """Return the viewer's friends whose names have every word of ``q``, the newest first; or those who are online."""
    among = and_(Friendship.accepted_at.is_not(None), called(q))
    if online:
        among = and_(among, User.id.in_(_online_friends(viewer)))
    return _newest(viewer, among, Friendship.accepted_at, after, limit)


def friends_by_name(viewer: User, after: int | None = None, q: str = "", online: bool = False) -> People:
    """Return them by name; ``after`` is the id of the last one that was seen."""
    found = select(User).where(User.id.in_(friend_ids(viewer.id)), called(q))
    if online:
        found = found.where(User.id.in_(_online_friends(viewer)))
    return _by_name(viewer, found, after)


def friends_of_person(
    viewer: User, person: User, after: int | None = None, q: str = "", mutual: bool = False
) -> People:
    """Return somebody's friends who are there for the viewer, by name; or those the two share."""
    found = select(User).where(User.id.in_(friend_ids(person.id)), findable_by(viewer), called(q))
    if mutual:
        found = found.where(User.id.in_(friend_ids(viewer.id)))
    return _by_name(viewer, found, after)


def friends_of(viewer: User, q: str = "", after: tuple[str, int] | None = None, limit: int = 50) -> list[User]:
    """Return the viewer's friends whose names have every word of ``q``, by name.

    ``after`` is the ``(search_text, id)`` of the last one that was seen.
    """
    found = select(User).where(User.id.in_(friend_ids(viewer.id)), called(q))
    if after:
        name, last_id = after
        found = found.where(or_(User.search_text > name, and_(User.search_text == name, User.id > last_id)))
    return list(db.session.scalars(found.order_by(User.search_text, User.id).limit(limit)))


def friends_among(viewer: User, ids: Sequence[int]) -> list[User]:
    """Return those of these people who are the viewer's friends, in the order asked for."""
    if not ids:
        return []
    places = {user_id: place for place, user_id in enumerate(ids)}
    found = select(User).where(User.id.in_(ids), User.id.in_(friend_ids(viewer.id)))
    return sorted(db.session.scalars(found), key=lambda user: places[user.id])


def _newest(
    viewer: User, condition: ColumnElement[bool], moment: SQLColumnExpression[Any], after: str | None, limit: int
) -> People:
    found = _related(viewer, condition, moment).limit(limit + 1)
    if last := moment_after(after):
        found = found.where(beyond(moment, *last))
    return acquaint(viewer, [(user, cursor(when, user.id)) for user, when in db.session.execute(found)], limit)


def _by_name(viewer: User, found: Select[User], after: int | None) -> People:
    if after is not None:
        found = found.where(after_name(found, after))
    people = db.session.scalars(found.order_by(User.search_text, User.id).limit(PAGE + 1))
    return acquaint(viewer, [(user, str(user.id)) for user in people], PAGE)


def _related(viewer: User, condition: ColumnElement[bool], moment: SQLColumnExpression[Any]) -> Select[User, Any]:
    other_id = case((Friendship.low_id == viewer.id, Friendship.high_id), else_=Friendship.low_id)
    related = select(User, moment).join(Friendship, User.id == other_id).where(_involves(viewer), condition)
    return related.order_by(moment.desc(), User.id.desc())


def _asks(viewer: User) -> ColumnElement[bool]:
    return and_(Friendship.accepted_at.is_(None), Friendship.requester_id != viewer.id)


def _involves(viewer: User) -> ColumnElement[bool]:
    return or_(Friendship.low_id == viewer.id, Friendship.high_id == viewer.id)


def _online_friends(viewer: User) -> set[int]:
    return presence.online(db.session.scalars(friend_ids(viewer.id)))
