"""Who is signed in."""

from sqlalchemy import select

from app.extensions import db
from app.models import LoginSession
from app.models.columns import now
from app.models.session import LIFETIME, hash_token


def session_of(token: str) -> LoginSession | None:
    """Return the login session a cookie names, with its user, unless it was ended or lay unused too long."""
    return db.session.scalar(
        select(LoginSession).where(
            LoginSession.token_hash == hash_token(token), LoginSession.last_seen_at > now() - LIFETIME
        )
    )
