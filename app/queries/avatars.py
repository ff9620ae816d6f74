"""The photos somebody has stood behind: all of them for themselves, those that are not hidden for others."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.extensions import db
from app.models import Avatar, User
from app.queries.people import findable_by

PAGE = 48


@dataclass(frozen=True, slots=True)
class Avatars:
    """Photos of one person, the newest first; ``before`` is where older ones are, if there are any."""

    avatars: list[Avatar]
    before: int | None


def kept_by(viewer: User, before: int | None = None, limit: int = PAGE) -> Avatars:
    """Return the viewer's own, hidden ones too."""
    return _page(_kept(viewer), before, limit)


def shown_by(viewer: User, owner: User, before: int | None = None) -> Avatars:
    """Return those of somebody that are not hidden."""
    found = select(User.id).where(User.id == owner.id, findable_by(viewer)).exists()
    return _page(_kept(owner).where(~Avatar.hidden, found), before, PAGE)


def avatar_for(viewer: User, avatar_id: int) -> Avatar | None:
    """Return one of the viewer's own."""
    return db.session.scalar(_kept(viewer).where(Avatar.id == avatar_id))


def kept_among(viewer: User, keys: Iterable[str | None]) -> list[Avatar]:
    """Return those of the viewer's own that have one of these keys."""
    return list(db.session.scalars(_kept(viewer).where(Avatar.key.in_([key for key in keys if key]))))


def _kept(owner: User) -> Select[Avatar]:
    return select(Avatar).where(Avatar.user_id == owner.id, Avatar.deleted_at.is_(None))


def _page(avatars: Select[Avatar], before: int | None, limit: int) -> Avatars:
    if before is not None:
        avatars = avatars.where(Avatar.id < before)
    found = list(db.session.scalars(avatars.order_by(Avatar.id.desc()).limit(limit + 1)))
    return Avatars(found[:limit], found[limit - 1].id if len(found) > limit else None)
