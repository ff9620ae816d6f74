"""Lists of people as the viewer sees them: with the friends and groups they share. Each is asked once for a list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, union_all

from app.extensions import db
from app.models import Chat, Friendship, Membership, User
from app.models.friendship import friend_ids

FACES = 3
CLOSE = 100  # in a group of more people one need not know the others


@dataclass(frozen=True, slots=True)
class Mutual:
    """The friends that two people share: how many there are, and a few of them."""

    count: int = 0
    faces: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """The groups that two people are both in: how many there are, and one of them."""

    count: int
    group: Chat


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody in a list of people, what the viewer shares with them, and where the list goes on."""

    user: User
    cursor: str
    mutual: Mutual
    shared: Shared | None = None


@dataclass(frozen=True, slots=True)
class People:
    """One stretch of a list of people; ``after`` is the cursor of the next one, if there is more."""

    people: list[Acquaintance]
    after: str | None


def acquaint(viewer: User, found: Sequence[tuple[User, str]], limit: int, groups: bool = False) -> People:
    """Return a stretch of people with their cursors, of whom one more than the limit has been asked for."""
    shown = found[:limit]
    ids = [user.id for user, _ in shown if user.id != viewer.id]
    mutual = mutual_friends(viewer, ids)
    shared = shared_groups(viewer, ids) if groups else {}
    people = [Acquaintance(user, cursor, mutual.get(user.id, Mutual()), shared.get(user.id)) for user, cursor in shown]
    return People(people, shown[-1][1] if len(found) > limit else None)


def mutual_friends(viewer: User, user_ids: Collection[int]) -> dict[int, Mutual]:
    """Return which friends the viewer shares with each of these people; whom they are apart from is none of them."""
    if not user_ids:
        return {}
    mine, accepted = friend_ids(viewer.id), Friendship.accepted_at.is_not(None)
    low, high = Friendship.low_id, Friendship.high_id
    # The sums have SQLite read the friends of these people, rather than look for each with each of the viewer's.
    pairs = union_all(
        select(low.label("person"), high.label("friend")).where(low.in_(user_ids), (high + 0).in_(mine), accepted),
        select(high.label("person"), low.label("friend")).where(high.in_(user_ids), (low + 0).in_(mine), accepted),
    ).subquery()
    ranked = select(
        *pairs.c,
        func.count().over(partition_by=pairs.c.person).label("count"),
        func.row_number().over(partition_by=pairs.c.person, order_by=pairs.c.friend).label("place"),
    ).subquery()
    few = select(ranked.c.person, ranked.c.count, User).join(User, User.id == ranked.c.friend)
    found: dict[int, Mutual] = {}
    for person, count, user in db.session.execute(few.where(ranked.c.place <= FACES).order_by(ranked.c.place)):
        faces = found[person].faces if person in found else ()
        found[person] = Mutual(count, (*faces, user))
    return found


def shared_groups(viewer: User, user_ids: Collection[int]) -> dict[int, Shared]:
    """Return which groups the viewer and each of these people are both in, of those that are not too large."""
    if not user_ids:
        return {}
    ranked = (
        select(
            Membership.user_id,
            Membership.chat_id,
            func.count().over(partition_by=Membership.user_id).label("count"),
            func.row_number().over(partition_by=Membership.user_id, order_by=Membership.chat_id).label("place"),
        )
        .where(Membership.chat_id.in_(close_groups(viewer)), Membership.user_id.in_(user_ids))
        .subquery()
    )
    first = select(ranked.c.user_id, ranked.c.count, Chat).join(Chat, Chat.id == ranked.c.chat_id)
    rows = db.session.execute(first.where(ranked.c.place == 1))
    return {person: Shared(count, group) for person, count, group in rows}


def close_groups(viewer: User) -> Select[int]:
    """Return the question for the ids of the viewer's groups in which people know each other."""
    theirs = select(Chat.id).join(Membership, Membership.chat_id == Chat.id).where(Membership.user_id == viewer.id)
    return theirs.where(Chat.kind == "group", Chat.member_count <= CLOSE)
