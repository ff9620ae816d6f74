"""Asking, agreeing, declining, ending and taking back, through the doors."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.actions.counts import recount
from app.extensions import db
from app.live import bus
from app.live.hub import Push
from app.models import EndedFriendship, Friendship, HiddenSuggestion, User
from app.models.columns import now
from tests.conftest import Person
from tests.talk import open_chat, pushed_html

pytestmark = pytest.mark.usefixtures("app")


def row(app: Flask) -> Friendship | None:
    with app.app_context():
        return db.session.scalars(select(Friendship)).one_or_none()


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {user.username or "": user.friend_count for user in db.session.scalars(select(User))}


def do(who: Person, deed: str, whom: Person) -> int:
    return who.htmx("POST", f"/users/{whom.user_id}/{deed}").status_code


def befriend(one: Person, other: Person) -> None:
    assert do(one, "friendship", other) == do(other, "friendship/accept", one) == 200


def test_a_request_waits_until_it_is_accepted(app: Flask, ann: Person, bob: Person) -> None:
    assert do(ann, "friendship", bob) == 200
    asked = row(app)
    assert asked and asked.requester_id == ann.user_id and asked.accepted_at is None
    assert counts(app) == {"ann": 0, "bob": 0}
    assert do(bob, "friendship/accept", ann) == 200
    accepted = row(app)
    assert accepted and accepted.accepted_at and accepted.requested_at == asked.requested_at
    assert counts(app) == {"ann": 1, "bob": 1}


def test_asking_somebody_who_asked_is_agreeing(app: Flask, ann: Person, bob: Person) -> None:
    do(ann, "friendship", bob)
    assert "You are friends now." in bob.htmx("POST", f"/users/{ann.user_id}/friendship").text
    assert counts(app) == {"ann": 1, "bob": 1}


@pytest.mark.parametrize("times", [1, 2])
def test_doing_it_twice_is_doing_it_once(app: Flask, ann: Person, bob: Person, times: int) -> None:
    for _ in range(times):
        assert do(ann, "friendship", bob) == 200
    for _ in range(times):
        assert do(bob, "friendship/accept", ann) == 200
    assert do(ann, "friendship", bob) == 200
    assert counts(app) == {"ann": 1, "bob": 1}
    for _ in range(times):
        assert do(ann, "friendship/delete", bob) == 200
    assert row(app) is None
    assert counts(app) == {"ann": 0, "bob": 0}


def test_only_who_was_asked_may_answer(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    do(ann, "friendship", bob)
    assert do(ann, "friendship/accept", bob) == 422
    assert do(ann, "friendship/decline", bob) == 422
    for deed in ("accept", "decline", "delete", "restore"):
        for whom in (ann, bob):
            do(eve, f"friendship/{deed}", whom)
    asked = row(app)
    assert asked and asked.accepted_at is None


def test_a_request_may_be_declined_or_cancelled(app: Flask, ann: Person, bob: Person) -> None:
    for who, whom, deed in ((bob, ann, "decline"), (ann, bob, "delete")):
        do(ann, "friendship", bob)
        assert do(who, f"friendship/{deed}", whom) == 200
        assert row(app) is None
        assert counts(app) == {"ann": 0, "bob": 0}


def test_what_no_longer_fits_is_refused_with_a_sentence(app: Flask, ann: Person, bob: Person) -> None:
    for who, deed, whom, sentence in (
        (ann, "friendship", ann, "yourself"),
        (ann, "friendship/accept", ann, "no longer there"),
        (ann, "friendship/accept", bob, "no longer there"),
        (ann, "friendship/restore", bob, "no longer be undone"),
    ):
        answer = who.htmx("POST", f"/users/{whom.user_id}/{deed}")
        assert answer.status_code == 422
        assert sentence in answer.text
    do(ann, "friendship", bob)
    assert "accept the request or decline it" in bob.htmx("POST", f"/users/{ann.user_id}/friendship/delete").text
    do(bob, "friendship/accept", ann)
    assert "friends already" in bob.htmx("POST", f"/users/{ann.user_id}/friendship/decline").text
    assert counts(app) == {"ann": 1, "bob": 1}


DEEDS = (
    "friendship",
    "friendship/accept",
    "friendship/decline",
    "friendship/delete",
    "friendship/restore",
    "suggestion",
    "suggestion/delete",
)


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_is_found_who_is_not_there(
    app: Flask, ann: Person, join: Callable[..., Person], visitor: Person, deed: str
) -> None:
    newcomer = join("newcomer")
    with app.app_context():
        user = db.session.get(User, newcomer.user_id)
        assert user
        user.username = user.username_folded = None  # not introduced yet
        db.session.commit()
    assert do(ann, deed, newcomer) == 404
    assert ann.post(f"/users/999999/{deed}").status_code == 404
    assert ann.post(f"/users/{2**70}/{deed}").status_code == 404
    assert visitor.post(f"/users/{ann.user_id}/{deed}").location.startswith("/login")
    assert row(app) is None


def test_what_was_ended_can_be_put_back_as_it_was(app: Flask, ann: Person, bob: Person) -> None:
    do(ann, "friendship", bob)
    pending = row(app)
    do(bob, "friendship/decline", ann)
    answer = bob.htmx("POST", f"/users/{ann.user_id}/friendship/restore")
    assert answer.status_code == 200 and "as it was" in answer.text
    again = row(app)
    assert pending and again
    assert (again.requester_id, again.requested_at, again.accepted_at) == (ann.user_id, pending.requested_at, None)
    do(bob, "friendship/accept", ann)
    friends = row(app)
    do(ann, "friendship/delete", bob)
    assert do(ann, "friendship/restore", bob) == 200
    again = row(app)
    assert friends and again
    assert (again.requested_at, again.accepted_at) == (friends.requested_at, friends.accepted_at)
    assert counts(app) == {"ann": 1, "bob": 1}
    assert do(ann, "friendship/restore", bob) == 422
    assert counts(app) == {"ann": 1, "bob": 1}


def test_only_who_ended_it_may_put_it_back(app: Flask, ann: Person, bob: Person) -> None:
    befriend(ann, bob)
    do(ann, "friendship/delete", bob)
    assert do(bob, "friendship/restore", ann) == 422
    do(ann, "friendship/restore", bob)
    do(bob, "friendship/delete", ann)
    assert do(ann, "friendship/restore", bob) == 422
    assert row(app) is None


def test_what_was_ended_long_ago_stays_ended(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    for other in (bob, eve):
        befriend(ann, other)
        do(ann, "friendship/delete", other)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert do(ann, "friendship/restore", bob) == 422
        befriend(ann, bob)
        do(ann, "friendship/delete", bob)
        with app.app_context():
            assert db.session.scalars(select(EndedFriendship)).one().ended_at > now() - timedelta(minutes=1)


def test_a_new_request_stands_in_the_way_of_an_old_one(app: Flask, ann: Person, bob: Person) -> None:
    befriend(ann, bob)
    do(ann, "friendship/delete", bob)
    do(bob, "friendship", ann)
    assert do(ann, "friendship/restore", bob) == 422
    asked = row(app)
    assert asked and asked.requester_id == bob.user_id and asked.accepted_at is None


def test_a_suggestion_is_hidden_and_shown_again(app: Flask, ann: Person, bob: Person) -> None:
    for _ in range(2):
        answer = ann.htmx("POST", f"/users/{bob.user_id}/suggestion/delete")
        assert answer.status_code == 200 and f'action="/users/{bob.user_id}/suggestion"' in answer.text
    with app.app_context():
        assert db.session.scalars(select(HiddenSuggestion)).one().user_id == ann.user_id
    for _ in range(2):
        assert do(ann, "suggestion", bob) == 200
    assert do(ann, "suggestion/delete", ann) == 200
    with app.app_context():
        assert db.session.scalars(select(HiddenSuggestion)).all() == []


def test_the_answer_takes_the_card_away_and_brings_the_numbers(ann: Person, bob: Person) -> None:
    do(ann, "friendship", bob)
    text = bob.htmx("POST", f"/users/{ann.user_id}/friendship/accept").text
    assert f'hx-target="#person-{ann.user_id}" hx-swap="delete"' in text
    assert 'id="count-friends">1<' in text.replace("\n", "")
    assert 'id="badge-requests" data-count="0"' in text
    assert 'id="friends-news"' in text
    assert "Message" in text and f'action="/users/{ann.user_id}/friendship/delete"' in text


def test_undo_is_offered_where_something_was_taken_away(ann: Person, bob: Person) -> None:
    do(ann, "friendship", bob)
    undo = f'hx-post="/users/{bob.user_id}/friendship/restore"'
    assert undo in ann.htmx("POST", f"/users/{bob.user_id}/friendship/delete").text
    assert undo not in ann.htmx("POST", f"/users/{bob.user_id}/friendship/delete").text


def test_without_a_script_people_return_to_where_they_were(ann: Person, bob: Person) -> None:
    answer = ann.post(f"/users/{bob.user_id}/friendship", headers={"Referer": "http://localhost/friends/suggestions"})
    assert (answer.status_code, answer.location) == (303, "/friends/suggestions")
    answer = ann.post(f"/users/{bob.user_id}/friendship/delete", headers={"Referer": "http://evil.example/x"})
    assert answer.location == "/friends"
    page = ann.get("/friends").text
    assert "Request cancelled." in page
    assert f'action="/users/{bob.user_id}/friendship/restore"' in page


def test_the_other_one_sees_it_at_once(ann: Person, bob: Person, pushed: list[Push]) -> None:
    do(ann, "friendship", bob)
    to_bob = b"".join(push.renderings["en"] for push in pushed if push.people == {bob.user_id})
    assert b'id="badge-requests" data-count="1"' in to_bob and b"Friend requests: 1" in to_bob
    assert b'id="friends-news"' in to_bob
    pushed.clear()
    do(bob, "friendship/accept", ann)
    to_ann = b"".join(push.renderings["en"] for push in pushed if push.people == {ann.user_id})
    to_bob = b"".join(push.renderings["en"] for push in pushed if push.people == {bob.user_id})
    assert b'id="friends-news"' in to_ann
    assert b'id="badge-requests" data-count="0"' in to_bob  # in bob's other tabs


def test_nothing_is_pushed_when_nothing_happened(ann: Person, bob: Person, eve: Person, pushed: list[Push]) -> None:
    befriend(ann, bob)
    pushed.clear()
    do(ann, "friendship", bob)
    do(bob, "friendship/accept", ann)
    do(ann, "friendship/delete", eve)
    do(ann, "friendship/restore", eve)
    assert pushed == []


def at_once(*deeds: Callable[[], object]) -> None:
    """Do all of this in threads that begin at the same moment."""
    start, failures = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def check_counts(app: Flask) -> None:
    """Compare the kept counts with what the rows say."""
    kept = counts(app)
    with app.app_context():
        recount()
    assert kept == counts(app)


def test_two_who_ask_each_other_at_once_are_friends(app: Flask, ann: Person, bob: Person) -> None:
    for _ in range(8):
        at_once(lambda: do(ann, "friendship", bob), lambda: do(bob, "friendship", ann))
        friends = row(app)
        assert friends and friends.accepted_at
        assert counts(app) == {"ann": 1, "bob": 1}
        at_once(lambda: do(ann, "friendship/delete", bob), lambda: do(bob, "friendship/delete", ann))
        assert row(app) is None
        assert counts(app) == {"ann": 0, "bob": 0}


def test_counts_stay_true_whatever_happens_at_once(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    people, chance = (ann, bob, eve), random.Random(7)

    def wander(seed: int) -> Callable[[], None]:
        choice = random.Random(seed)

        def deeds() -> None:
            for _ in range(15):
                who, whom = choice.sample(people, 2)
                # A browser is not made for two threads; each step gets its own with the same cookie.
                assert do(twin(app, who), choice.choice(DEEDS[:5]), whom) in (200, 422)

        return deeds

    at_once(*(wander(chance.randrange(1000)) for _ in range(4)))
    check_counts(app)


def twin(app: Flask, person: Person) -> Person:
    """Return another browser with the same cookie."""
    client = cast(Person, app.test_client())
    cookie = person.get_cookie("worldit")
    assert cookie
    client.set_cookie("worldit", cookie.value)
    return client


def test_the_chat_of_two_closes_and_opens_with_their_friendship(
    ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    befriend(ann, bob)
    chat = open_chat(ann, bob)
    pushes: list[Push] = []
    monkeypatch.setattr(bus, "publish", pushes.append)

    def told() -> list[tuple[frozenset[int], str]]:
        return [(push.people, html) for push in pushes if f'id="composer-{chat}"' in (html := pushed_html(push))]

    ann.post(f"/users/{bob.user_id}/friendship/delete")
    ((people, html),) = told()
    assert people == {ann.user_id, bob.user_id} and "You are not friends any more" in html and "data-closed" not in html
    assert " ".join(html.split()) in " ".join(bob.get(f"/chats/{chat}").text.split())  # as on a page loaded anew
    pushes.clear()
    ann.post(f"/users/{bob.user_id}/friendship/restore")
    ((people, html),) = told()
    assert people == {ann.user_id, bob.user_id} and f'hx-get="/chats/{chat}"' in html
