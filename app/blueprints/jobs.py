"""Later work, for whoever looks after the instance; for others there is nothing here."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import jobs
from app.blueprints.keys import key
from app.fragments import beside, partial, reply
from app.queries.jobs import failed_work, work_seen_by
from app.viewer import viewer

bp = Blueprint("jobs", __name__, url_prefix="/admin/jobs")


@bp.get("")
@login_required
def index() -> str:
    """What waits, what is being done, and what failed."""
    failed = request.args.get("show") == "failed"
    found = work_seen_by(viewer(), failed, request.args.get("before", type=key)) or abort(404)
    return render_template("jobs/index.html", found=found, failed=failed)


@bp.post("/<int:job_id>/retry")
@login_required
def retry(job_id: int) -> Response:
    """Try one that failed at once."""
    job = failed_work(viewer(), job_id) or abort(404)
    jobs.try_again(job.id)
    shown = beside(f"job-{job.id}", partial("job_row", job=job, tried=True))
    return reply(shown, otherwise=url_for("jobs.index"), said=gettext("It is being tried again."))


@bp.post("/<int:job_id>/delete")
@login_required
def delete(job_id: int) -> Response:
    """Drop one that failed."""
    job = failed_work(viewer(), job_id) or abort(404)
    jobs.drop(job.id)
    gone = beside(f"job-{job.id}", Markup(), swap="delete")
    return reply(gone, otherwise=url_for("jobs.index"), said=gettext("It is dropped."))
