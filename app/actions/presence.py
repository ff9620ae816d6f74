"""Showing who came and who left."""

import logging
from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.actions import verb
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import bus, presence, push
from app.live.pushes import Push
from app.models import User
from app.models.columns import now
from app.queries.chats import member_ids
from app.queries.presence import groups_of_any, shown_to

logger = logging.getLogger(__name__)


def show(stirred: Sequence[int]) -> None:
    """Bring up to date who is online and how many are, in those tabs of this server where it shows."""
    online = presence.online(stirred)
    left = [person for person in stirred if person not in online]
    if left:
        try:
            note(left, now())
        except DBAPIError:  # that they left is shown all the same
            logger.exception("noting when people were last seen")
    for user in db.session.scalars(select(User).where(User.id.in_(stirred))):
        here = user.id in online
        frames = push.in_every_language(lambda user=user, here=here: _presence(user, here))  # type: ignore[misc]
        bus.hub.push_here(Push(frozenset(shown_to(user)), frames))
    groups = groups_of_any(stirred)
    watched = bus.hub.watched(chat.id for chat in groups)
    for chat in groups:
        if chat.id in watched:
            members = member_ids(chat)
            count = len(presence.online(members))
            frames = push.in_every_language(lambda chat=chat, count=count: _count(chat.id, count))  # type: ignore[misc]
            bus.hub.push_here(Push(members, frames, chat.id, audience="watching"))


@verb
def note(left: Sequence[int], moment: datetime) -> None:
    """Remember when people were last seen."""
    # Locked in the order of their ids, as verbs do that concern two people, so that no two wait in a ring.
    locked = select(User.id).where(User.id.in_(left)).order_by(User.id).with_for_update(key_share=True)
    seen = update(User).where(User.id.in_(db.session.scalars(locked).all())).values(last_seen_at=moment)
    db.session.execute(seen, execution_options=UNSYNCHRONISED)


def _presence(user: User, online: bool) -> Markup:
    return partial("came", user=user, online=online) + partial("last_seen", user=user, online=online, known=True)


def _count(chat_id: int, online: int) -> Markup:
    return partial("online_count", chat_id=chat_id, online=online)
