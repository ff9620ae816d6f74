"""A username somebody had before."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Moment, UserKey


class FormerUsername(Base):
    """A name that still leads to who had it, and that nobody else can take meanwhile."""

    __tablename__ = "former_usernames"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)  # folded
    user_id: Mapped[UserKey] = mapped_column(index=True)
    left_at: Mapped[Moment]
