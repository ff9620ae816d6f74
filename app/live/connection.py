"""One tab's socket: what waits to be sent to it, what it says, and whether it is still there."""

import socket
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from app.live.frames import Reader, Violation, close_frame, pong_frame

QUEUE_BYTES = 1024 * 1024  # what may wait for one slow page before it is dropped, to catch up when it is back
QUEUE_FRAMES = 512
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

    def frame(self, language: str) -> bytes:
        """Return the frame in a language, or in the one that is there."""
        return self.renderings.get(language) or next(iter(self.renderings.values()))

    def is_within(self, chat: int | None, upto: int) -> bool:
        """Whether the state of a chat at revision ``upto`` tells it already."""
        return chat is not None and chat == self.chat and self.revision is not None and self.revision <= upto


class Connection:
    """A socket after its handshake. Once adopted, the hub's thread alone touches it.

    While ``held`` is a list, pushes gather there until the tab has been told what it missed.
    """

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
        self.held: list[Push] | None = []
        self.queue: deque[bytes | memoryview] = deque()
        self.queued = 0
        self.reader: Reader | None = Reader()
        self.heard_at = self.credit_at = time.monotonic()
        self.credit = float(FLOOD_EVENTS)
        self.stuck_since: float | None = None  # the socket is full, and took nothing since
        self.closing_since: float | None = None
        self.farewell = False  # the page has said good-bye

    @property
    def overfull(self) -> bool:
        """Whether more waits than one page may cost."""
        return self.queued > QUEUE_BYTES or max(len(self.queue), len(self.held or ())) > QUEUE_FRAMES

    def take(self, push: Push) -> None:
        """Keep a push, or put it in the queue."""
        if self.held is None:
            self.enqueue(push.frame(self.language))
        else:
            self.held.append(push)

    def release(self, replay: Iterable[bytes], upto: int) -> None:
        """Put in the queue what the tab missed, then what was kept and is not told by that."""
        kept, self.held = self.held or [], None
        self.enqueue(b"".join(replay))
        # A long replay is not the tab's fault: were it dropped for that, it would come back for the same for ever.
        self.queued = 0
        for push in kept:
            if not push.is_within(self.chat, upto):
                self.enqueue(push.frame(self.language))

    def enqueue(self, frame: bytes) -> None:
        """Put a frame in the queue; nothing follows a good-bye."""
        if self.closing_since is None:
            self.queue.append(frame)
            self.queued += len(frame)

    def close(self, code: int) -> None:
        """Say good-bye after what is queued."""
        if self.closing_since is None:
            self.held = None
            self.enqueue(close_frame(code))
            self.closing_since = time.monotonic()

    def flush(self) -> bool:
        """Send what is queued, many frames in one call; return whether all of it went."""
        while self.queue:
            try:
                sent = self.sock.sendmsg(list(islice(self.queue, JOINED_FRAMES)))
            except BlockingIOError:
                self.stuck_since = self.stuck_since or time.monotonic()
                return False
            self.stuck_since = None
            self.queued -= sent
            while self.queue and sent >= len(self.queue[0]):
                sent -= len(self.queue.popleft())
            if sent:
                self.queue[0] = memoryview(self.queue[0])[sent:]
        self.queued = 0
        return True

    def listen(self) -> bool:
        """Read what the page says and answer it; return whether the socket is still open."""
        try:
            received = self.sock.recv(65536)
        except BlockingIOError:
            return True
        self.heard_at = time.monotonic()
        if self.reader is not None:  # else it broke the protocol, and what comes after that has no meaning
            try:
                self._hear(self.reader, received)
            except Violation as violation:
                self.reader = None
                self.close(violation.code)
        return bool(received)

    def _hear(self, reader: Reader, received: bytes) -> None:
        self.credit += (self.heard_at - self.credit_at) * FLOOD_PER_SECOND
        self.credit = min(self.credit, FLOOD_EVENTS)
        self.credit_at = self.heard_at
        for event in reader.feed(received):
            self.credit -= 1
            if self.credit < 0:
                raise Violation(1008)
            if event.kind == "ping":
                self.enqueue(pong_frame(event.payload))
            elif event.kind == "close":
                self.close(event.code)
                self.farewell, self.reader = True, None
                return
