"""A change of oneself that waits for the code mailed for it."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Instant, Key, Moment, UserKey


class Confirmation(Base):
    """What somebody wants to change, and the code that changes it: another ``email``, or another password.

    A person has one for each purpose ("email" or "password"): asking again replaces it.
    """

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("user_id", "purpose"),)

    id: Mapped[Key]
    user_id: Mapped[UserKey]
    purpose: Mapped[str] = mapped_column(String(10))
    email: Mapped[str | None] = mapped_column(String(254))  # folded
    password_hash: Mapped[str | None] = mapped_column(String(200))
    code_hash: Mapped[str] = mapped_column(String(64))
    code_sent_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]


class PasswordReset(Base):
    """A mailed link by which somebody may choose another password, once; the table holds only its token's hash."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UserKey] = mapped_column(index=True)
    created_at: Mapped[Moment]
