"""What is done later: work is enqueued in the transaction that causes it, and done at least once after its commit."""

from app.jobs.runner import enqueue, init_app, put_repeated, run_due, start, stop, wake, work

__all__ = ["enqueue", "init_app", "put_repeated", "run_due", "start", "stop", "wake", "work"]
