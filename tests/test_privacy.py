"""What people show to some only: their name, date of birth, e-mail, friends and presence; and who may ask them."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import chats
from app.extensions import db
from app.live import bus
from app.live.pushes import Push
from app.models import Friendship, PersonWords, User
from app.models.user import ASKERS, AUDIENCES
from tests.audiences import ask, block
from tests.conftest import Person
from tests.talk import at_once, befriend, gather, open_chat, pushed_html, say, twin
from tests.test_matrix import MATRIX, RULES, World, world  # noqa: F401
from tests.test_users import buttons

NAME = {"first_name": "Heliotrope", "last_name": "Quetzal"}
BORN = {"birth_date": "1987-07-19"}
SECRETS = {
    "name_shown_to": r"Heliotrope|Quetzal|>HQ<",
    "birth_date_shown_to": r"1987-07|July 1987|липня 1987|19 July|19 липня",
    "email_shown_to": r"ann@example\.com",
}
MAY = {"everyone": {"stranger", "friend", "administrator"}, "friends": {"friend"}, "nobody": set()}
# Where those see a thing who may, besides what they were shown before: the person's own page.
THEIR_PAGE = {
    "name_shown_to": {"users.show", "users.albums", "users.photos", "users.friends", "users.about"},
    "birth_date_shown_to": {"users.about"},
    "email_shown_to": {"users.about"},
}


def choose(who: Person, **choices: str) -> None:
    assert who.post("/settings/privacy", data=choices).status_code == 303


def tell(who: Person, **facts: str) -> None:
    assert who.post("/settings/profile", data=facts).status_code == 303


def set_of(app: Flask, who: Person) -> User:
    with app.app_context():
        return db.session.get_one(User, who.user_id)


def answers(world: World, role: str) -> Iterator[tuple[str, str]]:  # noqa: F811
    """Ask for every page, then do everything there is to do; yield each address and what it answers."""
    for method in ("GET", "POST"):
        for endpoint, (address, sent, _) in MATRIX.items():
            if method in (RULES[endpoint].methods or ()) and not endpoint.startswith(
                ("accounts.", "assets.", "password_resets.")
            ):
                path = address.format(**world.things)
                form = {name: text.format(**world.things) for name, text in sent.items()}
                words = {"data": form} if method == "POST" else {}
                yield endpoint, world.people[role].htmx(method, path, **words).text


@pytest.mark.parametrize(
    ("audience", "role"),
    [("friends", "stranger"), ("friends", "friend"), ("nobody", "friend"), ("everyone", "stranger")],
)
def test_a_thing_shows_to_whom_it_may_and_nowhere_else(
    world: World,  # noqa: F811
    pushed: list[Push],
    audience: str,
    role: str,
) -> None:
    ann = world.people["owner"]
    tell(ann, **NAME, **BORN)
    choose(ann, **dict.fromkeys(SECRETS, audience))
    pushed.clear()
    found: dict[str, set[str]] = {thing: set() for thing in SECRETS}
    for endpoint, text in answers(world, role):
        for thing, pattern in SECRETS.items():
            if re.search(pattern, text):
                found[thing].add(endpoint)
    rendered = "".join(frame.decode(errors="replace") for push in pushed for frame in push.renderings.values())
    may = role in MAY[audience]
    if audience == "everyone":
        assert found.pop("name_shown_to") > THEIR_PAGE["name_shown_to"] | {"posts.index", "comments.index"}
    else:
        assert not re.search(SECRETS["name_shown_to"], rendered)
    assert found == {thing: THEIR_PAGE[thing] if may else set() for thing in found}
    assert not re.search(SECRETS["birth_date_shown_to"] + "|" + SECRETS["email_shown_to"], rendered)


def test_others_find_and_mention_by_what_is_shown(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    befriend(app, ann, eve)
    group = gather(app, ann, bob, eve)
    tell(ann, **NAME)
    mine = ann.user_id
    searches = {
        "/search?q={}": 'href="/@ann"',
        "/search/suggestions?q={}": 'href="/@ann"',
        "/users/mentions?q={}": 'data-name="ann"',
        "/friends/all?q={}": f'id="person-{mine}"',
        "/chats/contacts?q={}": f'id="contact-{mine}"',
        "/chats/friends?q={}": f'value="{mine}"',
        f"/chats/{group}/mentions?q={{}}": 'data-name="ann"',
        f"/chats/{group}/members?q={{}}": f'id="member-{mine}"',
    }

    def finders(word: str) -> set[str]:
        return {path for path, mark in searches.items() if mark in bob.htmx("GET", path.format(word)).text}

    assert finders("heliotr") == finders("quetzal") == finders("ann") == set(searches)
    for audience in ("friends", "nobody"):
        choose(ann, name_shown_to=audience)
        assert finders("heliotr") == finders("Quetzal") == set() and finders("ann") == set(searches)
        tell(ann, last_name="Quetzalcoatl", bio="About me")
        assert finders("quetzalco") == set() and "Quetzal" not in set_of(app, ann).search_text
    choose(ann, name_shown_to="everyone")
    assert finders("quetzalco") == set(searches)
    with app.app_context():
        assert db.session.get(PersonWords, ann.user_id) is not None


def test_what_is_pushed_calls_them_by_what_is_shown(
    app: Flask, ann: Person, bob: Person, pushed: list[Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    befriend(app, ann, bob)
    chat, group = open_chat(ann, bob), gather(app, ann, bob)
    monkeypatch.setattr(bus.hub, "push_here", pushed.append)
    tell(ann, **NAME)
    choose(ann, name_shown_to="friends")
    pushed.clear()
    for place in (chat, group):
        say(ann, place, "Hello @bob")
        with app.app_context():
            assert ann.user_id
            chats.show_typing(place, ann.user_id)
    ann.post(f"/chats/{group}", data={"name": "Climbers"})
    post = ann.post("/posts", data={"title": "Bees", "body": "@bob"}).location
    bob.post(f"{post}/comments", data={"body": "Words", "client_id": "1"})
    ann.post(f"{post}/comments", data={"body": "Words", "client_id": "2"})
    rendered = "".join(frame.decode(errors="replace") for push in pushed for frame in push.renderings.values())
    assert "ann is typing" in rendered and "ann renamed the group" in rendered and "ann:&nbsp;" in rendered
    assert not re.search(SECRETS["name_shown_to"], rendered)


def test_friends_and_oneself_read_the_name_on_the_page(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    tell(ann, **NAME)
    choose(ann, name_shown_to="friends")
    for who, called in ((ann, "Heliotrope Quetzal"), (bob, "Heliotrope Quetzal"), (eve, "ann")):
        for tab in ("", "/albums", "/friends", "/about"):
            text = who.get(f"/@ann{tab}").text
            assert f'<h1 class="name">{called}</h1>' in text and called in text[: text.index("</title>")]
    assert "Heliotrope Quetzal" in ann.get("/settings").text
    ann.post(f"/users/{bob.user_id}/friendship/delete")
    assert "Heliotrope" not in bob.get("/@ann").text


@pytest.mark.parametrize(
    ("language", "whole", "day"),
    [("en", "19 July 1987", "19 July"), ("uk", "19 липня 1987", "19 липня")],
)
def test_a_birthday_is_told_with_or_without_its_year(
    app: Flask, ann: Person, bob: Person, eve: Person, language: str, whole: str, day: str
) -> None:
    befriend(app, ann, bob)
    tell(ann, **BORN)
    for who in (ann, bob, eve):
        who.post("/settings/language", data={"language": language})
    seen = {"everyone": {ann, bob, eve}, "friends": {ann, bob}, "nobody": {ann}}
    for audience, year in ((one, year) for one in AUDIENCES for year in ("yes", "no")):
        choose(ann, birth_date_shown_to=audience, shows_birth_year=year)
        for who in (ann, bob, eve):
            text = who.get("/@ann/about").text
            assert (f"<dd>{whole if year == 'yes' else day}</dd>" in text) == (who in seen[audience])
            assert ("1987" in text) == (who in seen[audience] and year == "yes")
    tell(ann, birth_date="")
    assert day not in ann.get("/@ann/about").text
    tell(ann, birth_date="1988-02-29")
    assert ("29 February" if language == "en" else "29 лютого") in ann.get("/@ann/about").text


def test_friends_show_to_whom_they_may_and_shared_ones_to_everybody(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person]
) -> None:
    olena, taras = join("olena"), join("taras")
    for friend in (bob, olena, taras):
        befriend(app, ann, friend)
    befriend(app, eve, olena)

    def rows(who: Person, words: str = "") -> set[int]:
        return {
            int(number)
            for number in re.findall(r'class="row" id="person-(\d+)"', who.get(f"/@ann/friends{words}").text)
        }

    everybody = {bob.user_id, olena.user_id, taras.user_id}
    for audience, seen in (("everyone", {ann, bob, eve}), ("friends", {ann, bob}), ("nobody", {ann})):
        choose(ann, friends_shown_to=audience)
        for who in (ann, bob, eve):
            shared = {olena.user_id} if who is eve else set()
            for words in ("", "?q=example", "?mutual="):
                listed = shared if words == "?mutual=" and who is not ann else everybody
                if words != "?mutual=" or who is not ann:
                    called = {bob.user_id} if words == "?q=example" else set()  # who is not called that
                    assert rows(who, words) == (listed if who in seen else shared) - called, (audience, words)
            hidden = "does not show everybody" in who.get("/@ann/friends").text
            assert hidden == (who not in seen)
    assert "1 friend in common" in eve.get("/friends/suggestions").text


@pytest.mark.parametrize("askers", ASKERS)
def test_requests_come_from_whom_they_may(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person], askers: str
) -> None:
    olena = join("olena")
    befriend(app, ann, bob)
    befriend(app, bob, olena)  # so olena is a friend of a friend, and eve is not
    ask(app, eve, join("other"))
    choose(ann, requests_from=askers)
    for who, may in ((olena, askers != "nobody"), (eve, askers == "everyone")):
        page = who.get("/@ann").text
        assert buttons(page) == (["friendship"] if may else [])
        assert ("Takes no friend requests just now." in page) == (not may)
        assert (f'id="person-{ann.user_id}"' in who.get("/friends/suggestions").text) == may
        assert (f'id="person-{ann.user_id}"' in who.get("/friends").text) == may
        answer = who.htmx("POST", f"/users/{ann.user_id}/friendship")
        assert answer.status_code == (200 if may else 422)
        if not may:
            assert "This person takes no friend requests just now." in answer.text
            assert who.post(f"/users/{ann.user_id}/friendship").status_code == 422
        with app.app_context():
            asked = db.session.scalar(select(db.func.count()).where(Friendship.requester_id == who.user_id))
        assert asked == may + (who is eve)
    assert ann.post(f"/users/{eve.user_id}/friendship").status_code == 303  # she herself may ask


def test_who_asked_before_is_still_answered(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    bob.post(f"/users/{ann.user_id}/friendship")
    eve.post(f"/users/{ann.user_id}/friendship")
    choose(ann, requests_from="nobody")
    assert buttons(bob.get("/@ann").text) == ["friendship/delete"]
    assert bob.post(f"/users/{ann.user_id}/friendship").status_code == 303  # nothing new
    assert ann.post(f"/users/{bob.user_id}/friendship/accept").status_code == 303
    eve.post(f"/users/{ann.user_id}/friendship/delete")
    assert eve.post(f"/users/{ann.user_id}/friendship/restore").status_code == 422  # it would be a new one
    bob.post(f"/users/{ann.user_id}/friendship/delete")
    assert bob.post(f"/users/{ann.user_id}/friendship/restore").status_code == 303  # friends they were
    assert buttons(bob.get("/@ann").text) == ["chat", "friendship/delete"]


def test_who_closes_their_door_gets_no_request_afterwards(app: Flask, ann: Person, bob: Person) -> None:
    at_once(
        partial(twin(app, ann).post, "/settings/privacy", data={"requests_from": "nobody"}),
        *(partial(twin(app, bob).post, f"/users/{ann.user_id}/friendship") for _ in range(3)),
    )
    bob.post(f"/users/{ann.user_id}/friendship/delete")
    assert bob.post(f"/users/{ann.user_id}/friendship").status_code == 422


def test_what_is_not_sent_stays_and_junk_is_refused(app: Flask, ann: Person, visitor: Person) -> None:
    chosen = {"name_shown_to": "friends", "birth_date_shown_to": "everyone", "email_shown_to": "friends"}
    chosen |= {
        "friends_shown_to": "nobody",
        "requests_from": "mutual",
        "shows_birth_year": "no",
        "shows_presence": "no",
    }
    choose(ann, **chosen)
    choose(ann)
    user = set_of(app, ann)
    kept = {name: getattr(user, name) for name in chosen}
    assert kept == chosen | {"shows_birth_year": False, "shows_presence": False}
    page = ann.get("/settings/privacy").text
    for name, value in chosen.items():
        assert re.search(rf'name="{name}" value="{value}" checked', page)
    for name in chosen:
        for junk in ("", "me", "x" * 100_000, "every\0one", "ї", "🐝", "\u202efriends", "True"):
            assert ann.post("/settings/privacy", data={name: junk}).status_code == 422
            assert (
                ann.htmx("POST", "/settings/privacy", data={"requests_from": "everyone", name: junk}).status_code == 422
            )
    assert {name: getattr(set_of(app, ann), name) for name in chosen} == kept
    assert visitor.post("/settings/privacy", data=chosen).location.startswith("/login")


def test_htmx_gets_the_section_and_the_signs_beside_the_facts(ann: Person) -> None:
    text = ann.htmx("POST", "/settings/privacy", data={"birth_date_shown_to": "friends"}).text
    sign = re.search(r'<span class="shown-to" id="shown-my-birth-date">.*?</span>', text)
    assert sign and sign[0] in ann.get("/settings").text and "Friends" in sign[0]
    assert 'id="section-privacy"' in text and "Your choice is saved." in text and "<form" not in text


def test_presence_is_chosen_here_and_as_before(
    app: Flask, ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[tuple[int, int]] = []
    monkeypatch.setattr(bus.hub, "close_person", lambda person, code: closed.append((person, code)))
    choose(ann, shows_presence="yes")
    assert closed == []
    choose(ann, shows_presence="no")
    choose(ann, shows_presence="no")
    assert closed == [(ann.user_id, 1012)] and not set_of(app, ann).shows_presence
    # The form of chats is about the other habits, and says so; a form that does not is about all of them.
    form = re.search(r'name="habits" value="([^"]+)"', ann.get("/settings").text)
    assert form and ann.post("/settings/chats", data={"habits": form[1], "shows_typing": "1"}).status_code == 303
    user = set_of(app, ann)
    assert (user.shows_presence, user.enter_sends, user.shows_typing, user.shows_reading) == (False, False, True, False)
    ann.post("/settings/chats", data={"shows_presence": "1"})
    assert set_of(app, ann).shows_presence and len(closed) == 2


def test_people_who_are_apart_see_nothing_whatever_is_shown(app: Flask, ann: Person, bob: Person) -> None:
    tell(ann, **NAME, **BORN)
    choose(ann, birth_date_shown_to="everyone", email_shown_to="everyone")
    block(app, ann, bob)
    for tab in ("", "/albums", "/friends", "/about"):
        assert bob.get(f"/@ann{tab}").status_code == 404
    assert bob.post(f"/users/{ann.user_id}/friendship").status_code == 404


def test_a_page_asks_no_more_for_what_is_hidden(app: Flask, ann: Person, bob: Person, queries: list[str]) -> None:
    ann.get("/@bob/about")
    queries.clear()
    ann.get("/@bob/about")
    shown = len(queries)
    choose(bob, name_shown_to="nobody", requests_from="mutual", friends_shown_to="nobody")
    queries.clear()
    ann.get("/@bob/about")
    assert len(queries) <= shown + 1  # whether she may ask


def test_born_on_a_day_that_is_told(app: Flask, ann: Person) -> None:
    tell(ann, **BORN)
    assert set_of(app, ann).birth_date == date(1987, 7, 19)


def test_open_pages_show_at_once_what_is_made_of_the_name(
    app: Flask, ann: Person, bob: Person, pushed: list[Push]
) -> None:
    def told() -> str:
        rendered = "".join(pushed_html(push) for push in pushed)
        pushed.clear()
        return rendered

    tell(ann, **NAME)
    assert f'data-every="signature-{ann.user_id}">Heliotrope Quetzal</span>' in told()
    choose(ann, name_shown_to="friends")
    html = told()
    assert f'data-every="signature-{ann.user_id}">ann</span>' in html and ">A</span>" in html
    assert f'<span class="signature" data-every="signature-{ann.user_id}">ann</span>' in bob.get("/@ann").text
    tell(ann, first_name="Violet")
    assert told() == ""  # nothing that others see
    text = ann.htmx("POST", "/settings/personal", data={"first_name": "Iris"}).text
    name = '<p class="name" id="my-name">Iris Quetzal</p>'
    assert name in text and name in ann.get("/settings").text
