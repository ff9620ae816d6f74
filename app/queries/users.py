"""Who is who: by the password they know, and which usernames are free."""

from functools import cache

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from app.extensions import db, passwords
from app.models import User
from app.queries.people import bearers
from app.text import fold


def user_with_password(email: str, password: str) -> User | None:
    """Return the person whose e-mail and password these are; a wrong one takes as long to tell as a right one."""
    user = db.session.scalar(select(User).where(User.email == fold(email)))
    return user if _matches(user.password_hash if user else _nobodys_hash(), password) else None


def knows_password(viewer: User, password: str) -> bool:
    """Tell whether this is the viewer's password."""
    return _matches(viewer.password_hash, password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return passwords.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return passwords.hash("")


def free_usernames(candidates: list[str], limit: int) -> list[str]:
    """Return the first few of these usernames that nobody has, or had not long ago."""
    folded = [fold(candidate) for candidate in candidates]
    taken = {name for _, name in db.session.execute(bearers(folded))}
    return [candidate for candidate in candidates if fold(candidate) not in taken][:limit]
