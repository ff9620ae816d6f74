"""Opening chats, finding whom to write to, and reading, through the doors."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.extensions import db
from app.live.hub import Push
from app.models import Chat, Friendship, Membership
from tests.conftest import Person
from tests.talk import at_once, befriend, fill, gather, open_chat, pushed_html, read_seq, say, shown, twin

pytestmark = pytest.mark.usefixtures("app")


def rows(html: str) -> list[int]:
    """Return the chats an inbox lists, in its order."""
    return [int(chat_id) for chat_id in re.findall(r'class="row chat-row[^"]*" id="chat-(\d+)"', html)]


def badge(html: str) -> int:
    """Return the number of unread messages in the header."""
    found = re.search(r'id="badge-chats" data-count="(\d+)"', html)
    assert found
    return int(found[1])


def test_two_friends_have_one_chat(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    assert open_chat(ann, bob) == open_chat(bob, ann) == chat
    answer = bob.htmx("POST", f"/users/{ann.user_id}/chat")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/chats/{chat}")
    assert ann.get(f"/chats/{chat}").status_code == bob.get(f"/chats/{chat}").status_code == 200


def test_a_chat_opened_at_once_is_one(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    found: list[int] = []
    pairs = [(twin(app, ann), bob), (twin(app, bob), ann)] * 3
    pairs = [(twin(app, one), other) for one, other in pairs]
    at_once(*(lambda one=one, other=other: found.append(open_chat(one, other)) for one, other in pairs))
    assert len(found) == 6 and len(set(found)) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Chat)) == 1
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 2


def test_only_friends_begin_a_chat(app: Flask, ann: Person, bob: Person, eve: Person, visitor: Person) -> None:
    ann.htmx("POST", f"/users/{bob.user_id}/friendship")  # asked, and not answered yet
    for whom in (bob, eve, ann):
        assert ann.htmx("POST", f"/users/{whom.user_id}/chat").status_code == 422
        assert ann.post(f"/users/{whom.user_id}/chat").status_code == 422
    assert ann.post("/users/999999/chat").status_code == 404
    assert visitor.post(f"/users/{ann.user_id}/chat").location.startswith("/login")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Chat)) == 0


def test_nobody_else_gets_through_a_chats_doors(app: Flask, ann: Person, eve: Person, chat: int) -> None:
    say(ann, chat, "A secret")
    for ask in (eve.get, lambda path: eve.htmx("GET", path)):
        assert ask(f"/chats/{chat}").status_code == 404
        assert ask(f"/chats/{chat}/messages?before=9").status_code == 404
        assert ask("/chats/999999").status_code == 404
    for path in (f"/chats/{chat}/messages", f"/chats/{chat}/read"):
        assert eve.post(path, data={"body": "Hi", "seq": 1}).status_code == 404
        assert eve.htmx("POST", path, data={"body": "Hi", "seq": 1}).status_code == 404
    assert "A secret" not in eve.get("/chats").text and rows(eve.get("/chats").text) == []
    assert len(shown(ann.get(f"/chats/{chat}").text)) == 1


def test_visitors_are_sent_to_the_sign_in_page(visitor: Person, chat: int) -> None:
    for path in ("/chats", "/chats/contacts", f"/chats/{chat}", f"/chats/{chat}/messages"):
        assert visitor.get(path).location.startswith("/login")
    assert visitor.post(f"/chats/{chat}/messages", data={"body": "Hi"}).location.startswith("/login")


def test_contacts_are_ones_own_friends(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person]
) -> None:
    olena = join("olena", "Олена", "Мартинова Коваль")
    for friend in (bob, olena):
        befriend(app, ann, friend)

    def found(q: str) -> set[int]:
        html = ann.htmx("GET", "/chats/contacts", query_string={"q": q}).text
        return {int(user_id) for user_id in re.findall(r'id="contact-(\d+)"', html)}

    assert found("") == {bob.user_id, olena.user_id}
    assert found("ґонта") == found("БОГДАН їжак") == {bob.user_id}
    assert found("коваль ол") == found("OLENA") == {olena.user_id}
    assert found("олена ґонта") == found("eve") == found("%") == found("_") == set()
    assert "No friend and no group is called that" in ann.get("/chats?q=eve").text
    group = gather(app, ann, bob, name="Гуртківці 100%")
    for q, there in (("ГУРТ", True), ("100%", True), ("_", False), ("гурт инше", False)):
        assert (f'href="/chats/{group}"' in ann.htmx("GET", "/chats/contacts", query_string={"q": q}).text) == there
    assert f"/chats/{group}" not in eve.htmx("GET", "/chats/contacts?q=гурт").text
    assert "Богдан" in ann.get("/chats?q=богд").text and "Олена" not in ann.get("/chats?q=богд").text
    assert f'id="contact-{ann.user_id}"' not in eve.get("/chats").text


def test_the_latest_chat_is_first_and_the_list_goes_on(
    app: Flask, ann: Person, join: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.blueprints.chats.PAGE", 2)
    chats = []
    for number in range(5):
        friend = join(f"friend{number}")
        befriend(app, ann, friend)
        chats.append(open_chat(ann, friend))
    assert rows(ann.get("/chats").text) == []  # nothing has been said in any
    for chat in chats:
        say(ann, chat)
    say(ann, chats[1], "Again")
    listed, path = [], "/chats"
    while path:
        html = ann.get(path).text
        listed += rows(html)
        more = re.search(r'href="(/chats\?after=[^"]+)"', html)
        path = more[1] if more else ""
    assert listed == [chats[at] for at in (1, 4, 3, 2, 0)]
    for junk in ("x", "-", "1-", "9" * 17 + "-1", "-1-1", "²-1", "1" * 40 + "-1"):
        assert ann.get("/chats", query_string={"after": junk}).status_code == 200


def test_unread_counts(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for _ in range(3):
        say(ann, chat)
    page = bob.get("/chats").text
    assert badge(page) == 3 and "Unread messages: 3" in page and 'class="row chat-row unread"' in page
    assert badge(ann.get("/chats").text) == 0
    assert bob.htmx("POST", f"/chats/{chat}/read", data={"seq": 2}).status_code == 200
    assert (read_seq(app, chat, bob), badge(bob.get("/chats").text)) == (2, 1)
    for junk in ("1", "0", "-1", "99", "9" * 30, "two", ""):
        assert bob.htmx("POST", f"/chats/{chat}/read", data={"seq": junk}).status_code == 200
        assert read_seq(app, chat, bob) == 2
    bob.get(f"/chats/{chat}?before=2")
    assert read_seq(app, chat, bob) == 2  # the newest were not on that page
    assert badge(bob.get(f"/chats/{chat}").text) == 0
    assert (read_seq(app, chat, bob), read_seq(app, chat, ann)) == (3, 3)
    answer = bob.post(f"/chats/{chat}/read", data={"seq": 3})
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat}")


def test_reading_never_goes_back_whatever_comes_last(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 20)
    twins = [(twin(app, bob), seq) for seq in (20, 3, 11, 7)]
    at_once(*(lambda who=who, seq=seq: who.post(f"/chats/{chat}/read", data={"seq": seq}) for who, seq in twins))
    assert read_seq(app, chat, bob) == 20


def test_reading_is_shown_in_the_readers_other_tabs(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    fill(app, chat, ann, 3)
    bob.htmx("POST", f"/chats/{chat}/read", data={"seq": 2})
    bob.htmx("POST", f"/chats/{chat}/read", data={"seq": 2})
    _readers, push = pushed
    assert (push.people, push.audience) == ({bob.user_id}, "everyone")
    text = pushed_html(push)
    assert 'id="badge-chats" data-count="1"' in text
    assert f'id="chat-unread-{chat}" data-read-seq="2" data-count="1">' in text and "Unread messages: 1<" in text
    assert "Непрочитаних повідомлень: 1" in pushed_html(push, "uk")


def test_an_ended_friendship_leaves_the_words(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat, "Before the end")
    with app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
    page = bob.get(f"/chats/{chat}").text
    assert "Before the end" in page and "You are not friends any more" in page and 'id="composer"' not in page
    assert rows(bob.get("/chats").text) == [chat]
    assert open_chat(bob, ann) == chat
    answer = bob.htmx("POST", f"/chats/{chat}/messages", data={"body": "After", "client_id": "a"})
    assert answer.status_code == 422 and "You are not friends any more" in answer.text


def test_more_chats_cost_no_more_queries(
    app: Flask, ann: Person, join: Callable[..., Person], queries: list[str]
) -> None:
    costs = []
    for number in range(30):
        friend = join(f"friend{number}")
        befriend(app, ann, friend)
        say(friend, open_chat(friend, ann))
        if number + 1 in (3, 30):
            queries.clear()
            assert len(rows(ann.get("/chats").text)) == number + 1
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 6
