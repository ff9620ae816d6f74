"""Whom people name after an @."""

from collections.abc import Collection

from sqlalchemy import case, or_, select

from app.extensions import db
from app.models import User
from app.models.friendship import friend_ids
from app.queries.people import findable_by
from app.text import fold

OFFERED = 8


def people_called(viewer: User, beginning: str, limit: int = OFFERED) -> list[User]:
    """Return people one of whose names begins so, friends first; before a letter is written, friends alone."""
    begun, friends = fold(beginning), User.id.in_(friend_ids(viewer.id))
    begins = or_(
        User.search_text.startswith(begun, autoescape=True), User.search_text.contains(f" {begun}", autoescape=True)
    )
    found = select(User).where(User.id != viewer.id, findable_by(viewer), begins if begun else friends)
    nearest = case((friends, 0), else_=1)
    return list(db.session.scalars(found.order_by(nearest, User.search_text, User.id).limit(limit)))


def people_named(author: User, names: Collection[str]) -> dict[int, str]:
    """Return who has these folded usernames, by their ids, of the people an author may name."""
    if not names:
        return {}
    named = select(User.id, User.username_folded).where(User.username_folded.in_(names), findable_by(author))
    return {user_id: str(name) for user_id, name in db.session.execute(named)}
