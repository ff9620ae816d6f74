"""The hub in a process of its own, so that no page that is being made keeps a message waiting, and the other way round.

Workers reach it over a Unix socket: they hand it the sockets of tabs (SCM_RIGHTS) and send it orders. gunicorn's master
starts it before its workers and again should it ever die; the tabs then come back by themselves.
"""

import contextlib
import ctypes
import logging
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from app.live import pushes
from app.live.hub import Connection, Hub, Reading
from app.live.network import Network
from app.live.pushes import Order, OrderReader

log = logging.getLogger(__name__)

RECEIVE = 256 * 1024
SPARE_FILES = 150  # for workers' questions, of which each thread has one at most
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # <linux/prctl.h>


class Host:
    """Starts the hub's process and keeps it running. ``address`` is where its orders are taken."""

    def __init__(self, redis_url: str = "") -> None:
        self.redis_url = redis_url
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        # An empty name: the kernel chooses one that is free, and no file is left behind (unix(7), autobind).
        self.listener.bind("")
        self.listener.listen(1024)
        self.address: bytes = self.listener.getsockname()
        self.pid = 0
        self.master = os.getpid()

    def start(self, again: bool = False) -> None:
        """Fork the process."""
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                _be_the_process(self.listener, self.redis_url, again)
                status = 0
            except BaseException:
                log.exception("the hub's process failed")
            finally:
                os._exit(status)

    def mend(self) -> bool:
        """Start the process again if it has died; return whether it had."""
        if not self.pid or os.getpid() != self.master:
            return False
        try:
            died, _ = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            died = self.pid
        if died:
            time.sleep(0.05)  # whatever kills it shall not keep this machine busy
            self.start(again=True)
        return bool(died)

    def stop(self) -> None:
        """Tell the process to send every tab away, to come back, and to end."""
        pid, self.pid = self.pid, 0
        if pid and os.getpid() == self.master:  # a worker just forked may still have the master's handlers
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


@lru_cache(maxsize=1)
def host(redis_url: str) -> Host:
    """Return this server's host, always the same one."""
    return Host(redis_url)


def _be_the_process(listener: socket.socket, redis_url: str, again: bool) -> None:
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    prctl(PR_SET_NAME, b"world-it hub")
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _close_all_but(listener.fileno())
    hub = Hub()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: hub.stop(seconds=0.5))
    serve(hub, listener, redis_url, again)


def _close_all_but(kept: int) -> None:
    """Let go of what the master has open (it listens for browsers), but not of the console."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if (fd := int(entry.name)) > 2 and fd != kept:
            with contextlib.suppress(OSError):
                os.close(fd)


def serve(hub: Hub, listener: socket.socket, redis_url: str = "", again: bool = False) -> None:
    """Be the hub and take orders until stopped."""
    exchange = Exchange(hub, listener, redis_url)
    exchange.network.start(again)
    try:
        hub.run()
    finally:
        exchange.network.stop()
        for link in exchange.links:
            link.sock.close()


class Exchange:
    """Where the hub, the workers of this server and the hubs of others meet."""

    def __init__(self, hub: Hub, listener: socket.socket, redis_url: str) -> None:
        self.hub, self.listener = hub, listener
        self.network = Network(hub, redis_url, lambda people: hub.later(lambda: self.tell("stirred", people)))
        self.links: set[Link] = set()
        self.workers: list[Link] = []  # those of workers that stay
        # Each tab is a file to the system; some are left for workers' questions.
        self.capacity = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
        listener.setblocking(False)
        hub.prepare()
        hub.watch(listener.fileno(), self._accept)
        hub.every_sweep(self.network.sweep)
        hub.on_stir(self._stirred)
        hub.on_typing(lambda chat, person: self.tell("typing", chat, person))
        hub.on_reading(self._read)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # nobody more is there, or no file is left until an answer is given
            while True:
                Link(self, self.listener.accept()[0])

    def _stirred(self, came: list[int], left: list[int]) -> None:
        self.network.publish("stirred", came, left)
        self.tell("stirred", [*came, *left])

    def _read(self, readings: list[Reading]) -> None:
        elsewhere = self.network.online(person for _, person, _, _ in readings)
        self.tell("read", [(*one[:3], one[3] or one[1] in elsewhere) for one in readings])

    def tell(self, what: str, *about: object) -> None:
        """Let one of this server's workers, each in turn, do something about what was noticed here."""
        if self.workers:
            self.workers.append(self.workers.pop(0))
            self.workers[0].answer(what, *about)


class Link:
    """A worker's connection, as the hub's process sees it."""

    def __init__(self, exchange: Exchange, sock: socket.socket) -> None:
        if _owner(sock) != os.getuid():
            sock.close()
            return
        self.exchange, self.hub, self.network, self.sock = exchange, exchange.hub, exchange.network, sock
        sock.setblocking(False)
        self.reader = OrderReader()
        self.descriptors: list[int] = []
        self.adopted: Connection | None = None
        self.steady = False  # a worker's lasting link: should it break off, something may have been left unsaid
        self.hub.watch(sock.fileno(), self.listen)
        exchange.links.add(self)

    def listen(self) -> None:
        """Carry out what a worker orders."""
        try:
            received, descriptors, _, _ = socket.recv_fds(self.sock, RECEIVE, 4)
        except BlockingIOError:
            return
        except OSError:
            received, descriptors = b"", []
        self.descriptors += descriptors
        if not received:
            self._end()
            return
        for order, written in self.reader.feed(received):
            try:
                DEEDS[order.verb](self, order, written)
            except Exception:
                log.exception("an order of a worker failed")

    def answer(self, verb: str, *arguments: object) -> None:
        """Send a worker something; it reads at once, or is no worker of ours."""
        self.sock.settimeout(1)
        try:
            self.sock.sendall(pushes.write(verb, *arguments))
        except OSError:
            log.warning("a worker does not listen")
        finally:
            self.sock.setblocking(False)

    def _end(self) -> None:
        self.hub.watch(self.sock.fileno(), None)
        self.sock.close()
        self.exchange.links.discard(self)
        for descriptor in self.descriptors:
            os.close(descriptor)
        if self.adopted is not None:  # its worker died before it could tell the tab what it missed
            self.hub.refuse(self.adopted, 1012)
        if self in self.exchange.workers:
            self.exchange.workers.remove(self)
        if self.steady:
            # A worker was killed, perhaps between a commit and its push: what nobody was told is fetched.
            self.hub.recall()
            self.network.publish("recall")

    def _push(self, order: Order, written: bytes) -> None:
        self.hub.push(pushes.read_push(order))
        self.network.forward(written)

    def _push_here(self, order: Order, written: bytes) -> None:
        self.hub.push(pushes.read_push(order))

    def _adopt(self, order: Order, written: bytes) -> None:
        person, session, language, chat, shown = order.arguments
        if not self.descriptors or len(self.hub) >= self.exchange.capacity:
            self.hub.counts["refused"] += 1
            self.answer("full")
            return
        sock = socket.socket(fileno=self.descriptors.pop(0))
        known = {"person": person, "session": session, "language": language, "chat": chat, "shown": shown}
        self.adopted = self.hub.adopt(sock, **known)  # type: ignore[arg-type]
        # Only when it is registered: what is committed from now on is kept for it.
        self.hub.later(lambda: self.answer("adopted"))

    def _release(self, order: Order, written: bytes) -> None:
        self.hub.release(self._taken(), order.frames, order.arguments[0])  # type: ignore[arg-type]

    def _refuse(self, order: Order, written: bytes) -> None:
        self.hub.refuse(self._taken(), order.arguments[0])  # type: ignore[arg-type]

    def _taken(self) -> Connection:
        adopted, self.adopted = self.adopted, None
        assert adopted is not None
        return adopted

    def _close_person(self, order: Order, written: bytes) -> None:
        self.hub.close_person(*order.arguments)  # type: ignore[arg-type]
        self.network.forward(written)

    def _close_session(self, order: Order, written: bytes) -> None:
        self.hub.close_session(*order.arguments)  # type: ignore[arg-type]
        self.network.forward(written)

    def _online(self, order: Order, written: bytes) -> None:
        people: list[int] = order.arguments[0]  # type: ignore[assignment]
        self.answer("online", list(self.hub.online(people) | self.network.online(people)))

    def _watched(self, order: Order, written: bytes) -> None:
        self.answer("watched", list(self.hub.watched(order.arguments[0])))  # type: ignore[arg-type]

    def _state(self, order: Order, written: bytes) -> None:
        self.answer("state", self.hub.state() | self.network.state())

    def _work(self, order: Order, written: bytes) -> None:
        self.steady = True
        self.exchange.workers.append(self)

    def _leave(self, order: Order, written: bytes) -> None:
        self.steady = False


DEEDS: dict[str, Callable[[Link, Order, bytes], None]] = {
    "push": Link._push,
    "push_here": Link._push_here,
    "adopt": Link._adopt,
    "release": Link._release,
    "refuse": Link._refuse,
    "close_person": Link._close_person,
    "close_session": Link._close_session,
    "online": Link._online,
    "watched": Link._watched,
    "state": Link._state,
    "work": Link._work,
    "leave": Link._leave,
}


def _owner(sock: socket.socket) -> int:
    """Return the user whose process is at the other end."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    user: int = struct.unpack("3i", credentials)[1]
    return user
