"""Choosing another password: with a code by who knows the present one, with a mailed link by who has forgotten it."""

import secrets

from sqlalchemy import delete, select

from app import jobs
from app.actions import confirmations, sessions, verb
from app.actions.oneself import hold
from app.extensions import db
from app.mail import letters
from app.models import PasswordReset, User
from app.models.columns import now
from app.models.confirmation import LINK_LIFETIME
from app.models.session import hash_token


@verb
def begin(user: User, password_hash: str) -> None:
    """Mail a code to somebody who wants another password."""
    confirmations.begin(user, "password", password_hash=password_hash)


@verb
def confirm(user: User, code: str) -> bool:
    """Take the new password if the code is right, and end all other sessions. A wrong code is counted: False."""
    confirmation = confirmations.confirmed(user, "password", code)
    if confirmation is None:
        return False
    assert confirmation.password_hash is not None
    _take(user, confirmation.password_hash, user.session_id)
    return True


@verb
def forget(email: str) -> None:
    """Have a link mailed to an address, if anybody has it: whether, a job finds out, and nobody can tell by waiting."""
    jobs.enqueue("forgotten", {"email": email})


def mail_link(payload: dict[str, str]) -> None:
    """Mail somebody a link by which they may choose another password: a job's work, so no table holds the token."""
    if letter := _letter_with_link(payload["email"]):
        letters.send(letter)


@verb
def _letter_with_link(email: str) -> dict[str, str] | None:
    db.session.execute(delete(PasswordReset).where(PasswordReset.created_at < now() - LINK_LIFETIME))
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None:
        return None
    token = secrets.token_urlsafe(32)
    db.session.add(PasswordReset(token_hash=hash_token(token), user_id=user.id))
    return {"to": user.email, "language": user.language, "name": "password_reset", "token": token}


@verb
def reset(user: User, token: str, password_hash: str) -> bool:
    """Take a new password by a mailed link, and end all sessions; False if the link was used or replaced meanwhile."""
    hold(user)
    link = delete(PasswordReset).where(
        PasswordReset.token_hash == hash_token(token),
        PasswordReset.user_id == user.id,
        PasswordReset.created_at > now() - LINK_LIFETIME,
    )
    if db.session.scalar(link.returning(PasswordReset.user_id)) is None:
        return False
    _take(user, password_hash, None)
    return True


def _take(user: User, password_hash: str, session_id: int | None) -> None:
    user.password_hash = password_hash
    confirmations.settle(user.id)
    sessions.end_all(user.id, but=session_id)
    jobs.enqueue("letter", {"to": user.email, "language": user.language, "name": "password_changed"})
