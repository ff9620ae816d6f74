"""Signing in and out: a login session begins, is seen, and ends."""

import secrets
from datetime import timedelta
from functools import partial

from flask_babel import gettext
from sqlalchemy import delete, select, update

from app.actions import verb
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, after_commit, db
from app.live import bus
from app.models import LoginSession, User
from app.models.columns import now
from app.models.session import LIFETIME, hash_token

SEEN_EVERY = timedelta(minutes=10)


@verb
def start(user: User, device: str, address: str) -> str:
    """Sign somebody in on a device, and return the token their cookie shall carry."""
    # The password with which they come may have been changed a moment ago, and all sessions ended.
    known = select(User.password_hash).where(User.id == user.id).with_for_update(key_share=True)
    if db.session.scalar(known) != user.password_hash:
        raise Refused(gettext("The password has just been changed. Log in again."))
    token = secrets.token_urlsafe(32)
    db.session.execute(
        delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.last_seen_at < now() - LIFETIME)
    )
    db.session.add(
        LoginSession(
            token_hash=hash_token(token),
            user_id=user.id,
            last_seen_at=now(),
            device=device[:300],
            address=address[:45],
        )
    )
    return token


@verb
def touch(session: LoginSession) -> None:
    """Note that a device is still in use, at most once in ``SEEN_EVERY``."""
    unseen = (LoginSession.id == session.id, LoginSession.last_seen_at < now() - SEEN_EVERY)
    seen = update(LoginSession).where(*unseen).values(last_seen_at=now())
    db.session.execute(seen, execution_options=UNSYNCHRONISED)


@verb
def end(session_id: int) -> None:
    """Sign a device out, and close the sockets of its tabs."""
    db.session.execute(delete(LoginSession).where(LoginSession.id == session_id), execution_options=UNSYNCHRONISED)
    after_commit(lambda: bus.hub.close_session(session_id))


@verb
def end_others(user: User) -> None:
    """Sign somebody out on all devices but the one they look from."""
    end_all(user.id, but=user.session_id)


def end_all(user_id: int, but: int | None) -> None:
    """Within a verb: sign somebody out on all devices but one, and close the sockets of their tabs."""
    others = delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.id != (but or 0))
    ended = db.session.scalars(others.returning(LoginSession.id), execution_options=UNSYNCHRONISED)
    for session_id in ended.all():
        after_commit(partial(bus.hub.close_session, session_id))
