"""What a place for the bytes of pictures can do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture's bytes: the names of their variants, and the moment since which they lie where they do."""

    key: str
    variants: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a put left behind that did not end."""

    name: str
    since: datetime


class Storage(Protocol):
    """Bytes by name, where a name is ``<key>/<variant>``; what is stored under a name never changes.

    Nothing here locks. Only storing one name has to be atomic, so that an object store can do it all, too: what is to
    be removed is first set aside, from where it is read and can be brought back, and may be stored anew meanwhile.
    """

    def put(self, name: str, content: bytes) -> None:
        """Store content so that a power cut cannot take it; storing it again makes it young again."""

    def open(self, name: str) -> BinaryIO:
        """Return a file to read, even of what is set aside; raise LookupError when there is none."""

    def place(self, name: str) -> str:
        """Return where in the store a file is, for a web server that sends it; raise LookupError when there is none."""

    def stored(self) -> Iterator[Stored]:
        """Yield everything that is stored and not set aside, in the order of keys."""

    def set_aside(self, key: str, moment: datetime) -> None:
        """Set everything under a key aside, as of a moment that is the same for all keys of one sweep."""

    def aside(self) -> Iterator[Stored]:
        """Yield everything that is set aside."""

    def bring_back(self, aside: Stored) -> None:
        """Store again what is set aside."""

    def remove(self, aside: Stored) -> None:
        """Remove what is set aside."""

    def unfinished(self) -> Iterator[Unfinished]:
        """Yield what puts have left behind that did not end, or not yet."""

    def give_up(self, unfinished: Unfinished) -> None:
        """Remove what a put left behind."""
