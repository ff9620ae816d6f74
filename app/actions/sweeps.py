"""Removing the bytes of pictures that nothing shows any more.

What nothing shows is set aside by one sweep and removed by a later one, after another look at the table. So nobody
holds a lock: whoever stores the same bytes meanwhile is done long before, and theirs are brought back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import media
from app.actions.pictures import batched
from app.media.storage import Storage
from app.models.columns import now
from app.queries.pictures import shown_keys

# Longer than anything takes between storing bytes and committing the row that shows them, and than a backup that copies
# the database first and the bytes then.
GRACE = timedelta(days=1)
EVERY = timedelta(days=1)


@dataclass(slots=True)
class Swept:
    """How many pictures a sweep set aside, brought back and removed, and how many unfinished files it cleared away."""

    set_aside: int = 0
    brought_back: int = 0
    removed: int = 0
    unfinished: int = 0


def sweep(grace: timedelta = GRACE) -> Swept:
    """Set aside what nothing shows, and remove what has been aside for so long; safe to do twice at once."""
    began, store, swept = now(), media.store(), Swept()
    _set_aside(store, began, grace, swept)
    _settle(store, grace, swept)
    for left in store.unfinished():
        if left.since <= began - grace:
            store.give_up(left)
            swept.unfinished += 1
    return swept


def sweep_media(_payload: dict[str, str]) -> None:
    """Sweep; as a job."""
    sweep()


def _set_aside(store: Storage, began: datetime, grace: timedelta, swept: Swept) -> None:
    for batch in batched(store.stored()):
        old = [one.key for one in batch if one.since <= began - grace]
        for key in sorted(set(old) - shown_keys(old)):
            store.set_aside(key, began)
            swept.set_aside += 1


def _settle(store: Storage, grace: timedelta, swept: Swept) -> None:
    for batch in batched(store.aside()):
        looked = now()
        shown = shown_keys([one.key for one in batch])
        for one in batch:
            if one.key in shown:
                store.bring_back(one)
                swept.brought_back += 1
            elif one.since <= looked - grace:  # it was looked for after everybody had committed
                store.remove(one)
                swept.removed += 1
