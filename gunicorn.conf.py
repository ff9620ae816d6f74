"""How gunicorn serves World IT: threads for requests, one loop (app/live) for sockets."""

import os
import sys
from typing import Any

from app.config import read

settings = read()
host, port = settings["HOST"], settings["PORT"]
bind = f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
workers = settings["WORKERS"]
worker_class = "gthread"
threads = settings["THREADS"]
reload = bool(os.environ.get("FLASK_DEBUG"))
worker_connections = 10_000
backlog = 2048
keepalive = 30
timeout = 60
graceful_timeout = 1  # what is being answered may finish; all is over within two seconds
control_socket_disable = True
loglevel = "warning"
wsgi_app = "wsgi:app"


def post_worker_init(worker: Any) -> None:
    """Bring the database up to date, start doing what was left for later, and say where people find us."""
    from app import jobs
    from app.schema import bring_up_to_date

    bring_up_to_date(worker.wsgi)
    jobs.start(worker.wsgi)
    sys.stdout.write(f"World IT is at http://{bind} (Ctrl-C stops it)\n")
    sys.stdout.flush()


def worker_exit(_server: Any, _worker: Any) -> None:
    """Tell every open tab to come back, and end."""
    from app import jobs
    from app.live import hub

    hub.stop(seconds=0.5)
    jobs.stop(patience=0.3)
