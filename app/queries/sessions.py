"""Who is signed in."""

from sqlalchemy import bindparam, select

from app.extensions import db
from app.models import LoginSession, User
from app.models.columns import now
from app.models.session import LIFETIME, hash_token

# Asked with every request, so it is built once.
_SESSION = select(LoginSession).where(
    LoginSession.token_hash == bindparam("token_hash"), LoginSession.last_seen_at > bindparam("oldest")
)


def session_of(token: str) -> LoginSession | None:
    """Return the login session a cookie names, with its user, unless it was ended or lay unused too long."""
    return db.session.scalar(_SESSION, {"token_hash": hash_token(token), "oldest": now() - LIFETIME})


def session_stands(viewer: User) -> bool:
    """Tell whether the viewer's login session has not been ended meanwhile."""
    standing = select(LoginSession.id).where(LoginSession.id == viewer.session_id)
    return db.session.scalar(standing) is not None
