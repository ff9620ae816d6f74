"""Making, changing and deleting albums."""

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from app import jobs
from app.actions import verb
from app.actions.exhibits import show_album, show_cover, show_gone
from app.actions.pictures import forget
from app.actions.tags import tag_ids
from app.actions.undo import UNDO_WITHIN, beyond_undo, restorable, too_late
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Album, Picture, User
from app.models.columns import insert_once, now
from app.queries.albums import reach_of
from app.queries.photos import standing_in

MOST = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What an album is to be; its topic is the canonical name of a tag, or nothing."""

    name: str
    topic: str
    year: int | None
    description: str
    audience: str


@verb
def create(owner: User, draft: Draft, client_id: str) -> int:
    """Make an album and return its id; the same form sent twice is one album."""
    insert_once(Album, owner_id=owner.id, client_id=client_id, photo_count=0, created_at=now(), **_columns(draft))
    if (db.session.scalar(select(func.count()).where(Album.owner_id == owner.id)) or 0) > MOST:
        raise Refused(gettext("You can have %(count)s albums at most.", count=MOST))
    return db.session.scalars(select(Album.id).filter_by(owner_id=owner.id, client_id=client_id)).one()


@verb
def edit(album: Album, editor: User, draft: Draft) -> None:
    """Change what an album is called, is about, and whom it is for."""
    columns = _columns(draft)  # tags before albums: so does who merges tags
    _change(held(album.id, editor), editor, columns)


@verb
def show_to(album: Album, owner: User, audience: str) -> None:
    """Have an album be for somebody else from now on."""
    _change(held(album.id, owner), owner, {"audience": audience})


@verb
def choose_cover(album: Album, owner: User, photo_id: int) -> None:
    """Have a photo stand for its album."""
    album = held(album.id, owner)
    photo = db.session.scalar(select(Picture).where(Picture.id == photo_id, standing_in(album.id)))
    if photo is None:
        raise Refused(gettext("This photo is not in the album any more."))
    album.cover_id = photo_id
    show_cover(album, photo)


@verb
def remove(album: Album, owner: User) -> None:
    """Delete an album; its owner may take that back for a while, then its photos go too."""
    album = held(album.id, owner)
    show_gone(album, reach_of(album).without([owner.id]))
    album.deleted_at = now()
    jobs.enqueue("bury_album", {"album_id": str(album.id)}, after=UNDO_WITHIN)


@verb
def restore(album_id: int, owner: User) -> None:
    """Put back an album that its owner deleted a moment ago."""
    deleted = (Album.id == album_id, Album.owner_id == owner.id, restorable(Album))
    back = update(Album).where(*deleted).values(deleted_at=None).returning(Album.id)
    if db.session.scalar(back, execution_options=UNSYNCHRONISED) is None:
        raise too_late()


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted album with its photos, unless it has been restored."""
    album_id = int(payload["album_id"])
    over = (Album.id == album_id, beyond_undo(Album))
    if db.session.scalar(select(Album.id).where(*over).with_for_update()) is not None:
        forget(db.session.scalars(select(Picture.id).where(Picture.album_id == album_id)).all())
        db.session.execute(delete(Album).where(*over), execution_options=UNSYNCHRONISED)


def held(album_id: int, owner: User) -> Album:
    """Within a verb: return an album as it is; nobody else changes it, or what is in it, before the verb ends."""
    own = (Album.id == album_id, Album.owner_id == owner.id, Album.deleted_at.is_(None))
    whole = select(Album).where(*own).options(joinedload(Album.owner, innerjoin=True), joinedload(Album.topic))
    album = db.session.scalar(whole.with_for_update(of=Album).execution_options(populate_existing=True))
    if album is None:
        raise Refused(gettext("This album has been deleted."), status=404)
    return album


def _change(album: Album, owner: User, columns: dict[str, Any]) -> None:
    reached = reach_of(album)
    for name, value in columns.items():
        setattr(album, name, value)
    db.session.flush()
    show_gone(album, reached.beyond(reach_of(album)))
    show_album(held(album.id, owner))  # with the topic it has now


def _columns(draft: Draft) -> dict[str, Any]:
    columns = asdict(draft)
    topic = columns.pop("topic")
    return columns | {"tag_id": tag_ids([topic])[topic] if topic else None}
