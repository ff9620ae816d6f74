"""What open pages show of albums: what they are, and photos that come, go and change places.

All of it goes to those who look at the album and may see it now.
"""

from sqlalchemy import select

from app.extensions import db
from app.fragments import partial
from app.live import push
from app.live.pushes import Reach
from app.models import Album, Picture
from app.queries.albums import reach_of
from app.queries.photos import standing_in


def show_album(album: Album) -> None:
    """Within a verb: show what an album is called, is about, and for whom it is."""
    push.show_looking(
        _topic(album),
        reach_of(album),
        lambda: (
            partial("album_name", album=album)
            + partial("album_facts", album=album)
            + partial("album_description", album=album)
        ),
    )


def show_cover(album: Album, cover: Picture) -> None:
    """Within a verb: show the photo that stands for an album."""
    push.show_looking(_topic(album), reach_of(album), lambda: partial("album_cover", album=album, cover=cover))


def show_photo(album: Album, photo: Picture) -> None:
    """Within a verb: show a photo as it is now, with what its owner does with it to the owner alone."""
    for reach, editable in _owner_and_others(album):
        things = {"photo": photo, "owner": album.owner, "editable": editable}
        push.show_looking(_topic(album), reach, lambda things=things: partial("photo", **things))  # type: ignore[misc]


def show_photo_gone(album: Album, photo_id: int) -> None:
    """Within a verb: take a photo off the pages of its album."""
    hint = {"photo_id": photo_id, "album_id": album.id}
    push.show_looking(_topic(album), reach_of(album), lambda: partial("photo_gone", **hint))


def show_order(album: Album) -> None:
    """Within a verb: have an album's pages put its photos in their present order."""
    order = select(Picture.id).where(standing_in(album.id)).order_by(Picture.position, Picture.id)
    ids = db.session.scalars(order).all()
    push.show_looking(_topic(album), reach_of(album), lambda: partial("photo_order", album_id=album.id, ids=ids))


def show_count(album: Album) -> None:
    """Within a verb: tell how many photos there are in an album."""
    push.show_looking(_topic(album), reach_of(album), lambda: partial("photo_count", album=album))


def show_gone(album: Album, reach: Reach) -> None:
    """Within a verb: take an album off the pages of those who may not see it any more."""
    if reach.people or reach.everybody_but:
        push.show_looking(_topic(album), reach, lambda: partial("album_gone", album_id=album.id))


def _owner_and_others(album: Album) -> list[tuple[Reach, bool]]:
    owner, others = Reach(frozenset([album.owner_id])), reach_of(album).without([album.owner_id])
    return [(owner, True), (others, False)] if others.people or others.everybody_but else [(owner, True)]


def _topic(album: Album) -> str:
    return f"album-{album.id}"
