"""The rows of the jobs table: put in, leased, taken out when they are done, or put back for later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Executable, delete, or_, select, update

from app.extensions import UNSYNCHRONISED, db, writing
from app.models import Job
from app.models.columns import insert_once, now

LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
ATTEMPTS = 15  # more than six hours; what still fails then stays in the table, with its last error, for the operator


@dataclass(slots=True)
class Lease:
    """The right to do a job until a moment. It is lost when the row names another moment: somebody else has it."""

    job_id: int
    kind: str
    attempts: int
    repeats: bool
    until: datetime


def put_repeated(repeated: Mapping[str, timedelta]) -> None:
    """Put in a row for each kind of work that is done from time to time; of several processes one does."""
    present = set(db.session.scalars(select(Job.once).where(Job.once.in_(list(repeated)))))
    if missing := repeated.keys() - present:
        with writing():
            for kind in sorted(missing):
                insert_once(Job, kind=kind, payload={}, run_at=now(), once=kind)
            db.session.commit()


def due() -> ColumnElement[bool]:
    """Whether a job is to be done now; what is repeated is never given up."""
    unleased = or_(Job.leased_until.is_(None), Job.leased_until < now())
    return (Job.run_at <= now()) & unleased & or_(Job.attempts < ATTEMPTS, Job.once.is_not(None))


def take() -> Lease | None:
    """Lease the job that has been due for longest."""
    if db.session.scalar(select(Job.id).where(due()).limit(1)) is None:
        return None  # An idle look takes no lock.
    # SQLite has one writer and leaves the locking clause out; on PostgreSQL runners pass over one another's jobs. What
    # is to be done is read later: a row that cannot be read shall hold up no other.
    oldest = select(Job.id, Job.kind, Job.attempts, Job.once).where(due()).order_by(Job.run_at, Job.id).limit(1)
    with writing():
        row = db.session.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
        lease = None if row is None else Lease(row.id, row.kind, row.attempts + 1, row.once is not None, now() + LEASE)
        if lease is not None:
            taken = {"leased_until": lease.until, "attempts": lease.attempts}
            db.session.execute(
                update(Job).where(Job.id == lease.job_id).values(taken), execution_options=UNSYNCHRONISED
            )
        db.session.commit()
    return lease


def payload_of(lease: Lease) -> dict[str, str]:
    """Return what a job is to be done with."""
    return db.session.execute(select(Job.payload).where(Job.id == lease.job_id)).scalar_one()


def prolong(lease: Lease) -> bool:
    """Hold a job for longer; tell whether it was still held."""
    until = now() + LEASE
    longer = update(Job).where(_held(lease)).values(leased_until=until).returning(Job.id)
    with writing():
        held = db.session.scalar(longer, execution_options=UNSYNCHRONISED) is not None
        db.session.commit()
    if held:
        lease.until = until
    return held


def finish(lease: Lease, again: timedelta | None) -> None:
    """Take a job out, or if it is done ``again``, put it back until then."""
    if again is None:
        _write(delete(Job).where(_held(lease)))
    else:
        later = {"run_at": now() + again, "leased_until": None, "attempts": 0, "last_error": None}
        _write(update(Job).where(_held(lease)).values(later))


def put_back(lease: Lease, error: str) -> None:
    """Have a job that failed tried again, later each time."""
    delay = min(FIRST_DELAY * 2 ** min(lease.attempts - 1, 20), LONGEST_DELAY)
    later = {"run_at": now() + delay, "leased_until": None, "last_error": error}
    _write(update(Job).where(_held(lease)).values(later))


def _held(lease: Lease) -> ColumnElement[bool]:
    return (Job.id == lease.job_id) & (Job.leased_until == lease.until)


def _write(statement: Executable) -> None:
    with writing():
        db.session.execute(statement, execution_options=UNSYNCHRONISED)
        db.session.commit()
