"""One loop that owns every socket of its process.

It knows ids and bytes: no Flask, no database, no HTML. Other threads hand it orders (adopt, release, push, close); one
thread with epoll carries them out, so nothing here needs a lock and nobody waits for a socket.
"""

import contextlib
import logging
import os
import re
import select
import socket
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, TypeVar

from app.live.connection import NO_TOPICS, NOTHING, Connection
from app.live.frames import HEARTBEAT
from app.live.pushes import Push
from app.live.turns import Turns

__all__ = ["Connection", "Hub", "Push"]

log = logging.getLogger(__name__)
K = TypeVar("K")

STUCK_SECONDS = 20.0  # a socket that takes nothing for so long is dropped
HEARTBEAT_SECONDS = 25.0
SILENCE_SECONDS = 70.0  # nearly three heartbeats without an answer
CLOSING_SECONDS = 2.0
SWEEP_SECONDS = 1.0
LEAVING_SECONDS = 5.0  # somebody whose last tab closed may only be turning a page
SWEPT_AT_ONCE = 200  # so that no message waits for the others
LONG_ROUND = 200  # sockets; writing to so many takes a millisecond
YIELDS = 16
TYPING_SECONDS = 2.0  # a page says that somebody types every few seconds; what comes sooner is not passed on
TYPING_APART = 0.25  # for all who type in one chat
READ = re.compile(rb"read [0-9]{1,9}")
LOOK = re.compile(rb"look((?: [a-z]{1,20}(?:-[a-z0-9]{1,20})?){1,50})")
TOPICS = 1000  # one page may look at so many things
RETURNS_PER_SECOND = 300  # how many tabs a server welcomes in a second while it goes on serving pages


# A chat, who read in it, as far as which place, and whether they have other tabs that should hear of it.
Reading = tuple[int, int, int, bool]


class Hub:
    """Keeps the sockets of a process; every verb may be called from any thread, and all but stop return at once.

    ``counts`` tells what happened so far: pushes, frames, tabs that came, and why sockets were dropped.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._orders: deque[Callable[[], None]] = deque()
        self._connections: dict[int, Connection] = {}
        self._watched: dict[int, Callable[[], None]] = {}
        self._people: defaultdict[int, set[Connection]] = defaultdict(set)
        self._visible: set[int] = set()  # those of them who want to be seen
        self._chats: defaultdict[int, set[Connection]] = defaultdict(set)
        self._topics: defaultdict[str, set[Connection]] = defaultdict(set)
        self._turns = Turns()
        self._dirty: set[Connection] = set()
        self._running: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop_at: float | None = None
        self._sweep_at = 0.0
        self._unswept: list[Connection] = []
        self._sweeps: list[Callable[[float], None]] = []
        self._leaving: dict[int, float] = {}  # whose last tab closed, and when that will count
        self._stirred: set[int] = set()  # who came or left since the last sweep
        self._stir_deeds: list[Callable[[list[int], list[int]], None]] = []
        self._typed_at: dict[int, float] = {}  # when it was last told that somebody writes in a chat
        self._typing_deeds: list[Callable[[int, int], None]] = []
        self._read: dict[tuple[int, int], int] = {}  # how far was read since the last sweep, by chat and person
        self._reading_deeds: list[Callable[[list[Reading]], None]] = []

    def __len__(self) -> int:
        """Return how many sockets are kept."""
        return len(self._connections)

    full = False  # a hub within a process asks for no more than its process has

    def adopt(
        self, sock: socket.socket, *, person: int, session: int, language: str, chat: int | None, shown: bool = True
    ) -> Any:
        """Take a socket after its handshake; from now on pushes for it are kept, and none is sent until release.

        ``shown`` says whether others may know that its person is online.
        """
        sock.setblocking(False)
        connection = Connection(sock, person, session, language, chat, shown)
        self._order(lambda: self._register(connection), first=True)
        return connection

    def release(self, connection: Connection, replay: Iterable[bytes] = (), upto: int = 0) -> None:
        """Send what the tab missed, then what was kept meanwhile, without its chat's changes up to ``upto``."""
        frames = list(replay)
        self._order(lambda: self._release(connection, frames, upto))

    def refuse(self, connection: Connection, code: int = 1008) -> None:
        """Close one socket."""
        self._order(lambda: self._close([connection], code))

    def push(self, push: Push) -> None:
        """Send a push to the tabs it is for."""
        self._order(lambda: self._deliver(push))

    def push_here(self, push: Push) -> None:
        """Send a push to tabs of this server only."""
        self.push(push)

    def online(self, people: Iterable[int]) -> set[int]:
        """Return which of these people have a tab open here, or had one a moment ago: they may be turning a page.

        Whoever does not want to be seen is not among them.
        """
        return {person for person in people if person in self._visible or person in self._leaving}

    def people(self) -> list[int]:
        """Return everybody who is seen to be online."""
        return [*self._visible.copy(), *self._leaving.copy()]

    def watched(self, chats: Iterable[int]) -> set[int]:
        """Return which of these chats are open in some tab."""
        return {chat for chat in chats if chat in self._chats}

    def state(self) -> dict[str, float]:
        """Return what there is to count: tabs, people, what waits, and what has happened so far."""
        connections = list(self._connections.values())
        return {
            "tabs": len(connections),
            "people": len(self._people),
            "queued_bytes": sum(one.queued for one in connections if one.queue),
            "stuck_tabs": sum(one.stuck_since is not None for one in connections),
            "orders": len(self._orders),
            **self.counts,
        }

    def close_person(self, person: int, code: int = 1008) -> None:
        """Close every tab's socket of somebody."""
        self._order(lambda: self._close(self._people.get(person, ()), code))

    def close_session(self, session: int, code: int = 1008) -> None:
        """Close the sockets of a login session that has ended."""
        self._order(lambda: self._close([one for one in self._connections.values() if one.session == session], code))

    def recall(self) -> None:
        """Have every tab come back, since something may not have reached it: not all in the same moment."""

        def recalling() -> None:
            self.counts["recalls"] += len(self._connections)
            self._close(self._connections.values(), 1012, self._spread())

        self._order(recalling)

    def stop(self, code: int = 1012, seconds: float = 1.0) -> None:
        """Close every socket, by default so that tabs come back, wait for them a little, and end the loop."""

        def stopping() -> None:
            self._stop_at = self._stop_at or time.monotonic() + seconds
            self._close(self._connections.values(), code, self._spread())

        self._order(stopping)
        if self._running is not None:
            os.eventfd_write(self._wake, 1)  # a signal handler runs in the loop's thread, in the midst of its waiting
        if self._running is not None and self._running is not threading.current_thread():
            self._running.join(seconds + 0.5)

    def watch(self, fd: int, deed: Callable[[], None] | None) -> None:
        """Call something whenever a descriptor can be read, or no longer; for the loop's own thread."""
        if deed is None:
            del self._watched[fd]
            self._epoll.unregister(fd)
        else:
            self._watched[fd] = deed
            self._epoll.register(fd, select.EPOLLIN)

    def every_sweep(self, deed: Callable[[float], None]) -> None:
        """Call something with the time about once a second, in the loop's thread."""
        self._sweeps.append(deed)

    def on_stir(self, deed: Callable[[list[int], list[int]], None]) -> None:
        """Call something with the people who came and those who left, about once a second while there are any."""
        self._stir_deeds.append(deed)

    def on_typing(self, deed: Callable[[int, int], None]) -> None:
        """Call something with a chat and who writes in it, not oftener than people can see."""
        self._typing_deeds.append(deed)

    def on_reading(self, deed: Callable[[list["Reading"]], None]) -> None:
        """Call something about once a second with how far people have read, while anybody does."""
        self._reading_deeds.append(deed)

    def later(self, deed: Callable[[], None]) -> None:
        """Call something in the loop's thread, after what was ordered before."""
        self._order(deed)

    def prepare(self) -> None:
        """Make ready to be the loop in the calling thread."""
        self._prepare()
        self._running = threading.current_thread()

    def run(self) -> None:
        """Be the loop until stopped."""
        self._run()

    def _order(self, order: Callable[[], None], *, first: bool = False) -> None:
        if first or self._orders or self._running is not None:  # else there is no socket the order could be about
            self._orders.append(order)
            if self._running is None:
                self._start()
            if self._running is not threading.current_thread():
                os.eventfd_write(self._wake, 1)

    def _start(self) -> None:
        # With the first socket and not before: gunicorn forks, and threads do not survive a fork.
        with self._starting:
            if self._running is None:
                self._prepare()
                self._running = threading.Thread(target=self._run, name="live hub", daemon=True)
                self._running.start()

    def _prepare(self) -> None:
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll = select.epoll()
        self._epoll.register(self._wake, select.EPOLLIN)

    # Everything below runs in the loop's own thread.

    def _run(self) -> None:
        while not (self._stop_at and (not self._connections or time.monotonic() > self._stop_at)):
            try:
                self._turn()
            except Exception:
                log.exception("a turn of the hub failed")
        for connection in list(self._connections.values()):
            self._drop(connection, "stopping")

    def _turn(self) -> None:
        """Listen to who speaks, carry out what was ordered, then write: once to each socket, however much it is."""
        patience = 0.05 if self._stop_at or self._turns.waiting else SWEEP_SECONDS
        self._hear(0 if self._orders or self._unswept else patience)
        # Before a long round of writing, whoever is about to push is let do so, to be heard in the same round.
        for _ in range(YIELDS if len(self._dirty) > LONG_ROUND else 0):
            pushes = self.counts["pushes"]
            os.sched_yield()
            self._hear(0)
            if self.counts["pushes"] == pushes:
                break
        if self._turns.waiting:
            for push in self._turns.overdue(time.monotonic()):
                self._show(push)
        now = time.monotonic()
        if now > self._sweep_at:
            self._sweep(now)
        for _ in range(min(SWEPT_AT_ONCE, len(self._unswept))):
            self._look_after(self._unswept.pop(), now)
        self._write_all()

    def _hear(self, patience: float) -> None:
        """Listen to tabs and workers, and carry out what was ordered."""
        for fd, happened in self._epoll.poll(patience):
            if connection := self._connections.get(fd):
                self._dirty.add(connection)
                if happened & ~select.EPOLLOUT:
                    self._listen(connection)
            elif deed := self._watched.get(fd):
                self._carry_out(deed)
            elif fd == self._wake:
                os.eventfd_read(self._wake)
        for _ in range(len(self._orders)):
            self._carry_out(self._orders.popleft())

    def _carry_out(self, order: Callable[[], None]) -> None:
        try:
            order()
        except Exception:
            log.exception("an order to the hub failed")

    def _listen(self, connection: Connection) -> None:
        """Hear one tab; whatever is wrong with it ends it alone."""
        try:
            open_still = connection.listen()
            if connection.words:
                self._note_words(connection)
            if not open_still:
                self._drop(connection, "gone")
        except OSError:
            self._drop(connection, "gone")
        except Exception:
            log.exception("a socket failed")
            self._drop(connection, "failed")

    def _note_words(self, connection: Connection) -> None:
        """Take note of what a page said: what it looks at, that its person types, or has read as far as a place."""
        words, connection.words = connection.words, NOTHING
        for said in words:
            if look := LOOK.fullmatch(said):
                self._note_look(connection, look[1].decode().split())
            elif connection.chat is None:
                continue
            elif said == b"typing":
                self._note_typing(connection)
            elif READ.fullmatch(said):
                key = connection.chat, connection.person
                self._read[key] = max(int(said[5:]), self._read.get(key, 0))

    def _note_look(self, connection: Connection, topics: list[str]) -> None:
        if connection.topics is NO_TOPICS:
            connection.topics = set()
        for topic in topics[: TOPICS - len(connection.topics)]:
            connection.topics.add(topic)
            self._topics[topic].add(connection)

    def _note_typing(self, connection: Connection) -> None:
        chat, now = connection.chat or 0, time.monotonic()
        if now - connection.typed_at < TYPING_SECONDS or now - self._typed_at.get(chat, 0) < TYPING_APART:
            return
        connection.typed_at = self._typed_at[chat] = now
        for deed in self._typing_deeds:
            self._carry_out(partial(deed, chat, connection.person))

    def _write_all(self) -> None:
        """Write what has gathered in this turn."""
        join = lru_cache(maxsize=64)(b"".join)
        dirty, self._dirty = self._dirty, set()
        for connection in dirty:
            try:
                waited = connection.stuck_since is not None
                done = connection.flush(join)
                if not done or waited or connection.farewell:
                    self._after_writing(connection, waited, done)
            except OSError:
                self._drop(connection, "gone")
            except Exception:
                log.exception("a socket failed")
                self._drop(connection, "failed")

    def _after_writing(self, connection: Connection, waited: bool, done: bool) -> None:
        if not done and connection.overfull:
            self._drop(connection, "overfull")
        elif done and connection.farewell:
            self._drop(connection, "gone")
        elif waited == done:
            self._epoll.modify(connection.fd, select.EPOLLIN | (0 if done else select.EPOLLOUT))

    def _register(self, connection: Connection) -> None:
        self._epoll.register(connection.fd, select.EPOLLIN)
        self._connections[connection.fd] = connection
        if connection.shown and connection.person not in self._visible:
            self._visible.add(connection.person)
            if not self._leaving.pop(connection.person, 0):
                self._stirred.add(connection.person)
        self._people[connection.person].add(connection)
        if connection.chat is not None:
            self._chats[connection.chat].add(connection)
        self.counts["adopted"] += 1

    def _release(self, connection: Connection, replay: list[bytes], upto: int) -> None:
        connection.release(replay, upto)
        self._dirty.add(connection)

    def _deliver(self, push: Push) -> None:
        self.counts["pushes"] += 1
        for ready in self._turns.take(push, time.monotonic()):
            self._show(ready)

    def _show(self, push: Push) -> None:
        people, connections = push.people, []
        if push.audience == "watching":
            connections = [one for one in self._chats.get(push.chat or 0, ()) if one.person in people]
        elif push.audience == "looking":
            looking = self._topics.get(push.topic or "", ())
            connections = [one for one in looking if (one.person in people) != push.everybody_but]
        else:
            # Whichever is the shorter way to those who are concerned and here.
            here = people if len(people) < len(self._people) else self._people.keys() & people
            for person in here:
                connections += [one for one in self._people.get(person, ()) if push.is_for(one.chat)]
        for connection in connections:
            if connection.held is None and connection.closing_since is None:
                connection.queue.append(push.renderings.get(connection.language) or push.frame(connection.language))
            else:
                connection.take(push)
                if connection.overfull:
                    self._drop(connection, "overfull")
        self._dirty.update(connections)
        self.counts["frames"] += len(connections)

    def _spread(self) -> str:
        """Return over how many milliseconds so many tabs may come back."""
        return str(round(1000 * len(self._connections) / RETURNS_PER_SECOND))

    def _close(self, connections: Iterable[Connection], code: int, reason: str = "") -> None:
        for connection in connections:
            connection.close(code, reason)
            self._dirty.add(connection)

    def _look_after(self, connection: Connection, now: float) -> None:
        """Let go of a socket that is stuck, silent, or was told good-bye; keep the others warm."""
        if now - connection.heard_at > SILENCE_SECONDS:
            self._drop(connection, "silent")
        elif now - (connection.stuck_since or now) > STUCK_SECONDS:
            self._drop(connection, "stuck")
        elif now - (connection.closing_since or now) > CLOSING_SECONDS:
            self._drop(connection, "gone")
        elif now - connection.warm_at > HEARTBEAT_SECONDS and connection.held is None:
            connection.warm_at = now
            connection.enqueue(HEARTBEAT)
            self._dirty.add(connection)

    def _sweep(self, now: float) -> None:
        """Begin to look after every socket, and tell who came and left."""
        self._sweep_at = now + SWEEP_SECONDS
        self._unswept = self._unswept or list(self._connections.values())
        for person in [person for person, at in self._leaving.items() if at <= now]:
            del self._leaving[person]
            self._stirred.add(person)
        if self._stirred:
            stirred, self._stirred = self._stirred, set()
            here = stirred & self._visible
            for stir in self._stir_deeds:
                self._carry_out(partial(stir, list(here), list(stirred - here)))
        if self._read:
            read, self._read = self._read, {}
            reads = [(chat, person, seq, len(self._people.get(person, ())) > 1) for (chat, person), seq in read.items()]
            for note in self._reading_deeds:
                self._carry_out(partial(note, reads))
        self._typed_at.clear()
        for deed in self._sweeps:
            self._carry_out(partial(deed, now))

    def _drop(self, connection: Connection, why: str) -> None:
        """Close a socket without a word: the tab comes back by itself, and is told what it missed."""
        if self._connections.get(connection.fd) is not connection:
            return
        del self._connections[connection.fd]
        self._forget(self._people, connection.person, connection)
        here = self._people.get(connection.person, ())
        if connection.person in self._visible and not any(one.shown for one in here):
            self._visible.discard(connection.person)
            self._leaving[connection.person] = time.monotonic() + LEAVING_SECONDS
        if connection.chat is not None:
            self._forget(self._chats, connection.chat, connection)
        for topic in connection.topics:
            self._forget(self._topics, topic, connection)
        with contextlib.suppress(OSError):
            self._epoll.unregister(connection.fd)
        connection.sock.close()
        connection.fd = -1  # the number is given to another soon
        self._dirty.discard(connection)
        self.counts[why] += 1

    @staticmethod
    def _forget(index: dict[K, set[Connection]], key: K, connection: Connection) -> None:
        index[key].discard(connection)
        if not index[key]:
            del index[key]
