"""What becomes of a username when somebody takes another."""

from flask_babel import gettext
from sqlalchemy import delete, func, select

from app.errors import Refused
from app.extensions import db
from app.models import FormerUsername, User
from app.models.former_username import kept

MOST = 20  # names that lead to one person: each is one that nobody else can take


def leave(user: User, left: str | None) -> None:
    """Within a verb that has given somebody a username: let the one they left lead to them for a while.

    The new name is claimed in the table of people before it is looked up among those that were left: who claims it
    second waits for who was first, and then sees what they left.
    """
    if left == user.username_folded:
        return
    db.session.execute(delete(FormerUsername).where(~kept()))
    same = FormerUsername.name == user.username_folded
    if db.session.scalar(select(FormerUsername.user_id).where(same)) not in (None, user.id):
        raise taken()
    db.session.execute(delete(FormerUsername).where(same))
    if left:
        db.session.add(FormerUsername(name=left, user_id=user.id))
        db.session.flush()
    if (db.session.scalar(select(func.count()).where(FormerUsername.user_id == user.id)) or 0) > MOST:
        raise Refused(gettext("You have changed your username too often. Keep this one for a while."), "username")


def taken() -> Refused:
    """Return the refusal of a username that is another's."""
    return Refused(gettext("This username is taken."), "username")
