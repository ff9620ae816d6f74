"""Who might become somebody's friend, and why."""

from sqlalchemy import ColumnElement, Subquery, and_, func, literal, select, union_all

from app.extensions import db
from app.models import Friendship, HiddenSuggestion, Membership, User
from app.models.friendship import friend_ids
from app.queries.acquaintances import People, acquaint, close_groups
from app.queries.cursors import PAGE, beyond, numbers_after
from app.queries.people import askable_by, findable_by

WEIGHT = 3  # a friend in common says more than a group


def suggestions(viewer: User, after: str | None = None, limit: int = PAGE) -> People:
    """Return who might be the viewer's friend: first by the friends and groups they share, then the newest members."""
    last = numbers_after(after)
    near = _near(viewer)
    known = select(User, near.c.nearness).join(near, near.c.id == User.id).where(_might_befriend(viewer))
    if last:
        known = known.where(beyond(near.c.nearness, last[0], last[1]))
    ranked = known.order_by(near.c.nearness.desc(), User.id.desc()).limit(limit + 1)
    found = [(user, f"{nearness}-{user.id}") for user, nearness in db.session.execute(ranked)]
    # Asked apart from the others, the newest are found by walking the key, however many people there are.
    if len(found) <= limit:
        unknown = select(User).where(_might_befriend(viewer), User.id.not_in(select(near.c.id)))
        if last and last[0] == 0:
            unknown = unknown.where(User.id < last[1])
        newest = db.session.scalars(unknown.order_by(User.id.desc()).limit(limit + 1 - len(found)))
        found += [(user, f"0-{user.id}") for user in newest]
    return acquaint(viewer, found, limit, groups=True)


def _near(viewer: User) -> Subquery:
    """Return ``id`` and ``nearness`` of the friends of the viewer's friends, and of who is in groups with them."""
    mine, accepted = friend_ids(viewer.id), Friendship.accepted_at.is_not(None)
    friend, member = literal(WEIGHT).label("weight"), literal(1).label("weight")
    near = union_all(
        select(Friendship.high_id.label("id"), friend).where(Friendship.low_id.in_(mine), accepted),
        select(Friendship.low_id.label("id"), friend).where(Friendship.high_id.in_(mine), accepted),
        select(Membership.user_id.label("id"), member).where(Membership.chat_id.in_(close_groups(viewer))),
    ).subquery()
    return select(near.c.id, func.sum(near.c.weight).label("nearness")).group_by(near.c.id).subquery()


def _might_befriend(viewer: User) -> ColumnElement[bool]:
    """Pick people who take the viewer's requests, and with whom they have nothing to do or to settle yet."""
    taken = union_all(
        select(Friendship.high_id).where(Friendship.low_id == viewer.id),
        select(Friendship.low_id).where(Friendship.high_id == viewer.id),
        select(HiddenSuggestion.hidden_id).where(HiddenSuggestion.user_id == viewer.id),
    )
    return and_(findable_by(viewer), askable_by(viewer), User.id != viewer.id, User.id.not_in(taken))
