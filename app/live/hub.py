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
from collections.abc import Callable, Iterable

from app.live.connection import Connection, Push
from app.live.frames import HEARTBEAT

__all__ = ["Connection", "Hub", "Push"]

log = logging.getLogger(__name__)

STUCK_SECONDS = 20.0  # a socket that takes nothing for so long is dropped
HEARTBEAT_SECONDS = 25.0
SILENCE_SECONDS = 70.0  # nearly three heartbeats without an answer
CLOSING_SECONDS = 2.0
SWEEP_SECONDS = 1.0


class Hub:
    """Keeps the sockets of a process; every verb may be called from any thread, and all but stop return at once."""

    def __init__(self) -> None:
        self._orders: deque[Callable[[], None]] = deque()
        self._connections: dict[int, Connection] = {}
        self._people: defaultdict[int, set[Connection]] = defaultdict(set)
        self._dirty: set[Connection] = set()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop_at: float | None = None
        self._heartbeat_at = self._sweep_at = 0.0

    def __len__(self) -> int:
        """Return how many sockets are kept."""
        return len(self._connections)

    def adopt(self, sock: socket.socket, *, person: int, session: int, language: str, chat: int | None) -> Connection:
        """Take a socket after its handshake; from now on pushes for it are kept, and none is sent until release."""
        sock.setblocking(False)
        connection = Connection(sock, person, session, language, chat)
        self._order(lambda: self._register(connection), first=True)
        return connection

    def release(self, connection: Connection, replay: Iterable[bytes] = (), upto: int = 0) -> None:
        """Send what the tab missed, then what was kept meanwhile, without its chat's changes up to ``upto``."""
        frames = list(replay)
        self._order(lambda: self._release(connection, frames, upto))

    def push(self, push: Push) -> None:
        """Send a push to the tabs it is for."""
        self._order(lambda: self._deliver(push))

    def online(self, people: Iterable[int]) -> set[int]:
        """Return which of these people have a tab open here."""
        return {person for person in people if self._people.get(person)}

    def close_person(self, person: int, code: int = 1008) -> None:
        """Close every tab's socket of somebody."""
        self._order(lambda: self._close(lambda connection: connection.person == person, code))

    def close_session(self, session: int, code: int = 1008) -> None:
        """Close the sockets of a login session that has ended."""
        self._order(lambda: self._close(lambda connection: connection.session == session, code))

    def stop(self, code: int = 1012, seconds: float = 1.0) -> None:
        """Close every socket, by default so that tabs come back, wait for them a little, and end the loop."""

        def stopping() -> None:
            self._stop_at = self._stop_at or time.monotonic() + seconds
            self._close(lambda _: True, code)

        self._order(stopping)
        if self._thread is not None:
            self._thread.join(seconds + 0.5)

    def _order(self, order: Callable[[], None], *, first: bool = False) -> None:
        if first or self._orders or self._thread is not None:  # else there is no socket the order could be about
            self._orders.append(order)
            if self._thread is None:
                self._start()
            os.eventfd_write(self._wake, 1)

    def _start(self) -> None:
        # With the first socket and not before: gunicorn forks, and threads do not survive a fork.
        with self._starting:
            if self._thread is None:
                self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
                self._epoll = select.epoll()
                self._epoll.register(self._wake, select.EPOLLIN)
                self._heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
                self._thread = threading.Thread(target=self._run, name="live hub", daemon=True)
                self._thread.start()

    # Everything below runs in the loop's own thread.

    def _run(self) -> None:
        while not (self._stop_at and (not self._connections or time.monotonic() > self._stop_at)):
            try:
                self._turn()
            except Exception:
                log.exception("a turn of the hub failed")
        for connection in list(self._connections.values()):
            self._drop(connection)

    def _turn(self) -> None:
        """Listen to who speaks, carry out what was ordered, then write: once to each socket, however much it is."""
        for fd, happened in self._epoll.poll(0.05 if self._stop_at else SWEEP_SECONDS):
            if fd == self._wake:
                os.eventfd_read(self._wake)
            elif connection := self._connections.get(fd):
                if happened & ~select.EPOLLOUT:
                    self._guard(connection, self._read)
                self._dirty.add(connection)
        for _ in range(len(self._orders)):
            try:
                self._orders.popleft()()
            except Exception:
                log.exception("an order to the hub failed")
        while self._dirty:
            self._guard(self._dirty.pop(), self._write)
        if time.monotonic() > self._sweep_at:
            self._sweep(time.monotonic())

    def _guard(self, connection: Connection, deed: Callable[[Connection], None]) -> None:
        """Serve one socket; whatever is wrong with it ends it alone."""
        try:
            if self._has(connection):
                deed(connection)
        except OSError:
            self._drop(connection)
        except Exception:
            log.exception("a socket failed")
            self._drop(connection)

    def _has(self, connection: Connection) -> bool:
        return self._connections.get(connection.fd) is connection  # descriptors are used again

    def _read(self, connection: Connection) -> None:
        if not connection.listen():
            self._drop(connection)

    def _write(self, connection: Connection) -> None:
        waited = connection.stuck_since is not None
        done = connection.flush()
        if connection.overfull or (done and connection.farewell):
            self._drop(connection)
        elif waited == done:
            self._epoll.modify(connection.fd, select.EPOLLIN | (0 if done else select.EPOLLOUT))

    def _register(self, connection: Connection) -> None:
        self._epoll.register(connection.fd, select.EPOLLIN)
        self._connections[connection.fd] = connection
        self._people[connection.person].add(connection)

    def _release(self, connection: Connection, replay: list[bytes], upto: int) -> None:
        connection.release(replay, upto)
        self._dirty.add(connection)

    def _deliver(self, push: Push) -> None:
        for person in push.people:
            for connection in self._people.get(person, ()):
                if push.is_for(connection.chat):
                    connection.take(push)
                    self._dirty.add(connection)

    def _close(self, chosen: Callable[[Connection], bool], code: int) -> None:
        for connection in self._connections.values():
            if chosen(connection):
                connection.close(code)
                self._dirty.add(connection)

    def _sweep(self, now: float) -> None:
        """Let go of sockets that are stuck, silent, or were told good-bye; keep the others warm."""
        self._sweep_at = now + SWEEP_SECONDS
        warm = now >= self._heartbeat_at
        if warm:
            self._heartbeat_at = now + HEARTBEAT_SECONDS
        for connection in list(self._connections.values()):
            if (
                now - connection.heard_at > SILENCE_SECONDS
                or now - (connection.stuck_since or now) > STUCK_SECONDS
                or now - (connection.closing_since or now) > CLOSING_SECONDS
            ):
                self._drop(connection)
            elif warm and connection.held is None:
                connection.enqueue(HEARTBEAT)
                self._guard(connection, self._write)

    def _drop(self, connection: Connection) -> None:
        """Close a socket without a word: the tab comes back by itself, and is told what it missed."""
        if not self._has(connection):
            return
        del self._connections[connection.fd]
        tabs = self._people[connection.person]
        tabs.discard(connection)
        if not tabs:
            del self._people[connection.person]
        with contextlib.suppress(OSError):
            self._epoll.unregister(connection.fd)
        connection.sock.close()
