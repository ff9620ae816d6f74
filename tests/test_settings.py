"""Name, language and theme: a person's own, or a browser's."""

import pytest
from flask import Flask

from app.extensions import db
from app.models import User
from tests.conftest import Person

NAME = {"first_name": "Ганна", "last_name": "Іваненко", "username": "hanna"}


def user_of(app: Flask, person: Person) -> User:
    with app.app_context():
        user = db.session.get(User, person.user_id)
        assert user is not None
        return user


def test_visitors_have_no_settings_page(visitor: Person) -> None:
    assert visitor.get("/settings").location == "/login?next=/settings"
    assert visitor.post("/settings/profile", data=NAME).status_code == 303


def test_people_take_another_name(app: Flask, ann: Person) -> None:
    assert 'value="Ivanenko"' in ann.get("/settings/personal").text
    answer = ann.post("/settings/profile", data=NAME)
    assert (answer.status_code, answer.location) == (303, "/settings#section-profile")
    page = ann.get("/settings").text
    assert "<dd>Іваненко</dd>" in page
    assert "Your information is saved." in page
    assert user_of(app, ann).full_name == "Ганна Іваненко"
    assert ann.post("/settings/profile", data=NAME).status_code == 303  # nothing against one's own


def test_htmx_gets_the_section_and_a_toast(ann: Person) -> None:
    answer = ann.htmx("POST", "/settings/personal", data=NAME)
    assert answer.status_code == 200
    assert "<dd>Іваненко</dd>" in answer.text
    assert "Your information is saved." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("door", ["/settings/profile", "/settings/personal"])
def test_what_is_not_sent_stays_as_it_is(app: Flask, ann: Person, door: str) -> None:
    facts = {"status": "On a hike", "bio": "Hills", "birth_date": "1990-02-03"} | NAME
    assert ann.post(door, data=facts).status_code == 303
    assert ann.post(door).status_code == 303
    for name in facts:
        before = {fact: str(getattr(user_of(app, ann), fact)) for fact in facts}
        assert before == facts
        assert ann.post(door, data={name: facts[name]}).status_code == 303
        assert {fact: str(getattr(user_of(app, ann), fact)) for fact in facts} == facts


@pytest.mark.parametrize(
    "changes", [{"username": "BOB"}, {"username": "ї"}, {"first_name": ""}, {"last_name": "x" * 61}]
)
def test_a_name_that_cannot_be_taken_changes_nothing(
    app: Flask, ann: Person, bob: Person, changes: dict[str, str]
) -> None:
    for answer in (
        ann.post("/settings/profile", data=NAME | changes),
        ann.htmx("POST", "/settings/profile", data=NAME | changes),
    ):
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert 'action="/settings/' + ("profile" if "username" in changes else "personal") in answer.text
    assert user_of(app, ann).full_name == "Ann Ivanenko"
    assert ann.get("/settings").status_code == 200


def test_a_person_chooses_language_and_theme_on_every_device(app: Flask, ann: Person) -> None:
    assert 'lang="en"' in ann.get("/settings").text
    assert ann.post("/settings/language", data={"language": "uk", "next": "/settings"}).location == "/settings"
    assert ann.post("/settings/theme", data={"theme": "contrast", "next": "/settings"}).location == "/settings"
    user = user_of(app, ann)
    assert (user.language, user.theme) == ("uk", "contrast")
    for name in ("language", "theme"):
        ann.delete_cookie(name)
    page = ann.get("/settings").text
    assert 'lang="uk"' in page
    assert 'data-theme="contrast"' in page


def test_a_visitors_choice_is_kept_in_the_browser_for_a_year(visitor: Person) -> None:
    visitor.post("/settings/language", data={"language": "uk"})
    visitor.post("/settings/theme", data={"theme": "dark"})
    page = visitor.get("/login").text
    assert 'lang="uk"' in page
    assert 'data-theme="dark"' in page
    for name in ("language", "theme"):
        cookie = visitor.get_cookie(name)
        assert cookie is not None
        assert cookie.max_age == 60 * 60 * 24 * 365


@pytest.mark.parametrize("junk", ["", "klingon", "uk\x00", "en'; --"])
def test_what_is_not_offered_cannot_be_chosen(app: Flask, ann: Person, visitor: Person, junk: str) -> None:
    for person in (ann, visitor):
        assert person.post("/settings/language", data={"language": junk}).status_code == 422
        assert person.post("/settings/theme", data={"theme": junk}).status_code == 422
    assert (user_of(app, ann).language, user_of(app, ann).theme) == ("en", "system")


@pytest.mark.parametrize(
    ("next", "referrer", "lands"),
    [
        ("/login?next=/x", "", "/login?next=/x"),
        ("//evil.example", "", "/"),
        ("https://evil.example", "http://localhost/signup", "/signup"),
        ("", "http://localhost/signup", "/signup"),
        ("", "", "/"),
    ],
)
def test_choosing_returns_to_the_page_and_nowhere_else(visitor: Person, next: str, referrer: str, lands: str) -> None:
    answer = visitor.post("/settings/theme", data={"theme": "dark", "next": next}, headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, lands)


def test_a_choice_made_with_htmx_reloads_the_page(visitor: Person) -> None:
    answer = visitor.htmx("POST", "/settings/theme", data={"theme": "dark", "next": "/signup"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/signup")


def test_a_broken_cookie_is_no_choice(visitor: Person) -> None:
    visitor.set_cookie("language", "xx")
    visitor.set_cookie("theme", "xx")
    page = visitor.get("/login").text
    assert 'lang="en"' in page
    assert 'data-theme="system"' in page


def test_the_settings_page_takes_few_queries(ann: Person, queries: list[str]) -> None:
    ann.get("/settings")
    assert len(queries) <= 3
