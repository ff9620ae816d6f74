"""Sockets with no checks: as plain flask-sock keeps them, and as World IT's hub does."""

from typing import Any

from flask import Flask
from flask_sock import Sock

from app import create_app
from app.extensions import sock
from app.live import bus
from app.live.sockets import detach

plain = Flask(__name__)
plain_sock = Sock(plain)


@plain_sock.route("/tab")
def keep(ws: Any) -> None:
    """Wait for what the tab says, as every example of flask-sock does."""
    while True:
        ws.receive()


@plain.get("/healthz")
def health() -> str:
    """Answer."""
    return "ok"


@sock.route("/tab")
def hand_over(ws: Any) -> None:
    """Give the socket to the hub."""
    bus.hub.release(bus.hub.adopt(detach(ws), person=1, session=0, language="en", chat=None))


app = create_app()
