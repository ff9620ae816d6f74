"""The small numbers in the header."""

from dataclasses import dataclass

from sqlalchemy import String, and_, case, cast, func, or_, select

from app.extensions import db
from app.models import Chat, Membership, User
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


def badges_of(viewer: User) -> Badges:
    """Return the viewer's badges in one query."""
    requests = requests_waiting(viewer.id).scalar_subquery()
    theirs = Membership.user_id == viewer.id
    waiting = case((Chat.last_seq > Membership.read_seq, Chat.last_seq - Membership.read_seq), else_=1)
    unread = (
        select(func.coalesce(func.sum(waiting), 0))
        .select_from(Membership)
        .join(Chat, and_(Chat.id == Membership.chat_id, or_(Chat.last_seq > Membership.read_seq, Membership.marked)))
        .where(theirs, ~Membership.muted, ~away())
        .scalar_subquery()
    )
    muted = select(func.aggregate_strings(cast(Membership.chat_id, String), " ")).where(theirs, Membership.muted)
    joined = select(func.count()).select_from(Membership).join(Chat, Chat.id == Membership.chat_id)
    archived = joined.where(theirs, Chat.last_seq > 0, away()).scalar_subquery()
    row = db.session.execute(select(requests, unread, muted.scalar_subquery(), archived)).one()
    return Badges(row[0], int(row[1]), row[2] or "", row[3])
