"""Where pictures are decoded: in a process of their own, two at a time, where they stop nobody else."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

# A square of an upright picture: its left and top edge as shares of width and height (0 to 1), and its side as a share
# of the shorter of them.
Crop = tuple[float, float, float]

PROGRAM = Path(__file__).with_name("images.py")
SECONDS = 50  # of waiting: it gives way to pages, and those may be many
_rooms = threading.BoundedSemaphore(min(2, os.cpu_count() or 1))


class Spoiled(Exception):
    """A picture that did not come out; ``problem`` is "unknown", "pixels", "broken", "blank", or "busy" for us."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Developed:
    """A picture that came out: its facts and the bytes of its variants, smallest first."""

    key: str
    width: int
    height: int
    colour: str
    variants: tuple[bytes, ...]


def develop(content: bytes, kind: str = "picture", crop: Crop | None = None) -> Developed:
    """Decode an upload and encode its variants; raise Spoiled when that cannot be done within the limits.

    ``kind`` is one of VARIANTS in images.py: "picture" as it is, "avatar", the square ``crop`` of it, or "signature",
    what is written on it.
    """
    line, _, rest = _answer(content, [kind, *(f"{number:.6f}" for number in crop or ())]).partition(b"\n")
    try:
        facts = json.loads(line)
    except ValueError:
        raise Spoiled("broken") from None
    if "problem" in facts:
        raise Spoiled(facts["problem"])
    variants, start = [], 0
    for size in facts["sizes"]:
        variants.append(rest[start : start + size])
        start += size
    # The name is made here, so that a process taken over by its picture cannot name somebody else's.
    key = hashlib.blake2b(b"".join(variants), digest_size=16).hexdigest()
    return Developed(key, facts["width"], facts["height"], facts["colour"], tuple(variants))


def _answer(content: bytes, words: list[str]) -> bytes:
    """Return what the program says of an upload, or raise Spoiled if it comes to no end, or to a bad one."""
    # A file rather than a pipe: that is fed by a thousand small writes, between which pages wait for this thread.
    with _rooms, TemporaryFile() as upload:
        upload.write(content)
        upload.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 -- our own program, and nothing but a word and numbers in its arguments
                [sys.executable, "-I", str(PROGRAM), *words],
                stdin=upload,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
                process_group=0,  # Ctrl-C is for the server, which lets its requests end
            )
        except subprocess.TimeoutExpired:
            raise Spoiled("busy") from None  # a picture that takes too much of the processor was stopped long before
    if done.returncode != 0:
        raise Spoiled("broken")
    return done.stdout
