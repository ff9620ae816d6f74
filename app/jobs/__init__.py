"""What is done later: work is enqueued in the transaction that causes it, and done at least once after its commit."""

from app.jobs.runner import enqueue, init_app, run_due, start, stop

__all__ = ["enqueue", "init_app", "run_due", "start", "stop"]
