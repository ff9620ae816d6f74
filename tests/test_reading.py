"""How far people have read: counts that never lie, and what others are told of it."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import reading
from app.extensions import db
from app.live.pushes import Push
from app.models import Membership
from tests.conftest import Person
from tests.tabs import Elements
from tests.talk import at_once, befriend, fill, gather, pushed_html, read_seq, said_in, say
from tests.test_chats import badge
from tests.test_groups import crowd

pytestmark = pytest.mark.usefixtures("app")


def element(html: str, wanted: str) -> str:
    return next(source for key, source, _ in Elements(html).found if key == wanted)


def of(pushes: list[Push], who: Person, wanted: str) -> str:
    """Return the last state of an element that somebody's tabs were told."""
    told = [html for push in pushes if who.user_id in push.people and f'id="{wanted}"' in (html := pushed_html(push))]
    return element(told[-1], wanted)


def test_what_other_tabs_are_told_is_what_a_page_shows(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    group = gather(app, ann, bob)
    for words in ("one", "two", "@bob three", "four"):
        say(ann, group, words)
    say(ann, chat)
    for seq in (2, 4, 5):  # the mention is at the fourth place
        pushed.clear()
        bob.htmx("POST", f"/chats/{group}/read", data={"seq": seq})
        page = bob.get("/chats").text
        for wanted in (f"chat-unread-{group}", "badge-chats"):
            assert of(pushed, bob, wanted) == element(page, wanted)
    assert badge(page) == 1


def test_doing_something_in_a_group_is_not_reading_it(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob)
    fill(app, group, bob, 5)
    ann.post(f"/chats/{group}", data={"name": "Climbers"})
    assert read_seq(app, group, ann) == 1 and badge(ann.get("/friends").text) == 6
    ann.post(f"/chats/{group}/read", data={"seq": 7})
    ann.post(f"/chats/{group}", data={"name": "Hikers"})
    assert read_seq(app, group, ann) == 8 and badge(ann.get("/friends").text) == 0


def test_what_cannot_be_seen_does_not_count(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for _ in range(4):
        say(ann, chat)
    *_, third, last = (one.id for one in said_in(app, chat))
    bob.post(f"/messages/{last}/hide")
    assert badge(bob.get("/friends").text) == 4
    bob.post(f"/chats/{chat}/read", data={"seq": 2})
    bob.post(f"/messages/{third}/hide")
    assert badge(bob.get("/friends").text) == 0
    say(ann, chat)
    assert badge(bob.get("/friends").text) == 1


def test_a_chat_that_comes_back_from_the_archive_counts_again(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    for _ in range(3):
        say(ann, chat)
    bob.post(f"/chats/{chat}/archive")
    assert badge(bob.get("/friends").text) == 0
    pushed.clear()
    say(ann, chat)
    assert of(pushed, bob, "badge-chats") == element(bob.get("/friends").text, "badge-chats")
    assert badge(bob.get("/friends").text) == 4
    group = gather(app, ann, bob)
    for wish in ("archive", "mute"):
        bob.post(f"/chats/{group}/{wish}")
    pushed.clear()
    say(ann, group)
    assert not [push for push in pushed if "badge-chats" in pushed_html(push)]


def test_who_came_later_has_not_read_what_was_said_before(
    app: Flask, ann: Person, bob: Person, join: Callable[..., Person]
) -> None:
    befriend(app, ann, bob)
    olena = join("olena")
    befriend(app, ann, olena)
    group = gather(app, ann, bob)
    say(ann, group, "Before")
    before = said_in(app, group)[-1]
    ann.post(f"/chats/{group}/members", data={"member_ids": [olena.user_id]})
    assert "Read by nobody yet" in ann.htmx("GET", f"/messages/{before.id}/menu").text
    assert f'data-first="{ann.user_id}"' in (page := ann.get(f"/chats/{group}").text) and 'data-next-seq="0"' in page
    olena.post(f"/chats/{group}/read", data={"seq": 3})
    assert "Read by nobody yet" in ann.htmx("GET", f"/messages/{before.id}/menu").text
    say(ann, group, "After")
    olena.post(f"/chats/{group}/read", data={"seq": 4})
    assert "Read by 1 person" in ann.htmx("GET", f"/messages/{said_in(app, group)[-1].id}/menu").text


def test_who_hides_how_far_they_read_stirs_nobody(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat)
    bob.post("/settings/chats", data={"shows_presence": "1"})
    pushed.clear()
    bob.post(f"/chats/{chat}/read", data={"seq": 1})
    assert pushed and all(push.people == {bob.user_id} for push in pushed)


def test_a_thousand_who_read_at_once_are_few_statements(
    app: Flask, ann: Person, bob: Person, queries: list[str], pushed: list[Push]
) -> None:
    befriend(app, ann, bob)
    costs = []
    for count in (10, 990):
        group = gather(app, ann, bob)
        crowd(app, group, count)
        say(ann, group)
        with app.test_request_context():
            people = list(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == group)))
            pushed.clear()
            queries.clear()
            reading.read_all([(group, person, 2, person % 2 == 0) for person in people])
            costs.append(len(queries))
            assert set(db.session.scalars(select(Membership.read_seq).where(Membership.chat_id == group))) == {2}
        assert len([push for push in pushed if "badge-chats" in pushed_html(push)]) > count // 3
    assert costs[0] == costs[1] < 16


def test_reading_in_any_order_waits_in_no_ring(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob)
    crowd(app, group, 150)
    fill(app, group, bob, 40)
    with app.app_context():
        people = list(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == group)))

    def read(order: list[int], first: int) -> None:
        for seq in range(first, first + 20):
            with app.test_request_context():
                reading.read_all([(group, person, seq, False) for person in order])
            time.sleep(0)

    at_once(lambda: read(people, 2), lambda: read(people[::-1], 12))
    with app.app_context():
        assert set(db.session.scalars(select(Membership.read_seq).where(Membership.chat_id == group))) == {31}
