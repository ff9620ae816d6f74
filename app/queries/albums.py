"""Albums as a viewer sees them. Which they see is told by ``visible_to``, for every screen, count and picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload

from app.extensions import db
from app.live.pushes import Reach
from app.models import Album, Picture, User
from app.models.columns import VIEWER
from app.queries.audiences import meant_for, reach

PAGE = 24
NEWEST = 2**31 - 1  # before which all albums are


@dataclass(frozen=True, slots=True)
class Albums:
    """One page of albums, each with the photo that stands for it, and the cursor of the next page, if there is more."""

    albums: Sequence[tuple[Album, Picture | None]]
    before: int | None


def visible_to(viewer: User) -> ColumnElement[bool]:
    """Whether an album is there for somebody: the one gate that everything shown or counted of albums goes through.

    What is deleted is there for nobody, and otherwise its audience tells.
    """
    return _visible(viewer.id)


def _visible(viewer_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(Album.deleted_at.is_(None), meant_for(viewer_id, Album.owner_id, Album.audience))


def reach_of(album: Album) -> Reach:
    """Return to whom an album may be shown now, as ``visible_to`` tells of each: for what is pushed to many at once."""
    return reach(album.owner_id, album.audience)


def _with_cover() -> Select[Album, Picture]:
    """Return the question for albums with their covers: the photo that was chosen, while it is there, or the first."""
    chosen, first = aliased(Picture), aliased(Picture)
    kept = select(chosen.id).where(
        chosen.id == Album.cover_id, chosen.album_id == Album.id, chosen.deleted_at.is_(None)
    )
    begins = select(first.id).where(first.album_id == Album.id, first.deleted_at.is_(None))
    begins = begins.order_by(first.position, first.id).limit(1)
    cover = func.coalesce(kept.correlate(Album).scalar_subquery(), begins.correlate(Album).scalar_subquery())
    return select(Album, Picture).outerjoin(Picture, Picture.id == cover).options(joinedload(Album.topic))


_VISIBLE = _visible(VIEWER)
_OF = (
    _with_cover()
    .where(Album.owner_id == bindparam("owner"), Album.id < bindparam("before"), _VISIBLE)
    .order_by(Album.id.desc())
    .limit(PAGE + 1)
)
_ONE = (
    select(Album)
    .where(Album.id == bindparam("album"), _VISIBLE)
    .options(joinedload(Album.topic), joinedload(Album.owner, innerjoin=True))
)
_OWN = select(Album).where(Album.owner_id == VIEWER, Album.deleted_at.is_(None)).order_by(Album.id.desc())


def albums_of(viewer: User, owner: User, before: int | None = None) -> Albums:
    """Return somebody's albums that the viewer may see, the newest first."""
    asked = {"viewer": viewer.id, "owner": owner.id, "before": before or NEWEST}
    found = [(album, cover) for album, cover in db.session.execute(_OF, asked)]
    return Albums(found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None)


def album_for(viewer: User, album_id: int) -> Album | None:
    """Return an album with its owner and its topic."""
    return db.session.scalar(_ONE, {"viewer": viewer.id, "album": album_id})


def own_album(viewer: User, album_id: int) -> Album | None:
    """Return an album that the viewer may change."""
    album = album_for(viewer, album_id)
    return album if album and album.editable_by(viewer) else None


def own_albums(viewer: User, limit: int = 500) -> list[Album]:
    """Return all albums of the viewer's, for them to choose from."""
    return list(db.session.scalars(_OWN.limit(limit), {"viewer": viewer.id}))


def album_made_with(viewer: User, client_id: str) -> int | None:
    """Return the album that a form of the viewer's has made, even one they have deleted."""
    return db.session.scalar(select(Album.id).where(Album.owner_id == viewer.id, Album.client_id == client_id))
