"""The control port of the contestants in Python: what the client asks for is stored, then said."""

import os
import socket
import sqlite3
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

RECORD = struct.Struct("=IIQ")
# A message as the product's templates make it; reference.c sends the same bytes.
BODY = (
    '<article class="message" id="message-1" data-author="7" data-chat="3" data-seq="12" data-revision="12" '
    'data-client-id="0123456789abcdef0123456789abcdef"><span class="others-only"><span class="avatar avatar-s" '
    'aria-hidden="true">ОІ</span></span><div class="bubble"><p class="unseen message-author">Оксана Їжакевич</p>'
    '<p class="message-body">Привіт! Зустрінемось о шостій біля фонтана, я принесу каву та пиріжки.</p>'
    '<time datetime="2026-11-23T18:45:00.000+00:00" data-style="time">20:45</time></div></article>'
)

Say = Callable[[int, str], None]


def html(chat: int, number: int, stamp: int) -> str:
    """Return a message as the client can check it."""
    return f"{chat:010} {number:010} {stamp:020} {BODY}"


class Joined:
    """How many tabs are ready to hear, which the handshake does not tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self._count += 1

    def __str__(self) -> str:
        """Return the number, for a door."""
        return str(self._count)


def begin(say: Say, sqlite: ModuleType = sqlite3) -> None:
    """Listen for orders from now on; not at import, since gunicorn forks."""
    threading.Thread(target=listen, args=(say, sqlite), name="control", daemon=True).start()


def listen(say: Say, sqlite: ModuleType) -> None:
    """Take orders on the port that FANOUT_CONTROL names, one client after the other, for ever.

    Whatever has come together is stored in one transaction, durably, before ``say`` is called with a chat and a text.
    """
    database = sqlite.connect(Path(os.environ["FANOUT_DATABASE"]), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, chat INT, number INT, body TEXT)")
    with socket.create_server(("127.0.0.1", int(os.environ["FANOUT_CONTROL"]))) as door:
        while True:
            client, _ = door.accept()
            kept = b""
            while received := client.recv(65536):
                kept += received
                whole = len(kept) - len(kept) % RECORD.size
                records = list(RECORD.iter_unpack(kept[:whole]))
                kept = kept[whole:]
                if not records:
                    continue
                database.execute("BEGIN IMMEDIATE")
                rows = [(chat, number, BODY) for chat, number, _ in records]
                database.executemany("INSERT INTO said (chat, number, body) VALUES (?, ?, ?)", rows)
                database.execute("COMMIT")
                for chat, number, stamp in records:
                    say(chat, html(chat, number, stamp))
            client.close()
