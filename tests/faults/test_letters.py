"""Letters that are being delivered while everything is killed: each arrives, and none that was never to be sent."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select

from app import jobs
from app.actions import verb
from app.extensions import db
from app.models import Job
from tests.residents import application
from tests.servers import ROOT, Server, Worker, free_port, postgres


class MoodyPostman:
    """The other end of a mail server that takes its time, refuses some letters, and drops the line in the middle."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.choice = random.Random(1)
        self.troubles = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.choice.random() < 0.1:
            self.troubles += 1
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        time.sleep(0.02)
        mood = self.choice.random()
        if mood < 0.1:
            self.troubles += 1
            server.transport.abort()
            return "250 OK"
        self.arrived[envelope.rcpt_tos[0]] += 1
        if mood > 0.95:
            server.transport.abort()  # it has the letter and does not say so
        return "250 OK"


@pytest.fixture
def postman() -> Iterator[tuple[MoodyPostman, str]]:
    """A mail server, and where it is."""
    postman, port = MoodyPostman(), free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    yield postman, f"smtp://127.0.0.1:{port}"
    controller.stop()


class HastyServer(Server):
    app = "tests.faults.hasty:app"


class HastyWorker(Worker):
    app = "tests.faults.hasty:app"


@verb
def write(*addresses: str) -> None:
    for address in addresses:
        jobs.enqueue("letter", {"name": "already", "to": address, "language": "en"})


NEVER_COMMITTED = """
import os, signal, sys
from app import create_app, jobs
from app.actions import verb
from app.extensions import db

@verb
def write():
    for number in range(20):
        jobs.enqueue("letter", {"name": "already", "to": f"ghost{number}@example.com", "language": "en"})
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)

with create_app().app_context():
    write()
"""


def killed_before_its_commit(server: Server) -> None:
    """Have a process enqueue letters and die."""
    settings = {f"WORLDIT_{name}": value for name, value in server.settings.items()}
    environ = os.environ | settings | {"WORLDIT_INSTANCE": str(server.instance)}
    done = subprocess.run([sys.executable, "-c", NEVER_COMMITTED], cwd=ROOT, env=environ, check=False)
    assert done.returncode == -signal.SIGKILL


def left(app: Flask) -> int:
    with app.app_context():
        waiting = db.session.scalar(select(func.count(Job.id)).where(Job.kind == "letter")) or 0
        db.session.remove()
        return waiting


def kill_again_and_again(runners: list[Server], app: Flask, postman: MoodyPostman, letters: int) -> int:
    """Kill whoever delivers in the middle of it, and start them again, until every letter is gone from the table."""
    kills, deadline = 0, time.monotonic() + 90
    while left(app):
        assert time.monotonic() < deadline, (left(app), kills)
        before = sum(postman.arrived.values())
        enough = time.monotonic() + 3
        while sum(postman.arrived.values()) < before + letters // 8 and time.monotonic() < enough and left(app):
            time.sleep(0.01)
        if kills < 6 and left(app):
            for runner in runners:
                runner.stop(signal.SIGKILL)
            kills += 1
            for runner in runners:
                runner.start()
    return kills


def test_a_server_killed_while_it_delivers_loses_no_letter(tmp_path: Path, postman: tuple[MoodyPostman, str]) -> None:
    room, url = postman
    server = HastyServer(tmp_path / "instance", MAIL_URL=url)
    server.start()
    app = application(server)
    addresses = [f"person{number}@example.com" for number in range(80)]
    killed_before_its_commit(server)
    with app.app_context():
        write(*addresses)
    kills = kill_again_and_again([server], app, room, len(addresses))
    server.stop()
    assert set(room.arrived) == set(addresses)
    assert kills >= 4
    assert room.troubles > 0
    with app.app_context():
        db.engine.dispose()


def test_workers_killed_while_they_deliver_lose_no_letter(tmp_path: Path, postman: tuple[MoodyPostman, str]) -> None:
    room, url = postman
    with postgres() as database:
        settings = {"MAIL_URL": url, "DATABASE_URL": database, "JOBS": "worker"}
        server = HastyServer(tmp_path / "instance", **settings)
        server.start()
        app = application(server)
        addresses = [f"person{number}@example.com" for number in range(80)]
        with app.app_context():
            write(*addresses)
        time.sleep(1)
        assert left(app) == len(addresses)  # web processes leave it to workers
        killed_before_its_commit(server)
        workers: list[Server] = [HastyWorker(tmp_path / "instance", **settings) for _ in range(2)]
        for worker in workers:
            worker.start()
        assert kill_again_and_again(workers, app, room, len(addresses)) >= 3
        for worker in workers:
            assert worker.stop() < 2
        server.stop()
        assert set(room.arrived) == set(addresses)
        with app.app_context():
            db.engine.dispose()


def test_a_worker_ends_within_two_seconds_and_leaves_what_it_has_in_hand(tmp_path: Path) -> None:
    """Its mail server took the line and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        worker = Worker(tmp_path / "instance", MAIL_URL=url)
        worker.start()
        app = application(worker)
        with app.app_context():
            write("olena@example.com")
        silent.settimeout(10)
        line, _ = silent.accept()
        assert worker.stop() < 2
        line.close()
    with app.app_context():
        job = db.session.scalars(select(Job).where(Job.kind == "letter")).one()
        assert (job.attempts, job.last_error) == (1, None)
        assert job.leased_until is not None
        db.session.remove()
        db.engine.dispose()
