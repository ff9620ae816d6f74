"""The small numbers in the header."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.extensions import db
from app.models import Chat, Friendship, Membership, User


@dataclass(frozen=True, slots=True)
class Badges:
    """How many friend requests wait for an answer, and how many messages are unread."""

    requests: int
    chats: int


def badges_of(viewer: User) -> Badges:
    """Return the viewer's badges in one query."""
    requests = (
        select(func.count())
        .select_from(Friendship)
        .where(
            Friendship.accepted_at.is_(None),
            Friendship.requester_id != viewer.id,
            or_(Friendship.low_id == viewer.id, Friendship.high_id == viewer.id),
        )
        .scalar_subquery()
    )
    unread = (
        select(func.coalesce(func.sum(Chat.last_seq - Membership.read_seq), 0))
        .select_from(Membership)
        .join(Chat, and_(Chat.id == Membership.chat_id, Chat.last_seq > Membership.read_seq))
        .where(Membership.user_id == viewer.id)
        .scalar_subquery()
    )
    row = db.session.execute(select(requests, unread)).one()
    return Badges(row[0], int(row[1]))
