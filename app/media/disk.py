"""The bytes of pictures in a folder of this machine."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from app.media.storage import Stored, Unfinished

PREFIX, REST, HEX, MOMENT = r"[0-9a-f]{2}", r"[0-9a-f]{30}", r"[0-9a-f]+", r"[0-9]{8}T[0-9]{12}Z"
FORMAT = "%Y%m%dT%H%M%S%fZ"
NOWHERE = (FileNotFoundError, NotADirectoryError)  # whatever else keeps us from a file is trouble, and is told


class Disk:
    """A folder of this machine: ``ab/cdef…/960.webp``, and the same below ``aside/<moment>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Write elsewhere and rename: a crash leaves no half of a picture, and a power cut a whole one."""
        path = self._path(name)
        if not _renewed(path):
            self._move_in(self._written(content), path)
        for folder in (path.parent, path.parent.parent, self.folder):  # names are on the disk when their folder is
            with suppress(FileNotFoundError):  # set aside this moment
                _flush(folder)

    def _written(self, content: bytes) -> Path:
        folder = self.folder / "unfinished"
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _flush(self.folder.parent)
        folder.mkdir(exist_ok=True)
        path = folder / secrets.token_hex(8)
        try:
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:  # the disk is full
            path.unlink(missing_ok=True)
            raise
        return path

    def _move_in(self, written: Path, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            written.replace(path)
        except FileNotFoundError:  # the folder was there, and was set aside this moment
            path.parent.mkdir(parents=True, exist_ok=True)
            written.replace(path)

    def open(self, name: str) -> BinaryIO:
        """Return the open file."""
        for disk in self._all():
            with suppress(*NOWHERE):
                return disk._path(name).open("rb")
        raise LookupError(name)

    def place(self, name: str) -> str:
        """Return the file's path below the folder."""
        for disk in self._all():
            if (path := disk._path(name)).exists():
                return path.relative_to(self.folder).as_posix()
        raise LookupError(name)

    def stored(self) -> Iterator[Stored]:
        """List one of 256 parts after the other."""
        for prefix in _entries(self.folder, PREFIX):
            for rest in _entries(prefix, REST):
                with suppress(FileNotFoundError):  # set aside meanwhile
                    variants = frozenset(file.name.removesuffix(".webp") for file in _entries(rest, r"[0-9]+\.webp"))
                    yield Stored(prefix.name + rest.name, variants, _since(rest))

    def set_aside(self, key: str, moment: datetime) -> None:
        """Rename its folder."""
        folder = self._aside(moment)._key_folder(key)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another sweep did it
            self._key_folder(key).rename(folder)

    def aside(self) -> Iterator[Stored]:
        """List what each sweep has set aside."""
        for batch in _entries(self.folder / "aside", MOMENT):
            moment = datetime.strptime(batch.name, FORMAT).replace(tzinfo=UTC)
            for one in Disk(Path(batch)).stored():
                yield Stored(one.key, one.variants, moment)

    def bring_back(self, aside: Stored) -> None:
        """Rename its files; those that have been stored anew are the same."""
        disk = self._aside(aside.since)
        for variant in aside.variants:
            name = f"{aside.key}/{variant}"
            with suppress(FileNotFoundError):  # another sweep did it
                self._move_in(disk._path(name), self._path(name))
        self.remove(aside)

    def remove(self, aside: Stored) -> None:
        """Remove its folder, and those above that are empty then."""
        folder = self._aside(aside.since)._key_folder(aside.key)
        for file in _entries(folder, r".*"):
            Path(file).unlink(missing_ok=True)
        for empty in (folder, folder.parent, folder.parent.parent):
            with suppress(OSError):
                empty.rmdir()

    def unfinished(self) -> Iterator[Unfinished]:
        """List temporary files."""
        for file in _entries(self.folder / "unfinished", HEX):
            with suppress(FileNotFoundError):  # finished meanwhile
                yield Unfinished(file.name, _since(file))

    def give_up(self, unfinished: Unfinished) -> None:
        """Remove a temporary file."""
        (self.folder / "unfinished" / unfinished.name).unlink(missing_ok=True)

    def _all(self) -> "Iterator[Disk]":
        yield self
        for batch in _entries(self.folder / "aside", MOMENT):
            yield Disk(Path(batch))
        yield self  # brought back while we looked

    def _aside(self, moment: datetime) -> "Disk":
        return Disk(self.folder / "aside" / moment.strftime(FORMAT))

    def _key_folder(self, key: str) -> Path:
        return self._path(f"{key}/0").parent

    def _path(self, name: str) -> Path:
        match = re.fullmatch(rf"({PREFIX})({REST})/([0-9]{{1,5}})", name)
        if match is None:
            raise LookupError(name)  # nothing else can be a name, so no name can leave the folder
        return self.folder / match[1] / match[2] / f"{match[3]}.webp"


def _renewed(path: Path) -> bool:
    """Tell whether a file is there, and make its folder young again first, so that it stays."""
    with suppress(FileNotFoundError):
        os.utime(path.parent)
        return path.exists()
    return False


def _entries(folder: os.PathLike[str], pattern: str) -> list[os.DirEntry[str]]:
    """Return what a folder has with such names, in their order."""
    try:
        with os.scandir(folder) as entries:
            return sorted((one for one in entries if re.fullmatch(pattern, one.name)), key=lambda one: one.name)
    except NOWHERE:
        return []


def _since(entry: os.DirEntry[str]) -> datetime:
    return datetime.fromtimestamp(entry.stat().st_mtime, UTC)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
