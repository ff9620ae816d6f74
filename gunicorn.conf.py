"""How gunicorn serves World IT: threads for requests, one loop (app/live) for sockets."""

import os
from typing import Any

bind = f"{os.environ.get('WORLDIT_HOST') or '127.0.0.1'}:{os.environ.get('WORLDIT_PORT') or '8000'}"
workers = int(os.environ.get("WORLDIT_WORKERS") or 1)
worker_class = "gthread"
threads = int(os.environ.get("WORLDIT_THREADS") or 64)
worker_connections = 10_000
backlog = 2048
keepalive = 30
timeout = 60
graceful_timeout = 1  # what is being answered may finish; all is over within two seconds
control_socket_disable = True
loglevel = "warning"
wsgi_app = "wsgi:app"


def post_worker_init(worker: Any) -> None:
    """Start doing what was left for later, in the process that serves."""
    from app import jobs

    jobs.start(worker.wsgi)


def worker_exit(server: Any, worker: Any) -> None:
    """Tell every open tab to come back, and end."""
    from app import jobs
    from app.live import hub

    hub.stop(seconds=0.5)
    jobs.stop()
