"""Who likes what."""

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, tuple_

from app.extensions import db
from app.models import Like, Post, User
from app.models.block import apart_from
from app.models.columns import EPOCH

PAGE = 30


@dataclass(frozen=True, slots=True)
class Likers:
    """One stretch of the people who like a post; ``after`` is the cursor of the next one, if there is more."""

    people: list[User]
    after: str | None


def who_likes(viewer: User, post: Post, after: str | None = None) -> Likers:
    """Return who likes a post, the latest first, but nobody from whom the viewer is kept apart."""
    found = (
        select(User, Like.created_at)
        .join(Like, Like.user_id == User.id)
        .where(Like.post_id == post.id, Like.user_id.not_in(apart_from(viewer.id)))
        .order_by(Like.created_at.desc(), Like.user_id.desc())
        .limit(PAGE + 1)
    )
    if last := re.fullmatch(r"([0-9]{1,17})-([0-9]{1,9})", after or ""):
        moment = EPOCH + timedelta(microseconds=int(last[1]))
        found = found.where(tuple_(Like.created_at, Like.user_id) < (moment, int(last[2])))
    rows = db.session.execute(found).all()
    people = [user for user, _moment in rows[:PAGE]]
    if len(rows) <= PAGE:
        return Likers(people, None)
    return Likers(people, f"{(rows[PAGE - 1][1] - EPOCH) // timedelta(microseconds=1)}-{people[-1].id}")
