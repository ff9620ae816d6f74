"""Which sign-up a browser is in the middle of."""

from app.extensions import db
from app.models import Signup


def signup_of(signup_id: str | None) -> Signup | None:
    """Return the attempt a browser's cookie names, if it still stands."""
    return db.session.get(Signup, signup_id) if signup_id is not None else None
