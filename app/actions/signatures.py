"""Signing: by one's name, or by a drawing."""

from flask_babel import gettext

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.live.pushes import Reach
from app.models import User
from app.models.block import apart_from
from app.models.user import SIGNATURES


@verb
def sign(user: User, by: str, drawing: str | None = None) -> None:
    """Sign by one of SIGNATURES from now on; ``drawing`` is the key of a new one, whose bytes are stored."""
    former = _held_key(user)
    if by not in SIGNATURES:
        raise Refused(gettext("This cannot be chosen."))
    if by == "drawing" and not (drawing or former):
        raise Refused(gettext("Draw your signature, or choose a picture of it."), "signature")
    user.signs_by, user.signature_key = by, drawing or former
    show_signature(user)


@verb
def erase(user: User) -> None:
    """Sign by name again, and keep no drawing."""
    _held_key(user)
    user.signs_by, user.signature_key = "name", None
    show_signature(user)


def _held_key(user: User) -> str | None:
    """Lock somebody, so that of two drawings at once neither stays behind unseen; return the key of the present one."""
    db.session.refresh(user, with_for_update=True)
    return user.signature_key


def show_signature(user: User) -> None:
    """Within a verb: show people what somebody signs by now, wherever it stands."""
    db.session.flush()
    apart = Reach(frozenset(db.session.scalars(apart_from(user.id))), everybody_but=True)
    push.show_looking("faces", apart, lambda: partial("signature", user=user))
