"""One loop that owns every socket of this process.

It knows ids and bytes: no Flask, no database, no HTML. Other threads hand it orders (adopt, release, push, close); one
thread with epoll carries them out, so nothing here needs a lock and nobody waits for a socket.
"""

import contextlib
import logging
import os
import select
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.live.frames import HEARTBEAT, Event, Reader, Violation, close_frame, pong_frame

log = logging.getLogger(__name__)

QUEUE_BYTES = 1024 * 1024  # what may wait for one slow page before it is dropped, to catch up when it is back
QUEUE_FRAMES = 512
STUCK_SECONDS = 20.0
HEARTBEAT_SECONDS = 25.0
SILENCE_SECONDS = 70.0  # nearly three heartbeats without an answer
CLOSING_SECONDS = 2.0
SWEEP_SECONDS = 1.0
FLOOD_EVENTS = 200  # what a page may say at once,
FLOOD_PER_SECOND = 20.0  # and how fast it may go on
JOINED_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Push:
    """Something to show to people: one complete frame for each interface language.

    ``audience`` is "everyone", "watching" (tabs that have ``chat`` open) or "elsewhere" (the others).
    """

    people: frozenset[int]
    renderings: Mapping[str, bytes]
    chat: int | None = None
    revision: int | None = None
    audience: str = "everyone"

    def is_for(self, chat: int | None) -> bool:
        """Whether a tab with this chat open shall hear it."""
        return self.audience == "everyone" or (self.audience == "watching") == (chat == self.chat)


class Connection:
    """One tab's socket. While ``held`` is a list, pushes gather there until the tab has been told what it missed."""

    __slots__ = (
        "chat",
        "closing_since",
        "credit",
        "credit_at",
        "farewell",
        "fd",
        "heard_at",
        "held",
        "language",
        "person",
        "queue",
        "queued",
        "reader",
        "session",
        "sock",
        "stuck_since",
    )

    def __init__(self, sock: socket.socket, person: int, session: int, language: str, chat: int | None) -> None:
        self.sock, self.fd = sock, sock.fileno()
        self.person, self.session, self.language, self.chat = person, session, language, chat
        self.held: list[tuple[Push | None, bytes]] | None = []
        self.queue: deque[bytes | memoryview] = deque()
        self.queued = 0
        self.reader: Reader | None = Reader()  # None once the page broke the protocol: it is heard no more
        self.heard_at = self.credit_at = time.monotonic()
        self.credit = float(FLOOD_EVENTS)
        self.stuck_since: float | None = None
        self.closing_since: float | None = None
        self.farewell = False  # the page has said good-bye


class Hub:
    """Keeps the sockets of a process; every verb may be called from any thread and returns at once."""

    def __init__(self) -> None:
        self._orders: deque[Callable[[], None]] = deque()
        self._connections: dict[int, Connection] = {}
        self._people: defaultdict[int, set[Connection]] = defaultdict(set)
        self._dirty: set[Connection] = set()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop_at: float | None = None
        self._heartbeat_at = 0.0

    def __len__(self) -> int:
        """Return how many sockets are kept."""
        return len(self._connections)

    def adopt(self, sock: socket.socket, *, person: int, session: int, language: str, chat: int | None) -> Connection:
        """Take a socket after its handshake; from now on pushes for it are kept, and nothing is sent until release."""
        sock.setblocking(False)
        connection = Connection(sock, person, session, language, chat)
        self._order(lambda: self._register(connection))
        return connection

    def release(self, connection: Connection, replay: Iterable[bytes] = (), upto: int = 0) -> None:
        """Send what the tab missed, then what was kept meanwhile, without its chat's changes up to ``upto``."""
        frames = list(replay)
        self._order(lambda: self._release(connection, frames, upto))

    def push(self, push: Push) -> None:
        """Send a push to the tabs it is for."""
        if self._thread is not None or self._orders:  # somebody listens, or is about to
            self._order(lambda: self._deliver(push))

    def online(self, people: Iterable[int]) -> set[int]:
        """Return which of these people have a tab open here."""
        return {person for person in people if self._people.get(person)}

    def close_person(self, person: int, code: int = 1008) -> None:
        """Close every tab's socket of somebody."""
        self._order(lambda: self._close_all(lambda connection: connection.person == person, code))

    def close_session(self, session: int, code: int = 1008) -> None:
        """Close the sockets of a login session that has ended."""
        self._order(lambda: self._close_all(lambda connection: connection.session == session, code))

    def stop(self, code: int = 1012, seconds: float = 1.0) -> None:
        """Close every socket, by default so that tabs come back, wait for them a little, and end the loop."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return

        def stopping() -> None:
            self._stop_at = time.monotonic() + seconds
            self._close_all(lambda _: True, code)

        self._order(stopping)
        thread.join(seconds + 0.5)

    # Everything below runs in the loop's own thread.

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._ensure_running()
        os.eventfd_write(self._wake, 1)

    def _ensure_running(self) -> None:
        # Started with the first order and not before: gunicorn forks, and threads do not survive a fork.
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
                self._epoll = select.epoll()
                self._epoll.register(self._wake, select.EPOLLIN)
                self._heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
                self._thread = threading.Thread(target=self._run, name="live hub", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        sweep_at = 0.0
        while not (self._stop_at and (not self._connections or time.monotonic() > self._stop_at)):
            for fd, happened in self._epoll.poll(0.05 if self._stop_at else SWEEP_SECONDS):
                if fd == self._wake:
                    with contextlib.suppress(BlockingIOError):
                        os.eventfd_read(self._wake)
                elif connection := self._connections.get(fd):
                    self._guarded(connection, happened)
            for _ in range(len(self._orders)):
                try:
                    self._orders.popleft()()
                except Exception:
                    log.exception("an order to the hub failed")
            while self._dirty:
                connection = self._dirty.pop()
                self._guarded(connection, select.EPOLLOUT)
            if time.monotonic() > sweep_at:
                self._sweep(time.monotonic())
                sweep_at = time.monotonic() + SWEEP_SECONDS
        for connection in list(self._connections.values()):
            self._drop(connection)

    def _guarded(self, connection: Connection, happened: int) -> None:
        """Serve one socket; whatever is wrong with it ends it alone."""
        try:
            if happened & select.EPOLLOUT and self._has(connection):
                self._write(connection)
            if happened & ~select.EPOLLOUT and self._has(connection):
                self._read(connection)
        except OSError:
            self._drop(connection)
        except Exception:
            log.exception("a socket failed")
            self._drop(connection)

    def _has(self, connection: Connection) -> bool:
        return self._connections.get(connection.fd) is connection  # descriptors are used again

    def _register(self, connection: Connection) -> None:
        self._connections[connection.fd] = connection
        self._people[connection.person].add(connection)
        self._epoll.register(connection.fd, select.EPOLLIN)

    def _release(self, connection: Connection, replay: list[bytes], upto: int) -> None:
        kept, connection.held = connection.held or [], None
        for frame in replay:
            self._enqueue(connection, frame)
        for push, frame in kept:
            seen = (
                push and push.chat is not None and push.chat == connection.chat and (push.revision or upto + 1) <= upto
            )
            if not seen:
                self._enqueue(connection, frame)

    def _deliver(self, push: Push) -> None:
        for person in push.people:
            for connection in self._people.get(person, ()):
                if push.is_for(connection.chat):
                    frame = push.renderings.get(connection.language) or next(iter(push.renderings.values()))
                    if connection.held is None:
                        self._enqueue(connection, frame)
                    else:
                        connection.held.append((push, frame))

    def _enqueue(self, connection: Connection, frame: bytes) -> None:
        if connection.closing_since is None:
            connection.queue.append(frame)
            connection.queued += len(frame)
            self._dirty.add(connection)

    def _write(self, connection: Connection) -> None:
        """Send what is queued, many frames in one call, until it is gone or the socket is full."""
        queue = connection.queue
        while queue:
            joined = [queue[at] for at in range(min(len(queue), JOINED_FRAMES))]
            try:
                sent = connection.sock.sendmsg(joined)
            except BlockingIOError:
                sent = 0
            connection.queued -= sent
            whole = sum(map(len, joined))
            if sent < whole:
                while sent and sent >= len(queue[0]):
                    sent -= len(queue.popleft())
                if sent:
                    queue[0] = memoryview(queue[0])[sent:]
                self._wait_until_writable(connection)
                return
            for _ in joined:
                queue.popleft()
        if connection.farewell:
            self._drop(connection)
        elif connection.stuck_since is not None:
            connection.stuck_since = None
            self._epoll.modify(connection.fd, select.EPOLLIN)

    def _wait_until_writable(self, connection: Connection) -> None:
        if connection.queued > QUEUE_BYTES or len(connection.queue) > QUEUE_FRAMES:
            self._drop(connection)
        elif connection.stuck_since is None:
            connection.stuck_since = time.monotonic()
            self._epoll.modify(connection.fd, select.EPOLLIN | select.EPOLLOUT)

    def _read(self, connection: Connection) -> None:
        try:
            received = connection.sock.recv(65536)
        except BlockingIOError:
            return
        if not received:
            self._drop(connection)
            return
        if connection.reader is None:
            return
        connection.heard_at = time.monotonic()
        try:
            for event in connection.reader.feed(received):
                self._hear(connection, event)
        except Violation as violation:
            connection.reader = None
            self._close(connection, violation.code)

    def _hear(self, connection: Connection, event: Event) -> None:
        connection.credit += (connection.heard_at - connection.credit_at) * FLOOD_PER_SECOND
        connection.credit = min(connection.credit, FLOOD_EVENTS) - 1
        connection.credit_at = connection.heard_at
        if connection.credit < 0:
            raise Violation(1008)
        if event.kind == "ping":
            self._enqueue(connection, pong_frame(event.payload))
        elif event.kind == "close":
            connection.farewell = True
            self._dirty.add(connection)
            self._close(connection, event.code)

    def _close(self, connection: Connection, code: int) -> None:
        """Say good-bye after what is queued; the socket goes when the page has answered, or soon anyway."""
        if connection.closing_since is None:
            connection.held = None
            self._enqueue(connection, close_frame(code))
            connection.closing_since = time.monotonic()

    def _close_all(self, chosen: Callable[[Connection], bool], code: int) -> None:
        for connection in list(self._connections.values()):
            if chosen(connection):
                self._close(connection, code)

    def _sweep(self, now: float) -> None:
        """Now and then: let go of sockets that are stuck, silent or said good-bye; keep the others warm."""
        warm = now >= self._heartbeat_at
        if warm:
            self._heartbeat_at = now + HEARTBEAT_SECONDS
        for connection in list(self._connections.values()):
            stuck = connection.stuck_since is not None and now - connection.stuck_since > STUCK_SECONDS
            gone = connection.closing_since is not None and now - connection.closing_since > CLOSING_SECONDS
            overfull = connection.held is not None and len(connection.held) > QUEUE_FRAMES
            if stuck or gone or overfull or now - connection.heard_at > SILENCE_SECONDS:
                self._drop(connection)
            elif warm and connection.held is None:
                self._enqueue(connection, HEARTBEAT)

    def _drop(self, connection: Connection) -> None:
        if not self._has(connection):
            return
        del self._connections[connection.fd]
        self._dirty.discard(connection)
        tabs = self._people[connection.person]
        tabs.discard(connection)
        if not tabs:
            del self._people[connection.person]
        with contextlib.suppress(OSError):
            self._epoll.unregister(connection.fd)
        connection.sock.close()
