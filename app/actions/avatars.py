"""The photo that stands for somebody: taking another one, going back to an older one, hiding and deleting them."""

from flask_babel import gettext
from sqlalchemy import delete, select

from app import jobs, media
from app.actions import verb
from app.actions.faces import show_face
from app.actions.oneself import hold
from app.actions.pictures import require_room
from app.actions.undo import UNDO_WITHIN, beyond_undo, restorable, too_late
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Avatar, User
from app.models.columns import now


@verb
def take(owner: User, developed: media.Picture) -> None:
    """Keep a developed photo and stand behind it; one that was kept before is taken out again."""
    hold(owner)
    known = db.session.scalar(select(Avatar).where(Avatar.user_id == owner.id, Avatar.key == developed.key))
    if known is None:
        require_room(owner, developed.key, developed.size, "avatar")
        db.session.add(Avatar(user_id=owner.id, key=developed.key, size=developed.size))
    else:
        known.hidden, known.deleted_at = False, None
    _stand_behind(owner, developed.key)


@verb
def choose(avatar: Avatar, owner: User) -> None:
    """Stand behind a photo that is kept; it is hidden no longer."""
    avatar = _held(avatar, owner)
    avatar.hidden = False
    _stand_behind(owner, avatar.key)


@verb
def choose_none(owner: User) -> None:
    """Stand behind no photo, and keep them all."""
    hold(owner)
    _stand_behind(owner, None)


@verb
def hide(avatar: Avatar, owner: User) -> None:
    """Show a photo to nobody else; if it is the one they stand behind, they stand behind the next one."""
    avatar = _held(avatar, owner)
    avatar.hidden = True
    _step_back_from(avatar, owner)


@verb
def reveal(avatar: Avatar, owner: User) -> None:
    """Show a photo to others again, among those they stood behind before."""
    _held(avatar, owner).hidden = False


@verb
def remove(avatar: Avatar, owner: User) -> None:
    """Delete a photo; that can be taken back for a while, then its bytes go too."""
    avatar = _held(avatar, owner)
    avatar.deleted_at = now()
    _step_back_from(avatar, owner)
    jobs.enqueue("bury_avatar", {"avatar_id": str(avatar.id)}, after=UNDO_WITHIN)


@verb
def restore(avatar_id: int, owner: User, current: bool) -> Avatar:
    """Put back a photo that was deleted a moment ago; as the ``current`` one, if it was that."""
    hold(owner)
    deleted = (Avatar.id == avatar_id, Avatar.user_id == owner.id, restorable(Avatar))
    avatar = db.session.scalar(select(Avatar).where(*deleted).execution_options(populate_existing=True))
    if avatar is None:
        raise too_late()
    avatar.deleted_at = None
    if current and not avatar.hidden:
        _stand_behind(owner, avatar.key)
    return avatar


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted photo, unless it has been restored."""
    over = (Avatar.id == int(payload["avatar_id"]), beyond_undo(Avatar))
    db.session.execute(delete(Avatar).where(*over), execution_options=UNSYNCHRONISED)


def _held(avatar: Avatar, owner: User) -> Avatar:
    hold(owner)
    kept = (Avatar.id == avatar.id, Avatar.user_id == owner.id, Avatar.deleted_at.is_(None))
    present = db.session.scalar(select(Avatar).where(*kept).execution_options(populate_existing=True))
    if present is None:
        raise Refused(gettext("This photo has been deleted."))
    return present


def _step_back_from(avatar: Avatar, owner: User) -> None:
    if owner.photo_key == avatar.key:
        others = (Avatar.user_id == owner.id, Avatar.id != avatar.id, ~Avatar.hidden, Avatar.deleted_at.is_(None))
        newest = select(Avatar.key).where(*others).order_by(Avatar.id.desc()).limit(1)
        _stand_behind(owner, db.session.scalar(newest))


def _stand_behind(owner: User, key: str | None) -> None:
    if owner.photo_key != key:
        owner.photo_key = key
        show_face(owner)
