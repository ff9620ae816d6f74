"""Six digits that are mailed: made, mailed anew, and tried."""

import hmac
import secrets

from flask import current_app
from flask_babel import gettext
from sqlalchemy import update

from app.errors import Refused
from app.extensions import db
from app.models import Confirmation, Signup
from app.models.code import CODE_LIFETIME, RESEND_EVERY, TRIES
from app.models.columns import now

Waiting = Signup | Confirmation


def give(waiting: Waiting) -> str:
    """Within a verb: give what is new its first code, and return that."""
    code = _new_code()
    waiting.code_hash, waiting.code_sent_at, waiting.tries = hash_code(waiting.bound_to, code), now(), 0
    return code


def renew(waiting: Waiting) -> str:
    """Within a verb: give it another code, with as many tries as the first; not more often than once a minute."""
    kind, code = type(waiting), _new_code()
    renewed = db.session.scalar(
        update(kind)
        .where(kind.id == waiting.id, kind.code_sent_at <= now() - RESEND_EVERY)
        .values(code_hash=hash_code(waiting.bound_to, code), code_sent_at=now(), tries=0)
        .returning(kind.id)
    )
    if renewed is None:
        raise Refused(gettext("A code was sent less than a minute ago. Wait a little."), "code")
    return code


def is_right(waiting: Waiting, code: str) -> bool:
    """Within a verb: tell whether this is its code. A try is counted, which a refusal of the verb would undo."""
    kind = type(waiting)
    code_hash = db.session.scalar(
        update(kind)
        .where(kind.id == waiting.id, kind.tries < TRIES, kind.code_sent_at > now() - CODE_LIFETIME)
        .values(tries=kind.tries + 1)
        .returning(kind.code_hash)
    )
    if code_hash is None:
        raise Refused(gettext("This code no longer works. Ask for a new one."), "code")
    return hmac.compare_digest(code_hash, hash_code(waiting.bound_to, code))


def hash_code(bound_to: str, code: str) -> str:
    """Return what is stored of a code: worthless without the secret key, however few codes there are."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{bound_to} {code}".encode(), "sha256").hexdigest()


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"
