"""Keeping pictures, and forgetting those that nothing shows any more."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from flask_babel import gettext
from sqlalchemy import delete, select

from app import media
from app.actions import verb
from app.actions.oneself import hold
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Picture, User
from app.models.picture import waiting
from app.queries.pictures import bytes_kept_by, forgotten_pictures, quota_of
from app.text import short_size

T = TypeVar("T")
AT_ONCE = 500


@verb
def keep(owner: User, developed: media.Picture) -> Picture:
    """Let a developed picture wait in its owner's form; clear away what others left waiting long ago."""
    hold(owner)
    picture = kept(owner, developed)
    forget(forgotten_pictures())
    db.session.flush()
    return picture


@verb
def discard(owner: User, picture_id: int) -> None:
    """Take a waiting picture out of its owner's form."""
    theirs = select(Picture.id).where(Picture.id == picture_id, Picture.owner_id == owner.id, waiting())
    forget(db.session.scalars(theirs).all())


def kept(owner: User, developed: media.Picture) -> Picture:
    """Within a verb that holds the owner: make the row of a developed picture, if there is enough room for it."""
    require_room(owner, developed.key, developed.size, "images")
    picture = Picture(
        key=developed.key,
        owner_id=owner.id,
        width=developed.width,
        height=developed.height,
        colour=developed.colour,
        size=developed.size,
    )
    db.session.add(picture)
    return picture


def require_room(owner: User, key: str, size: int, field: str) -> None:
    """Within a verb: refuse bytes for which a person has no room; those that they keep already need none."""
    quota = quota_of(owner)
    if quota and bytes_kept_by(owner, besides=key) + size > quota:
        sentence = gettext("You have used up the space for pictures (%(quota)s). Delete some of them first.")
        raise Refused(sentence % {"quota": short_size(quota)}, field)


def forget(picture_ids: Iterable[int]) -> None:
    """Within a verb: remove these showings; the sweep takes the bytes that nothing else shows."""
    for ids in batched(picture_ids):
        gone = delete(Picture).where(Picture.id.in_(ids))
        db.session.execute(gone, execution_options=UNSYNCHRONISED)


def batched(things: Iterable[T]) -> Iterator[list[T]]:
    """Yield things a few hundred at a time: a database takes no endless list of values."""
    rest = iter(things)
    while some := list(islice(rest, AT_ONCE)):
        yield some
