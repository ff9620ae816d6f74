"""Who does the work in the jobs table: a thread of a web process, or a process of its own.

A job is leased, done, and taken out. One that failed is tried again, later each time; one whose process died is found
again when its lease has run out. So a job may be done twice, but never not at all.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from app.extensions import after_commit, db
from app.jobs import leases
from app.jobs.leases import Lease
from app.models import Job
from app.models.columns import now

log = logging.getLogger(__name__)

Deed = Callable[[dict[str, str]], None]

LOOK_EVERY = 5.0  # seconds; work of this process is done at once, this finds what is retried or another process left
LONGEST = 60 * 60.0  # seconds; what takes longer hangs, and another process may try it

_wake = threading.Event()
_stopping = threading.Event()
_thread: threading.Thread | None = None


def init_app(app: Flask, deeds: Mapping[str, Deed], repeated: Mapping[str, timedelta] = MappingProxyType({})) -> None:
    """Say what is to be done for each kind of job, and which are done again and again, with how much time between."""
    app.extensions["jobs"] = dict(deeds)
    app.extensions["repeated_jobs"] = dict(repeated)


def enqueue(kind: str, payload: dict[str, str], after: timedelta = timedelta()) -> None:
    """Have something done once the present transaction is committed, and so much time has passed."""
    db.session.add(Job(kind=kind, payload=payload, run_at=now() + after))
    after_commit(wake)


def wake() -> None:
    """Have this process look at once whether something is to be done."""
    _wake.set()


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


def work(app: Flask) -> None:
    """Do jobs, and nothing else, until this process is told to end."""

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    start(app)
    try:
        while True:
            time.sleep(3600)
    finally:
        stop()


def _run(app: Flask) -> None:
    ready = False
    while not _stopping.is_set():
        _wake.clear()
        try:
            if not ready:
                put_repeated(app)
                ready = True
            run_due(app)
        except OperationalError as away:  # It may be for a night: one line for each look is enough.
            log.error("looking for jobs: %s", away.orig)
        except Exception:  # The thread must outlive whatever it is.
            log.exception("looking for jobs")
        _wake.wait(LOOK_EVERY)


def put_repeated(app: Flask) -> None:
    """See to it that what is done from time to time has its row."""
    with app.app_context():
        leases.put_repeated(app.extensions["repeated_jobs"])


def run_due(app: Flask) -> int:
    """Do every job that is due, and return how many were tried."""
    tried = 0
    while not _stopping.is_set():
        with app.app_context():  # one each: no row and no connection is kept from job to job
            lease = leases.take()
            if lease is None:
                break
            tried += 1
            _do(lease)
    return tried


def _do(lease: Lease) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        with _kept(lease, app):
            app.extensions["jobs"][lease.kind](leases.payload_of(lease))
    except Exception as error:
        log.warning("job %d (%s) failed at attempt %d", lease.job_id, lease.kind, lease.attempts, exc_info=True)
        db.session.rollback()
        leases.put_back(lease, repr(error)[:1000])
    else:
        leases.finish(lease, again=app.extensions["repeated_jobs"].get(lease.kind) if lease.repeats else None)


@contextmanager
def _kept(lease: Lease, app: Flask) -> Iterator[None]:
    """Prolong a lease from time to time while its job is being done."""
    over = threading.Event()

    def keep() -> None:
        until = time.monotonic() + LONGEST
        while not over.wait(leases.LEASE.total_seconds() / 3) and time.monotonic() < until:
            try:
                with app.app_context():
                    if not leases.prolong(lease):
                        return
            except Exception:  # It is tried again before the lease runs out.
                log.warning("job %d (%s) could not be kept", lease.job_id, lease.kind, exc_info=True)

    keeper = threading.Thread(target=keep, name="job keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
