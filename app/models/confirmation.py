"""A change of oneself that waits for the code mailed for it."""

from datetime import timedelta

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.code import Coded
from app.models.columns import Key, Moment, UserKey

LINK_LIFETIME = timedelta(hours=1)


class Confirmation(Coded, Base):
    """What somebody wants to change, and the code that changes it: another ``email``, or another password.

    A person has one for each purpose ("email" or "password"): asking again replaces it. ``email`` is where the code
    was mailed: the new address, or the present one that has to agree to a new password.
    """

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("user_id", "purpose"),)

    id: Mapped[Key]
    user_id: Mapped[UserKey]
    purpose: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254))  # folded
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Moment]

    @property
    def bound_to(self) -> str:
        """The purpose, the person and the address."""
        return f"{self.purpose} {self.user_id} {self.email}"


class PasswordReset(Base):
    """A mailed link by which somebody may choose another password, once; the table holds only its token's hash."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UserKey] = mapped_column(index=True)
    created_at: Mapped[Moment]
