"""The pages of friends, requests and suggestions."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from app.extensions import db
from app.live import presence
from app.models import Chat, Friendship, HiddenSuggestion, Membership, User
from app.models.columns import now
from app.models.friendship import pair
from app.queries import friends
from app.queries.suggestions import suggestions
from tests.conftest import PASSWORD_HASH, Person
from tests.talk import befriend

PAGES = ("/friends", "/friends/requests", "/friends/suggestions", "/friends/all", "/friends/sent")


def people(app: Flask, count: int) -> list[int]:
    """Make many people at once, and return their ids."""
    with app.app_context():
        users = [
            User(email=f"p{number}@example.com", password_hash=PASSWORD_HASH, language="en") for number in range(count)
        ]
        for number, user in enumerate(users):
            user.name_themselves(f"Person{number:03}", "Example", f"p{number}")
        db.session.add_all(users)
        db.session.commit()
        return [user.id for user in users]


def relate(app: Flask, requester: int, *others: int, accepted: bool = True) -> None:
    """Have somebody ask others, one minute after the other."""
    with app.app_context():
        for minute, other in enumerate(others):
            low, high = pair(requester, other)
            at = now() - timedelta(days=1) + timedelta(minutes=minute)
            facts = {"requester_id": requester, "requested_at": at, "accepted_at": at if accepted else None}
            db.session.execute(insert(Friendship).values(low_id=low, high_id=high, **facts))
        db.session.commit()


def cards(text: str) -> list[int]:
    """Return whose cards a page shows, in their order."""
    return [int(match) for match in re.findall(r'<article class="person" id="person-(\d+)"', text)]


def walk(person: Person, path: str) -> list[int]:
    """Follow the links to the rest of a list, and return everybody in it."""
    found = []
    while path:
        text = person.get(path).text
        found += cards(text)
        link = re.search(r'class="button outline"\s+href="(/friends/[^"]*after=[^"]*)"', text)
        path = link[1].replace("&amp;", "&") if link else ""
    return found


def suggested(app: Flask, person: Person, **arguments: int) -> list[int]:
    with app.app_context():
        viewer = db.session.get(User, person.user_id)
        assert viewer
        return [one.user.id for one in suggestions(viewer, **arguments).people]


def test_visitors_are_asked_to_log_in(visitor: Person) -> None:
    for path in PAGES:
        assert visitor.get(path).location.startswith("/login")


def test_empty_lists_say_so(ann: Person) -> None:
    overview = ann.get("/friends").text
    for path, sentence in (
        ("/friends/requests", "Nobody is waiting for your answer."),
        ("/friends/suggestions", "There is nobody left to suggest."),
        ("/friends/all", "You have no friends here yet."),
        ("/friends/sent", "None of your requests is waiting for an answer."),
    ):
        assert sentence in ann.get(path).text
        assert (sentence in overview) == (path != "/friends/sent")


def test_everybody_stands_where_they_belong(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    ann_id, bob_id, eve_id = ann.user_id, bob.user_id, eve.user_id
    assert ann_id and bob_id and eve_id
    (stranger,) = people(app, 1)
    relate(app, bob_id, ann_id, accepted=False)
    relate(app, ann_id, eve_id)
    assert cards(ann.get("/friends").text) == [bob_id, stranger, eve_id]
    assert cards(bob.get("/friends").text) == [stranger, eve_id]
    assert [cards(ann.get(path).text) for path in PAGES[1:]] == [[bob_id], [stranger], [eve_id], []]
    assert [cards(bob.get(path).text) for path in PAGES[1:]] == [[], [stranger, eve_id], [], [ann_id]]
    card = bob.get("/friends/sent").text
    assert "Cancel request" in card and 'href="/@ann"' in card and "@ann" in card


def test_the_overview_shows_six_of_each_and_counts_all(app: Flask, ann: Person) -> None:
    assert ann.user_id
    askers, strangers, mates = (ids := people(app, 24))[:8], ids[8:16], ids[16:]
    for asker in askers:
        relate(app, asker, ann.user_id, accepted=False)
    relate(app, ann.user_id, *mates)
    text = ann.get("/friends").text
    assert cards(text) == [*sorted(askers)[:-7:-1], *strangers[:-7:-1], *mates[:-7:-1]]
    for name, count in {"requests": 8, "friends": 8}.items():
        assert f'id="count-{name}">{count}<' in text
    assert 'id="count-sent" hidden' in text


@pytest.mark.parametrize("path", PAGES[1:])
def test_long_lists_go_on_in_their_order(app: Flask, ann: Person, path: str) -> None:
    assert ann.user_id
    ids = people(app, 55)
    if path == "/friends/requests":
        for other in ids:
            relate(app, other, ann.user_id, accepted=False)
    elif path != "/friends/suggestions":
        relate(app, ann.user_id, *ids, accepted=path == "/friends/all")
    found = walk(ann, path)
    assert sorted(found) == sorted(set(found)) == ids
    assert found == ids[::-1]


@pytest.mark.parametrize("after", ["", "x", "1", "-1-1", "99999999999999999-1", "999999999-999999999", "9" * 40 + "-1"])
def test_a_broken_link_to_the_rest_breaks_nothing(ann: Person, after: str) -> None:
    for path in PAGES[1:]:
        assert ann.get(f"{path}?after={after}").status_code == 200


def test_who_shares_most_friends_is_suggested_first(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    ids = people(app, 9)
    assert ann.user_id and bob.user_id and eve.user_id
    first, second, *mates = ids[:6]
    relate(app, ann.user_id, *mates)
    relate(app, first, *mates)
    relate(app, second, *mates[:2])
    relate(app, bob.user_id, mates[0])
    relate(app, mates[3], mates[2])
    ranked = [first, second, bob.user_id, *ids[:5:-1], eve.user_id]
    assert suggested(app, ann) == ranked
    assert walk(ann, "/friends/suggestions") == ranked
    text = ann.get("/friends/suggestions").text
    assert "4 friends in common" in text and "1 friend in common" in text
    for limit in (1, 2, 3, 5):
        with app.app_context():
            viewer = db.session.get(User, ann.user_id)
            assert viewer
            found, after = [], None
            while True:
                page = suggestions(viewer, after, limit)
                assert len(page.people) <= limit
                found += [one.user.id for one in page.people]
                if (after := page.after) is None:
                    break
        assert found == ranked


def test_nobody_is_suggested_who_is_known_hidden_or_nameless(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person]
) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    nameless, hidden, mate = people(app, 3)
    relate(app, ann.user_id, bob.user_id, accepted=False)
    relate(app, eve.user_id, ann.user_id, accepted=False)
    relate(app, ann.user_id, mate)
    relate(app, mate, hidden, nameless)
    with app.app_context():
        user = db.session.get(User, nameless)
        assert user
        user.username = user.username_folded = None
        db.session.add(HiddenSuggestion(user_id=ann.user_id, hidden_id=hidden))
        db.session.commit()
    assert suggested(app, ann) == []
    assert hidden in suggested(app, eve)


@pytest.mark.parametrize("path", PAGES)
def test_long_lists_ask_no_more_than_short_ones(app: Flask, ann: Person, queries: list[str], path: str) -> None:
    assert ann.user_id
    ids = people(app, 120)

    def count(some: list[int]) -> int:
        asking, asked, mates = (some[start::4] for start in range(3))  # the last quarter may be suggested
        for other in asking:
            relate(app, other, ann.user_id, accepted=False)
        relate(app, ann.user_id, *asked, accepted=False)
        relate(app, ann.user_id, *mates)
        queries.clear()
        assert ann.get(path).status_code == 200
        return len(queries)

    assert count(ids[:12]) == count(ids[12:]) <= 13


def test_contacts_are_found_by_every_word_of_their_names(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    relate(app, ann.user_id, bob.user_id, eve.user_id)
    people(app, 2)
    with app.app_context():
        viewer = db.session.get(User, ann.user_id)
        assert viewer
        for q, names in (
            ("", {"bob", "eve"}),
            ("  їжак БОГ ", {"bob"}),
            ("богдан outsider", set()),
            ("out E", {"eve"}),
            ("%", set()),
            ("_", set()),
            ("\\", set()),
            ("person", set()),
        ):
            assert {user.username for user in friends.friends_of(viewer, q)} == names
        first, second = friends.friends_of(viewer)
        assert friends.friends_of(viewer, limit=1) == [first]
        assert friends.friends_of(viewer, after=(first.search_text, first.id)) == [second]


def test_friends_know_each_other_and_nobody_else(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    relate(app, bob.user_id, ann.user_id)
    relate(app, ann.user_id, eve.user_id, accepted=False)
    with app.app_context():
        assert friends.are_friends(ann.user_id, bob.user_id) and friends.are_friends(bob.user_id, ann.user_id)
        assert not friends.are_friends(ann.user_id, eve.user_id)
        assert db.session.scalars(friends.friend_ids(ann.user_id)).all() == [bob.user_id]
        viewer = db.session.get(User, eve.user_id)
        assert viewer and [user.username for user in friends.requests_to(viewer, limit=5)] == ["ann"]


def test_friends_are_searched_sorted_and_told_apart(
    app: Flask, ann: Person, bob: Person, eve: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    first, second, third = people(app, 3)
    relate(app, ann.user_id, second, bob.user_id, first, eve.user_id, third)
    monkeypatch.setattr(presence, "online", lambda ids: set(ids) & {first, eve.user_id, 999})
    for query, found in (
        ("", [third, eve.user_id, first, bob.user_id, second]),
        ("by=name", [eve.user_id, first, second, third, bob.user_id]),
        ("show=online", [eve.user_id, first]),
        ("show=online&by=name", [eve.user_id, first]),
        ("q=PERSON example", [third, first, second]),
        ("q=person&by=name", [first, second, third]),
        ("q=person&show=online", [first]),
        ("q=%25", []),
        ("q=їжак богд", [bob.user_id]),
    ):
        assert cards(ann.get(f"/friends/all?{query}").text) == found, query
    assert "Nobody among your friends is called that." in ann.get("/friends/all?q=nobody").text
    assert "None of your friends is online now." in bob.get("/friends/all?show=online").text
    assert len(re.findall(r'data-person="\d+" data-online', ann.get("/friends/all").text)) == 2


def test_a_search_goes_on_as_it_began(app: Flask, ann: Person) -> None:
    assert ann.user_id
    relate(app, ann.user_id, *(ids := people(app, 60)))
    assert walk(ann, "/friends/all?q=person&by=name") == ids
    assert walk(ann, "/friends/all?q=person") == ids[::-1]
    assert 'value="online" checked' not in ann.get("/friends/all?q=person").text


@pytest.mark.parametrize("junk", ["x" * 5000, "%F0%9F%98%80", "%E2%80%AE", "a " * 500, "''", "<b>"])
def test_junk_is_searched_for_and_not_found(app: Flask, ann: Person, bob: Person, junk: str) -> None:
    befriend(app, ann, bob)
    for query in (f"q={junk}zz", f"q=zz&by={junk}", f"q=zz&show={junk}", f"q=zz&by=name&after={junk}"):
        answer = ann.get(f"/friends/all?{query}")
        assert answer.status_code == 200 and cards(answer.text) == [] and "<b>zz" not in answer.text


def test_requests_and_friends_tell_who_is_known_to_both(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    mates = people(app, 5)
    relate(app, ann.user_id, *mates, eve.user_id)
    relate(app, bob.user_id, *mates[:4])
    relate(app, eve.user_id, mates[0])
    relate(app, bob.user_id, ann.user_id, accepted=False)
    for path in ("/friends", "/friends/requests"):
        card = re.findall(rf'id="person-{bob.user_id}".*?</article>', ann.get(path).text, re.S)[0]
        assert 'href="/@bob/friends?mutual=1"' in card and "4 friends in common" in card
        assert len(re.findall("avatar-s", card)) == 3
    card = re.findall(rf'id="person-{eve.user_id}".*?</article>', ann.get("/friends/all").text, re.S)[0]
    assert "1 friend in common" in card and len(re.findall("avatar-s", card)) == 1


def test_groups_suggest_people_too_and_friends_weigh_more(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    assert ann.user_id and bob.user_id and eve.user_id
    mate, mutual, grouped, twice, crowd = people(app, 5)
    relate(app, ann.user_id, mate)
    relate(app, mate, mutual)
    group(app, "Hikers", ann.user_id, grouped, twice)
    group(app, "Readers", ann.user_id, twice)
    group(app, "Everybody", ann.user_id, crowd, members=101)
    assert suggested(app, ann) == [mutual, twice, grouped, crowd, eve.user_id, bob.user_id]
    text = ann.get("/friends/suggestions").text
    assert "You are both in Hikers and 1 more group" in text and "You are both in Hikers<" in text
    assert "Everybody" not in text
    page = ann.htmx("POST", f"/users/{twice}/suggestion/delete")
    assert page.status_code == 200 and twice not in suggested(app, ann)


def group(app: Flask, name: str, *who: int, members: int = 0) -> None:
    """Make a group of people without saying anything in it."""
    with app.app_context():
        chat = Chat(kind="group", name=name, member_count=members or len(who), last_message_at=now())
        db.session.add(chat)
        db.session.flush()
        db.session.add_all(Membership(chat_id=chat.id, user_id=one) for one in who)
        db.session.commit()
