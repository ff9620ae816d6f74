"""Signing up: an attempt, the code that is mailed for it, and the account that the right code makes."""

import hmac
import secrets
from datetime import timedelta

from flask import current_app
from flask_babel import gettext
from sqlalchemy import delete, exists, func, select, update

from app import jobs
from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.models import Signup, User
from app.models.columns import insert_once, now
from app.models.signup import CODE_LIFETIME, RESEND_EVERY, TRIES

KEPT = timedelta(days=1)


@verb
def begin(email: str, password_hash: str, language: str) -> Signup:
    """Note an attempt to sign up, and mail it a code.

    An address that has an account gets another letter instead; whoever typed it sees no difference.
    """
    db.session.execute(delete(Signup).where(Signup.created_at < now() - KEPT))
    code = _new_code()
    signup = Signup(
        email=email,
        password_hash=password_hash,
        language=language,
        code_hash=hash_code(email, code),
        code_sent_at=now(),
    )
    db.session.add(signup)
    _mail(signup, code)
    return signup


@verb
def resend(signup: Signup) -> None:
    """Mail a new code, which may be tried as often as the first; not more often than once a minute."""
    code = _new_code()
    sent = db.session.scalar(
        update(Signup)
        .where(Signup.id == signup.id, Signup.code_sent_at <= now() - RESEND_EVERY)
        .values(code_hash=hash_code(signup.email, code), code_sent_at=now(), tries=0)
        .returning(Signup.id)
    )
    if sent is None:
        raise Refused(gettext("A code was sent less than a minute ago. Wait a little."), "code")
    _mail(signup, code)


@verb
def confirm(signup: Signup, code: str, theme: str) -> User | None:
    """Make the account if the code is right. A wrong one is counted, which a refusal would undo: it returns None."""
    code_hash = db.session.scalar(
        update(Signup)
        .where(Signup.id == signup.id, Signup.tries < TRIES, Signup.code_sent_at > now() - CODE_LIFETIME)
        .values(tries=Signup.tries + 1)
        .returning(Signup.code_hash)
    )
    if code_hash is None:
        raise Refused(gettext("This code no longer works. Ask for a new one."), "code")
    if not hmac.compare_digest(code_hash, hash_code(signup.email, code)):
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


def hash_code(email: str, code: str) -> str:
    """Return what is stored of a code: worthless without the secret key, however few codes there are."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"signup {email} {code}".encode(), "sha256").hexdigest()


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


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
