"""Groups, and who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select

from app.extensions import db
from app.live import presence
from app.models import Ban, Chat, Membership, User
from app.models.friendship import friend_ids
from app.queries.chats import ChatRow, chat_for, member_ids
from app.queries.people import findable_by
from app.text import fold

PAGE = 50
MENTIONED = 8
FOUND = 10


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


def groups_called(viewer: User, q: str) -> list[Chat]:
    """Return groups the viewer is in whose names have every word of ``q``, the liveliest first."""
    found = select(Chat).join(Membership, Membership.chat_id == Chat.id)
    found = found.where(Membership.user_id == viewer.id, Chat.kind == "group")
    for word in fold(q).split():
        found = found.where(func.lower(Chat.name).contains(word, autoescape=True))
    return list(db.session.scalars(found.order_by(Chat.last_message_at.desc(), Chat.id.desc()).limit(FOUND)))


def members_called(viewer: User, row: ChatRow, name: str) -> list[User]:
    """Return members, the viewer left out, one of whose names begins so."""
    begun = fold(name)
    begins = or_(
        User.search_text.startswith(begun, autoescape=True), User.search_text.contains(f" {begun}", autoescape=True)
    )
    found = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.chat_id == row.chat.id, User.id != viewer.id, findable_by(viewer), begins)
    )
    return list(db.session.scalars(found.order_by(User.search_text, User.id).limit(MENTIONED)))


def member_of(viewer: User, row: ChatRow, user_id: int) -> Member | None:
    """Return a member of a group the viewer is in."""
    theirs = (Membership.chat_id == row.chat.id, Membership.user_id == user_id)
    found = select(User, Membership.role).join(Membership, Membership.user_id == User.id).where(*theirs)
    one = db.session.execute(found).one_or_none()
    return Member(one[0], one[1], user_id in _seen_online(viewer, [user_id])) if one else None


def banned_from(viewer: User, row: ChatRow) -> list[User]:
    """Return who was banned from a group the viewer leads, by name."""
    banned = select(User).join(Ban, Ban.user_id == User.id).where(Ban.chat_id == row.chat.id, findable_by(viewer))
    return list(db.session.scalars(banned.order_by(User.search_text, User.id)))


def role_in(chat: Chat, user_id: int) -> str | None:
    """Return what somebody is in a group, within a verb that has locked it."""
    theirs = (Membership.chat_id == chat.id, Membership.user_id == user_id)
    return db.session.scalar(select(Membership.role).where(*theirs))


def online_in(viewer: User, row: ChatRow) -> int:
    """Return how many of a group are online; the viewer is, though their tab may only be about to connect."""
    return len(presence.online(member_ids(row.chat)) | ({viewer.id} if viewer.shows_presence else set()))


def members_of(viewer: User, row: ChatRow, after: tuple[str, int] | None = None, q: str = "") -> Members:
    """Return a group's members whose names have every word of ``q``: who leads it first, then the others by name."""
    rank = case((Membership.role == "owner", 0), (Membership.role == "admin", 1), else_=2)
    found = (
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.chat_id == row.chat.id)
    )
    for word in fold(q).split():
        found = found.where(User.search_text.contains(word, autoescape=True))
    if after:
        name, last_id = after
        beyond = or_(User.search_text > name, (User.search_text == name) & (User.id > last_id))
        found = found.where(rank == 2, beyond)
    rows = db.session.execute(found.order_by(rank, User.search_text, User.id).limit(PAGE + 1)).all()
    online = _seen_online(viewer, [user.id for user, _role in rows])
    members = [Member(user, role, user.id in online) for user, role in rows[:PAGE]]
    last = members[-1].user if len(rows) > PAGE else None
    return Members(members, (last.search_text, last.id) if last else None)


def _seen_online(viewer: User, people: Sequence[int]) -> set[int]:
    """Return which of these people the viewer sees to be online: themselves, and their friends."""
    friends = db.session.scalars(select(User.id).where(User.id.in_(people), User.id.in_(friend_ids(viewer.id))))
    return presence.online(friends) | ({viewer.id} if viewer.shows_presence else set())
