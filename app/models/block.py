"""That somebody wants to have nothing to do with somebody else."""

from collections.abc import Collection

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.chat import Chat
from app.models.columns import Moment
from app.models.user import User


class Block(Base):
    """A person blocked by another: while it stands neither finds the other anywhere but in groups that both are in."""

    __tablename__ = "blocks"

    blocker_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Moment]


def apart_from(user_id: int | BindParameter[int]) -> Select[int]:
    """Return the question for the ids of whoever is kept apart from somebody.

    Whichever of the two blocked; and everybody is apart from those whose accounts are to be deleted.
    """
    apart = union_all(
        select(Block.blocked_id.label("id")).where(Block.blocker_id == user_id),
        select(Block.blocker_id.label("id")).where(Block.blocked_id == user_id),
        _leaving().where(User.id != user_id),
    ).subquery()
    return select(apart.c.id)


def apart_from_any(user_ids: Collection[int]) -> Select[int]:
    """Return the question for the ids of whoever is kept apart from any of these people."""
    by_them = select(Block.blocked_id.label("id")).where(Block.blocker_id.in_(user_ids))
    from_them = select(Block.blocker_id.label("id")).where(Block.blocked_id.in_(user_ids))
    apart = union_all(by_them, from_them, _leaving()).subquery()
    return select(apart.c.id)


def _leaving() -> Select[int]:
    # The condition on the id has SQLite look into the index of those few.
    return select(User.id.label("id")).where(User.deleted_at.is_not(None), User.id > 0)


def parted() -> ColumnElement[bool]:
    """Whether a Chat is the one of two people who are kept apart: while they are, neither finds it."""
    by_one = and_(Block.blocker_id == Chat.low_id, Block.blocked_id == Chat.high_id)
    by_other = and_(Block.blocker_id == Chat.high_id, Block.blocked_id == Chat.low_id)
    # Two looks at the key, rather than one that either database would answer by reading all blocks.
    return or_(exists().where(by_one).correlate(Chat), exists().where(by_other).correlate(Chat))
