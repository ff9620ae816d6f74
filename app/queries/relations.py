"""Relations of many rows, one question for each relation."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import db
from app.models import User


class Parts:
    """What rows are made of: a relation, and the question for it, built once.

    SQLAlchemy's ``selectinload`` asks the same, but builds its question anew each time, which takes longer than asking.
    ``may_have`` tells of which rows it is worth asking at all.
    """

    def __init__(
        self,
        relation: InstrumentedAttribute[Any],
        owner_id: InstrumentedAttribute[Any],
        all: Select[Any],
        may_have: Callable[[Any], bool] | None = None,
    ):
        self.name, self.owner, self.may_have = relation.key, owner_id.key, may_have
        self.question = all.where(owner_id.in_(bindparam("owners", expanding=True)))

    def load(self, rows: Sequence[Any], viewer: User) -> None:
        """Load the relation, as a viewer sees it, where it is not loaded yet."""
        waiting = [row for row in rows if self.name not in row.__dict__]
        if not waiting:
            return
        found = defaultdict(list)
        owners = [row.id for row in waiting if self.may_have is None or self.may_have(row)]
        for part in db.session.scalars(self.question, {"owners": owners, "viewer": viewer.id}) if owners else ():
            found[getattr(part, self.owner)].append(part)
        for row in waiting:
            set_committed_value(row, self.name, found[row.id])
