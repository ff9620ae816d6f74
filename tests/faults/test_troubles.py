"""What becomes of people when something else goes wrong: each trouble has an outcome, and is nobody else's."""

import os
import resource
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
import websocket

from app.live import connection as connections
from benchmarks.load import handshake
from tests.faults.browsers import Person, messages_in
from tests.faults.world import World
from tests.live.test_frames import PING, TEXT, frame
from tests.live.test_stopping import closing_code, hear
from tests.servers import Postgres, Server


class Talk:
    """Two friends and their chat on a real server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.world = World([server], seed=time.monotonic_ns() % 1_000_000_000, pairs=1)
        self.ann, self.bob = (outbox.person for outbox in self.world.outboxes)
        [self.chat] = self.world.chats
        self.said = 0

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        headers = {"Cookie": self.ann.cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        request = urllib.request.Request(self.server.url + path, urlencode(fields).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def say(self, body: str = "Hello") -> tuple[int, str]:
        self.said += 1
        return self.post(f"/chats/{self.chat}/messages", body=body, client_id=f"{self.world.seed}-{self.said}")

    def get(self, path: str) -> int:
        request = urllib.request.Request(self.server.url + path, headers={"Cookie": self.ann.cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def tab(self, person: Person, **options: object) -> websocket.WebSocket:
        tab = websocket.create_connection(
            f"ws://127.0.0.1:{self.server.port}/live?chat={self.chat}&after=0",
            timeout=10,
            header={"Cookie": person.cookie},
            origin=self.server.url,
            **options,
        )
        hear(tab)
        return tab


def serve(folder: Path, **settings: str) -> Iterator[Talk]:
    server = Server(folder / "instance", THREADS="16", LANGUAGE="en", **settings)
    server.start()
    talk = Talk(server)
    yield talk
    talk.world.end()
    server.stop()
    assert "Traceback" not in (server.instance / "console.log").read_text()


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    yield from serve(tmp_path)


def next_words(tab: websocket.WebSocket) -> str:
    """Return the words of the next message in a tab."""
    while True:
        for message in messages_in(hear(tab)):
            return message.words


def test_a_database_that_another_process_locks_refuses_words_and_shows_pages(talk: Talk) -> None:
    """After five seconds of waiting the answer is 503, the words stay with who wrote them, and everybody can read."""
    tab = talk.tab(talk.bob)
    other = sqlite3.connect(talk.server.instance / "world-it.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begin, answers = time.monotonic(), []
    thread = threading.Thread(target=lambda: answers.append(talk.say("while it is locked")))
    thread.start()
    time.sleep(0.5)
    assert talk.get("/") == 200 and talk.get(f"/chats/{talk.chat}") == 200
    thread.join()
    [(status, html)] = answers
    assert status == 503 and "cannot store" in html and 4 < time.monotonic() - begin < 9
    other.execute("ROLLBACK")
    other.close()
    talk.said -= 1
    assert talk.say("now it is not")[0] == 200
    assert next_words(tab) == "now it is not"
    tab.shutdown()


def test_a_full_disk_refuses_words_and_shows_pages(talk: Talk) -> None:
    """Nothing half written stays; when there is room again, everything goes on without a restart."""
    tab = talk.tab(talk.bob)
    assert talk.say("there is room")[0] == 200
    assert next_words(tab) == "there is room"
    [worker] = talk.server.children()["workers"]
    _, most = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (4096, most))  # no file may grow
    status, html = talk.say("there is none")
    assert status == 503 and "cannot store" in html
    assert talk.get("/") == 200 and talk.get(f"/chats/{talk.chat}") == 200
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, most))
    talk.said -= 1
    assert talk.say("there is some again")[0] == 200
    assert next_words(tab) == "there is some again"
    tab.shutdown()


def test_a_database_gone_and_back_needs_no_restart(tmp_path: Path) -> None:
    """While PostgreSQL is away the answer is 503 at once and tabs stay open; when it is back, all goes on."""
    with Postgres() as database:
        for talk in serve(tmp_path, DATABASE_URL=database.url):
            tab = talk.tab(talk.bob)
            database.stop()
            begin = time.monotonic()
            status, html = talk.say("while it is away")
            assert status == 503 and "cannot store" in html and time.monotonic() - begin < 5
            assert talk.get("/healthz") == 503 and talk.get("/healthz/live") == 200
            with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
                talk.tab(talk.ann)
            database.start()
            talk.said -= 1
            assert talk.say("when it is back")[0] == 200
            assert next_words(tab) == "when it is back"  # over the socket of before
            assert talk.get("/healthz") == 200
            tab.shutdown()


def test_readers_who_do_not_read_keep_nobody_waiting(talk: Talk) -> None:
    """One never reads, one sips a byte at a time, one only shook hands; the others hear everything at once."""
    quick = talk.tab(talk.bob)
    small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)]
    never, sipping = talk.tab(talk.bob, sockopt=small), talk.tab(talk.bob, sockopt=small)
    silent = socket.create_connection(("127.0.0.1", talk.server.port))
    silent.sendall(handshake(talk.server.port, f"/live?chat={talk.chat}", talk.bob.cookie))
    done = threading.Event()

    def sip() -> None:
        with suppress(OSError):
            while not done.is_set() and sipping.sock.recv(1):
                time.sleep(0.01)

    threading.Thread(target=sip, daemon=True).start()
    delays = []
    for number in range(60):
        begin = time.monotonic()
        assert talk.say(f"{number} " + "ї" * 3900)[0] == 200
        assert next_words(quick).startswith(f"{number} ")
        delays.append(time.monotonic() - begin)
    assert sorted(delays)[len(delays) // 2] < 0.5
    done.set()
    for one in (quick, never, sipping):
        one.shutdown()
    silent.close()


def test_floods_and_nonsense_close_their_own_tab_alone(talk: Talk) -> None:
    """Whoever floods or breaks the protocol is told good-bye with a code that says why."""
    good = talk.tab(talk.bob)
    flooding, broken, huge, garbled = (talk.tab(talk.ann) for _ in range(4))
    flooding.sock.sendall(frame(TEXT, b"x") * (connections.FLOOD_EVENTS + 50))
    assert closing_code(flooding) == 1008
    broken.sock.sendall(b"\x81\x01x")  # not masked
    assert closing_code(broken) == 1002
    huge.sock.sendall(b"\x81\xff" + (1 << 40).to_bytes(8, "big"))
    assert closing_code(huge) == 1009
    with suppress(OSError):
        garbled.sock.sendall(os.urandom(100_000))
    with suppress(websocket.WebSocketConnectionClosedException, OSError):
        assert closing_code(garbled) in (1002, 1003, 1007, 1009)
    for who, junk in (("nothing", b""), ("junk", os.urandom(500)), ("half", b"GET /live HTTP/1.1\r\nHost: x\r\n")):
        with socket.create_connection(("127.0.0.1", talk.server.port), 5) as stranger:
            stranger.sendall(junk)
        assert talk.say(f"after {who}")[0] == 200
        assert next_words(good) == f"after {who}"
    good.sock.sendall(frame(PING, b"there?"))
    assert talk.say("still")[0] == 200
    assert next_words(good) == "still"
    for one in (good, flooding, broken, huge, garbled):
        one.shutdown()


def test_more_tabs_than_there_is_room_for(tmp_path: Path) -> None:
    """They are refused with 503 or hung up on, and try again by themselves; pages and the tabs inside go on."""
    server = Server(tmp_path / "instance", THREADS="16", LANGUAGE="en")
    server.limits = {resource.RLIMIT_NOFILE: 400}
    server.start()
    talk = Talk(server)
    inside, taken, refusals = talk.tab(talk.bob), [], Counter[bytes]()
    request = handshake(server.port, "/live", talk.ann.cookie)

    def knock(number: int) -> None:
        sock = socket.create_connection(("127.0.0.1", server.port), 20)
        sock.sendall(request)
        with suppress(ConnectionError):
            answer = sock.recv(4096)
            if answer.startswith(b"HTTP/1.1 101") and (b"badge" in answer or sock.recv(65536)):
                taken.append(sock)
                return
            refusals[answer[:12]] += 1
        sock.close()
        if number % 2000 == 0:
            assert talk.get("/") == 200

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(knock, range(20_000)):
            pass
    assert 200 <= len(taken) <= 400
    assert refusals[b"HTTP/1.1 503"] > 19_000 and not set(refusals) - {b"HTTP/1.1 503", b"HTTP/1.1 101", b""}, refusals
    assert talk.say("inside")[0] == 200
    assert next_words(inside) == "inside"
    for sock in taken:
        sock.close()
    time.sleep(1.5)
    back = talk.tab(talk.ann)  # there is room again
    for one in (inside, back):
        one.shutdown()
    talk.world.end()
    server.stop()
    assert "Traceback" not in (server.instance / "console.log").read_text()
