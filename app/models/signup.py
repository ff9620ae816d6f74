"""Somebody on the way to an account."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Instant, Key, Moment


class Signup(Base):
    """One attempt to sign up: an address, a password and the code that was mailed, all of them this attempt's own.

    Each attempt belongs to the browser that made it, and an account begins only with the right code: an attempt that
    was abandoned, or made with somebody else's address, holds nothing that the next one needs.
    """

    __tablename__ = "signups"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), index=True)  # folded
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5))
    code_hash: Mapped[str] = mapped_column(String(64))
    code_sent_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
