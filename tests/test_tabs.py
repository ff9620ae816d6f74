"""Whatever people do, lose and come back to: every open tab shows what a page that is loaded anew shows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.extensions import db
from app.live import bus
from app.live.pushes import Push
from app.models import Membership, Message
from app.queries.chats import _member_ids
from tests.conftest import Person, empty_tables
from tests.tabs import Tab
from tests.talk import befriend, gather, say

NAMES = ("ann", "bob", "olena", "eve")
WORDS = ("Привіт 🌊", "https://example.com", "@bob look, @olena", "<b>", "x" * 300, "так")
EMOJI = ("👍", "❤️", "😂")


@dataclass
class Talk:
    """Four people in a group, each of whom has two tabs; what one of them does is brought to the tabs that listen."""

    app: Flask
    people: list[Person]
    chat: int
    pushes: list[Push]
    tabs: list[Tab] = field(default_factory=list)
    done: int = 0

    def post(self, who: int, path: str, **data: object) -> None:
        """Let somebody do something; a no is fine."""
        answer = self.people[who].htmx("POST", path, data=data)
        assert answer.status_code < 500, answer.text
        self.done += answer.status_code < 300
        pushes, self.pushes[:] = list(self.pushes), []
        for push in pushes:
            for tab in self.tabs:
                tab.hear(push)

    def message(self, which: int, who: int | None = None) -> int:
        """Return the id of one of the messages, of what somebody said if they said anything."""
        every = (
            select(Message.id).where(Message.chat_id == self.chat, Message.kind == "said").order_by(Message.id.desc())
        )
        with self.app.app_context():
            ids = list(db.session.scalars(every))
            if who is not None:
                ids = list(db.session.scalars(every.where(Message.author_id == self.people[who].user_id))) or ids
        return ids[which % min(len(ids), 8)]

    def members(self) -> set[int | None]:
        """Return who is in the group."""
        with self.app.app_context():
            return set(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == self.chat)))

    def owner(self) -> int:
        """Return whose group it is."""
        with self.app.app_context():
            owned = select(Membership.user_id).where(Membership.chat_id == self.chat, Membership.role == "owner")
            owner = db.session.scalars(owned).one()
        return next(place for place, person in enumerate(self.people) if person.user_id == owner)

    def come_back(self) -> None:
        """Let those who are in the group again open it again."""
        members = self.members()
        for tab in self.tabs:
            if tab.closed and tab.person.user_id in members:
                tab.load()

    def compare(self) -> None:
        """Hold every tab that listens against the page as it would be loaded now."""
        members, fresh = self.members(), dict[int | None, Tab]()
        for tab in self.tabs:
            if not tab.listening or tab.closed:
                continue
            person = tab.person.user_id
            assert person in members, "who is out is told so"
            if person not in fresh:
                fresh[person] = Tab(self.app, tab.person, self.chat)
                fresh[person].load()
            assert tab.read_by_others() == fresh[person].read_by_others()
            first = min(map(_seq, fresh[person].shown.values()))
            assert _shown(tab, first) == _shown(fresh[person], first)


def _seq(html: str) -> int:
    found = re.search(r'class="message"[^>]* data-seq="(\d+)"', html)
    return int(found[1]) if found else 10**9


def _shown(tab: Tab, first: int) -> dict[str, str]:
    """Return what a tab shows, from the first message on that a page shows."""
    compared = {key: html for key, html in tab.shown.items() if not key.startswith("readers-")}
    return {key: html for key, html in compared.items() if _seq(html) >= first}


Deed = Callable[[Talk, int, int, int], None]


def _speak(talk: Talk, who: int, which: int, other: int) -> None:
    reply = {"reply_to": talk.message(which)} if other % 2 else {}
    talk.post(who, f"/chats/{talk.chat}/messages", body=WORDS[which % len(WORDS)], **reply)


def _edit(talk: Talk, who: int, which: int, other: int) -> None:
    talk.post(who, f"/messages/{talk.message(which, who)}", body=WORDS[other % len(WORDS)])


def _react(talk: Talk, who: int, which: int, other: int) -> None:
    path = f"/messages/{talk.message(which)}/reactions{'/delete' if other % 3 == 0 else ''}"
    talk.post(who, path, emoji=EMOJI[other % len(EMOJI)])


def _change(deed: str, own: bool = False) -> Deed:
    def change(talk: Talk, who: int, which: int, other: int) -> None:
        talk.post(who, f"/messages/{talk.message(which, who if own else None)}/{deed}")

    return change


def _add(talk: Talk, who: int, which: int, other: int) -> None:
    talk.post(who, f"/chats/{talk.chat}/members", member_ids=talk.people[other % 4].user_id)
    talk.come_back()


def _remove(talk: Talk, who: int, which: int, other: int) -> None:
    if len(talk.members()) > 2:
        talk.post(talk.owner(), f"/chats/{talk.chat}/members/{talk.people[other % 4].user_id}/delete")


def _leave(talk: Talk, who: int, which: int, other: int) -> None:
    if len(talk.members()) > 2:
        talk.post(who, f"/chats/{talk.chat}/leave")


def _give_role(talk: Talk, who: int, which: int, other: int) -> None:
    role = ("admin", "member", "owner")[which % 3]
    talk.post(talk.owner(), f"/chats/{talk.chat}/members/{talk.people[other % 4].user_id}/role", role=role)


def _rename(talk: Talk, who: int, which: int, other: int) -> None:
    name = ("Hikers", "Climbers 🏔", "Мандрівники")[which % 3]
    talk.post(talk.owner(), f"/chats/{talk.chat}", name=name, description="Up!" * (other % 2))


def _read(talk: Talk, who: int, which: int, other: int) -> None:
    talk.post(who, f"/chats/{talk.chat}/read", seq=which + other)


def _cut(talk: Talk, who: int, which: int, other: int) -> None:
    talk.tabs[which % 8].listening = False  # the connection is lost, and so is what is said meanwhile


def _restart(talk: Talk, who: int, which: int, other: int) -> None:
    for tab in talk.tabs:
        tab.listening = False
    _member_ids.cache_clear()  # what a process remembered
    if other % 2:
        talk.post(who, f"/chats/{talk.chat}/messages", body="said while nobody listened")
    _connect(talk, who, which, other)


def _connect(talk: Talk, who: int, which: int, other: int) -> None:
    for tab in talk.tabs:
        if not tab.listening and not tab.closed:
            tab.connect()


DEEDS: list[Deed] = [
    *[_speak] * 6,
    *[_edit] * 3,
    *[_react] * 4,
    *[_change("delete", own=True), _change("hide"), _change("pin"), _change("pin/delete")],
    *[_add] * 2,
    *[_remove, _leave, _give_role, _rename],
    *[_read] * 2,
    *[_cut] * 3,
    *[_connect] * 2,
    _restart,
]
STEP = st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(0, 40), st.integers(0, 40))


def test_every_tab_is_what_a_reload_would_show(
    app: Flask, join: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushes: list[Push] = []
    monkeypatch.setattr(bus, "publish", pushes.append)
    done = []

    @settings(
        max_examples=3,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
        database=None,
    )
    @given(st.lists(STEP, min_size=70, max_size=70))
    def whatever_they_do(steps: list[tuple[Deed, int, int, int]]) -> None:
        with app.app_context():
            empty_tables()
        people = [join(name) for name in NAMES]
        for place, person in enumerate(people):
            person.set_cookie("scripted", "1")  # to load a page is not to read it
            for other in people[:place]:
                befriend(app, other, person)
        talk = Talk(app, people, gather(app, *people), pushes)
        for person in people:
            say(person, talk.chat)
        pushes.clear()
        talk.tabs = [Tab(app, person, talk.chat) for person in people for _ in range(2)]
        for tab in talk.tabs:
            tab.load()
        for deed, who, which, other in steps:
            deed(talk, who, which, other)
            talk.compare()
        _connect(talk, 0, 0, 0)
        talk.compare()
        done.append(talk.done)

    whatever_they_do()
    assert sum(done) > 30 * len(done), "most of it was done"
