"""Who is kept apart from whom."""

from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.models import Block, User
from app.models.block import apart_from
from app.queries.cursors import PAGE, beyond, cursor, moment_after
from app.queries.people import person_for


@dataclass(frozen=True, slots=True)
class Blocked:
    """One stretch of whom somebody has blocked; ``after`` is the cursor of the next one, if there are more."""

    people: list[User]
    after: str | None


def blocked_by(viewer: User, after: str | None = None) -> Blocked:
    """Return whom the viewer has blocked, the latest first."""
    found = select(User, Block.created_at).join(Block, Block.blocked_id == User.id).where(Block.blocker_id == viewer.id)
    if last := moment_after(after):
        found = found.where(beyond(Block.created_at, *last))
    rows = db.session.execute(found.order_by(Block.created_at.desc(), User.id.desc()).limit(PAGE + 1)).all()
    more = cursor(rows[PAGE - 1][1], rows[PAGE - 1][0].id) if len(rows) > PAGE else None
    return Blocked([user for user, _ in rows[:PAGE]], more)


def person_to_block(viewer: User, user_id: int) -> User | None:
    """Return somebody the viewer may block or unblock: who is there for them, and whom they have blocked."""
    if person := person_for(viewer, user_id):
        return person.user
    theirs = (Block.blocker_id == viewer.id, Block.blocked_id == user_id)
    return db.session.scalar(select(User).join(Block, Block.blocked_id == User.id).where(*theirs))


def are_apart(one_id: int, other_id: int) -> bool:
    """Tell whether one of two people has blocked the other, or either is about to leave."""
    both = ((one_id, other_id), (other_id, one_id))
    return any(person in set(db.session.scalars(apart_from(from_id))) for from_id, person in both)
