"""World IT's gunicorn settings, and a server that dies at a marked point.

``FAULT`` says where, at which passage, and who: "after the commit:17:all". ``FAULT_FIRED`` is a file that is made then,
so that what is started anew lives.
"""

import os
import signal
import types
from pathlib import Path
from typing import Any

exec(Path("gunicorn.conf.py").read_text())  # the settings that serve people

from sqlalchemy import Engine, event  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app.blueprints import live as live_door  # noqa: E402
from app.live import connection as connections  # noqa: E402
from app.media import disk  # noqa: E402

mark, passage, who = os.environ.get("FAULT", "none:0:all").split(":")
left = int(passage)


def passing(here: str) -> bool:
    """Count a passage of a mark, and tell whether it is the one."""
    global left
    if here != mark:
        return False
    left -= 1
    if left != 0:
        return False
    try:
        os.close(os.open(os.environ["FAULT_FIRED"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def die() -> None:
    """End as when the power goes, this process or the whole server."""
    if who == "all":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def pass_by(here: str) -> None:
    """Die here if it is the mark."""
    if passing(here):
        die()


def is_message(statement: str) -> bool:
    """Whether a statement stores a message."""
    return statement.lstrip().upper().startswith("INSERT INTO MESSAGES")


@event.listens_for(Engine, "before_cursor_execute")
def _before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    if is_message(statement):
        connection.info["said"] = True
        pass_by("before the write")
    if statement.lstrip().upper().startswith(("CREATE ", "ALTER ", "DROP ", "INSERT INTO _ALEMBIC")):
        pass_by("during a migration")


@event.listens_for(Engine, "after_cursor_execute")
def _after(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    if is_message(statement):
        pass_by("after the write")


@event.listens_for(Engine, "commit")
def _committing(connection: Any) -> None:
    if connection.info.pop("said", False):
        _committing_thread.said = True
        pass_by("before the commit")


_committing_thread = __import__("threading").local()


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if getattr(_committing_thread, "said", False):
        _committing_thread.said = False
        pass_by("after the commit")


_take = connections.Connection.take


def _taking(connection: connections.Connection, push: Any) -> None:
    _take(connection, push)
    pass_by("during fan-out")


connections.Connection.take = _taking  # type: ignore[method-assign]


def _writing(fd: int, frame: Any) -> int:
    if passing("during a socket write"):
        os.write(fd, bytes(frame)[: len(frame) // 2])
        die()
    return os.write(fd, frame)


def _writing_many(fd: int, frames: list[Any]) -> int:
    if passing("during a socket write"):
        joined = b"".join(frames)
        os.write(fd, joined[: len(joined) // 2])
        die()
    return os.writev(fd, frames)


connections.os = types.SimpleNamespace(write=_writing, writev=_writing_many)  # type: ignore[attr-defined]

_missed_by = live_door.missed_by


def _replaying(*things: Any) -> Any:
    missed = _missed_by(*things)
    pass_by("during replay")
    return missed


live_door.missed_by = _replaying


_written, _put = disk.Disk._written, disk.Disk.put


def _writing_a_variant(store: disk.Disk, content: bytes) -> Path:
    path = _written(store, content)
    pass_by("after a temporary file")
    return path


def _putting(store: disk.Disk, name: str, content: bytes) -> None:
    _put(store, name, content)
    pass_by("after a variant")


disk.Disk._written = _writing_a_variant  # type: ignore[method-assign]
disk.Disk.put = _putting  # type: ignore[method-assign]
