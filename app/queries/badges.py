"""The small numbers in the header."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, String, and_, case, cast, func, or_, select

from app.extensions import db
from app.models import Chat, Membership, User
from app.models.block import parted
from app.models.columns import VIEWER
from app.models.friendship import requests_waiting
from app.queries.chats import away


@dataclass(frozen=True, slots=True)
class Badges:
    """How many friend requests wait for an answer, how many messages are unread, and how many chats are put away.

    ``muted`` are the ids of the chats that do not count, with spaces between them.
    """

    requests: int
    chats: int
    muted: str
    archived: int


UNREAD = and_(Chat.last_seq > 0, or_(Chat.last_seq > Membership.read_seq, Membership.marked), ~parted())
WAITING = case((Chat.last_seq > Membership.read_seq, Chat.last_seq - Membership.read_seq), else_=1)


def badges_of(viewer: User) -> Badges:
    """Return the viewer's badges in one query."""
    row = db.session.execute(_BADGES, {"viewer": viewer.id}).one()
    return Badges(row[0], int(row[1]), row[2] or "", row[3])


def _badges() -> Select[int, int, str | None, int]:
    requests = requests_waiting(VIEWER).scalar_subquery()
    theirs = Membership.user_id == VIEWER
    unread = (
        select(func.coalesce(func.sum(WAITING), 0))
        .select_from(Membership)
        .join(Chat, and_(Chat.id == Membership.chat_id, UNREAD))
        .where(theirs, ~Membership.muted, ~away())
        .scalar_subquery()
    )
    muted = select(func.aggregate_strings(cast(Membership.chat_id, String), " ")).where(theirs, Membership.muted)
    joined = select(func.count()).select_from(Membership).join(Chat, Chat.id == Membership.chat_id)
    archived = joined.where(theirs, Chat.last_seq > 0, away(), ~parted()).scalar_subquery()
    return select(requests, unread, muted.scalar_subquery(), archived)


_BADGES = _badges()  # on every page


def unread_of(people: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return for many people at once how many messages they have not read, and the ids of their muted chats."""
    waiting = case((and_(UNREAD, ~Membership.muted, ~away()), WAITING), else_=0)
    muted = case((Membership.muted, cast(Membership.chat_id, String)))
    found = (
        select(Membership.user_id, func.sum(waiting), func.aggregate_strings(muted, " "))
        .join(Chat, Chat.id == Membership.chat_id)
        .where(Membership.user_id.in_(people))
        .group_by(Membership.user_id)
    )
    counts = {person: (int(count), ids or "") for person, count, ids in db.session.execute(found)}
    return {person: counts.get(person, (0, "")) for person in people}
