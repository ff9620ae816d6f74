"""How later work is getting on, for operators; each piece of it, for administrators."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, or_, select

from app.extensions import db
from app.jobs.leases import ATTEMPTS
from app.logs import without_addresses
from app.models import Job, User
from app.models.columns import now
from app.text import masked

PAGE = 30
TOLD = ("name", "language")  # what is shown of a letter besides its address, which is shown in part


@dataclass(frozen=True, slots=True)
class JobStates:
    """How many jobs wait, how many of them have failed before, and for how many seconds the oldest has been due."""

    waiting: int
    failing: int
    oldest_seconds: float


def job_states() -> JobStates:
    """Return the state of the jobs table in one query."""
    moment = now()
    oldest = func.min(Job.run_at).filter(Job.run_at <= moment)
    waiting, failing, since = db.session.execute(
        select(func.count(Job.id), func.count(Job.id).filter(Job.last_error.is_not(None)), oldest)
    ).one()
    return JobStates(waiting, failing, max(0.0, (moment - since).total_seconds()) if since else 0.0)


@dataclass(frozen=True, slots=True)
class Work:
    """A job as an administrator sees it: no code is shown, no whole address, and nothing else that was written.

    Its state is ``doing``, ``waiting``, ``failing`` (it is tried again), or ``given up``.
    """

    id: int
    kind: str
    facts: str
    state: str
    attempts: int
    error: str | None
    run_at: datetime
    repeats: bool
    droppable: bool

    @property
    def failed(self) -> bool:
        """Whether it may be tried at once."""
        return self.state in ("failing", "given up")


@dataclass(frozen=True, slots=True)
class LaterWork:
    """A stretch of the jobs, the newest first; how many there are in each state, and where older ones are."""

    jobs: list[Work]
    counts: dict[str, int]
    before: int | None


def work_seen_by(viewer: User, failed: bool = False, before: int | None = None) -> LaterWork | None:
    """Return jobs, or only those that failed, if the viewer looks after the instance."""
    if not viewer.is_admin:
        return None
    found = _facts().order_by(Job.id.desc()).limit(PAGE + 1)
    if failed:
        found = found.where(has_failed())
    if before is not None:
        found = found.where(Job.id < before)
    rows = db.session.execute(found).all()
    counted = select(
        func.count(Job.id).filter(and_(~has_failed(), ~in_hand())).label("waiting"),
        func.count(Job.id).filter(in_hand()).label("doing"),
        func.count(Job.id).filter(has_failed()).label("failed"),
    )
    counts = dict(db.session.execute(counted).mappings().one())
    return LaterWork([_work(row) for row in rows[:PAGE]], counts, rows[PAGE - 1].id if len(rows) > PAGE else None)


def failed_work(viewer: User, job_id: int) -> Work | None:
    """Return a job that failed, if the viewer looks after the instance."""
    if not viewer.is_admin:
        return None
    row = db.session.execute(_facts().where(Job.id == job_id, has_failed())).one_or_none()
    return _work(row) if row else None


def in_hand() -> ColumnElement[bool]:
    """Whether a job is being done."""
    return and_(Job.leased_until.is_not(None), Job.leased_until > now())


def has_failed() -> ColumnElement[bool]:
    """Whether a job has failed, or was left undone too often, and is not being tried again just now."""
    return and_(or_(Job.last_error.is_not(None), Job.attempts >= ATTEMPTS), ~in_hand())


def may_be_dropped() -> ColumnElement[bool]:
    """Whether a job that failed may be given up: neither what is done again and again, nor the end of what was deleted.

    Somebody was told that it ends, and nothing else would see to it.
    """
    return and_(has_failed(), Job.once.is_(None), ~Job.kind.startswith("bury_", autoescape=True))


def _facts() -> Select[*tuple[Any, ...]]:
    # The payload as it is written: one that cannot be read shall hide no other.
    written = cast(Job.payload, String).label("written")
    columns = (Job.id, Job.kind, Job.attempts, Job.last_error, Job.run_at, Job.once)
    states = (in_hand().label("in_hand"), has_failed().label("has_failed"), may_be_dropped().label("droppable"))
    return select(*columns, written, *states)


def _work(row: Row[Any]) -> Work:
    payload = _read(row.written)
    given_up = row.attempts >= ATTEMPTS and row.once is None
    failed = "given up" if given_up else "failing"
    state = "doing" if row.in_hand else failed if row.has_failed else "waiting"
    error = row.last_error and _without_secrets(row.last_error, payload)
    facts = " · ".join(_told(payload))
    return Work(row.id, row.kind, facts, state, row.attempts, error, row.run_at, row.once is not None, row.droppable)


def _read(written: str) -> dict[str, str]:
    try:
        payload = json.loads(written)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _told(payload: dict[str, str]) -> list[str]:
    told = [str(payload[name]) for name in TOLD if name in payload]
    told += [f"#{value}" for name, value in payload.items() if name.endswith("_id")]
    if address := str(payload.get("to", "")):
        told.append(masked(address))
    return told


def _without_secrets(error: str, payload: dict[str, str]) -> str:
    for name, value in payload.items():
        if name not in TOLD and len(str(value)) > 3:
            error = error.replace(str(value), "…")
    return without_addresses(error)
