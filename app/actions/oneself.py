"""What verbs about oneself share."""

from app.extensions import db
from app.models import User


def hold(user: User) -> None:
    """Within a verb: have somebody as they are now, and let other verbs about them wait for the end of this one."""
    db.session.refresh(user, with_for_update={"key_share": True})
