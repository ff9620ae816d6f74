"""How a socket becomes the hub's once flask-sock has shaken hands over it.

simple-websocket (pinned) writes the answer to the upgrade and would then read in a thread of its own; the thread it is
given never starts. The worker thread that answered the request is free as soon as the door returns.
"""

import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

from simple_websocket import Server

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class NoThread:
    """A thread that never starts."""

    name = ""

    def __init__(self, target: object) -> None:
        """Forget what would have run."""

    def start(self) -> None:
        """Do not."""


def server_options() -> dict[str, object]:
    """Return flask-sock's options for a handshake and nothing more."""
    return {"thread_class": NoThread}


def without_compression(app: WSGI) -> WSGI:
    """Never agree on permessage-deflate: it costs 90 kB a socket, and a frame could not be made once for all."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return app(environ, start_response)

    return wrapped


def detach(server: Server) -> socket.socket:
    """Return a socket of our own for a connection whose handshake is done, and leave the web server an empty one.

    gunicorn shuts down and closes what it finds in its hands when the request ends. A duplicate alone would be shut
    down with it, and a closed descriptor would upset its count of connections; so its descriptor is made to stand for
    a fresh socket that is connected to nobody.
    """
    server.connected = False  # or flask-sock would send a close frame when the door returns
    own: socket.socket = server.sock.dup()
    own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with socket.socket() as stand_in:
        os.dup2(stand_in.fileno(), server.sock.fileno(), inheritable=False)
    return own
