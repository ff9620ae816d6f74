"""What waits for a code or a link that was mailed."""

from sqlalchemy import select

from app.extensions import db
from app.models import Confirmation, PasswordReset, User
from app.models.code import CODE_LIFETIME
from app.models.columns import now
from app.models.confirmation import LINK_LIFETIME
from app.models.session import hash_token


def confirmation_of(viewer: User, purpose: str) -> Confirmation | None:
    """Return what the viewer wants to change and can still confirm."""
    theirs = (Confirmation.user_id == viewer.id, Confirmation.purpose == purpose)
    return db.session.scalar(select(Confirmation).where(*theirs, Confirmation.code_sent_at > now() - CODE_LIFETIME))


def who_forgot(token: str) -> User | None:
    """Return who may choose another password by the link with this token, while it works."""
    link = select(User).join(PasswordReset, PasswordReset.user_id == User.id)
    works = (PasswordReset.token_hash == hash_token(token), PasswordReset.created_at > now() - LINK_LIFETIME)
    return db.session.scalar(link.where(*works))
