"""Name, language and theme: a person's own, or a browser's."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from app.extensions import db
from app.language import day_of
from app.models import User
from app.models.columns import now
from tests.conftest import Person
from tests.talk import at_once, twin

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
    assert "Ганна Іваненко" in page
    assert "Your information is saved." in page
    assert user_of(app, ann).full_name == "Ганна Іваненко"
    assert ann.post("/settings/profile", data=NAME).status_code == 303  # nothing against one's own


def test_htmx_gets_the_section_and_a_toast(ann: Person) -> None:
    answer = ann.htmx("POST", "/settings/personal", data=NAME)
    assert answer.status_code == 200
    assert "Ганна Іваненко" in answer.text
    assert "Your information is saved." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("door", "sent", "signs"),
    [("personal", NAME, "Ганна Іваненко"), ("privacy", {"name_shown_to": "nobody"}, "ann")],
)
def test_whoever_is_called_otherwise_signs_otherwise(ann: Person, door: str, sent: dict[str, str], signs: str) -> None:
    sign = f'<span class="signature" id="my-sign">{signs}</span>'
    assert sign in ann.htmx("POST", f"/settings/{door}", data=sent).text
    assert ann.get("/settings").text.count(sign) == ann.get("/settings/signature").text.count(sign) == 1


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
    assert '<html lang="uk" data-theme="contrast"' in ann.get("/settings").text


def test_a_person_chooses_the_size_of_letters(app: Flask, ann: Person, visitor: Person) -> None:
    for who in (ann, visitor):
        for size in ("small", "large", "largest", "normal"):
            answer = who.post("/settings/text-size", data={"text_size": size, "next": "/login"})
            assert (answer.status_code, answer.location) == (303, "/login")
            cookie = who.get_cookie("text_size")
            assert cookie and (cookie.value, cookie.max_age) == (size, 60 * 60 * 24 * 365)
            assert f'data-text="{size}">' in who.get("/login", follow_redirects=True).text
    ann.post("/settings/text-size", data={"text_size": "large"})
    ann.set_cookie("text_size", "small")
    assert user_of(app, ann).text_size == "large" and 'data-text="large">' in ann.get("/").text
    for junk in ("", "huge", "large\0", "9" * 9999):
        assert ann.post("/settings/text-size", data={"text_size": junk}).status_code == 422
        visitor.set_cookie("text_size", "huge")
        assert 'data-text="normal">' in visitor.get("/login").text


BORN_WRONG = {
    "1899-12-31": "Nobody who was born so long ago is among us.",
    "9999-12-31": "This day has not come yet.",
    "2023-02-29": "This is not a date.",
    "0000-00-00": "This is not a date.",
    "yesterday": "This is not a date.",
    "9" * 50_000: "This is not a date.",
    "🐝": "This is not a date.",
    "третє лютого": "This is not a date.",
    "1990-02-03\0": None,
    "\u202e1990-02-03": None,
}


@pytest.mark.parametrize("typed", BORN_WRONG, ids=[str(number) for number in range(len(BORN_WRONG))])
def test_a_date_of_birth_is_a_day_somebody_was_born_on(app: Flask, ann: Person, typed: str) -> None:
    assert ann.post("/settings/personal", data={"birth_date": " 1980-05-06 "}).status_code == 303
    sent = {"first_name": "Оксана", "last_name": "Ґудзь", "birth_date": typed}
    for answer in (ann.post("/settings/personal", data=sent), ann.htmx("POST", "/settings/personal", data=sent)):
        if sentence := BORN_WRONG[typed]:
            assert answer.status_code == 422 and sentence in answer.text
            assert 'value="Оксана"' in answer.text and 'value="Ґудзь"' in answer.text and typed in answer.text
            assert 'aria-describedby="birth_date-note" aria-invalid="true"' in answer.text
            assert (user_of(app, ann).first_name, str(user_of(app, ann).birth_date)) == ("Ann", "1980-05-06")
        else:  # characters that nobody sees are left out
            assert answer.status_code in (200, 303) and str(user_of(app, ann).birth_date) == "1990-02-03"
    assert ann.post("/settings/personal", data={"birth_date": ""}).status_code == 303
    assert user_of(app, ann).birth_date is None


def test_nobody_is_born_tomorrow(app: Flask, ann: Person) -> None:
    with app.test_request_context():
        today = day_of(now())
    assert ann.post("/settings/personal", data={"birth_date": str(today + timedelta(days=1))}).status_code == 422
    assert ann.post("/settings/personal", data={"birth_date": str(today)}).status_code == 303


def test_a_status_is_one_line_and_shows_under_the_name(app: Flask, ann: Person, bob: Person) -> None:
    sent = {"status": "  На морі\r\n до <b>п’ятниці</b> 🏖\u202e\0  "}
    assert ann.post("/settings/profile", data=sent).status_code == 303
    shown = '<p class="status">На морі до &lt;b&gt;п’ятниці&lt;/b&gt; 🏖</p>'
    for who, path in ((bob, "/@ann"), (bob, "/@ann/about"), (ann, "/"), (ann, "/publications")):
        assert shown in who.get(path).text
    for ask in (ann.post, lambda path, **words: ann.htmx("POST", path, **words)):
        answer = ask("/settings/profile", data={"status": "ї" * 101, "bio": "Other words"})
        assert answer.status_code == 422 and "Use 100 characters at most." in answer.text
        assert "ї" * 101 in answer.text and "Other words" in answer.text
    assert user_of(app, ann).bio == ""
    assert ann.post("/settings/profile", data={"status": "ї" * 100}).status_code == 303
    assert ann.post("/settings/profile", data={"status": ""}).status_code == 303
    assert 'class="status"' not in bob.get("/@ann").text


def test_every_wrong_field_says_so_at_once(ann: Person) -> None:
    text = ann.post("/settings/profile", data={"username": "ї", "status": "x" * 101, "bio": "x" * 501}).text
    assert text.count('aria-invalid="true"') == 3
    text = ann.htmx("POST", "/settings/personal", data={"first_name": "", "last_name": "", "birth_date": "x"}).text
    assert text.count('aria-invalid="true"') == 3 and "<html" not in text


def test_two_tabs_tell_two_things(app: Flask, ann: Person) -> None:
    facts = {"status": "On a hike", "bio": "Hills", "birth_date": "1990-02-03", "last_name": "Gudz", "username": "anna"}
    at_once(*(partial(twin(app, ann).post, "/settings/profile", data={name: facts[name]}) for name in facts))
    assert {name: str(getattr(user_of(app, ann), name)) for name in facts} == facts


@pytest.mark.parametrize("name", ["profile", "personal", "privacy"])
def test_a_section_opens_in_its_place(ann: Person, visitor: Person, name: str) -> None:
    page = ann.get(f"/settings/{name}").text
    assert page.count('class="button outline closes"') == 1 and f'href="#section-{name}" aria-current="true"' in page
    assert f'href="/settings/{name}#section-{name}"' not in page
    assert f'href="/settings/{name}#section-{name}"' in ann.get("/settings").text
    assert visitor.get(f"/settings/{name}").location == f"/login?next=/settings/{name}"


@pytest.mark.parametrize("name", ["profile", "personal", "signature", "email", "password", "leaving"])
def test_who_has_no_script_is_led_to_what_was_wrong(ann: Person, name: str) -> None:
    assert f'method="post" action="/settings/{name}#section-{name}"' in ann.get(f"/settings/{name}").text


def test_nothing_takes_the_place_of_a_card_that_is_being_written(ann: Person) -> None:
    swaps = 'hx-get="/settings/avatar"'
    assert swaps in ann.get("/settings").text
    assert swaps not in ann.get("/settings/profile").text


@pytest.mark.parametrize("name", ["nothing", "chats", "appearance", "%00", "x" * 3000, "🐝", "їжак"])
def test_what_is_no_section_that_opens_is_not_there(ann: Person, name: str) -> None:
    assert ann.get(f"/settings/{name}").status_code == 404


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
    assert len(queries) <= 6  # with devices, and what is being changed
