"""What is counted while requests are answered, summed over the worker processes."""

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

REQUEST_SECONDS = Histogram(
    "worldit_request_seconds",
    "Time from a request's arrival in the application to its answer.",
    ["door", "method", "status"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def init_app(app: Flask) -> None:
    """Time every answer."""
    app.after_request(note)


def note(response: Response) -> Response:
    """Add an answer to the counts of its door."""
    door = request.endpoint or "none"
    REQUEST_SECONDS.labels(door, request.method, str(response.status_code)).observe(time.perf_counter() - g.began)
    return response


def registry() -> CollectorRegistry:
    """Return what all workers of this server have counted."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    collected = CollectorRegistry()
    MultiProcessCollector(collected)
    return collected
