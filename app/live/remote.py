"""The hub as workers know it, where it lives in a process of its own."""

import contextlib
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from app.live import pushes
from app.live.pushes import Order, OrderReader, Push

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds; the hub answers within milliseconds
RETRY_SECONDS = 0.05
TOLD = 1000  # orders of the hub that may wait for their turn
FULL_SECONDS = 1.0  # for so long nobody knocks again at a hub that had no room


class Full(ConnectionError):
    """The hub has no room for another tab."""


class RemoteHub:
    """The same verbs as a hub's, sent over a Unix socket."""

    def __init__(self, address: bytes) -> None:
        self.address = address
        self._sock: socket.socket | None = None
        self._lock = threading.Condition()
        self._leaving = False
        self._full_until = 0.0

    @property
    def full(self) -> bool:
        """Whether there was no room for a tab a moment ago."""
        return time.monotonic() < self._full_until

    def work(self, deeds: Mapping[str, Callable[..., None]] = MappingProxyType({})) -> None:
        """Keep a lasting link from now on, and do what the hub tells over it.

        ``deeds`` are called by what is told: "stirred" with people who came or left, "typing" with a chat and who
        writes in it, "read" with readings.
        """
        told: queue.Queue[Order] = queue.Queue(TOLD)
        threading.Thread(target=self._keep_link, args=(told,), name="hub link", daemon=True).start()
        threading.Thread(target=_do, args=(told, deeds), name="hub deeds", daemon=True).start()

    def leave(self) -> None:
        """Say that nothing is left unsaid."""
        with self._lock:
            self._leaving = True
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    self._sock.sendall(pushes.write("leave"))
                    self._sock.shutdown(socket.SHUT_RDWR)

    def adopt(
        self, sock: socket.socket, *, person: int, session: int, language: str, chat: int | None, shown: bool = True
    ) -> Any:
        """Hand over a tab's socket, and return what it is released by once it is known what the tab missed."""
        link = self._connect()
        with sock:
            socket.send_fds(link, [pushes.write("adopt", person, session, language, chat, shown)], [sock.fileno()])
        if _answer(link).verb == "full":
            link.close()
            self._full_until = time.monotonic() + FULL_SECONDS
            raise Full("the hub has no room for another tab")
        return link

    def release(self, connection: socket.socket, replay: Iterable[bytes] = (), upto: int = 0) -> None:
        """Send what the tab missed, then what was kept meanwhile, without its chat's changes up to ``upto``."""
        with connection:
            connection.sendall(pushes.write("release", upto, frames=list(replay)))

    def refuse(self, connection: socket.socket, code: int = 1008) -> None:
        """Close one socket."""
        with connection:
            connection.sendall(pushes.write("refuse", code))

    def push(self, push: Push) -> None:
        """Send a push to the tabs it is for, at whatever server."""
        self._send(pushes.write_push(push))

    def push_here(self, push: Push) -> None:
        """Send a push to tabs of this server only."""
        self._send(pushes.write_push(push, "push_here"))

    def close_person(self, person: int, code: int = 1008) -> None:
        """Close every tab's socket of somebody."""
        self._send(pushes.write("close_person", person, code))

    def close_session(self, session: int, code: int = 1008) -> None:
        """Close the sockets of a login session that has ended."""
        self._send(pushes.write("close_session", session, code))

    def online(self, people: Iterable[int]) -> set[int]:
        """Return which of these people have a tab open anywhere."""
        return set(self._ask("online", list(people)).arguments[0])  # type: ignore[call-overload]

    def watched(self, chats: Iterable[int]) -> set[int]:
        """Return which of these chats are open in some tab of this server."""
        return set(self._ask("watched", list(chats)).arguments[0])  # type: ignore[call-overload]

    def state(self) -> dict[str, float]:
        """Return what there is to count."""
        return dict(self._ask("state").arguments[0])  # type: ignore[call-overload]

    def _ask(self, verb: str, *arguments: object) -> Order:
        with self._connect() as link:
            link.sendall(pushes.write(verb, *arguments))
            return _answer(link)

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        link.settimeout(PATIENCE)
        link.connect(self.address)
        return link

    def _send(self, written: bytes) -> None:
        """Send an order over the lasting link. Where there is no hub there are no tabs, and none that could miss it."""
        with self._lock:
            if not self._lock.wait_for(lambda: self._sock is not None or self._leaving, PATIENCE):
                log.error("there is no hub to take an order")
            elif self._sock is not None:
                try:
                    self._sock.sendall(written)
                except OSError as reason:
                    # Broken off in the middle, the hub has its tabs fetch what they may have missed.
                    log.warning("the hub did not take an order: %s", reason)
                    self._hang_up()

    def _keep_link(self, told: "queue.Queue[Order]") -> None:
        while not self._leaving:
            try:
                link = self._connect()
                link.sendall(pushes.write("work"))
            except OSError:
                time.sleep(RETRY_SECONDS)
                continue
            with self._lock:
                self._sock = link
                self._lock.notify_all()
            _listen(link, told)
            with self._lock:
                self._hang_up()

    def _hang_up(self) -> None:
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            self._sock = None


def _listen(link: socket.socket, told: "queue.Queue[Order]") -> None:
    """Read at once what the hub tells, for it does not wait, until it is gone; what is too much is let fall."""
    reader = OrderReader()
    while True:
        try:
            received = link.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            received = b""
        if not received:
            link.close()
            return
        for order, _ in reader.feed(received):
            with contextlib.suppress(queue.Full):
                told.put_nowait(order)


def _do(told: "queue.Queue[Order]", deeds: Mapping[str, Callable[..., None]]) -> None:
    """Do what the hub told, one after the other."""
    while True:
        order = told.get()
        try:
            if deed := deeds.get(order.verb):
                deed(*order.arguments)
        except Exception:
            log.exception("doing what the hub told: %s", order.verb)


def _answer(link: socket.socket) -> Order:
    reader = OrderReader()
    while received := link.recv(65536):
        for order, _ in reader.feed(received):
            return order
    raise ConnectionError("the hub hung up")
