"""World IT with doors for tests: a socket for whoever asks, and pushes on demand."""

import time

from flask import request
from simple_websocket import Server

from app import create_app
from app.extensions import sock
from app.live import bus, presence
from app.live.frames import text_frame
from app.live.pushes import Push
from app.live.sockets import detach


@sock.route("/test/live")
def connect(server: Server) -> None:
    connection = bus.hub.adopt(detach(server), person=int(request.args["person"]), session=0, language="en", chat=None)
    bus.hub.release(connection, [text_frame("welcome")])


app = create_app()


@app.get("/test/push/<text>")
def push(text: str) -> str:
    bus.publish(Push(frozenset(range(1000)), {"en": text_frame(text)}))
    return ""


@app.get("/test/slow")
def slow() -> str:
    time.sleep(10)
    return "at last"


@app.get("/test/online")
def online() -> str:
    return ",".join(map(str, sorted(presence.online(range(1000)))))
