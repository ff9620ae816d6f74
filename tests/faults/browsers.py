"""Browsers without a screen: they send, retry, connect and mend gaps exactly as the page's scripts do.

``Outbox`` follows static/js/outbox.js, ``Tab`` follows static/js/live.js; each runs in a thread of its own.
"""

import http.client
import random
import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlencode

import websocket

MESSAGE = re.compile(r'<article class="message[^"]*" id="message-(\d+)"([^>]*)>(.*?)</article>', re.DOTALL)
FACT = re.compile(r'data-([a-z-]+)="([^"]*)"')
WORDS = re.compile(r'<p class="message-body">(.*?)</p>', re.DOTALL)
LOG = re.compile(r'id="messages-(\d+)"[^>]*data-last-revision="(\d+)"')
REPLAYED = re.compile(r'id="replayed" data-upto="(\d+)"')
CLOSED = re.compile(r'id="composer-(\d+)" data-closed')


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a page shows it."""

    id: int
    seq: int
    revision: int
    client_id: str
    words: str
    chat: int


def messages_in(html: str) -> list[Shown]:
    """Return the messages in a piece of HTML, in its order."""
    found = []
    for number, facts, body in MESSAGE.findall(html):
        told = dict(FACT.findall(facts))
        words = WORDS.search(body)
        text = words[1] if words else ""
        found.append(
            Shown(
                int(number),
                int(told["seq"]),
                int(told["revision"]),
                told.get("client-id", ""),
                text.strip(),
                int(told["chat"]),
            )
        )
    return found


@dataclass
class Person:
    """Somebody signed in: where their browser sends, and their cookie."""

    ports: list[int]
    cookie: str
    id: int = 0


@dataclass
class Deed:
    """Something to tell the server until it has taken it; ``message`` tells by client id which message it is about."""

    path: str
    fields: dict[str, str]
    client_id: str = ""
    refused: bool = False


class Outbox(threading.Thread):
    """Sends one thing after the other, each until it is answered. ``said`` has the id of every acknowledged message."""

    def __init__(self, person: Person, seed: int) -> None:
        super().__init__(daemon=True)
        self.person, self.random = person, random.Random(seed)
        self.waiting: deque[Deed] = deque()
        self.said: dict[str, int] = {}
        self.done: list[Deed] = []
        self.retries = 0
        self.stopping = threading.Event()
        self.paused = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Send what waits until stopped."""
        while not self.stopping.is_set():
            if not self.waiting or self.paused.is_set():
                time.sleep(0.002)
                continue
            deed = self.waiting[0]
            if self._post(deed):
                self.done.append(deed)
                self.waiting.popleft()
            else:
                self.retries += 1
                self.stopping.wait(self.random.uniform(0.05, 0.25))
        if self._connection is not None:
            self._connection.close()

    def _post(self, deed: Deed) -> bool:
        path = deed.path
        if "{message}" in path:
            if deed.client_id not in self.said:  # it was refused, so there is nothing to change
                deed.refused = True
                return True
            path = path.format(message=self.said[deed.client_id])
        headers = {
            "Cookie": self.person.cookie,
            "Sec-Fetch-Site": "same-origin",
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            if self._connection is None:
                port = self.random.choice(self.person.ports)
                self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            self._connection.request("POST", path, urlencode(deed.fields), headers)
            answer = self._connection.getresponse()
            body = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return False
        if answer.status >= 500 or answer.status == 429:
            self._hang_up()
            return False
        if answer.status >= 400:
            deed.refused = True
        elif "client_id" in deed.fields:
            for message in messages_in(body):
                self.said[deed.fields["client_id"]] = message.id
        return True

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Tab(threading.Thread):
    """A page with a chat open. ``shown`` is what stands in its log, by place."""

    def __init__(self, person: Person, chat: int, seed: int, restless: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.person, self.chat, self.random = person, chat, random.Random(seed)
        self.restless = restless  # how often a second it loses its connection by itself
        self.shown: dict[int, Shown] = {}
        self.last_revision = 0
        self.closed = False
        self.faults: list[str] = []
        self._places: dict[int, int] = {}
        self.connections = self.gaps = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        """Be connected, again and again."""
        delay = 0.05
        while not self.stopping.is_set() and not self.closed:
            try:
                sock = self._connect()
            except (OSError, websocket.WebSocketException) as reason:
                if getattr(reason, "status_code", 0) == 404 and self.connections:
                    self.closed = True
                    return
                self.stopping.wait(delay * self.random.uniform(0.7, 1.3))
                delay = min(delay * 2, 0.5)
                continue
            delay = 0.05
            self.connections += 1
            try:
                self._hear(sock)
            except (OSError, websocket.WebSocketException):
                pass
            finally:
                sock.shutdown()
            self.stopping.wait(0.05 * self.random.random())

    def _connect(self) -> websocket.WebSocket:
        port = self.random.choice(self.person.ports)
        return websocket.create_connection(
            f"ws://127.0.0.1:{port}/live?chat={self.chat}&after={self.last_revision}",
            timeout=5,
            header={"Cookie": self.person.cookie},
            origin=f"http://127.0.0.1:{port}",
        )

    def _hear(self, sock: websocket.WebSocket) -> None:
        leaves_at = time.monotonic() + self.random.expovariate(self.restless) if self.restless else float("inf")
        sock.settimeout(0.25)
        while not self.stopping.is_set() and time.monotonic() < leaves_at:
            try:
                frame = sock.recv()
            except websocket.WebSocketTimeoutException:
                continue
            if frame and not self.receive(str(frame)):
                self.gaps += 1
                return
            if self.closed:
                return

    def receive(self, html: str) -> bool:
        """Show what came; tell whether the log is still without a gap."""
        replayed = REPLAYED.search(html)
        closed = CLOSED.search(html)
        if closed and int(closed[1]) == self.chat:
            self.closed = True
        log = LOG.search(html)
        if log and int(log[1]) == self.chat:
            self.shown.clear()
            self.last_revision = int(log[2])
        for message in messages_in(html):
            if message.chat != self.chat:
                continue
            if not log and not replayed and message.revision > self.last_revision + 1:
                return False
            self._place(message)
            self.last_revision = max(self.last_revision, message.revision)
        if replayed:
            self.last_revision = max(self.last_revision, int(replayed[1]))
        return True

    def _place(self, message: Shown) -> None:
        present = self.shown.get(message.seq)
        if present is not None and present.id != message.id:
            self.faults.append(f"two messages at place {message.seq}: {present.id} and {message.id}")
        if self._places.setdefault(message.id, message.seq) != message.seq:
            self.faults.append(f"message {message.id} moved from {self._places[message.id]} to {message.seq}")
        if present is not None and present.revision > message.revision:
            return  # an older state that came late; the page keeps the newer
        self.shown[message.seq] = message
