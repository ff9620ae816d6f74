"""The hub under gunicorn: many sockets with few threads, and an end that is quick and told."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import websocket

from tests.servers import ROOT, free_port

APPLICATION = """
import threading
from flask import Flask
from flask_sock import Sock
from app.live.bus import hub
from app.live.frames import text_frame
from app.live.pushes import Push
from app.live.sockets import detach, server_options, without_compression

app = Flask(__name__)
app.config["SOCK_SERVER_OPTIONS"] = server_options()
app.wsgi_app = without_compression(app.wsgi_app)
sock = Sock(app)

@sock.route("/live/<int:person>")
def live(server, person):
    hub.release(hub.adopt(detach(server), person=person, session=person, language="en", chat=None))

@app.post("/push")
def push():
    hub.push(Push(frozenset(range(1000)), {"en": text_frame("hello")}))
    return ""

@app.get("/facts")
def facts():
    return f"{len(hub)} {threading.active_count()}"
"""
SETTINGS = """
worker_class, threads, graceful_timeout, loglevel = "gthread", 4, 1, "warning"
worker_connections = 1000
control_socket_disable = True

def worker_exit(server, worker):
    from app.live.bus import hub
    hub.stop(seconds=0.5)
"""


class Gunicorn:
    """A server that knows nothing but the hub."""

    def __init__(self, folder: Path) -> None:
        (folder / "tiny.py").write_text(APPLICATION)
        (folder / "settings.py").write_text(SETTINGS)
        self.port = free_port()
        python_path = f"{folder},{ROOT}"
        command = ["gunicorn", "-c", f"{folder / 'settings.py'}", "-b", f"127.0.0.1:{self.port}"]
        command += ["--pythonpath", python_path, "tiny:app"]
        with (folder / "console").open("wb") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=folder, stdout=console, stderr=console
            )
        for _ in range(200):
            try:
                self.get("/facts")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((folder / "console").read_text())

    def get(self, path: str, body: bytes | None = None) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body, timeout=5) as answer:
            return str(answer.read().decode())

    def open(self, person: int) -> websocket.WebSocket:
        return websocket.create_connection(f"ws://127.0.0.1:{self.port}/live/{person}", timeout=5)


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Gunicorn]:
    server = Gunicorn(tmp_path)
    yield server
    if server.process.poll() is None:
        server.process.kill()
    server.process.wait()


@pytest.fixture
def sockets(gunicorn: Gunicorn) -> Iterator[Callable[[int], list[websocket.WebSocket]]]:
    opened: list[websocket.WebSocket] = []

    def open_all(count: int) -> list[websocket.WebSocket]:
        with ThreadPoolExecutor(8) as threads:
            opened.extend(threads.map(gunicorn.open, range(count)))
        while gunicorn.get("/facts").split()[0] != str(count):  # the handshake is over a little before the hub has it
            time.sleep(0.01)
        return opened

    yield open_all
    for one in opened:
        one.shutdown()


def test_two_hundred_sockets_need_no_threads(
    gunicorn: Gunicorn, sockets: Callable[[int], list[websocket.WebSocket]]
) -> None:
    pages = sockets(200)
    assert int(gunicorn.get("/facts").split()[1]) <= 8
    begin = time.monotonic()
    gunicorn.get("/push", b"")
    assert {page.recv() for page in pages} == {"hello"}
    assert time.monotonic() - begin < 2
    for page in pages[:100]:
        page.close()
    begin = time.monotonic()
    while gunicorn.get("/facts").split()[0] != "100":
        assert time.monotonic() - begin < 2


def test_a_deploy_is_quick_and_told(gunicorn: Gunicorn, sockets: Callable[[int], list[websocket.WebSocket]]) -> None:
    pages = sockets(50)
    gunicorn.get("/push", b"")
    begin = time.monotonic()
    gunicorn.process.send_signal(signal.SIGTERM)
    assert gunicorn.process.wait(5) == 0
    assert time.monotonic() - begin < 2
    for page in pages:
        assert page.recv() == "hello"
        opcode, payload = page.recv_data()
        assert (opcode, payload[:2]) == (websocket.ABNF.OPCODE_CLOSE, (1012).to_bytes(2, "big"))
