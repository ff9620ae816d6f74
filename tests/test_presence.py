"""Who is here, who types and how far people have read: shown to those concerned, unless somebody hides it."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, update

from app.actions import chats, presence, reading
from app.extensions import db
from app.live import bus
from app.live.pushes import Push
from app.models import Friendship, User
from app.models.columns import now
from tests.conftest import Person
from tests.tabs import Elements
from tests.talk import befriend, gather, pushed_html, read_seq, said_in, say

pytestmark = pytest.mark.usefixtures("app")


class Hub:
    """A hub that knows who is online, and keeps what it is told."""

    def __init__(self) -> None:
        self.here: set[int] = set()
        self.pushes: list[Push] = []
        self.closed: list[tuple[int, int]] = []
        self.full = False

    def online(self, people: list[int]) -> set[int]:
        """Return who of these is here."""
        return set(people) & self.here

    def watched(self, chats: list[int]) -> set[int]:
        """Return all of them."""
        return set(chats)

    def push(self, push: Push) -> None:
        """Keep a push."""
        self.pushes.append(push)

    push_here = push

    def close_person(self, person: int, code: int = 1008) -> None:
        """Keep whose sockets were closed."""
        self.closed.append((person, code))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()
    monkeypatch.setattr(bus, "hub", hub)
    yield hub


def wish(app: Flask, who: Person, **wishes: bool) -> None:
    with app.app_context():
        db.session.execute(update(User).where(User.id == who.user_id).values(wishes))
        db.session.commit()


def element(html: str, wanted: str) -> str:
    return next(source for key, source, _ in Elements(html).found if key == wanted)


def test_who_comes_and_leaves_is_shown_to_friends(
    app: Flask, ann: Person, bob: Person, eve: Person, chat: int, hub: Hub
) -> None:
    assert bob.user_id and ann.user_id and eve.user_id
    hub.here = {bob.user_id}
    with app.app_context():
        presence.show([bob.user_id])
    (push,) = hub.pushes
    assert push.people == {ann.user_id}
    assert f'id="came" data-id="{bob.user_id}" data-online' in pushed_html(push)
    page = ann.get(f"/chats/{chat}").text
    assert f'data-person="{bob.user_id}" data-online' in page
    assert element(pushed_html(push), f"last-seen-{bob.user_id}") == element(page, f"last-seen-{bob.user_id}")
    hub.here.clear()
    hub.pushes.clear()
    with app.app_context():
        presence.show([bob.user_id])
        assert db.session.get_one(User, bob.user_id).last_seen_at
    (push,) = hub.pushes
    assert "data-online" not in pushed_html(push) and "last seen" in pushed_html(push)
    assert "last seen" in ann.get(f"/chats/{chat}").text


def test_who_hides_it_is_not_shown(app: Flask, ann: Person, bob: Person, chat: int, hub: Hub) -> None:
    assert bob.user_id
    with app.app_context():
        presence.show([bob.user_id])
    wish(app, bob, shows_presence=False)
    hub.pushes.clear()
    with app.app_context():
        presence.show([bob.user_id])
    (push,) = hub.pushes  # those who saw them here hear that they are not, and not since when
    assert "data-online" not in pushed_html(push) and "@bob" in pushed_html(push)
    assert "last seen" not in ann.get(f"/chats/{chat}").text and "@bob" in ann.get(f"/chats/{chat}").text


def test_who_is_no_friend_any_more_does_not_see_who_is_here(
    app: Flask, ann: Person, bob: Person, chat: int, hub: Hub
) -> None:
    assert bob.user_id
    hub.here = {bob.user_id}
    with app.app_context():
        presence.note([bob.user_id], now())
    assert "data-online" in ann.get(f"/chats/{chat}").text
    ann.post(f"/users/{bob.user_id}/friendship/delete")
    told = [pushed_html(push) for push in hub.pushes if ann.user_id in push.people]
    assert any(f'<i id="came" data-id="{bob.user_id}" hidden>' in html and "@bob" in html for html in told)
    page = ann.get(f"/chats/{chat}").text
    assert "data-online" not in page and "last seen" not in page
    hub.pushes.clear()
    with app.app_context():
        presence.show([bob.user_id])
    assert not [push for push in hub.pushes if ann.user_id in push.people]
    ann.post(f"/users/{bob.user_id}/friendship/restore")
    told = [pushed_html(push) for push in hub.pushes if ann.user_id in push.people]
    assert any(f'<i id="came" data-id="{bob.user_id}" data-online hidden>' in html for html in told)


def test_the_count_in_a_groups_header(app: Flask, ann: Person, bob: Person, eve: Person, hub: Hub) -> None:
    for friend in (bob, eve):
        befriend(app, ann, friend)
    group = gather(app, ann, bob, eve)
    assert ann.user_id and bob.user_id and eve.user_id
    hub.here = {ann.user_id, bob.user_id}
    hub.pushes.clear()
    with app.app_context():
        presence.show([bob.user_id])
    counts = [pushed_html(push) for push in hub.pushes if "online-count" in pushed_html(push)]
    page = ann.get(f"/chats/{group}").text
    assert element(counts[-1], f"online-{group}") == element(page, f"online-{group}") and "2 online" in page
    hub.pushes.clear()
    ann.post(f"/chats/{group}/members/{bob.user_id}/delete")
    counts = [pushed_html(push) for push in hub.pushes if "online-count" in pushed_html(push)]
    page = ann.get(f"/chats/{group}").text
    assert element(counts[-1], f"online-{group}") == element(page, f"online-{group}") and "1 online" in page


def test_typing_is_shown_to_the_others(app: Flask, ann: Person, bob: Person, eve: Person, chat: int, hub: Hub) -> None:
    assert bob.user_id and eve.user_id
    with app.app_context():
        chats.show_typing(chat, bob.user_id)
        chats.show_typing(chat, eve.user_id)  # who is not in the chat
    (push,) = hub.pushes
    assert push.people == {ann.user_id} and "Богдан is typing…" in pushed_html(push)
    assert "Богдан пише…" in pushed_html(push, "uk")
    hub.pushes.clear()
    wish(app, bob, shows_typing=False)
    with app.app_context():
        chats.show_typing(chat, bob.user_id)
    wish(app, bob, shows_typing=True)
    with app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
        chats.show_typing(chat, bob.user_id)
    assert hub.pushes == []


def test_reading_of_many_is_noted_at_once(app: Flask, ann: Person, bob: Person, chat: int, hub: Hub) -> None:
    assert ann.user_id and bob.user_id
    group = gather(app, ann, bob)
    for _ in range(3):
        say(ann, chat)
        say(ann, group)
    hub.pushes.clear()
    with app.app_context():
        strange = [(chat, 999, 3, True), (999, bob.user_id, 1, True)]
        reading.read_all([(chat, bob.user_id, 2, False), (group, bob.user_id, 3, True), *strange])
    assert (read_seq(app, chat, bob), read_seq(app, group, bob)) == (2, 3)
    shown = [pushed_html(push) for push in hub.pushes]
    assert sum('id="readers-' in html for html in shown) == 2
    (own,) = [push for push in hub.pushes if "badge-chats" in pushed_html(push)]
    assert own.people == {bob.user_id} and f'id="chat-unread-{group}" data-read-seq="3"' in pushed_html(own)
    hub.pushes.clear()
    with app.app_context():
        reading.read_all([(chat, bob.user_id, 1, True), (chat, bob.user_id, 99, True)])
    assert hub.pushes == [] and read_seq(app, chat, bob) == 2


def test_how_far_others_have_read(app: Flask, ann: Person, bob: Person, join: object, hub: Hub) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob)
    for _ in range(4):
        say(ann, group)

    def readers() -> tuple[str, ...]:
        page = ann.get(f"/chats/{group}").text
        found = re.search(r'data-first="(\d+)" data-first-seq="(\d+)" data-next-seq="(\d+)"', page)
        assert found
        return found.groups()

    assert readers() == (f"{ann.user_id}", "5", "0")
    hub.pushes.clear()
    bob.post(f"/chats/{group}/read", data={"seq": 3})
    told = next(pushed_html(push) for push in hub.pushes if "readers-" in pushed_html(push))
    assert readers() == (f"{ann.user_id}", "5", "3")
    assert element(told, f"readers-{group}") == element(ann.get(f"/chats/{group}").text, f"readers-{group}")
    wish(app, bob, shows_reading=False)
    assert readers() == (f"{ann.user_id}", "5", "0")


def test_who_has_read_a_message(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat)
    (message,) = said_in(app, chat)
    assert "Read by nobody yet" in ann.htmx("GET", f"/messages/{message.id}/menu").text
    bob.get(f"/chats/{chat}")
    assert "Read by 1 person" in ann.htmx("GET", f"/messages/{message.id}/menu").text
    assert 'href="/@bob"' in ann.get(f"/messages/{message.id}").text
    wish(app, bob, shows_reading=False)
    assert "Read by nobody yet" in ann.htmx("GET", f"/messages/{message.id}/menu").text


def test_what_others_are_told_is_a_setting(app: Flask, bob: Person, hub: Hub) -> None:
    answer = bob.htmx("POST", "/settings/chats", data={"shows_presence": "1", "shows_typing": "1"})
    assert answer.status_code == 200 and "Your choice is saved" in answer.text and hub.closed == []
    with app.app_context():
        user = db.session.get_one(User, bob.user_id)
        told = (user.enter_sends, user.shows_presence, user.shows_typing, user.shows_reading)
        assert told == (False, True, True, False)
    assert bob.post("/settings/chats", data={}).status_code == 303
    assert hub.closed == [(bob.user_id, 1012)]  # their tabs come back, and are counted as they wish
