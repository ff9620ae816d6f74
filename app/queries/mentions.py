"""Whom people name after an @."""

from collections.abc import Collection

from sqlalchemy import case, or_, select

from app.extensions import db
from app.models import User
from app.models.friendship import friend_ids
from app.queries.people import bearers, findable_by
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
    """Return who has these folded usernames, or had not long ago, by their ids, of the people an author may name."""
    if not names:
        return {}
    borne = bearers(names).subquery()
    named = select(*borne.c).join(User, User.id == borne.c.user_id).where(findable_by(author))
    # A name somebody has comes after those they had: a text that has both names them by the present one.
    return {user_id: name for user_id, name in db.session.execute(named.order_by(User.username_folded == borne.c.name))}
