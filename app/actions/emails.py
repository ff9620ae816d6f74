"""Taking another e-mail address."""

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import jobs
from app.actions import confirmations, verb
from app.errors import Refused
from app.extensions import db
from app.models import User
from app.text import masked


@verb
def begin(user: User, email: str) -> None:
    """Mail a code to an address that somebody says is theirs."""
    confirmations.begin(user, "email", email)


@verb
def confirm(user: User, code: str) -> bool:
    """Take the new address if the code is right, and tell the old one. A wrong code is counted: it returns False."""
    confirmation = confirmations.confirmed(user, "email", code)
    if confirmation is None:
        return False
    old = user.email
    try:
        with db.session.begin_nested():
            user.email = confirmation.email
    except IntegrityError:
        raise Refused(gettext("Another account has taken this address meanwhile. Use another one."), "code") from None
    confirmations.settle(user.id)
    facts = {"name": "email_changed", "email": masked(user.email)}
    jobs.enqueue("letter", {"to": old, "language": user.language, **facts})
    return True
