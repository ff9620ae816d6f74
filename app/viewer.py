"""The signed-in person as a plain User, for doors to hand to questions and verbs."""

from typing import cast

from flask_login import current_user

from app.models.user import User


def viewer() -> User:
    """Return who is looking; only for doors that require a sign-in."""
    return cast(User, current_user._get_current_object())


def viewer_or_none() -> User | None:
    """Return who is looking, or None for a visitor."""
    return viewer() if current_user.is_authenticated else None
