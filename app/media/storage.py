"""Where the bytes of pictures are kept."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit


class Storage(Protocol):
    """Bytes by name, where a name is ``<key>/<variant>``; what is stored under a name never changes."""

    def put(self, name: str, content: bytes) -> None:
        """Store content; storing it again changes nothing."""

    def open(self, name: str) -> BinaryIO:
        """Return a file to read; raise LookupError when there is none."""

    def remove(self, key: str) -> None:
        """Remove everything stored under a key, if there is anything."""


class Disk:
    """A folder of this machine: ``ab/cdef…/960.webp``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Write aside, make sure it is on the disk, and rename: a crash leaves no half of a picture."""
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)  # on a full disk

    def open(self, name: str) -> BinaryIO:
        """Return the open file."""
        try:
            return self._path(name).open("rb")
        except OSError:
            raise LookupError(name) from None

    def remove(self, key: str) -> None:
        """Remove the key's folder and what is in it."""
        folder = self._path(f"{key}/0").parent
        with contextlib.suppress(FileNotFoundError):
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()

    def _path(self, name: str) -> Path:
        match = re.fullmatch(r"([0-9a-f]{2})([0-9a-f]{30})/([0-9]{1,5})", name)
        if match is None:
            raise LookupError(name)  # nothing else can be a name, so no name can leave the folder
        return self.folder / match[1] / match[2] / f"{match[3]}.webp"


def storage_at(url: str) -> Storage:
    """Return the storage at an address: ``file:/folder``."""
    return Disk(Path(unquote(urlsplit(url).path)))
