"""What people decide about themselves."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.actions import verb
from app.actions.indexing import index_person
from app.errors import Refused
from app.extensions import after_commit, db
from app.live import bus
from app.models import User
from app.text import fold

FACTS = {"status", "bio", "birth_date"}  # besides what they are called


@verb
def introduce(user: User, first_name: str, last_name: str, username: str) -> None:
    """Take a name and a username; of two who want the same one, the first has it."""
    _name(user, first_name, last_name, username)
    index_person(user)


@verb
def describe(user: User, **told: Any) -> None:
    """Take what somebody tells about themselves, of FACTS; what they do not tell stays as it is."""
    named = {name: told.pop(name, getattr(user, name)) for name in ("first_name", "last_name", "username")}
    for fact in FACTS.intersection(told):
        setattr(user, fact, told[fact])
    _name(user, **named)
    index_person(user)


def _name(user: User, first_name: str, last_name: str, username: str) -> None:
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
def choose_chat_habits(
    user: User, *, enter_sends: bool, shows_presence: bool, shows_typing: bool, shows_reading: bool
) -> None:
    """Take what somebody wants of the Enter key, and of what others are told about them."""
    if user.shows_presence != shows_presence:
        user_id = user.id
        after_commit(lambda: bus.hub.close_person(user_id, 1012))  # their tabs come back and are counted anew
    user.enter_sends, user.shows_presence = enter_sends, shows_presence
    user.shows_typing, user.shows_reading = shows_typing, shows_reading


@verb
def make_administrator(email: str) -> str:
    """Let somebody with this address look after the instance, and return their name."""
    user = db.session.scalar(select(User).where(User.email == fold(email), User.deleted_at.is_(None)))
    if user is None:
        raise Refused(f"Nobody here has the address {email}.")
    user.is_admin = True
    return user.full_name


@verb
def renew_password_hash(user: User, password_hash: str) -> None:
    """Keep a password hashed as hard as passwords are hashed today."""
    user.password_hash = password_hash
