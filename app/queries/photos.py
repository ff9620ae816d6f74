"""Photos: pictures in albums, for those who may see the album they are in."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Album, Picture, User
from app.queries.albums import visible_to

PAGE = 60


@dataclass(frozen=True, slots=True)
class Photos:
    """One page of photos in their order; ``after`` is the last one of them, if there are more."""

    photos: list[Picture]
    after: int | None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in its album."""

    picture: Picture
    album: Album


def standing_in(album_id: int) -> ColumnElement[bool]:
    """Whether a Picture is a photo of an album that has not been deleted."""
    return and_(Picture.album_id == album_id, Picture.deleted_at.is_(None))


def photos_in(album: Album, after: int | None = None) -> Photos:
    """Return photos of an album that somebody may see, those after one of them."""
    found = select(Picture).where(standing_in(album.id)).order_by(Picture.position, Picture.id).limit(PAGE + 1)
    if after is not None:
        place = select(Picture.position, Picture.id).where(Picture.id == after, Picture.album_id == album.id)
        last = db.session.execute(place).one_or_none()
        if last:
            found = found.where(tuple_(Picture.position, Picture.id) > tuple_(*last))
    photos = list(db.session.scalars(found))
    return Photos(photos[:PAGE], photos[PAGE - 1].id if len(photos) > PAGE else None)


def photo_for(viewer: User, photo_id: int) -> Photo | None:
    """Return a photo in an album that the viewer may see."""
    seen = (Picture.id == photo_id, Picture.deleted_at.is_(None), visible_to(viewer))
    whole = (joinedload(Album.topic), joinedload(Album.owner, innerjoin=True))
    found = db.session.execute(
        select(Picture, Album).join(Album, Album.id == Picture.album_id).where(*seen).options(*whole)
    ).one_or_none()
    return Photo(*found) if found else None


def own_photo(viewer: User, photo_id: int) -> Photo | None:
    """Return a photo that the viewer may change."""
    photo = photo_for(viewer, photo_id)
    return photo if photo and photo.album.editable_by(viewer) else None


def own_photos(viewer: User, photo_ids: Collection[int]) -> list[Picture]:
    """Return those of these photos that are the viewer's own, in the order asked for."""
    ids = list(photo_ids)
    mine = (Picture.id.in_(ids), Picture.deleted_at.is_(None), Album.owner_id == viewer.id, Album.deleted_at.is_(None))
    found = db.session.scalars(select(Picture).join(Album, Album.id == Picture.album_id).where(*mine))
    return sorted(found, key=lambda picture: ids.index(picture.id))


def neighbours(photo: Photo) -> tuple[int | None, int | None]:
    """Return the photos before and after one that somebody may see, where there are any."""
    return _beside(photo.picture, -1), _beside(photo.picture, +1)


def _beside(picture: Picture, step: int) -> int | None:
    place = tuple_(Picture.position, Picture.id)
    here = tuple_(picture.position, picture.id)
    order = (Picture.position, Picture.id) if step > 0 else (Picture.position.desc(), Picture.id.desc())
    beside = select(Picture.id).where(standing_in(picture.album_id or 0), place > here if step > 0 else place < here)
    return db.session.scalar(beside.order_by(*order).limit(1))
