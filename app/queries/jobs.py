"""How later work is getting on, for operators."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.models import Job
from app.models.columns import now


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
