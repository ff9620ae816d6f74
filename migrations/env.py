"""How Alembic meets the application: on its engine, in one transaction."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import text

from app.extensions import WRITING, db
from app.models.columns import Instant
from app.models.words import Terms, is_ours


def render_item(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write a moment's column as what the database stores: a migration outlives our own types."""
    if kind == "type" and isinstance(thing, Terms):
        return 'sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")'
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, Instant) else False


options = current_app.extensions["migrate"].configure_args

# Two servers that start at once migrate one after the other: on SQLite this execution option takes the write lock.
with db.engine.connect().execution_options(**{WRITING: True}) as connection:
    context.configure(
        connection=connection, target_metadata=db.metadata, render_item=render_item, include_name=is_ours, **options
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(20261123)"))
        context.run_migrations()
    connection.commit()
