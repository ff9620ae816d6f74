"""Somebody on the way to an account."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Instant, Moment, now

CODE_LIFETIME = timedelta(minutes=30)
RESEND_EVERY = timedelta(minutes=1)
TRIES = 5


class Signup(Base):
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
    code_hash: Mapped[str] = mapped_column(String(64))
    code_sent_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]

    @property
    def seconds_until_resend(self) -> int:
        """How long it takes until another code may be asked for."""
        return max(0, round((self.code_sent_at + RESEND_EVERY - now()).total_seconds()))

    @property
    def tries_left(self) -> int:
        """How many more codes may be tried before a new one has to be mailed."""
        return max(0, TRIES - self.tries)
