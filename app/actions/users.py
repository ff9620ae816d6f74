"""What people decide about themselves."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.actions import verb
from app.actions.faces import show_name
from app.actions.indexing import index_person
from app.actions.oneself import hold
from app.actions.privacy import show_presence
from app.actions.usernames import leave, taken
from app.errors import Refused
from app.extensions import db
from app.models import User
from app.text import fold

NAMES = ("first_name", "last_name", "username")
FACTS = ("status", "bio", "birth_date")


@verb
def introduce(user: User, first_name: str, last_name: str, username: str) -> None:
    """Take a name and a username; of two who want the same one, the first has it."""
    _call(user, first_name=first_name, last_name=last_name, username=username)


@verb
def describe(user: User, **told: Any) -> None:
    """Take what somebody tells about themselves, of NAMES and FACTS; what they do not tell stays as it is."""
    hold(user)  # another tab may have told more meanwhile
    for fact in FACTS:
        setattr(user, fact, told.get(fact, getattr(user, fact)))
    _call(user, **{name: told.get(name, getattr(user, name)) for name in NAMES})


def _call(user: User, **names: str) -> None:
    left, called = user.username_folded, user.full_name
    try:
        with db.session.begin_nested():
            user.name_themselves(**names)
            db.session.flush()
            leave(user, left)
    except IntegrityError:
        raise taken() from None
    index_person(user)
    if user.full_name != called:
        show_name(user)


@verb
def choose_language(user: User, language: str) -> None:
    """Have pages and letters in a language."""
    user.language = language


@verb
def choose_theme(user: User, theme: str) -> None:
    """Have pages in a theme."""
    user.theme = theme


@verb
def choose_text_size(user: User, size: str) -> None:
    """Have pages in letters of a size."""
    user.text_size = size


@verb
def choose_chat_habits(user: User, **habits: bool) -> None:
    """Take what somebody wants of the Enter key, and of what others are told about them, by the names of columns."""
    show_presence(user, habits.pop("shows_presence", user.shows_presence))
    for name, wanted in habits.items():
        setattr(user, name, wanted)


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
    """Keep a password hashed as hard as passwords are hashed today, unless it was changed meanwhile."""
    same = update(User).where(User.id == user.id, User.password_hash == user.password_hash)
    db.session.execute(same.values(password_hash=password_hash))
