"""A community under load whose server is killed, and the count of what became of every message."""

import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from app.actions import groups
from app.extensions import db, writing
from app.models import Chat, Friendship, Message, User
from app.models.columns import now
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
        self.launch()
        try:
            self.wait()
        except RuntimeError:
            if not self.has_fired:  # else it died as it was told to, before anybody else could ask
                raise

    @property
    def has_fired(self) -> bool:
        """Whether the mark was passed."""
        return self.fired.exists()


@dataclass
class World:
    """Servers on one database, people who talk in pairs and in a group, and the tabs in which they look."""

    servers: list[Server]
    seed: int
    pairs: int = 8
    group: bool = False  # the first half of the people are in it; the first one owns it
    restless: float = 0.3
    ports: list[int] = field(default_factory=list)  # where browsers connect, if not at the servers themselves
    outboxes: list[Outbox] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    written: dict[str, Deed] = field(default_factory=dict)
    begun: bool = False

    def __post_init__(self) -> None:
        """Make the people; one server is running."""
        self.random = random.Random(self.seed)
        self.app: Flask = application(self.servers[0])
        self.people = settle(self.app, 2 * self.pairs, f"world{self.seed}.")
        ports = self.ports or [server.port for server in self.servers]
        self.chats = befriend(self.app, list(zip(self.people[::2], self.people[1::2], strict=True)))
        for number, cookie in enumerate(cookies(self.app, self.people)):
            person = Person(ports, cookie, self.people[number])
            self.outboxes.append(Outbox(person, self.seed * 1000 + number))
            self._open_tab(number, self.chats[number // 2])
        self.members: list[int] = []  # numbers of those who talk in the group
        if self.group:
            self._gather()

    def _gather(self) -> None:
        owner, *others = self.people
        self.members = list(range(self.pairs))
        with self.app.test_request_context():
            with writing():
                for other in others[1:]:  # the first is a friend already
                    low, high = sorted((owner, other))
                    db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
                db.session.commit()
            user = db.session.get_one(User, owner)
            self.chats.append(groups.create(user, "The group", [self.people[number] for number in self.members[1:]]))
        for number in self.members:
            self._open_tab(number, self.chats[-1])

    def _open_tab(self, number: int, chat: int) -> None:
        seed = self.seed * 1000 + 10 * number + len(self.tabs)
        self.tabs.append(Tab(self.outboxes[number].person, chat, seed, self.restless))
        if self.begun:
            self.tabs[-1].start()

    def begin(self) -> None:
        """Open the tabs and let people send what waits."""
        self.begun = True
        for one in (*self.tabs, *self.outboxes):
            one.start()

    def say(self, count: int) -> None:
        """Have people write so many messages more."""
        for _ in range(count):
            number = self.random.randrange(len(self.outboxes))
            here = self.chats[number // 2]
            chat = self.chats[-1] if number in self.members and self.random.random() < 0.6 else here
            said = f"{self.seed}-{len(self.written)}"
            body = f"{self.random.choice(WORDS)} {said}"
            deed = Deed(f"/chats/{chat}/messages", {"body": body, "client_id": said}, said)
            self.written[said] = deed
            self.outboxes[number].waiting.append(deed)

    def change(self, count: int) -> None:
        """Have people edit and delete so many of their messages."""
        for _ in range(count):
            outbox = self.random.choice(self.outboxes)
            told = [*outbox.done, *outbox.waiting]
            deleted = {deed.client_id for deed in told if deed.path.endswith("/delete")}
            own = sorted({deed.client_id for deed in told if deed.client_id} - deleted)
            if not own:
                continue
            said = self.random.choice(own)
            if self.random.random() < 0.3:
                outbox.waiting.append(Deed("/messages/{message}/delete", {}, said))
            else:
                body = f"{self.random.choice(WORDS)} edited {self.random.randrange(10**6)}"
                outbox.waiting.append(Deed("/messages/{message}", {"body": body}, said))

    def come_and_go(self) -> None:
        """Have somebody join the group, somebody be sent out, or somebody leave; who went does not come back."""
        group, door = self.chats[-1], f"/chats/{self.chats[-1]}/members"
        outside = [number for number in range(self.pairs, 2 * self.pairs) if self.people[number] not in self._invited]
        if outside and self.random.random() < 0.5:
            number = self.random.choice(outside)
            self._invited.add(self.people[number])
            self.outboxes[0].waiting.append(Deed(door, {"member_ids": str(self.people[number])}))
            self._open_tab(number, group)
        elif len(self.members) > 3:
            number = self.members.pop(self.random.randrange(1, len(self.members)))
            if self.random.random() < 0.5:
                self.outboxes[0].waiting.append(Deed(f"{door}/{self.people[number]}/delete", {}))
            else:
                self.outboxes[number].waiting.append(Deed(f"/chats/{group}/leave", {}))

    @cached_property
    def _invited(self) -> set[int]:
        return set()

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
        behind = self.tabs
        while behind and time.monotonic() < deadline:
            time.sleep(0.02)
            behind = [tab for tab in behind if not tab.closed and tab.last_revision < revisions[tab.chat]]

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
        with self.app.app_context():
            ours = Message.chat_id.in_(self.chats)
            stored = list(db.session.scalars(select(Message).where(ours).order_by(Message.chat_id, Message.seq)))
            chats = {chat.id: chat for chat in db.session.scalars(select(Chat).where(Chat.id.in_(self.chats)))}
            db.session.remove()
            db.engine.dispose()
        faults = [f"{self.waiting} were never acknowledged"] if self.waiting else []
        faults += self._not_as_told([message for message in stored if message.kind == "said"])
        for number, chat in chats.items():
            messages = [message for message in stored if message.chat_id == number]
            if [message.seq for message in messages] != list(range(1, chat.last_seq + 1)):
                faults.append(f"the places of chat {number} are not in a row")
            faults += self._out_of_order(messages)
        for tab in self.tabs:
            faults += [f"a tab of chat {tab.chat}: {fault}" for fault in tab.faults]
            messages = [message for message in stored if message.chat_id == tab.chat]
            faults += self._unlike(tab, messages, chats[tab.chat].last_revision)
        return faults

    def _not_as_told(self, stored: list[Message]) -> list[str]:
        """Compare the table with what was acknowledged and refused."""
        times = Counter(message.client_id for message in stored)
        by_id = {message.client_id: message for message in stored}
        faults = [f"{said} was never sent" for said in times if said not in self.written]
        for said, deed in self.written.items():
            if times[said] != (0 if deed.refused else 1):
                faults.append(f"{said} is stored {times[said]} times{', and was refused' if deed.refused else ''}")
        for outbox in self.outboxes:
            last: dict[str, Deed] = {
                deed.client_id: deed for deed in outbox.done if deed.client_id and not deed.refused
            }
            for said, deed in last.items():
                message = by_id.get(said)
                if message is None or message.id != outbox.said[said]:
                    faults.append(f"{said} was acknowledged as another")
                elif message.body != deed.fields.get("body", "") or bool(message.deleted_at) != (not deed.fields):
                    faults.append(f"{said} is not as it was changed last")
        return faults

    def _out_of_order(self, messages: list[Message]) -> list[str]:
        last: dict[int | None, int] = {}
        faults = []
        for message in messages:
            if message.kind == "said":
                number = int(message.client_id.rpartition("-")[2])
                if number < last.get(message.author_id, -1):
                    faults.append(f"{message.client_id} stands after what its author said later")
                last[message.author_id] = number
        return faults

    @staticmethod
    def _unlike(tab: Tab, messages: list[Message], revision: int) -> list[str]:
        """Compare a tab with the table; a log that was made anew begins with the newest fifty."""
        who = f"a tab of chat {tab.chat} of person {tab.person.id}"
        went = [one.seq for one in messages if one.event in ("removed", "left") and one.subject_id == tab.person.id]
        if went:
            late = [seq for seq in tab.shown if seq > went[0]]
            return [f"{who} shows what was said after they went: {late[:5]}"] if late else []
        first = min(tab.shown, default=1)
        wanted = [
            (message.seq, message.id, message.revision, str(escape(message.body)))
            for message in messages
            if message.seq >= first
        ]
        present = [(one.seq, one.id, one.revision, one.words) for _, one in sorted(tab.shown.items())]
        if present == wanted and tab.last_revision == revision and (first == 1 or len(wanted) >= 50):
            return []
        other = sorted({one[0] for one in wanted} ^ {one[0] for one in present})
        unlike = [(one, two) for one, two in zip(wanted, present, strict=False) if one != two]
        return [
            f"{who} at revision {tab.last_revision} of {revision} shows {len(present)} of {len(wanted)} messages; "
            f"missing or too many: {other[:5]}; wanted and shown: {unlike[:2]}"
        ]


def run(folder: Path, seed: int, sends: int, **settings: str) -> tuple[World, Counter[str]]:
    """Let a community talk while its server is killed again and again; return it at rest, and which marks killed it."""
    choice = random.Random(seed)
    server = FaultyServer(folder / "instance", **settings)
    server.start()
    world = World([server], seed, restless=0.05)
    world.begin()
    killed: Counter[str] = Counter()
    marks = list(MARKS)
    choice.shuffle(marks)
    per_kill = max(20, sends // (2 * len(MARKS)))
    said = step = 0
    try:
        while said < sends:
            server.stop(signal.SIGKILL)
            mark, step = marks[step % len(marks)], step + 1
            who = choice.choice(("all", "self"))
            # Every tab comes back after a kill, and that is how often there is something to replay.
            most = len(world.tabs) // 2 if mark == "during replay" else max(2, per_kill // 3)
            server.start_to_die(mark, choice.randint(1, most), who)
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
