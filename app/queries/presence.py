"""To whom it shows that somebody came or left; asked for nobody in particular."""

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.models import Chat, Membership, User
from app.models.friendship import friend_ids

AT_ONCE = 500


def groups_of_any(people: Sequence[int]) -> list[Chat]:
    """Return the groups in which any of these people is."""
    found: dict[int, Chat] = {}
    for start in range(0, len(people), AT_ONCE):
        theirs = select(Membership.chat_id).where(Membership.user_id.in_(people[start : start + AT_ONCE]))
        groups = db.session.scalars(select(Chat).where(Chat.kind == "group", Chat.id.in_(theirs)))
        found |= {chat.id: chat for chat in groups}
    return list(found.values())


def shown_to(user: User) -> set[int]:
    """Return who sees whether somebody is online, and whose presence they see: their friends."""
    return set(db.session.scalars(friend_ids(user.id)))
