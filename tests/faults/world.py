"""A community under load whose server is killed, and the count of what became of every message."""

import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Chat, Message
from tests.faults.browsers import Deed, Outbox, Person, Tab
from tests.residents import application, befriend, cookies, settle
from tests.servers import Server

MARKS = (
    "before the write",
    "after the write",
    "before the commit",
    "after the commit",
    "during fan-out",
    "during a socket write",
    "during replay",
)
WORDS = ("Привіт", "так", "ok", "щось <b>нове</b>", "👍🏽", "Ї" * 40, "a & b", "line\nbreak")


class FaultyServer(Server):
    """A server that dies where it is told to."""

    configuration = "tests/faults/marked.py"

    def start_to_die(self, mark: str, passage: int, who: str) -> None:
        """Start, to die at the so-manieth passage of a mark."""
        self.fired = self.instance / f"fired-{time.monotonic_ns()}"
        self.environment = {"FAULT": f"{mark}:{passage}:{who}", "FAULT_FIRED": str(self.fired)}
        self.start()

    @property
    def has_fired(self) -> bool:
        """Whether the mark was passed."""
        return self.fired.exists()


@dataclass
class World:
    """Servers on one database, people who talk in pairs, and the tabs in which they look."""

    servers: list[Server]
    seed: int
    pairs: int = 8
    tabs_each: int = 1
    restless: float = 0.3
    ports: list[int] = field(default_factory=list)  # where browsers connect, if not at the servers themselves
    outboxes: list[Outbox] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make the people; one server is running."""
        self.random = random.Random(self.seed)
        self.app: Flask = application(self.servers[0])
        ids = settle(self.app, 2 * self.pairs, f"world{self.seed}.")
        ports = self.ports or [server.port for server in self.servers]
        people = [Person(ports, cookie, number) for number, cookie in zip(ids, cookies(self.app, ids), strict=True)]
        self.chats = befriend(self.app, list(zip(ids[::2], ids[1::2], strict=True)))
        for number, person in enumerate(people):
            chat = self.chats[number // 2]
            self.outboxes.append(Outbox(person, self.seed * 1000 + number))
            for tab in range(self.tabs_each):
                self.tabs.append(Tab(person, chat, self.seed * 1000 + 10 * number + tab, self.restless))

    def begin(self) -> None:
        """Open the tabs and let people send what waits."""
        for one in (*self.tabs, *self.outboxes):
            one.start()

    def say(self, count: int) -> None:
        """Have people write so many messages more."""
        for _ in range(count):
            number = self.random.randrange(len(self.outboxes))
            said = f"{self.seed}-{sum(self.written.values())}"
            self.written[said] += 1
            body = f"{self.random.choice(WORDS)} {said}"
            path = f"/chats/{self.chats[number // 2]}/messages"
            self.outboxes[number].waiting.append(Deed(path, {"body": body, "client_id": said}))

    @property
    def waiting(self) -> int:
        """How much has not been acknowledged."""
        return sum(len(outbox.waiting) for outbox in self.outboxes)

    def settle_down(self, seconds: float = 60) -> None:
        """Wait until everything is acknowledged and every tab has what the table has, or time is over."""
        deadline = time.monotonic() + seconds
        while self.waiting and time.monotonic() < deadline:
            time.sleep(0.02)
        for tab in self.tabs:
            tab.restless = 0
        with self.app.app_context():
            revisions = {chat.id: chat.last_revision for chat in db.session.scalars(select(Chat))}
        while any(tab.last_revision < revisions[tab.chat] for tab in self.tabs) and time.monotonic() < deadline:
            time.sleep(0.02)

    def end(self) -> None:
        """Close everything."""
        for one in (*self.outboxes, *self.tabs):
            one.stopping.set()
        for thread in (*self.outboxes, *self.tabs):
            if thread.is_alive():
                thread.join(10)
        with self.app.app_context():
            db.engine.dispose()

    def count(self) -> list[str]:
        """Return everything that is not as it was promised."""
        faults = [f"{self.waiting} were never acknowledged"] if self.waiting else []
        with self.app.app_context():
            ours = Message.chat_id.in_(self.chats)
            stored = list(db.session.scalars(select(Message).where(ours).order_by(Message.chat_id, Message.seq)))
            chats = {chat.id: chat for chat in db.session.scalars(select(Chat).where(Chat.id.in_(self.chats)))}
            db.session.remove()
            db.engine.dispose()
        times = Counter(message.client_id for message in stored)
        acknowledged = {said: number for outbox in self.outboxes for said, number in outbox.said.items()}
        faults += [f"{said} is stored {times[said]} times" for said in self.written if times[said] != 1]
        faults += [f"{said} was never sent" for said in times if said not in self.written]
        ids = {message.client_id: message.id for message in stored}
        faults += [
            f"{said} was acknowledged as another" for said in acknowledged if acknowledged[said] != ids.get(said)
        ]
        by_chat: dict[int, list[Message]] = {number: [] for number in chats}
        for message in stored:
            by_chat[message.chat_id].append(message)
        for number, messages in by_chat.items():
            if [message.seq for message in messages] != list(range(1, chats[number].last_seq + 1)):
                faults.append(f"the places of chat {number} are not in a row")
            faults += self._out_of_order(messages)
        for tab in self.tabs:
            faults += [f"a tab of chat {tab.chat}: {fault}" for fault in tab.faults]
            faults += self._unlike(tab, by_chat[tab.chat], chats[tab.chat].last_revision)
        return faults

    def _out_of_order(self, messages: list[Message]) -> list[str]:
        last: dict[int | None, int] = {}
        faults = []
        for message in messages:
            number = int(message.client_id.rpartition("-")[2])
            if number < last.get(message.author_id, -1):
                faults.append(f"{message.client_id} stands after what its author said later")
            last[message.author_id] = number
        return faults

    @staticmethod
    def _unlike(tab: Tab, messages: list[Message], revision: int) -> list[str]:
        """Compare a tab with the table; a log that was made anew begins with the newest fifty."""
        first = min(tab.shown, default=1)
        wanted = [(message.seq, message.id, message.client_id) for message in messages if message.seq >= first]
        present = [(one.seq, one.id, one.client_id) for _, one in sorted(tab.shown.items())]
        if present == wanted and tab.last_revision == revision and (first == 1 or len(wanted) >= 50):
            return []
        missing = sorted({seq for seq, *_ in wanted} - {seq for seq, *_ in present})
        return [
            f"a tab of chat {tab.chat} at revision {tab.last_revision} of {revision} shows {len(present)} of "
            f"{len(wanted)} messages; missing {missing[:5]}"
        ]


def run(folder: Path, seed: int, sends: int, **settings: str) -> tuple[World, Counter[str]]:
    """Let a community talk while its server is killed again and again; return it at rest, and which marks killed it."""
    choice = random.Random(seed)
    server = FaultyServer(folder / "instance", **settings)
    server.start()
    world = World([server], seed)
    world.begin()
    killed: Counter[str] = Counter()
    marks = list(MARKS)
    choice.shuffle(marks)
    per_kill = max(20, sends // (2 * len(MARKS)))
    said = 0
    try:
        while said < sends:
            server.stop(signal.SIGKILL)
            mark = marks[sum(killed.values()) % len(marks)]
            who = choice.choice(("all", "self"))
            server.start_to_die(mark, choice.randint(1, max(2, per_kill // 3)), who)
            count = min(per_kill, sends - said)
            said += count
            world.say(count)
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and world.waiting:
                if server.process is not None and server.process.poll() is not None:
                    break
                time.sleep(0.01)
            if server.has_fired:
                killed[f"{mark} ({'everything' if who == 'all' else 'that process'})"] += 1
        if server.process is not None and server.process.poll() is not None:
            server.start()
        world.settle_down()
    finally:
        world.end()
        with suppress(Exception):
            server.stop()
    return world, killed
