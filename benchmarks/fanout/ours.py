"""World IT's own live engine with a door for whoever asks, and no pages."""

import os
import threading
from collections import defaultdict
from typing import Any

from flask import request

from app import create_app
from app.extensions import sock, sqlite_module
from app.live import bus
from app.live.frames import text_frame
from app.live.hub import Hub
from app.live.pushes import Push
from app.live.sockets import detach
from benchmarks.fanout.saying import listen_for_orders

members: defaultdict[int, frozenset[int]] = defaultdict(frozenset)


@sock.route("/tab")
def join(ws: Any) -> None:
    """Give the hub a tab that looks at a chat."""
    chat, person = int(request.args["chat"]), int(request.args["person"])
    members[chat] |= {person}
    bus.hub.release(bus.hub.adopt(detach(ws), person=person, session=0, language="en", chat=chat))


def say(chat: int, text: str) -> None:
    """Show a message to the chat's members who look at it, as messages.send does."""
    bus.publish(Push(members[chat + 1], {"en": text_frame(text)}, chat + 1, audience="watching"))


app = create_app()


@app.get("/begin")
def begin() -> str:
    """Open the control port; not at import, since gunicorn forks. FANOUT_HUB=thread puts the hub into this process."""
    if os.environ.get("FANOUT_HUB") == "thread":
        bus.use(Hub())
    threading.Thread(target=listen_for_orders, args=(say, sqlite_module), daemon=True).start()
    return ""
