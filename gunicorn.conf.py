"""How gunicorn serves World IT: threads for requests, one loop (app/live) for sockets."""

import gc
import os
import resource
import signal
import sys
import threading
from types import FrameType
from typing import Any

from gunicorn.workers import gthread

from app.config import read

# What is loaded so far stays until the end: the collector need not look at it, least of all when the processes end.
gc.freeze()

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
gthread.STOP_KEEPALIVE_LINGER = 0.2  # seconds for which a stopping worker waits for idle browsers; gunicorn's are 2
loglevel = "warning"
wsgi_app = "wsgi:app"

# Every open tab is a file to the system, and many systems allow a process 1,024 unless it asks for more.
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def post_worker_init(worker: Any) -> None:
    """Bring the database up to date, start doing what was left for later, and say where people find us."""
    from app import jobs
    from app.schema import bring_up_to_date

    bring_up_to_date(worker.wsgi)
    gc.freeze()
    jobs.start(worker.wsgi)
    # gunicorn has no hook for TERM, and kills a worker that still answers a long request when its grace time is over.
    signal.signal(signal.SIGTERM, _leave_at_once(worker))
    signal.siginterrupt(signal.SIGTERM, False)
    sys.stdout.write(f"World IT is at http://{bind} (Ctrl-C stops it)\n")
    sys.stdout.flush()


def _leave_at_once(worker: Any) -> Any:
    def leave(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=worker_int, args=(worker,)).start()
        worker.handle_exit(number, frame)

    return leave


def worker_int(_worker: Any) -> None:
    """Tell every open tab to come back, and take no new job, while requests are still being answered."""
    from app import jobs
    from app.live import hub

    hub.stop(seconds=0.5)
    jobs.stop(patience=0.3)


def worker_exit(_server: Any, worker: Any) -> None:
    """Do the same where a worker ends by itself."""
    worker_int(worker)
