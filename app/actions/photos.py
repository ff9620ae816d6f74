"""Photos: pictures put into albums, described, put in order, moved to another album, deleted, taken into a post."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import func, select, update

from app import jobs, media
from app.actions import verb
from app.actions.albums import held
from app.actions.exhibits import show_count, show_cover, show_order, show_photo, show_photo_gone
from app.actions.oneself import hold
from app.actions.pictures import forget, kept
from app.actions.undo import UNDO_WITHIN, beyond_undo, restorable, too_late
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Album, Picture, User
from app.models.columns import now
from app.queries.photos import standing_in

MOST = 2000


@verb
def add(album: Album, owner: User, developed: media.Picture) -> Picture:
    """Put a developed picture at the end of an album; one that is there already is not there twice."""
    hold(owner)  # people before albums: so does who counts everything anew
    album = held(album.id, owner)
    same = select(Picture).where(standing_in(album.id), Picture.key == developed.key)
    if (there := db.session.scalar(same.limit(1))) is not None:
        return there
    photo = kept(owner, developed)
    photo.album_id, photo.position = album.id, _end(album)
    db.session.flush()
    _count(album, +1)
    show_photo(album, photo)
    if album.photo_count == 1:
        show_cover(album, photo)
    return photo


@verb
def describe(photo: Picture, owner: User, caption: str, alt: str) -> Picture:
    """Say something of a photo, and what is to be seen on it."""
    album = held(photo.album_id or 0, owner)
    _changed(_still_in(photo, album), caption=caption, alt=alt)
    show_photo(album, photo)
    return photo


@verb
def put_beside(photo: Picture, owner: User, other_id: int, after: bool) -> None:
    """Give a photo the place before another one of its album, or after it."""
    album = held(photo.album_id or 0, owner)
    position = db.session.scalar(select(Picture.position).where(Picture.id == other_id, standing_in(album.id)))
    if position is None:
        raise Refused(gettext("This photo is not in the album any more."), status=404)
    if other_id != photo.id:
        _put(_still_in(photo, album), album, position + after)


@verb
def step(photo: Picture, owner: User, later: bool) -> None:
    """Have a photo and the one after it, or the one before it, change places."""
    album = held(photo.album_id or 0, owner)
    photo, others = _still_in(photo, album), standing_in(album.id)
    next_one = select(func.min(Picture.position)).where(others, Picture.position > photo.position)
    one_before = select(func.max(Picture.position)).where(others, Picture.position < photo.position)
    beside = db.session.scalar(next_one if later else one_before)
    if beside is not None:
        _put(photo, album, beside + later)


@verb
def move(photo: Picture, owner: User, album: Album) -> None:
    """Take a photo to the end of another album of the same owner's."""
    before, after = photo.album_id or 0, album.id
    albums = {album_id: held(album_id, owner) for album_id in sorted({before, after})}
    _still_in(photo, albums[before])
    if before != after:
        _changed(photo, album_id=after, position=_end(albums[after]))
        _count(albums[before], -1)
        _count(albums[after], +1)
        show_photo_gone(albums[before], photo.id)
        show_photo(albums[after], photo)


@verb
def remove(photo: Picture, owner: User) -> None:
    """Delete a photo; its owner may take that back for a while."""
    album = held(photo.album_id or 0, owner)
    _changed(_still_in(photo, album), deleted_at=now())
    _count(album, -1)
    show_photo_gone(album, photo.id)
    jobs.enqueue("bury_photo", {"photo_id": str(photo.id)}, after=UNDO_WITHIN)


@verb
def restore(photo_id: int, owner: User) -> int:
    """Put back a photo that its owner deleted a moment ago; return its album."""
    deleted = (Picture.id == photo_id, Picture.owner_id == owner.id, restorable(Picture))
    album_id = db.session.scalar(select(Picture.album_id).where(*deleted))
    album = held(album_id, owner) if album_id is not None else None
    back = update(Picture).where(*deleted).values(deleted_at=None).returning(Picture.id)
    if album is None or db.session.scalar(back, execution_options=UNSYNCHRONISED) is None:
        raise too_late()
    _count(album, +1)
    show_photo(album, db.session.get_one(Picture, photo_id, populate_existing=True))
    show_order(album)
    return album.id


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted photo, unless it has been restored."""
    over = (Picture.id == int(payload["photo_id"]), beyond_undo(Picture))
    forget(db.session.scalars(select(Picture.id).where(*over).with_for_update()).all())


@verb
def take_along(photos: Sequence[Picture], owner: User) -> list[int]:
    """Let photos wait, as pictures of their own, in the form of a post; return their ids."""
    facts = ("key", "width", "height", "colour", "size", "alt")
    copies = [Picture(owner_id=owner.id, **{name: getattr(photo, name) for name in facts}) for photo in photos]
    db.session.add_all(copies)
    db.session.flush()
    return [copy.id for copy in copies]


def _still_in(photo: Picture, album: Album) -> Picture:
    """Return a photo as it is, in an album that is held."""
    present = select(Picture).where(Picture.id == photo.id, standing_in(album.id))
    if db.session.scalar(present.execution_options(populate_existing=True)) is None:
        raise Refused(gettext("This photo is not in the album any more."), status=404)
    return photo


def _changed(photo: Picture, **columns: object) -> Picture:
    for name, value in columns.items():
        setattr(photo, name, value)
    db.session.flush()
    return photo


def _put(photo: Picture, album: Album, position: int) -> None:
    """Give a photo this position, and what stands there or after it the next ones; each has one of its own."""
    there = (Picture.album_id == album.id, Picture.position >= position)
    further = update(Picture).where(*there).values(position=Picture.position + 1)
    db.session.execute(further, execution_options=UNSYNCHRONISED)
    mine = update(Picture).where(Picture.id == photo.id).values(position=position)
    db.session.execute(mine, execution_options=UNSYNCHRONISED)
    show_order(album)


def _end(album: Album) -> int:
    """Return the position after all photos of an album, those that can be restored among them."""
    return (db.session.scalar(select(func.max(Picture.position)).where(Picture.album_id == album.id)) or 0) + 1


def _count(album: Album, change: int) -> None:
    album.photo_count += change
    if album.photo_count > MOST:
        raise Refused(gettext("An album has %(count)s photos at most.", count=MOST))
    db.session.flush()
    show_count(album)
