"""Signing: by one's name, or by a drawing."""

from flask_babel import gettext

from app.actions import verb
from app.actions.faces import show_signature
from app.actions.oneself import hold
from app.errors import Refused
from app.models import User
from app.models.user import SIGNATURES


@verb
def sign(user: User, by: str, drawing: str | None = None) -> None:
    """Sign by one of SIGNATURES from now on; ``drawing`` is the key of a new one, whose bytes are stored."""
    hold(user)
    drawing = drawing or user.signature_key
    if by not in SIGNATURES:
        raise Refused(gettext("This cannot be chosen."))
    if by == "drawing" and not drawing:
        raise Refused(gettext("Draw your signature, or choose a picture of it."), "signature")
    user.signs_by, user.signature_key = by, drawing
    show_signature(user)


@verb
def erase(user: User) -> None:
    """Sign by name again, and keep no drawing."""
    hold(user)
    user.signs_by, user.signature_key = "name", None
    show_signature(user)
