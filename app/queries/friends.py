"""Who is whose friend, who asks to be, and who might."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Friendship, HiddenSuggestion, User
from app.models.columns import EPOCH, VIEWER
from app.models.friendship import friend_ids, is_pair
from app.text import fold

__all__ = ["friend_ids"]

PAGE = 24


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody in a list of people: how many friends the viewer shares with them, and where the list goes on."""

    user: User
    mutual: int
    cursor: str


@dataclass(frozen=True, slots=True)
class People:
    """One stretch of a list of people; ``after`` is the cursor of the next one, if there is more."""

    people: list[Acquaintance]
    after: str | None


def are_friends(one_id: int, other_id: int) -> bool:
    """Tell whether two people are friends."""
    accepted = select(Friendship.low_id).where(
        is_pair(Friendship, one_id, other_id), Friendship.accepted_at.is_not(None)
    )
    return db.session.scalar(accepted) is not None


def requests_to(viewer: User, limit: int) -> list[User]:
    """Return who asks to be the viewer's friend, the latest first."""
    return list(db.session.scalars(_REQUESTS.limit(limit).params(viewer=viewer.id)))


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
    asked = and_(Friendship.accepted_at.is_(None), Friendship.requester_id != viewer.id)
    return _related(viewer, asked, Friendship.requested_at, after, limit)


def sent(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return whom the viewer has asked and who has not answered, the latest first."""
    asked = and_(Friendship.accepted_at.is_(None), Friendship.requester_id == viewer.id)
    return _related(viewer, asked, Friendship.requested_at, after, limit)


def friends(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return the viewer's friends, the newest first."""
    return _related(viewer, Friendship.accepted_at.is_not(None), Friendship.accepted_at, after, limit)


def friends_of(viewer: User, q: str = "", after: tuple[str, int] | None = None, limit: int = 50) -> list[User]:
    """Return the viewer's friends whose names have every word of ``q``, by name.

    ``after`` is the ``(search_text, id)`` of the last one that was seen.
    """
    found = select(User).where(User.id.in_(friend_ids(viewer.id)))
    for word in fold(q).split():
        found = found.where(User.search_text.contains(word, autoescape=True))
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


def suggestions(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return who might be the viewer's friend: first by how many friends they share, then the newest members."""
    last = _parse(after, digits=9)
    theirs = _friends_of_friends(viewer)
    known = select(User, theirs.c.mutual).join(theirs, theirs.c.id == User.id).where(_might_befriend(viewer))
    if last:
        known = known.where(_beyond(theirs.c.mutual, last[0], last[1]))
    ranked = known.order_by(theirs.c.mutual.desc(), User.id.desc()).limit(limit + 1)
    found = [(user, mutual) for user, mutual in db.session.execute(ranked)]
    # Asked apart from the others, the newest are found by walking the key, however many people there are.
    if len(found) <= limit:
        unknown = select(User).where(_might_befriend(viewer), User.id.not_in(select(theirs.c.id)))
        if last and last[0] == 0:
            unknown = unknown.where(User.id < last[1])
        newest = db.session.scalars(unknown.order_by(User.id.desc()).limit(limit + 1 - len(found)))
        found += [(user, 0) for user in newest]
    return _stretch([Acquaintance(user, mutual, f"{mutual}-{user.id}") for user, mutual in found], limit)


def _related(
    viewer: User,
    condition: ColumnElement[bool],
    moment: SQLColumnExpression[Any],
    after: str | None,
    limit: int,
) -> People:
    other_id = case((Friendship.low_id == viewer.id, Friendship.high_id), else_=Friendship.low_id)
    found = (
        select(User, _mutual_friends(viewer), moment)
        .join(Friendship, User.id == other_id)
        .where(_involves(viewer), condition)
        .order_by(moment.desc(), User.id.desc())
        .limit(limit + 1)
    )
    if last := _parse(after):
        found = found.where(_beyond(moment, EPOCH + timedelta(microseconds=last[0]), last[1]))
    return _stretch(
        [
            Acquaintance(user, mutual, f"{(when - EPOCH) // timedelta(microseconds=1)}-{user.id}")
            for user, mutual, when in db.session.execute(found)
        ],
        limit,
    )


def _involves(viewer: User) -> ColumnElement[bool]:
    return or_(Friendship.low_id == viewer.id, Friendship.high_id == viewer.id)


def _mutual_friends(viewer: User) -> ScalarSelect[int]:
    """Count, for the User of the statement around it, the friends they share with the viewer."""
    mine, theirs = friend_ids(viewer.id), aliased(Friendship)
    shared = or_(
        and_(theirs.low_id == User.id, theirs.high_id.in_(mine)),
        and_(theirs.high_id == User.id, theirs.low_id.in_(mine)),
    )
    count = select(func.count()).select_from(theirs).where(theirs.accepted_at.is_not(None), shared)
    return count.correlate(User).scalar_subquery()


def _friends_of_friends(viewer: User) -> Subquery:
    """Return ``id`` and ``mutual``: whom the viewer's friends are friends with, and how many of them."""
    mine, accepted = friend_ids(viewer.id), Friendship.accepted_at.is_not(None)
    theirs = union_all(
        select(Friendship.high_id.label("id")).where(Friendship.low_id.in_(mine), accepted),
        select(Friendship.low_id.label("id")).where(Friendship.high_id.in_(mine), accepted),
    ).subquery()
    return select(theirs.c.id, func.count().label("mutual")).group_by(theirs.c.id).subquery()


def _might_befriend(viewer: User) -> ColumnElement[bool]:
    """Pick people who have told their name, and with whom the viewer has nothing to do or to settle yet."""
    taken = union_all(
        select(Friendship.high_id).where(Friendship.low_id == viewer.id),
        select(Friendship.low_id).where(Friendship.high_id == viewer.id),
        select(HiddenSuggestion.hidden_id).where(HiddenSuggestion.user_id == viewer.id),
    )
    return and_(User.username.is_not(None), User.id != viewer.id, User.id.not_in(taken))


def _beyond(column: SQLColumnExpression[Any], value: Any, last_id: int) -> ColumnElement[bool]:
    """Pick what comes after a value and an id, both falling."""
    return or_(column < value, and_(column == value, User.id < last_id))


def _parse(cursor: str | None, digits: int = 17) -> tuple[int, int] | None:
    """Return the two numbers of a cursor; what is not one, or too long for the database, begins the list anew."""
    match = re.fullmatch(rf"([0-9]{{1,{digits}}})-([0-9]{{1,9}})", cursor or "")
    return (int(match[1]), int(match[2])) if match else None


def _stretch(people: list[Acquaintance], limit: int) -> People:
    return People(people[:limit], people[limit - 1].cursor if len(people) > limit else None)
