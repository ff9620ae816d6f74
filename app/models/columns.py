"""Kinds of columns that several nouns share, and the one way to insert what may be there already."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import CursorResult, DateTime, Dialect, ForeignKey, Integer, TypeDecorator, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, mapped_column

from app.extensions import Base, db


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware of it on every database; SQLite forgets the zone of what it stores."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; refuse a moment that does not know its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Stands in a question that is built once, for whoever asks it: ``execute(question, {"viewer": 7})``. Building one, and
# finding out which it is, takes longer than its answer.
VIEWER = bindparam("viewer", type_=Integer)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


Key = Annotated[int, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(Instant, default=now)]
MaybeMoment = Annotated[datetime | None, mapped_column(Instant)]
UserKey = Annotated[int, mapped_column(ForeignKey("users.id", ondelete="CASCADE"))]


def insert_once(model: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is taken already; tell whether it is new. Safe when two do it at once."""
    statement = _insert(model).values(**values).on_conflict_do_nothing()
    # Without being told, SQLAlchemy forgets how many rows psycopg inserted.
    result = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def insert_all_once(
    model: type[Base], rows: Sequence[dict[str, Any]], returning: InstrumentedAttribute[int]
) -> list[int]:
    """Insert those rows whose keys are not taken yet, in one statement; return a column of the new ones."""
    if not rows:
        return []
    statement = _insert(model).values(rows).on_conflict_do_nothing().returning(returning)
    return list(db.session.scalars(statement))


def _insert(model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(model) if db.session.connection().dialect.name == "postgresql" else sqlite.insert(model)
