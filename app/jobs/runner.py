"""The thread that does the work in the jobs table.

A job is leased, done, and deleted. One that failed is tried again, later each time; one whose process died is found
again when its lease has run out. So a job may be done twice, but never not at all.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Flask, current_app
from sqlalchemy import ColumnElement, delete, or_, select

from app.extensions import after_commit, db, writing
from app.models import Job
from app.models.columns import now

log = logging.getLogger(__name__)

Deed = Callable[[dict[str, str]], None]

LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
ATTEMPTS = 15  # about eight hours; what still fails then stays in the table, with its last error, for the operator
LOOK_EVERY = 5.0  # seconds; work of this process is done at once, this finds what is retried or another process left

_wake = threading.Event()
_stopping = threading.Event()
_thread: threading.Thread | None = None


def init_app(app: Flask, deeds: Mapping[str, Deed]) -> None:
    """Say what is to be done for each kind of job."""
    app.extensions["jobs"] = dict(deeds)


def enqueue(kind: str, payload: dict[str, str], after: timedelta = timedelta()) -> None:
    """Have something done once the present transaction is committed, and so much time has passed."""
    db.session.add(Job(kind=kind, payload=payload, run_at=now() + after))
    after_commit(_wake.set)


def start(app: Flask) -> None:
    """Do jobs in a thread of this process from now on."""
    global _thread
    _stopping.clear()
    _thread = threading.Thread(target=_run, args=(app,), name="jobs", daemon=True)
    _thread.start()


def stop(patience: float = 1.0) -> None:
    """Take no new job; wait a moment for the one in hand. Left alone, it is done again after its lease."""
    _stopping.set()
    _wake.set()
    if _thread is not None:
        _thread.join(patience)


def _run(app: Flask) -> None:
    while not _stopping.is_set():
        _wake.clear()
        try:
            run_due(app)
        except Exception:  # The database may be away for a while; the thread must outlive that.
            log.exception("looking for jobs")
        _wake.wait(LOOK_EVERY)


def run_due(app: Flask) -> int:
    """Do every job that is due, and return how many were tried."""
    tried = 0
    while not _stopping.is_set():
        with app.app_context():  # one each: no row and no connection is kept from job to job
            job = _lease()
            if job is None:
                break
            tried += 1
            _do(job)
    return tried


def _due() -> ColumnElement[bool]:
    unleased = or_(Job.leased_until.is_(None), Job.leased_until < now())
    return (Job.run_at <= now()) & unleased & (Job.attempts < ATTEMPTS)


def _lease() -> Job | None:
    if db.session.scalar(select(Job.id).where(_due()).limit(1)) is None:
        return None  # An idle look takes no lock.
    # SQLite has one writer and leaves the locking clause out; on PostgreSQL runners pass over one another's jobs.
    question = select(Job).where(_due()).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    with writing():
        job = db.session.scalar(question)
        if job is not None:
            job.leased_until = now() + LEASE
            job.attempts += 1
        db.session.commit()
    return job


def _do(job: Job) -> None:
    deeds: dict[str, Deed] = current_app.extensions["jobs"]
    try:
        deeds[job.kind](job.payload)
    except Exception as error:
        log.warning("job %d (%s) failed at attempt %d", job.id, job.kind, job.attempts, exc_info=True)
        with writing():
            job.run_at = now() + min(FIRST_DELAY * 2 ** (job.attempts - 1), LONGEST_DELAY)
            job.leased_until = None
            job.last_error = repr(error)[:1000]
            db.session.commit()
    else:
        with writing():
            db.session.execute(delete(Job).where(Job.id == job.id).execution_options(synchronize_session=False))
            db.session.commit()
