"""Signing up: an attempt, the code that is mailed for it, and the account that the right code makes."""

from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import delete, exists, func, select

from app import jobs
from app.actions import codes, verb
from app.errors import Refused
from app.extensions import db
from app.models import Signup, User
from app.models.columns import insert_once, now

KEPT = timedelta(days=1)


@verb
def begin(email: str, password_hash: str, language: str) -> Signup:
    """Note an attempt to sign up, and mail it a code.

    An address that has an account gets another letter instead; whoever typed it sees no difference.
    """
    db.session.execute(delete(Signup).where(Signup.created_at < now() - KEPT))
    signup = Signup(email=email, password_hash=password_hash, language=language)
    _mail(signup, codes.give(signup))
    db.session.add(signup)
    return signup


@verb
def resend(signup: Signup) -> None:
    """Mail a new code, which may be tried as often as the first; not more often than once a minute."""
    _mail(signup, codes.renew(signup))


@verb
def confirm(signup: Signup, code: str, theme: str) -> User | None:
    """Make the account if the code is right. A wrong one is counted, which a refusal would undo: it returns None."""
    if not codes.is_right(signup, code):
        return None
    made = insert_once(
        User,
        email=signup.email,
        password_hash=signup.password_hash,
        language=signup.language,
        theme=theme,
        is_admin=_nobody_is_here(),
    )
    if not made:
        raise Refused(gettext("This address already has an account. Log in."), "code")
    db.session.execute(delete(Signup).where(Signup.id == signup.id))
    return db.session.scalars(select(User).where(User.email == signup.email)).one()


def _mail(signup: Signup, code: str) -> None:
    taken = db.session.scalar(select(exists().where(User.email == signup.email)))
    facts = {"name": "already"} if taken else {"name": "code", "code": code}
    jobs.enqueue("letter", {"to": signup.email, "language": signup.language, **facts})


def _nobody_is_here() -> bool:
    """Tell whether the next account is the first. On PostgreSQL two could ask at once, so the second waits."""
    if db.session.scalar(select(exists().where(User.id > 0))):
        return False
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(1)))
    return not db.session.scalar(select(exists().where(User.id > 0)))
