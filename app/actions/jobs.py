"""What administrators do about later work that failed."""

from flask_babel import gettext
from sqlalchemy import delete, update

from app import jobs
from app.actions import verb
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, after_commit, db
from app.models import Job
from app.models.columns import now
from app.queries.jobs import has_failed, may_be_dropped


@verb
def try_again(job_id: int) -> None:
    """Have a job that failed tried at once, and as often as a new one."""
    anew = update(Job).where(Job.id == job_id, has_failed()).values(run_at=now(), attempts=0, leased_until=None)
    if db.session.scalar(anew.returning(Job.id), execution_options=UNSYNCHRONISED) is None:
        raise Refused(gettext("This is done already, or being done."))
    after_commit(jobs.wake)


@verb
def drop(job_id: int) -> None:
    """Give up a job that failed."""
    failed = delete(Job).where(Job.id == job_id, may_be_dropped()).returning(Job.id)
    if db.session.scalar(failed, execution_options=UNSYNCHRONISED) is None:
        raise Refused(gettext("This is done already, or being done."))
