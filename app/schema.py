"""Bringing the database up to date with the code."""

from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, text

from app.extensions import db

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def bring_up_to_date(app: Flask) -> None:
    """Run the migrations that are missing; Alembic has nothing to do on a warm start, and is left out of it."""
    with app.app_context():
        if present_revision() == newest_revision():
            return
        from flask_migrate import upgrade

        upgrade(directory=str(FOLDER))


def newest_revision() -> str:
    """Return the revision of the code: files are named by their number."""
    return max(path.name.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py"))


def present_revision() -> str | None:
    """Return the revision the database is at, or None when it is empty."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
