"""A device on which somebody is signed in."""

import hashlib
from datetime import timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, Moment, UserKey
from app.models.user import User

LIFETIME = timedelta(days=60)  # unused for so long, a session is over


class LoginSession(Base):
    """One sign-in; the cookie holds its token, the table only the token's hash."""

    __tablename__ = "sessions"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UserKey] = mapped_column(index=True)
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    device: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(45))

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


def hash_token(token: str) -> str:
    """Return what the table holds of a token. It is random and long, so a fast hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()
