"""Who is online: has a tab open, at this server or at another."""

import logging
from collections.abc import Iterable

from app.live import bus

log = logging.getLogger(__name__)


def online(people: Iterable[int]) -> set[int]:
    """Return which of these people are online; nobody, in the moment in which the hub is being started again."""
    try:
        return bus.hub.online(people)
    except OSError as reason:
        log.warning("the hub does not say who is online: %s", reason)
        return set()
