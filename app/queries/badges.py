"""The small numbers in the header."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select

from app.extensions import db
from app.models import Chat, Membership, User
from app.models.friendship import requests_waiting


@dataclass(frozen=True, slots=True)
class Badges:
    """How many friend requests wait for an answer, and how many messages are unread."""

    requests: int
    chats: int


def badges_of(viewer: User) -> Badges:
    """Return the viewer's badges in one query."""
    requests = requests_waiting(viewer.id).scalar_subquery()
    unread = (
        select(func.coalesce(func.sum(Chat.last_seq - Membership.read_seq), 0))
        .select_from(Membership)
        .join(Chat, and_(Chat.id == Membership.chat_id, Chat.last_seq > Membership.read_seq))
        .where(Membership.user_id == viewer.id)
        .scalar_subquery()
    )
    row = db.session.execute(select(requests, unread)).one()
    return Badges(row[0], int(row[1]))
