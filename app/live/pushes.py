"""What is shown to people, and how it is written down for a hub in another process."""

import json
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

HEAD = struct.Struct("!II")
LARGEST = 64 * 1024 * 1024  # no order is as long; what claims to be was not written by us


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom something may be shown to: these people, or everybody but these."""

    people: frozenset[int]
    everybody_but: bool = False

    def __contains__(self, person: int) -> bool:
        """Whether it may be shown to somebody."""
        return (person in self.people) != self.everybody_but

    def without(self, people: Iterable[int]) -> "Reach":
        """Return the same but for these people."""
        left_out = frozenset(people)
        return Reach(self.people | left_out if self.everybody_but else self.people - left_out, self.everybody_but)

    def beyond(self, other: "Reach") -> "Reach":
        """Return the same but for those whom another reaches too."""
        if not other.everybody_but:
            return self.without(other.people)
        return Reach(other.people - self.people if self.everybody_but else self.people & other.people)


@dataclass(frozen=True, slots=True)
class Push:
    """Something to show to people: one complete frame for each interface language.

    ``audience`` is "everyone", "watching" (tabs that have ``chat`` open), "elsewhere" (the others) or "looking" (tabs
    that look at ``topic``). Of these it is for the tabs of ``people``, or where it is for ``everybody_but`` them, for
    all others.
    """

    people: frozenset[int]
    renderings: Mapping[str, bytes]
    chat: int | None = None
    revision: int | None = None
    audience: str = "everyone"
    topic: str | None = None
    everybody_but: bool = False

    def is_for(self, chat: int | None) -> bool:
        """Whether a tab with this chat open shall hear it."""
        return self.audience == "everyone" or (self.audience == "watching") == (chat == self.chat)

    def frame(self, language: str) -> bytes:
        """Return the frame in a language, or in the one that is there."""
        return self.renderings.get(language) or next(iter(self.renderings.values()))

    def is_within(self, chat: int | None, upto: int) -> bool:
        """Whether the state of a chat at revision ``upto`` tells it already."""
        return chat is not None and chat == self.chat and self.revision is not None and self.revision <= upto


@dataclass(frozen=True, slots=True)
class Order:
    """A verb of the hub with its arguments, plain JSON, and the frames it is about."""

    verb: str
    arguments: list[object]
    frames: list[bytes]


def write(verb: str, *arguments: object, frames: list[bytes] | None = None) -> bytes:
    """Return an order as bytes: two sizes, a head of JSON, then the frames."""
    frames = frames or []
    head = json.dumps((verb, arguments, [len(frame) for frame in frames]), separators=(",", ":")).encode()
    return b"".join((HEAD.pack(len(head), sum(map(len, frames))), head, *frames))


def write_push(push: Push, verb: str = "push") -> bytes:
    """Return the order to show a push."""
    languages = list(push.renderings)
    frames = [_write_people(push.people), *(push.renderings[language] for language in languages)]
    facts = (push.chat, push.revision, push.audience, push.topic, push.everybody_but)
    return write(verb, *facts, languages, frames=frames)


def read_push(order: Order) -> Push:
    """Return the push that an order holds."""
    *facts, languages = order.arguments
    people, *frames = order.frames
    return Push(_read_people(people), dict(zip(languages, frames, strict=True)), *facts)  # type: ignore[call-overload, arg-type]


# The thousand members of a group are the same from message to message.
@lru_cache(maxsize=256)
def _write_people(people: frozenset[int]) -> bytes:
    numbers = array("q", people)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


@lru_cache(maxsize=256)
def _read_people(written: bytes) -> frozenset[int]:
    numbers = array("q", written)
    if sys.byteorder == "big":
        numbers.byteswap()
    return frozenset(numbers)


class OrderReader:
    """Reads orders from bytes as they come."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[tuple[Order, bytes]]:
        """Yield each order that is complete now, with the bytes it was made of; raise ValueError at nonsense."""
        buffer = self._buffer
        buffer += received
        start = 0
        try:
            while len(buffer) - start >= HEAD.size:
                head, body = HEAD.unpack_from(buffer, start)
                if head + body > LARGEST:
                    raise ValueError("an order too long")
                end = start + HEAD.size + head + body
                if len(buffer) < end:
                    break
                written = bytes(buffer[start:end])
                start = end
                yield read(written), written
        finally:
            del buffer[:start]  # whatever became of an order, it is not carried out twice


def read(written: bytes) -> Order:
    """Return the one order that these bytes are; raise ValueError if they are none."""
    head, _ = HEAD.unpack_from(written)
    at = HEAD.size + head
    verb, arguments, sizes = json.loads(written[HEAD.size : at])
    frames = []
    for size in sizes:
        frames.append(written[at : at + size])
        at += size
    return Order(verb, arguments, frames)
