"""Who is signed in, and on which devices."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from app.extensions import db
from app.models import LoginSession, User
from app.models.columns import now
from app.models.session import LIFETIME, hash_token

SHOWN = 30

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


@dataclass(frozen=True, slots=True)
class Devices:
    """The login sessions somebody is shown, this one first; ``more`` tells whether there are others."""

    sessions: list[LoginSession]
    more: bool


def devices_of(viewer: User) -> Devices:
    """Return where the viewer is signed in, the latest used first."""
    theirs = (LoginSession.user_id == viewer.id, LoginSession.last_seen_at > now() - LIFETIME)
    first = (LoginSession.id == viewer.session_id).desc()
    found = (
        select(LoginSession).where(*theirs).order_by(first, LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    sessions = list(db.session.scalars(found.limit(SHOWN + 1)))
    return Devices(sessions[:SHOWN], len(sessions) > SHOWN)


def session_for(viewer: User, session_id: int) -> LoginSession | None:
    """Return a login session of the viewer's own."""
    theirs = (LoginSession.id == session_id, LoginSession.user_id == viewer.id)
    return db.session.scalar(select(LoginSession).where(*theirs))
