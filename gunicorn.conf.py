"""How gunicorn serves World IT: threads that make pages, and one process with one loop (app/live) for all sockets."""

import gc
import os
import resource
import runpy
import shutil
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.workers import gthread

settings = runpy.run_path("app/config.py")["read"]()
# Where workers keep their counts. Prometheus' library looks for it when it is imported, so that comes below.
counts = Path(str(settings["INSTANCE"]), "metrics", str(settings["PORT"])).resolve()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)

from app import logs
from app.live import bus
from app.live.process import host as hub_host
from app.live.remote import RemoteHub

# What is loaded so far stays until the end: the collector need not look at it, least of all when the processes end.
gc.freeze()

host, port = settings["HOST"], settings["PORT"]
bind = f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
workers = settings["WORKERS"]
worker_class = "gthread"
threads = settings["THREADS"]
reload = bool(os.environ.get("FLASK_DEBUG"))
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
worker_connections = min(10_000, most // 2)  # browsers with an idle connection; the rest is for what they ask


hub = hub_host(str(settings["REDIS_URL"]))  # HUP reads this file again, and leaves the hub as it is
TOLD_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def on_starting(_master: Any) -> None:
    """Start the hub before anything listens for browsers."""
    logs.configure(str(settings["LOG"]))
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir(parents=True)
    hub.start()


def on_exit(_master: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(counts, ignore_errors=True)


def when_ready(_master: Any) -> None:
    """Pass on to the hub what the master is told, and start the hub again should it die."""
    for number in (*TOLD_TO_STOP, signal.SIGCHLD):
        signal.signal(number, _tell_the_hub_too(signal.getsignal(number)))


def _tell_the_hub_too(then: Any) -> Any:
    def told(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            hub.stop()
        elif hub.mend():
            sys.stderr.write("World IT's hub died and was started again.\n")
        then(number, frame)

    return told


def post_worker_init(worker: Any) -> None:
    """Bring the database up to date, start doing what was left for later, and say where people find us."""
    from app import jobs
    from app.schema import bring_up_to_date

    bring_up_to_date(worker.wsgi)
    gc.freeze()
    remote = RemoteHub(hub.address)
    bus.use(remote)
    remote.work(_deeds(worker.wsgi))
    if settings["JOBS"] == "web":
        jobs.start(worker.wsgi)
    # gunicorn has no hook for TERM, and kills a worker that still answers a long request when its grace time is over.
    signal.signal(signal.SIGTERM, _leave_at_once(worker))
    signal.siginterrupt(signal.SIGTERM, False)
    sys.stdout.write(f"World IT is at http://{bind} (Ctrl-C stops it)\n")
    sys.stdout.flush()


def _deeds(app: Any) -> dict[str, Any]:
    from app.actions import chats, presence, reading

    def within(deed: Any, *about: Any) -> None:
        with app.app_context():
            deed(*about)

    told = {"stirred": presence.show, "typing": chats.show_typing, "read": reading.read_all}
    return {what: partial(within, deed) for what, deed in told.items()}


def _leave_at_once(worker: Any) -> Any:
    def leave(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=worker_int, args=(worker,)).start()
        worker.handle_exit(number, frame)

    return leave


def worker_int(_worker: Any) -> None:
    """Take no new job while requests are still being answered."""
    from app import jobs

    jobs.stop(patience=0.3)


def worker_exit(_server: Any, worker: Any) -> None:
    """Do the same where a worker ends by itself, and tell the hub that nothing was left unsaid."""
    worker_int(worker)
    if isinstance(bus.hub, RemoteHub):
        bus.hub.leave()
