"""The same with plain flask-sock, as its examples are written: every tab in a set, and ``send`` in a loop."""

from collections import defaultdict
from typing import Any

from flask import Flask, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from benchmarks.fanout import saying

app = Flask(__name__)
sock = Sock(app)
clients: defaultdict[int, set[Any]] = defaultdict(set)
joined = saying.Joined()


@sock.route("/tab")
def join(ws: Any) -> None:
    """Keep a tab until it is gone."""
    chat = int(request.args["chat"])
    clients[chat].add(ws)
    joined.add()
    try:
        while True:
            ws.receive()
    finally:
        clients[chat].discard(ws)


def say(chat: int, text: str) -> None:
    """Send a message to every tab of its chat."""
    for ws in list(clients[chat]):
        try:
            ws.send(text)
        except ConnectionClosed:
            clients[chat].discard(ws)


@app.get("/begin")
def begin() -> str:
    """Open the control port."""
    saying.begin(say)
    return ""


@app.get("/joined")
def count() -> str:
    """Tell how many tabs are ready to hear."""
    return str(joined)
