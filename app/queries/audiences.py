"""For whom posts and albums are: everyone, the friends of whose they are, or that person alone."""

from sqlalchemy import BindParameter, ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.live.pushes import Reach
from app.models.block import apart_from
from app.models.friendship import friend_ids


def meant_for(
    viewer_id: int | BindParameter[int], owner_id: InstrumentedAttribute[int], audience: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Whether a thing is for somebody, by the columns that tell whose and for whom it is.

    One's own always; others' for everyone, but not of people one is kept apart from; friends' for friends.
    """
    everyones = and_(audience == "everyone", owner_id.not_in(apart_from(viewer_id)))
    friends = and_(audience == "friends", owner_id.in_(friend_ids(viewer_id)))
    return or_(owner_id == viewer_id, everyones, friends)


def reach(owner_id: int, audience: str) -> Reach:
    """Return whom a thing of somebody's is for now, as ``meant_for`` tells of each: for pushes to many at once."""
    if audience == "everyone":
        return Reach(frozenset(db.session.scalars(apart_from(owner_id))), everybody_but=True)
    friends = db.session.scalars(friend_ids(owner_id)) if audience == "friends" else ()
    return Reach(frozenset([owner_id, *friends]))
