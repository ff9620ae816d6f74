"""A username somebody had before."""

from datetime import timedelta

from sqlalchemy import ColumnElement, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Moment, UserKey, now

KEPT = timedelta(days=90)


class FormerUsername(Base):
    """A name that still leads to who had it, and that nobody else can take meanwhile."""

    __tablename__ = "former_usernames"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)  # folded
    user_id: Mapped[UserKey] = mapped_column(index=True)
    left_at: Mapped[Moment]


def kept() -> ColumnElement[bool]:
    """Whether a FormerUsername still leads somewhere; later it is as if it were not there."""
    return FormerUsername.left_at > now() - KEPT
