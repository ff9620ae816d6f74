"""Groups, and who is in them."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from app.extensions import db
from app.live import presence
from app.models import Membership, User
from app.queries.chats import ChatRow, chat_for, member_ids

PAGE = 50


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group, what they are there, and whether they have a tab open."""

    user: User
    role: str
    online: bool


@dataclass(frozen=True, slots=True)
class Members:
    """One stretch of a group's members; ``after`` is the name and id of the last one, if there are more."""

    members: list[Member]
    after: tuple[str, int] | None


def group_for(viewer: User, chat_id: int) -> ChatRow | None:
    """Return a group the viewer is in."""
    row = chat_for(viewer, chat_id)
    return row if row and row.chat.is_group else None


def online_in(viewer: User, row: ChatRow) -> int:
    """Return how many of a group are online; the viewer is, though their tab may only be about to connect."""
    return len(presence.online(member_ids(row.chat)) | {viewer.id})


def members_of(viewer: User, row: ChatRow, after: tuple[str, int] | None = None) -> Members:
    """Return a group's members: its owner first, then all others by name."""
    found = (
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.chat_id == row.chat.id)
    )
    if after:
        name, last_id = after
        beyond = or_(User.search_text > name, (User.search_text == name) & (User.id > last_id))
        found = found.where(Membership.role != "owner", beyond)
    order = (Membership.role != "owner", User.search_text, User.id)
    rows = db.session.execute(found.order_by(*order).limit(PAGE + 1)).all()
    online = presence.online(user.id for user, _role in rows) | {viewer.id}
    members = [Member(user, role, user.id in online) for user, role in rows[:PAGE]]
    last = members[-1].user if len(rows) > PAGE else None
    return Members(members, (last.search_text, last.id) if last else None)
