"""What two people are to each other."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import MaybeMoment, Moment


class Friendship(Base):
    """A request, and once accepted a friendship: one row for two people, whoever asked."""

    __tablename__ = "friendships"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="ordered"),
        Index("ix_friendships_high_id_low_id", "high_id", "low_id"),
    )

    low_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    requested_at: Mapped[Moment]
    accepted_at: Mapped[MaybeMoment]


class HiddenSuggestion(Base):
    """Somebody a person does not want suggested as a friend."""

    __tablename__ = "hidden_suggestions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hidden_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hidden_at: Mapped[Moment]


def pair(one: int, other: int) -> tuple[int, int]:
    """Return two user ids in the order in which a pair is stored."""
    return (one, other) if one < other else (other, one)
