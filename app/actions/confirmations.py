"""Changes of oneself that wait for a code: what those of the e-mail address and of the password share."""

from flask_babel import gettext
from sqlalchemy import delete, select

from app import jobs
from app.actions import codes, verb
from app.actions.oneself import hold
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Confirmation, PasswordReset, User
from app.models.code import CODE_LIFETIME
from app.models.columns import now


@verb
def resend(confirmation: Confirmation, user: User) -> None:
    """Mail a new code, which may be tried as often as the first; not more often than once a minute."""
    _mail(confirmation, user, codes.renew(confirmation))


@verb
def cancel(user: User, purpose: str) -> None:
    """Wait for no code any more; what was to change stays as it is."""
    _forget(user, purpose)


def begin(user: User, purpose: str, email: str | None = None, password_hash: str | None = None) -> None:
    """Within a verb: have a change wait for a code, mailed to that address or theirs, instead of what waited before."""
    hold(user)
    db.session.execute(delete(Confirmation).where(Confirmation.code_sent_at < now() - CODE_LIFETIME))
    _forget(user, purpose)
    to = email or user.email
    confirmation = Confirmation(user_id=user.id, purpose=purpose, email=to, password_hash=password_hash)
    _mail(confirmation, user, codes.give(confirmation))
    db.session.add(confirmation)


def confirmed(user: User, purpose: str, code: str) -> Confirmation | None:
    """Within a verb: return what the code confirms, or None if it is wrong, which is counted."""
    hold(user)
    waiting = select(Confirmation).where(Confirmation.user_id == user.id, Confirmation.purpose == purpose)
    confirmation = db.session.scalar(waiting.execution_options(populate_existing=True))
    if confirmation is None:
        raise Refused(gettext("Nothing waits for a code any more. This is how it stands now."), "code")
    return confirmation if codes.is_right(confirmation, code) else None


def settle(user_id: int) -> None:
    """Within a verb: end all that was to change by the password or address there was until now."""
    for kind in (Confirmation, PasswordReset):
        waiting = delete(kind).where(kind.user_id == user_id)
        db.session.execute(waiting, execution_options=UNSYNCHRONISED)


def _forget(user: User, purpose: str) -> None:
    waiting = delete(Confirmation).where(Confirmation.user_id == user.id, Confirmation.purpose == purpose)
    db.session.execute(waiting, execution_options=UNSYNCHRONISED)


def _mail(confirmation: Confirmation, user: User, code: str) -> None:
    """Mail the code; whoever has the address already is told instead, and whoever typed it sees no difference."""
    letter = {"to": confirmation.email, "language": user.language, "name": f"{confirmation.purpose}_code", "code": code}
    holder = select(User.language).where(User.email == confirmation.email, User.id != user.id)
    if language := db.session.scalar(holder):
        letter = {"to": confirmation.email, "language": language, "name": "email_taken"}
    jobs.enqueue("letter", letter)
