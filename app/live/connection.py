"""One tab's socket: what waits to be sent to it, what it says, and whether it is still there."""

import os
import socket
import time
from collections.abc import Callable, Iterable

from app.live.frames import Reader, Violation, close_frame, pong_frame
from app.live.pushes import Push

QUEUE_BYTES = 1024 * 1024  # what may wait for one slow page before it is dropped, to catch up when it is back
HELD_PUSHES = 512  # and how many may wait for what a tab missed
FLOOD_EVENTS = 200  # what a page may say at once,
FLOOD_PER_SECOND = 20.0  # and how fast it may go on
JOINED_FRAMES = 64
NOTHING: list[bytes] = []  # shared by all who say nothing
NO_TOPICS: set[str] = set()


class Connection:
    """A socket after its handshake. Once adopted, the hub's thread alone touches it.

    While ``held`` is a list, pushes gather there until the tab has been told what it missed. What an idle tab does not
    need (a reader, room in its queue) is made when it does.
    """

    __slots__ = (
        "chat",
        "closing_since",
        "credit",
        "credit_at",
        "deaf",
        "excess",
        "farewell",
        "fd",
        "heard_at",
        "held",
        "language",
        "person",
        "queue",
        "reader",
        "session",
        "shown",
        "sock",
        "stuck_since",
        "topics",
        "typed_at",
        "warm_at",
        "words",
    )

    def __init__(
        self, sock: socket.socket, person: int, session: int, language: str, chat: int | None, shown: bool = True
    ) -> None:
        self.sock, self.fd = sock, sock.fileno()
        self.person, self.session, self.language, self.chat = person, session, language, chat
        self.shown = shown  # whether others may know that its person is here
        self.words: list[bytes] = NOTHING  # what the page said, and nobody has taken note of yet
        self.typed_at = 0.0
        self.topics: set[str] = NO_TOPICS  # what the page looks at, besides its chat
        self.held: list[Push] | None = []
        self.queue: list[bytes | memoryview] = []
        self.excess = 0  # bytes in the queue that are not the tab's fault
        self.reader: Reader | None = None
        self.heard_at = self.credit_at = self.warm_at = time.monotonic()
        self.credit = float(FLOOD_EVENTS)
        self.stuck_since: float | None = None  # the socket is full, and took nothing since
        self.closing_since: float | None = None
        self.deaf = False  # it broke the protocol or said good-bye: what comes after that has no meaning
        self.farewell = False  # the page has said good-bye

    @property
    def queued(self) -> int:
        """How many bytes wait, but for those that are not the tab's fault."""
        return max(0, sum(map(len, self.queue)) - self.excess)

    @property
    def overfull(self) -> bool:
        """Whether more waits than one page may cost."""
        return self.queued > QUEUE_BYTES or len(self.held or ()) > HELD_PUSHES

    def take(self, push: Push) -> None:
        """Keep a push, or put it in the queue."""
        if self.held is None:
            self.enqueue(push.frame(self.language))
        else:
            self.held.append(push)

    def release(self, replay: Iterable[bytes], upto: int) -> None:
        """Put in the queue what the tab missed, then what was kept and is not told by that."""
        kept, self.held = self.held or [], None
        told = b"".join(replay)
        # Were it dropped for a long replay, it would come back for the same for ever.
        self.excess = len(told)
        self.enqueue(told)
        for push in kept:
            if not push.is_within(self.chat, upto):
                self.enqueue(push.frame(self.language))

    def enqueue(self, frame: bytes) -> None:
        """Put a frame in the queue; nothing follows a good-bye."""
        if frame and self.closing_since is None:
            self.queue.append(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Say good-bye after what is queued."""
        if self.closing_since is None:
            self.held = None
            self.enqueue(close_frame(code, reason))
            self.closing_since = time.monotonic()

    def flush(self, join: Callable[[tuple[bytes | memoryview, ...]], bytes]) -> bool:
        """Send what is queued in one call; return whether all of it went.

        ``join`` makes one piece of several frames: mostly the same wait for many tabs, and are joined once for all.
        """
        queue = self.queue
        if self.stuck_since is None and queue:
            data = queue[0] if len(queue) == 1 else join(tuple(queue))
            try:
                sent = os.write(self.fd, data)
            except BlockingIOError:
                sent = 0
            if sent == len(data):
                queue.clear()
                self.excess = 0
                return True
            queue[:] = [memoryview(data)[sent:]]
        return self._flush_slowly()

    def _flush_slowly(self) -> bool:
        queue = self.queue
        while queue:
            try:
                sent = os.writev(self.fd, queue[:JOINED_FRAMES])
            except BlockingIOError:
                self.stuck_since = self.stuck_since or time.monotonic()
                return False
            self.stuck_since = None
            whole = 0
            while whole < len(queue) and sent >= len(queue[whole]):
                sent -= len(queue[whole])
                whole += 1
            del queue[:whole]
            if sent:
                queue[0] = memoryview(queue[0])[sent:]
        self.stuck_since, self.excess = None, 0
        return True

    def listen(self) -> bool:
        """Read what the page says and answer it; return whether the socket is still open."""
        try:
            received = self.sock.recv(65536)
        except BlockingIOError:
            return True
        self.heard_at = time.monotonic()
        if not self.deaf:
            reader = self.reader or Reader()
            try:
                self._hear(reader, received)
            except Violation as violation:
                self.deaf = True
                self.close(violation.code)
            self.reader = None if self.deaf or reader.idle else reader
        return bool(received)

    def _hear(self, reader: Reader, received: bytes) -> None:
        self.credit += (self.heard_at - self.credit_at) * FLOOD_PER_SECOND
        self.credit = min(self.credit, FLOOD_EVENTS)
        self.credit_at = self.heard_at
        for event in reader.feed(received):
            self.credit -= 1
            if self.credit < 0:
                raise Violation(1008)
            if event.kind == "text":
                self.words = [*self.words, event.payload]
            elif event.kind == "ping":
                self.enqueue(pong_frame(event.payload))
            elif event.kind == "close":
                self.close(event.code)
                self.farewell = self.deaf = True
                return
