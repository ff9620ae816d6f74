"""The end of a server with the configuration that serves people: nothing here is replaced but the doors."""

import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websocket import ABNF, WebSocket, create_connection

from tests.servers import Server


class TestServer(Server):
    """The server with the doors of ``door.py``."""

    __test__ = False
    app = "tests.live.door:app"

    def get(self, path: str) -> str:
        return urllib.request.urlopen(self.url + path, timeout=10).read().decode()

    def worker(self) -> int:
        return self.children()["workers"][0]

    def console(self) -> str:
        return (self.instance / "console.log").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TestServer]:
    server = TestServer(tmp_path / "instance", THREADS="4")
    server.start()
    yield server
    assert server.process is not None
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def tabs(server: TestServer) -> Iterator[Callable[[int], list[WebSocket]]]:
    """Open many tabs: ``tabs(50)``."""
    with ExitStack() as opened:

        def tabs(count: int) -> list[WebSocket]:
            address = f"ws://127.0.0.1:{server.port}/test/live?person="
            sockets = [create_connection(f"{address}{person}", timeout=10) for person in range(count)]
            for tab in sockets:
                opened.callback(tab.shutdown)
            return sockets

        yield tabs


def hear(tab: WebSocket) -> str:
    """Return the next text that is no heartbeat."""
    while not (text := str(tab.recv())):
        pass
    return text


def closing_code(tab: WebSocket) -> int:
    """Read until the server says good-bye, and return the code it gives."""
    while True:
        opcode, payload = tab.recv_data(control_frame=True)
        if opcode == ABNF.OPCODE_CLOSE:
            return int.from_bytes(payload[:2], "big")


def test_no_compression_is_agreed_on(server: TestServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as browser:
        browser.sendall(
            b"GET /test/live?person=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        )
        answer = b""
        while not answer.endswith(b"\x81\x07welcome"):
            more = browser.recv(4096)
            assert more, answer
            answer += more
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # RFC 6455, 1.3
    assert b"extensions" not in answer.lower()


@pytest.mark.parametrize("how", ["busy", "Ctrl-C", "worker"])
def test_stopping_sends_every_tab_away_to_come_back(
    server: TestServer, tabs: Callable[[int], list[WebSocket]], how: str
) -> None:
    opened = tabs(50)
    with ExitStack() as stack:
        # What browsers leave open: an idle connection for the next request.
        idle = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        if how == "busy":
            stack.callback(ask_in_the_background(server, "/test/slow").join)
            time.sleep(0.3)
        if how == "worker":  # gunicorn starts another in its place
            begin, worker = time.monotonic(), server.worker()
            subprocess.run(["kill", "-TERM", str(worker)], check=True)
            while Path(f"/proc/{worker}").exists() and time.monotonic() < begin + 10:
                server.process and server.process.poll()
                time.sleep(0.01)
            took = time.monotonic() - begin
        elif how == "Ctrl-C":  # the terminal tells every process of the group
            subprocess.run(["kill", "-INT", str(server.worker())], check=True)
            took = server.stop(signal.SIGINT)
        else:
            took = server.stop()
        if how != "worker":
            assert [closing_code(tab) for tab in opened] == [1012] * 50
    assert took < 4, took  # the promise is two seconds; twice that where other tests keep the machine busy
    if how == "worker":  # the sockets are not its own, and nobody needs to come back
        server.get("/test/push/again")
        assert [[hear(tab), hear(tab)] for tab in opened] == [["welcome", "again"]] * 50
    assert "Traceback" not in server.console()


def test_workers_are_replaced_and_no_tab_notices(server: TestServer, tabs: Callable[[int], list[WebSocket]]) -> None:
    opened = tabs(20)
    assert [hear(tab) for tab in opened] == ["welcome"] * 20
    before = server.children()
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 15
    while set(server.children()["workers"]) & set(before["workers"]) or not server.children()["workers"]:
        assert time.monotonic() < deadline, "the worker stays"
        time.sleep(0.05)
    server.get("/test/push/again")
    assert [hear(tab) for tab in opened] == ["again"] * 20
    assert server.children()["hub"] == before["hub"]


def ask_in_the_background(server: TestServer, path: str) -> threading.Thread:
    def ask() -> None:
        with suppress(OSError):
            server.get(path)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread
