"""The same with plain flask-sock, as its examples are written: every tab in a set, and ``send`` in a loop."""

import threading
from collections import defaultdict
from typing import Any

from flask import Flask, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from benchmarks.fanout.saying import listen_for_orders

app = Flask(__name__)
sock = Sock(app)
clients: defaultdict[int, list[Any]] = defaultdict(list)


@sock.route("/tab")
def join(ws: Any) -> None:
    """Keep a tab until it is gone."""
    chat = int(request.args["chat"])
    clients[chat].append(ws)
    try:
        while True:
            ws.receive()
    finally:
        clients[chat].remove(ws)


def say(chat: int, text: str) -> None:
    """Send a message to every tab of its chat."""
    for ws in list(clients[chat + 1]):
        try:
            ws.send(text)
        except ConnectionClosed:
            continue


@app.get("/begin")
def begin() -> str:
    """Open the control port."""
    threading.Thread(target=listen_for_orders, args=(say,), daemon=True).start()
    return ""
