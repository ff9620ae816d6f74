"""Who takes part in the fan-out benchmark, and how each is started and stopped."""

import contextlib
import importlib.util
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import plain_gunicorn, serving, wait_for
from tests.servers import free_port

SERVERS_CORE, CLIENTS_CORE = 0, 1

Served = AbstractContextManager[tuple[int, int]]


@dataclass(frozen=True)
class Contestant:
    """One who takes part: ``serve`` is given the folder of the programs, and gives a port and a control port."""

    name: str
    serve: Callable[[Path], Served]
    most: int = 5000  # tabs
    counts: bool = True  # tells by HTTP how many tabs are ready, which in C they are with the handshake
    compresses: bool = False
    possible: bool = True


@contextlib.contextmanager
def program(folder: Path, *options: str, stores: bool) -> Iterator[tuple[int, int]]:
    """Run the program in C."""
    port, control = free_port(), free_port()
    command = [str(folder / "reference"), str(port), str(control), *options]
    if stores:
        command += ["--store", database(folder)]
    process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {SERVERS_CORE}))
    try:
        wait_for(port)
        yield port, control
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def world_it(folder: Path) -> Iterator[tuple[int, int]]:
    """Run World IT's live engine under its own settings."""
    with control_port(folder) as control, serving("benchmarks.fanout.ours:app", SERVERS_CORE) as server:
        begin(server.port, control)
        yield server.port, control


@contextlib.contextmanager
def gunicorn_gthread(folder: Path) -> Iterator[tuple[int, int]]:
    """Run plain flask-sock with threads: one of gunicorn's for each tab, and one of simple-websocket's."""
    with plain(folder, "-k", "gthread", "--threads", "1200", "--worker-connections", "2000") as ports:
        yield ports


@contextlib.contextmanager
def gunicorn_gevent(folder: Path) -> Iterator[tuple[int, int]]:
    """Run plain flask-sock with greenlets."""
    with plain(folder, "-k", "gevent", "--worker-connections", "10000") as ports:
        yield ports


@contextlib.contextmanager
def plain(folder: Path, *options: str) -> Iterator[tuple[int, int]]:
    """Run plain flask-sock."""
    served = plain_gunicorn("benchmarks.fanout.plain:app", *options, core=SERVERS_CORE)
    with control_port(folder) as control, served as port:
        begin(port, control)
        yield port, control


@contextlib.contextmanager
def control_port(folder: Path) -> Iterator[int]:
    """Choose where a server in Python takes orders and stores messages; it finds that in its environment."""
    control = free_port()
    os.environ["FANOUT_CONTROL"], os.environ["FANOUT_DATABASE"] = str(control), database(folder)
    yield control


def database(folder: Path) -> str:
    """Return the path of a database that is not there yet."""
    return str(folder / f"said-{time.monotonic_ns()}.sqlite3")


def begin(port: int, control: int) -> None:
    """Have a server in Python open its control port."""
    urllib.request.urlopen(f"http://127.0.0.1:{port}/begin", timeout=10).read()
    wait_for(control)


def joined(port: int) -> int:
    """Ask a server in Python how many tabs are ready to hear."""
    return int(urllib.request.urlopen(f"http://127.0.0.1:{port}/joined", timeout=10).read())


C, BARE, JOINING, OURS = "C", "C that stores nothing", "C that joins", "World IT"
GEVENT = importlib.util.find_spec("gevent") is not None

CONTESTANTS = {
    "c": Contestant(C, lambda folder: program(folder, stores=True), counts=False),
    "bare": Contestant(BARE, lambda folder: program(folder, stores=False), counts=False),
    "joining": Contestant(JOINING, lambda folder: program(folder, "--join", stores=True), counts=False),
    "ours": Contestant(OURS, world_it),
    "gthread": Contestant("flask-sock, gthread", gunicorn_gthread, most=1000),
    "gevent": Contestant("flask-sock, gevent", gunicorn_gevent, possible=GEVENT),
    "gthread-deflate": Contestant("flask-sock, gthread, compressing", gunicorn_gthread, most=1000, compresses=True),
    "gevent-deflate": Contestant("flask-sock, gevent, compressing", gunicorn_gevent, compresses=True, possible=GEVENT),
}
