"""The community that is being made, and how its rows get into the database."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from app.extensions import Base, db
from app.media import Picture as Developed

ROWS_AT_ONCE = 20_000
Row = dict[str, Any]


@dataclass(slots=True)
class Community:
    """What has been made so far, and the chance that makes it."""

    random: Random
    until: datetime
    users: int
    posts: int
    messages: int
    languages: list[str] = field(default_factory=list)
    friends: list[set[int]] = field(default_factory=list)
    friends_since: dict[tuple[int, int], datetime] = field(default_factory=dict)
    photos: dict[str, list[Developed]] = field(default_factory=dict)
    readers: Counter[tuple[int, int]] = field(default_factory=Counter)  # how many posts of an author each has seen

    @property
    def everybody(self) -> range:
        """Return the ids of all people."""
        return range(1, self.users + 1)

    def ago(self, days: float) -> datetime:
        """Return a random moment within the last so many days, recent ones more often."""
        return self.until - timedelta(days=days * self.random.random() ** 2)


def insert_rows(model: type[Base], rows: Iterable[Row]) -> None:
    """Insert rows in large batches, past the ORM."""
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, ROWS_AT_ONCE)):
        db.session.execute(insert(model), batch)


def flush(batch: dict[type[Base], list[Row]]) -> None:
    """Insert what has gathered, table by table in this order, and empty it."""
    for model, rows in batch.items():
        insert_rows(model, rows)
        rows.clear()


def showing(number: int, photo: Developed, owner: int, moment: datetime, position: int, **place: int) -> Row:
    """Return the row of a picture that is shown somewhere."""
    return {
        "id": number,
        "key": photo.key,
        "owner_id": owner,
        "post_id": None,
        "message_id": None,
        "chat_id": None,
        **place,
        "position": position,
        "width": photo.width,
        "height": photo.height,
        "colour": photo.colour,
        "size": photo.size,
        "created_at": moment,
    }


def shown_in(message: Row) -> dict[str, int]:
    """Return where the picture of a message is shown."""
    return {"message_id": message["id"], "chat_id": message["chat_id"]}
