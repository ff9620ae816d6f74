"""Showing who came and who left: nothing is stored, so nothing is committed."""

from collections.abc import Sequence

from markupsafe import Markup

from app.fragments import partial
from app.live import bus, presence, push
from app.live.pushes import Push
from app.queries.chats import member_ids
from app.queries.presence import groups_of_any


def show(stirred: Sequence[int]) -> None:
    """Bring up to date how many are online, in those tabs of this server that look at a group of people who stirred."""
    groups = groups_of_any(stirred)
    watched = bus.hub.watched(chat.id for chat in groups)
    for chat in groups:
        if chat.id in watched:
            members = member_ids(chat)
            online = len(presence.online(members))
            frames = push.in_every_language(lambda chat=chat, online=online: _count(chat.id, online))  # type: ignore[misc]
            bus.hub.push_here(Push(members, frames, chat.id, audience="watching"))


def _count(chat_id: int, online: int) -> Markup:
    return partial("online_count", chat_id=chat_id, online=online)
