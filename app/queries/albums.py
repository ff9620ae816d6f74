"""Albums as a viewer sees them. Which they see is told by ``visible_to``, for every screen, count and picture."""

from sqlalchemy import ColumnElement, and_, or_

from app.models import Album, User
from app.models.block import apart_from
from app.models.friendship import friend_ids


def visible_to(viewer: User) -> ColumnElement[bool]:
    """Whether an album is there for somebody: the one gate that everything shown or counted of albums goes through.

    One's own always; others' for everyone, but not of people one is kept apart from; friends' for friends.
    """
    everyones = and_(Album.audience == "everyone", Album.owner_id.not_in(apart_from(viewer.id)))
    friends = and_(Album.audience == "friends", Album.owner_id.in_(friend_ids(viewer.id)))
    return and_(Album.deleted_at.is_(None), or_(Album.owner_id == viewer.id, everyones, friends))
