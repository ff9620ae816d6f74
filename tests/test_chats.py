"""Chats: opened by friends, seen by their members, read by whoever looks."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import messages
from app.extensions import db
from app.live.hub import Push
from app.models import Chat, Friendship, Membership, User
from app.models.columns import now
from tests.conftest import Person


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[Push]:
    """What verbs hand over to be shown, instead of sockets."""
    handed: list[Push] = []
    monkeypatch.setattr("app.live.bus.publish", handed.append)
    return handed


@pytest.fixture
def befriend(app: Flask) -> Callable[[Person, Person], None]:
    def befriend(one: Person, other: Person) -> None:
        low, high = sorted((one.user_id or 0, other.user_id or 0))
        with app.app_context():
            db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
            db.session.commit()

    return befriend


@pytest.fixture
def chat(ann: Person, bob: Person, befriend: Callable[[Person, Person], None]) -> int:
    """The chat of ann and bob, who are friends."""
    befriend(ann, bob)
    return open_chat(ann, bob)


def open_chat(one: Person, other: Person) -> int:
    answer = one.post(f"/users/{other.user_id}/chat")
    assert answer.status_code == 303
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def say(person: Person, chat_id: int, body: str, **fields: str) -> None:
    assert person.post(f"/chats/{chat_id}/messages", data={"body": body, **fields}).status_code == 303


def test_a_chat_of_two_is_one_whoever_opens_it(ann: Person, bob: Person, chat: int) -> None:
    assert open_chat(bob, ann) == open_chat(ann, bob) == chat


def test_two_who_open_their_chat_at_once_get_the_same(
    app: Flask, ann: Person, bob: Person, befriend: Callable[[Person, Person], None]
) -> None:
    befriend(ann, bob)
    barrier, got = threading.Barrier(4), []

    def go(one: Person, other: Person) -> None:
        barrier.wait()
        got.append(open_chat(one, other))

    threads = [threading.Thread(target=go, args=pair) for pair in [(ann, bob), (bob, ann)] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len(set(got)) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Chat)) == 1
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 2


def test_strangers_and_oneself_are_not_written_to(ann: Person, bob: Person) -> None:
    answer = ann.post(f"/users/{bob.user_id}/chat")
    assert answer.status_code == 422
    assert "Ask to be friends first" in answer.text
    assert "cannot write to yourself" in ann.post(f"/users/{ann.user_id}/chat").text
    assert ann.post("/users/999/chat").status_code == 404


def test_outsiders_find_nothing_there(ann: Person, eve: Person, chat: int) -> None:
    say(ann, chat, "A secret")
    for path in (f"/chats/{chat}", f"/chats/{chat}/messages", "/chats/999"):
        assert eve.get(path).status_code == 404
    for path in (f"/chats/{chat}/messages", f"/chats/{chat}/read"):
        assert eve.post(path, data={"body": "Hi", "seq": "1"}).status_code == 404
    assert "A secret" not in eve.get("/chats").text
    assert "Ann" not in eve.get("/chats/contacts").text


def test_the_inbox_has_the_latest_first_with_preview_and_unread(
    ann: Person, bob: Person, chat: int, join: Callable[..., Person], befriend: Callable[[Person, Person], None]
) -> None:
    carl = join("carl", "Carl", "West")
    befriend(ann, carl)
    other = open_chat(carl, ann)
    say(bob, chat, "First words")
    say(carl, other, "Later words")
    say(carl, other, "Latest words")
    page = ann.get("/chats").text
    assert page.index(f'id="chat-{other}"') < page.index(f'id="chat-{chat}"')
    assert "Latest words" in page
    assert "2 unread messages" in page
    assert 'data-count="3"' in page

    ann.get(f"/chats/{other}")
    page = ann.get("/chats").text
    assert "2 unread messages" not in page
    assert 'data-count="1"' in page


def test_a_chat_without_words_is_not_in_the_inbox(ann: Person, chat: int) -> None:
    assert f'id="chat-{chat}"' not in ann.get("/chats").text
    assert "Nothing has been said yet" in ann.get(f"/chats/{chat}").text


def test_reading_tells_the_readers_other_tabs_and_never_goes_back(
    app: Flask, ann: Person, bob: Person, chat: int, pushes: list[Push]
) -> None:
    for words in ("One", "Two", "Three"):
        say(bob, chat, words)
    pushes.clear()
    assert ann.htmx("POST", f"/chats/{chat}/read", data={"seq": "3"}).status_code == 200
    (push,) = pushes
    assert push.people == {ann.user_id}
    assert b'id="badge-chats" data-count="0"' in push.renderings["en"]
    pushes.clear()
    for junk in ("1", "0", "-5", "99", "x", ""):
        ann.htmx("POST", f"/chats/{chat}/read", data={"seq": junk})
    assert pushes == []
    with app.app_context():
        assert db.session.get(Membership, (chat, ann.user_id)).read_seq == 3  # type: ignore[union-attr]


def test_an_ended_friendship_leaves_the_words_and_closes_the_composer(ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat, "Remember this")
    bob.post(f"/users/{ann.user_id}/friendship/delete")
    page = ann.get(f"/chats/{chat}")
    assert "Remember this" in page.text
    assert "not friends any more" in page.text
    assert 'id="composer"' not in page.text
    answer = ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "Hello?"})
    assert answer.status_code == 422
    assert "not friends any more" in answer.text


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("їжак", True),
        ("ЇЖАК богд", True),
        ("богдан ґонта", True),
        ("bob", True),
        ("богдан петренко", False),
        ("%", False),
    ],
)
def test_contacts_are_found_by_every_word_in_any_case(ann: Person, chat: int, q: str, found: bool) -> None:
    assert ("Ґонта-Їжак" in ann.get("/chats/contacts", query_string={"q": q}).text) is found
    assert ("Ґонта-Їжак" in ann.get("/chats", query_string={"q": q}).text.split('id="inbox"')[0]) is found


def make_chats(app: Flask, ann: Person, join: Callable[..., Person], count: int) -> None:
    people = [join(f"friend{number}") for number in range(count)]
    with app.test_request_context():
        for person in people:
            low, high = sorted((ann.user_id or 0, person.user_id or 0))
            db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
            chat = Chat(kind="direct", low_id=low, high_id=high, last_message_at=now())
            db.session.add(chat)
            db.session.flush()
            db.session.add_all([Membership(chat_id=chat.id, user_id=low), Membership(chat_id=chat.id, user_id=high)])
            db.session.commit()
            author = db.session.get(User, person.user_id)
            assert author is not None
            messages.send(chat.id, author, "Hello", f"{chat.id}")


def test_the_inbox_asks_no_more_for_thirty_chats_than_for_three(
    app: Flask, ann: Person, join: Callable[..., Person], queries: list[str]
) -> None:
    make_chats(app, ann, join, 3)
    queries.clear()
    ann.get("/chats")
    few = len(queries)
    for number in range(27):
        join(f"more{number}")
    make_more(app, ann)
    queries.clear()
    page = ann.get("/chats").text
    assert page.count("chat-row") == 30
    assert len(queries) == few


def make_more(app: Flask, ann: Person) -> None:
    with app.test_request_context():
        for person in db.session.scalars(select(User).where(User.username.startswith("more"))).all():
            chat = Chat(kind="direct", low_id=ann.user_id, high_id=person.id, last_message_at=now())
            db.session.add(chat)
            db.session.flush()
            db.session.add_all(Membership(chat_id=chat.id, user_id=one) for one in (ann.user_id, person.id))
            db.session.add(Friendship(low_id=ann.user_id, high_id=person.id, requester_id=person.id, accepted_at=now()))
            db.session.commit()
            messages.send(chat.id, person, "Hello", f"{chat.id}")
