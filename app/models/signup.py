"""Somebody on the way to an account."""

import secrets

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.code import Coded
from app.models.columns import Moment


class Signup(Coded, Base):
    """One attempt to sign up: an address, a password and the code that was mailed, all of them this attempt's own.

    Each attempt belongs to the browser that made it, and an account begins only with the right code: an attempt that
    was abandoned, or made with somebody else's address, holds nothing that the next one needs.
    """

    __tablename__ = "signups"

    # Random, not counted: SQLite gives the number of a deleted row to the next, and a browser remembers this key.
    id: Mapped[str] = mapped_column(String(43), primary_key=True, default=lambda: secrets.token_urlsafe(32))
    email: Mapped[str] = mapped_column(String(254), index=True)  # folded
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[Moment]

    @property
    def bound_to(self) -> str:
        """The address: nobody has an account yet."""
        return f"signup {self.email}"
