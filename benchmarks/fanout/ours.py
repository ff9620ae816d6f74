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
from benchmarks.fanout import saying

joining = threading.Lock()
people: defaultdict[int, set[int]] = defaultdict(set)
members: dict[int, frozenset[int]] = {}  # of the chats that nobody joined since they were last asked for
joined = saying.Joined()


@sock.route("/tab")
def join(ws: Any) -> None:
    """Give the hub a tab that looks at a chat."""
    chat, person = int(request.args["chat"]), int(request.args["person"])
    with joining:
        people[chat].add(person)
        members.pop(chat, None)
    bus.hub.release(bus.hub.adopt(detach(ws), person=person, session=0, language="en", chat=chat))
    joined.add()


def say(chat: int, text: str) -> None:
    """Show a message to the chat's members who look at it, as messages.send does."""
    everybody = members.get(chat)
    if everybody is None:
        with joining:
            everybody = members[chat] = frozenset(people[chat])
    bus.publish(Push(everybody, {"en": text_frame(text)}, chat=chat, audience="watching"))


app = create_app()


@app.get("/begin")
def begin() -> str:
    """Open the control port. With FANOUT_HUB=thread the hub is a thread of this process, for comparison."""
    if os.environ.get("FANOUT_HUB") == "thread":
        bus.use(Hub())
    saying.begin(say, sqlite_module)
    return ""


@app.get("/joined")
def count() -> str:
    """Tell how many tabs are ready to hear."""
    return str(joined)
