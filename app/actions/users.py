"""What people decide about themselves."""

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.models import User


@verb
def introduce(user: User, first_name: str, last_name: str, username: str) -> None:
    """Take a name and a username; of two who want the same one, the first has it."""
    try:
        with db.session.begin_nested():
            user.name_themselves(first_name, last_name, username)
    except IntegrityError:
        raise Refused(gettext("This username is taken."), "username") from None


@verb
def choose_language(user: User, language: str) -> None:
    """Have pages and letters in a language."""
    user.language = language


@verb
def choose_theme(user: User, theme: str) -> None:
    """Have pages in a theme."""
    user.theme = theme


@verb
def renew_password_hash(user: User, password_hash: str) -> None:
    """Keep a password hashed as hard as passwords are hashed today."""
    user.password_hash = password_hash
