"""What two people are to each other."""

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)
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


class EndedFriendship(Base):
    """A friendship or request as it was when somebody ended it, so that they (and nobody else) may take that back."""

    __tablename__ = "ended_friendships"

    low_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    requested_at: Mapped[Moment]
    accepted_at: Mapped[MaybeMoment]
    ended_by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    ended_at: Mapped[Moment]


def pair(one: int, other: int) -> tuple[int, int]:
    """Return two user ids in the order in which a pair is stored."""
    return (one, other) if one < other else (other, one)


def is_pair(model: type[Friendship] | type[EndedFriendship], one: int, other: int) -> ColumnElement[bool]:
    """Return the condition that picks the row of two people."""
    low, high = pair(one, other)
    return and_(model.low_id == low, model.high_id == high)


def requests_waiting(user_id: int | BindParameter[int]) -> Select[int]:
    """Return the question for how many people wait for somebody's answer."""
    return (
        select(func.count())
        .select_from(Friendship)
        .where(
            Friendship.accepted_at.is_(None),
            Friendship.requester_id != user_id,
            or_(Friendship.low_id == user_id, Friendship.high_id == user_id),
        )
    )


def friend_ids(user_id: int | BindParameter[int]) -> Select[int]:
    """Return the question for the ids of somebody's friends."""
    accepted = Friendship.accepted_at.is_not(None)
    asked = union_all(
        select(Friendship.high_id.label("id")).where(Friendship.low_id == user_id, accepted),
        select(Friendship.low_id.label("id")).where(Friendship.high_id == user_id, accepted),
    ).subquery()
    return select(asked.c.id)


def friends_of_friends(user_id: int) -> Select[int]:
    """Return the question for the ids of the friends of somebody's friends, who may be their friends as well."""
    mine, accepted = friend_ids(user_id), Friendship.accepted_at.is_not(None)
    asked = union_all(
        select(Friendship.high_id.label("id")).where(Friendship.low_id.in_(mine), accepted),
        select(Friendship.low_id.label("id")).where(Friendship.high_id.in_(mine), accepted),
    ).subquery()
    return select(asked.c.id)
