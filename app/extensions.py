"""The libraries the application stands on, created unbound, and how they meet the database."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from argon2 import PasswordHasher
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_mail import Mail
from flask_migrate import Migrate
from flask_sock import Sock
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import Pool

# The wheel's SQLite is newer than most systems'; before 3.51.3 a WAL reset can corrupt the file (sqlite.org/wal.html)
try:
    from pysqlite3 import dbapi2 as sqlite_module
except ImportError:
    sqlite_module = sqlite3


class Base(DeclarativeBase):
    """Whatever has a table."""

    # Named constraints: Alembic can only change on SQLite what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})
# For what changes many rows at once: it need not be looked for among those that are in hand.
UNSYNCHRONISED = {"synchronize_session": False}
login_manager = LoginManager()
migrate = Migrate(render_as_batch=True, compare_type=True)
mail = Mail()
sock = Sock()
babel = Babel(configure_jinja=False)  # app/language.py does
# Where Redis is away, each process counts for itself until it is back.
limiter = Limiter(get_remote_address, strategy="moving-window", headers_enabled=False, in_memory_fallback_enabled=True)
# 19 MiB and two passes: the OWASP Password Storage Cheat Sheet's first choice for Argon2id.
passwords = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def engine_options(url: str, threads: int) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for a database address and a number of threads.

    Questions are asked outside of transactions: each sees what is committed, and costs one round trip.
    """
    options: dict[str, Any] = {"pool_size": min(threads, 20), "max_overflow": threads}
    options["hide_parameters"] = True  # an error tells its statement, not what people wrote
    if make_url(url).get_backend_name() == "sqlite":
        module: ModuleType = sqlite_module
        # By itself it keeps 128 prepared statements, which is about as many as pages ask.
        settings = {"timeout": LOCK_SECONDS, "isolation_level": None, "cached_statements": 256}
        return options | {"module": module, "connect_args": settings}
    return options | {"isolation_level": "AUTOCOMMIT"}


WRITING = "worldit_writing"
LOCK_SECONDS = 5  # how long a writer waits for the others
UNUSED_SECONDS = 5.0


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite_module.Connection):
        # PostgreSQL would spend a tenth of a second on compiling a question that takes it a few milliseconds.
        connection.execute("SET jit = off")
        connection.commit()
        return
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_SECONDS * 1000}",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows no alphabet but the Latin one


def _lower(value: str | None) -> str | None:
    return None if value is None else value.casefold()


@event.listens_for(Pool, "checkin")
def _note_time(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _ask_whether_alive(connection: Any, record: Any, _proxy: Any) -> None:
    # One that was in use a moment ago is taken as it is: asking would cost every request a round trip.
    unused = time.monotonic() - record.info.get("used_at", float("inf"))
    if unused > UNUSED_SECONDS and not isinstance(connection, sqlite_module.Connection):
        try:
            connection.execute("SELECT 1")
        except Exception as reason:
            raise DisconnectionError from reason


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    # Questions are asked without a transaction, so only a verb begins one. On SQLite it takes the write lock before its
    # first look, so that what it checks is still so when it writes; asking for the lock later would fail.
    if connection.get_execution_options().get(WRITING):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")


_pen = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    """End what was read so far and begin the session's one write transaction, which has to be committed within.

    SQLite has one writer at a time, and lets others look again and again whether it is their turn, the unlucky ones for
    seconds. Within a process they stand in line instead.
    """
    db.session.commit()
    sqlite = db.engine.dialect.name == "sqlite"
    if sqlite and not _pen.acquire(timeout=LOCK_SECONDS):
        raise OperationalError("BEGIN IMMEDIATE", None, sqlite_module.OperationalError("database is locked"))
    try:
        db.session.connection(execution_options={WRITING: True})
        yield
    except BaseException:
        db.session.rollback()
        raise
    finally:
        if sqlite:
            _pen.release()


def after_commit(deed: Callable[[], None]) -> None:
    """Remember something to do once the present transaction has been committed, and not otherwise."""
    db.session().info.setdefault("after_commit", []).append(deed)
