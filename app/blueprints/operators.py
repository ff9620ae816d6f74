"""Doors for those who keep the server running: is it well, and what does it count."""

import ipaddress
from collections.abc import Iterator
from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.extensions import db
from app.live import bus
from app.queries.jobs import job_states
from app.schema import newest_revision, present_revision

bp = Blueprint("operators", __name__)


@bp.after_request
def keep_nothing(response: Response) -> Response:
    """Answer anew each time; nobody needs to know who asks, least of all when the database is away."""
    response.headers["Cache-Control"] = "no-store"
    return response


# The hub's state that is so at this moment; everything else it tells is a count that only grows.
GAUGES = {
    "tabs": "Open sockets of this server.",
    "people": "People with a tab open at this server.",
    "queued_bytes": "What waits for tabs that do not read fast enough.",
    "stuck_tabs": "Tabs whose connection takes nothing at the moment.",
    "orders": "Orders that wait for the hub's loop.",
}


@bp.get("/healthz/live")
def live() -> Response:
    """Tell that the server answers: one that does not should be started again."""
    return Response("ok\n", content_type="text/plain")


@bp.get("/healthz")
@bp.get("/healthz/ready")
def ready() -> Response:
    """Tell whether people can be served, and if not, why; 503 takes this server out of a proxy's rotation."""
    reasons = {"database": _database(), "hub": _hub()}
    failing = any(reasons.values())
    if not failing and current_app.config["REDIS_URL"]:
        reasons["redis"] = _redis()
    word = "failing" if failing else "degraded" if any(reasons.values()) else "ok"
    lines = [word, *(f"{part}: {reason or 'ok'}" for part, reason in reasons.items())]
    return Response("\n".join(lines) + "\n", 503 if failing else 200, content_type="text/plain")


@bp.get("/metrics")
def show() -> Response:
    """Show the counts to Prometheus: to programs on this machine, and to whoever knows the token."""
    if not may_see():
        abort(404)
    families = CollectorRegistry()
    families.register(States())
    return Response(generate_latest(metrics.registry()) + generate_latest(families), content_type=CONTENT_TYPE_LATEST)


def may_see() -> bool:
    """Tell whether the request comes from this machine itself, not through a proxy, or carries the token."""
    token = current_app.config["METRICS_TOKEN"]
    if token and compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return True
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104


class States(Collector):
    """What is asked when Prometheus asks: the hub, and the jobs table."""

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        try:
            state = bus.hub.state()
        except OSError:
            state = {}
        for name, value in state.items():
            if name in GAUGES:
                yield GaugeMetricFamily(f"worldit_{name}", GAUGES[name], value)
            elif name.startswith("bus_connected") or name.startswith("bus_lag"):
                yield GaugeMetricFamily(f"worldit_{name}", "The connection to other servers over Redis.", value)
            else:
                yield CounterMetricFamily(
                    f"worldit_hub_{name}", f"How often in the hub: {name.replace('_', ' ')}.", value
                )
        jobs = job_states()
        yield GaugeMetricFamily("worldit_jobs_waiting", "Jobs that are not done yet.", jobs.waiting)
        yield GaugeMetricFamily("worldit_jobs_failing", "Jobs that have failed at least once.", jobs.failing)
        yield GaugeMetricFamily(
            "worldit_jobs_oldest_seconds", "How long the oldest due job waits.", jobs.oldest_seconds
        )


def _database() -> str:
    try:
        present = present_revision()
    except SQLAlchemyError as reason:
        db.session.rollback()
        return f"does not answer ({type(reason).__name__})"
    return "" if present == newest_revision() else f"is at revision {present}, the code at {newest_revision()}"


def _hub() -> str:
    try:
        bus.hub.state()
    except OSError:
        return "does not answer"
    return ""


def _redis() -> str:
    state = bus.hub.state()
    return "" if state.get("bus_connected") else "is away: tabs of other servers hear nothing until it is back"
