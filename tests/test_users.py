"""A person's page."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from app.models import Post, User
from tests.conftest import Person


def publish(app: Flask, author: Person, *titles: str) -> None:
    with app.app_context():
        for title in titles:
            db.session.add(Post(author_id=author.user_id, client_id=title, title=title, topic="Topic", body="Body"))
            db.session.flush()
        db.session.commit()


def buttons(text: str) -> list[str]:
    """Return what can be done about a person, by the addresses of the buttons."""
    (actions,) = re.findall(r'<div class="actions" id="friendship-\d+">.*?</div>', text, re.S)
    return [address.split("/", 3)[3] for address in re.findall(r'<form method="post" action="([^"]+)"', actions)]


def test_a_person_is_found_however_the_name_is_cased(ann: Person, bob: Person, visitor: Person) -> None:
    for name in ("bob", "BOB", "Bob"):
        text = ann.get(f"/@{name}").text
        assert "<title>Богдан Ґонта-Їжак" in text and "@bob" in text
    assert visitor.get("/@bob").location.startswith("/login")


def test_nobody_is_shown_who_is_not_there(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    for name in ("nobody", "%", "None", "'", "x" * 300, "bo%00b"):
        assert ann.get(f"/@{name}").status_code == 404
    newcomer = join("newcomer")
    with app.app_context():
        user = db.session.get(User, newcomer.user_id)
        assert user
        user.username = None
        db.session.commit()
    assert ann.get("/@newcomer").status_code == 404


def test_the_buttons_fit_what_two_people_are_to_each_other(ann: Person, bob: Person) -> None:
    def both() -> tuple[list[str], list[str]]:
        return buttons(ann.get("/@bob").text), buttons(bob.get("/@ann").text)

    assert both() == (["friendship"], ["friendship"])
    ann.post(f"/users/{bob.user_id}/friendship")
    assert both() == (["friendship/delete"], ["friendship/accept", "friendship/decline"])
    assert "asks to be your friend" in bob.get("/@ann").text
    bob.post(f"/users/{ann.user_id}/friendship/accept")
    assert both() == (["chat", "friendship/delete"], ["chat", "friendship/delete"])


def test_the_answer_brings_the_buttons_of_the_page(ann: Person, bob: Person) -> None:
    text = ann.htmx("POST", f"/users/{bob.user_id}/friendship").text
    (fragment,) = re.findall(r'<div class="actions" id="friendship-\d+">.*?</div>', text, re.S)
    assert fragment in ann.get("/@bob").text


def test_ones_own_page_leads_to_ones_own_things(ann: Person) -> None:
    text = ann.get("/@ann").text
    assert "/friendship" not in text
    (main,) = re.findall(r"<main.*</main>", text, re.S)
    assert 'href="/publications"' in main and 'href="/settings"' in main


def test_a_person_shows_their_own_numbers_and_posts(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    publish(app, bob, *(f"bob-{number:02}" for number in range(22)))
    publish(app, eve, "eve-01")
    ann.post(f"/users/{bob.user_id}/friendship")
    bob.post(f"/users/{ann.user_id}/friendship/accept")
    with app.app_context():
        user = db.session.get(User, bob.user_id)
        assert user
        user.post_count, user.reader_count = 12, 345
        db.session.commit()
    text = eve.get("/@bob").text
    assert re.search(rf'id="friend-count-{bob.user_id}">1<', text) and "345" in text
    shown = re.findall(r"bob-\d\d", text)
    assert list(dict.fromkeys(shown)) == [f"bob-{number:02}" for number in range(21, 1, -1)]
    assert "eve-01" not in text
    older = re.search(r'href="(/@bob\?before=\d+)"', text)
    assert older
    assert list(dict.fromkeys(re.findall(r"bob-\d\d", eve.get(older[1]).text))) == ["bob-01", "bob-00"]


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 30])
def test_a_broken_link_to_older_posts_breaks_nothing(ann: Person, bob: Person, before: str) -> None:
    assert ann.get(f"/@bob?before={before}").status_code == 200


def test_many_posts_ask_no_more_than_few(app: Flask, ann: Person, bob: Person, queries: list[str]) -> None:
    counted = []
    for titles in (("one", "two", "three"), tuple(f"more-{number}" for number in range(9))):
        publish(app, bob, *titles)
        queries.clear()
        assert ann.get("/@bob").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 10
