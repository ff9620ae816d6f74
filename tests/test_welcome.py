"""The first sign-in: a name, a username, and suggestions made from the name."""

import re
import threading
from collections.abc import Callable
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from app.blueprints.fields import tidy
from app.blueprints.usernames import candidates, in_latin
from app.extensions import db
from app.models import User
from tests.conftest import PASSWORD_HASH, Person, sign_in

LINA = {"first_name": "Ліна", "last_name": "Костенко", "username": "lina.kostenko"}


@pytest.fixture
def arrive(app: Flask) -> Callable[[str], Person]:
    """Make people who have an account and no name yet."""

    def arrive(name: str) -> Person:
        app.test_client_class = Person
        client = cast(Person, app.test_client())
        with app.app_context():
            user = User(email=f"{name}@example.com", password_hash=PASSWORD_HASH, language="en")
            db.session.add(user)
            db.session.commit()
            client.user_id = user.id
        sign_in(app, client, client.user_id)
        return client

    return arrive


@pytest.fixture
def lina(arrive: Callable[[str], Person]) -> Person:
    return arrive("lina")


def user_of(app: Flask, person: Person) -> User:
    with app.app_context():
        user = db.session.get(User, person.user_id)
        assert user is not None
        return user


def suggested(page: str) -> list[str]:
    return re.findall(r'<button[^>]* name="username"\s+value="([^"]+)"', page)


@pytest.mark.parametrize("page", ["/", "/settings", "/friends", "/chats"])
def test_whoever_has_no_name_yet_is_asked_for_it_first(lina: Person, page: str) -> None:
    if lina.get(page).status_code != 404:
        assert lina.get(page).location == "/welcome"
    assert lina.htmx("GET", "/settings").headers["HX-Redirect"] == "/welcome"
    assert lina.post("/settings/profile", data=LINA).location == "/welcome"
    assert lina.get("/viewer.css").status_code == 200
    assert lina.post("/settings/theme", data={"theme": "dark", "next": "/welcome"}).location == "/welcome"
    assert lina.post("/logout").location == "/login"


def test_visitors_are_not_asked(visitor: Person) -> None:
    assert visitor.get("/welcome").location == "/login?next=/welcome"
    assert visitor.post("/welcome", data=LINA).status_code == 303
    assert visitor.get("/welcome/suggestions").status_code == 303


def test_telling_a_name_opens_the_community(app: Flask, lina: Person) -> None:
    assert "Tell us about yourself" in lina.get("/welcome").text
    answer = lina.post("/welcome", data=LINA | {"username": "@Lina.Kostenko"})
    assert (answer.status_code, answer.location) == (303, "/")
    user = user_of(app, lina)
    assert (user.full_name, user.username, user.username_folded) == ("Ліна Костенко", "Lina.Kostenko", "lina.kostenko")
    assert "ліна костенко" in user.search_text
    assert lina.get("/settings").status_code == 200
    assert lina.get("/welcome").location == "/"


def test_htmx_gets_the_form_back_or_the_way_on(lina: Person) -> None:
    answer = lina.htmx("POST", "/welcome", data=LINA | {"username": "їжак"})
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert 'value="Костенко"' in answer.text
    assert lina.htmx("POST", "/welcome", data=LINA).headers["HX-Redirect"] == "/"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first_name": ""}, "Enter your first name."),
        ({"first_name": " \u200b\u202e\t"}, "Enter your first name."),
        ({"last_name": "\u200d"}, "Enter your last name."),
        ({"last_name": "x" * 61}, "Use 60 characters at most."),
        ({"username": ""}, "Choose a username."),
        ({"username": "ab"}, "3 to 30 characters"),
        ({"username": "a" * 31}, "3 to 30 characters"),
        ({"username": "їжак"}, "Latin letters"),
        ({"username": "lina kostenko"}, "Latin letters"),
        ({"username": "lina-k"}, "Latin letters"),
        ({"username": "liná"}, "Latin letters"),
        ({"username": "../../"}, "Latin letters"),
        ({"username": ".lina"}, "A dot stands between"),
        ({"username": "lina."}, "A dot stands between"),
        ({"username": "li..na"}, "A dot stands between"),
        ({"username": "١٢٣"}, "Latin letters"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    app: Flask, lina: Person, changes: dict[str, str], sentence: str
) -> None:
    answer = lina.post("/welcome", data=LINA | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not user_of(app, lina).is_introduced


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ліна \t Оксана ", "Ліна Оксана"),
        ("Ann\u202e\u2066eve", "Anneve"),
        ("Bo\x00b\x07", "Bob"),
        ("👩‍👩‍👧‍👦 Ї", "👩‍👩‍👧‍👦 Ї"),
        ("❤️", "❤️"),
        ("і\u0308", "ї"),
        ("Ann\u2028Eve", "Ann Eve"),
        ("<b>x</b>", "<b>x</b>"),
        ("\u200d\u200d", ""),
    ],
)
def test_names_are_kept_as_they_look(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_name_of_markup_is_only_words(lina: Person) -> None:
    lina.post("/welcome", data=LINA | {"first_name": "<script>alert(1)</script>"})
    page = lina.get("/settings").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_name_that_grows_when_folded_still_fits(app: Flask, lina: Person) -> None:
    answer = lina.post("/welcome", data=LINA | {"first_name": "ŉ" * 60, "last_name": "ΐ" * 60})
    assert answer.status_code == 303
    assert len(user_of(app, lina).search_text) <= 160


def test_a_username_is_taken_whatever_its_case(app: Flask, ann: Person, lina: Person) -> None:
    answer = lina.post("/welcome", data=LINA | {"username": "ANN"})
    assert answer.status_code == 422
    assert "This username is taken." in answer.text
    assert 'value="Костенко"' in answer.text
    assert not user_of(app, lina).is_introduced


def test_of_two_who_want_a_username_at_once_one_gets_it(app: Flask, arrive: Callable[[str], Person]) -> None:
    people = [arrive(name) for name in "abcd"]
    together = threading.Barrier(len(people))
    statuses: list[int] = []

    def introduce(person: Person) -> None:
        together.wait()
        statuses.append(person.post("/welcome", data=LINA).status_code)

    threads = [threading.Thread(target=introduce, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 422, 422, 422]
    with app.app_context():
        assert list(db.session.scalars(select(User.username).where(User.username.is_not(None)))) == ["lina.kostenko"]


def test_suggestions_follow_the_name_and_are_free(lina: Person, join: Callable[..., Person]) -> None:
    page = lina.get("/welcome/suggestions", query_string={"first_name": "Ліна", "last_name": "Костенко"})
    assert suggested(page.text) == ["lina.kostenko", "lina_kostenko", "linakostenko", "l.kostenko"]
    assert "<html" not in page.text
    join("Lina.Kostenko")
    join("l.kostenko")
    page = lina.get("/welcome/suggestions", query_string={"first_name": "Ліна", "last_name": "Костенко"})
    assert suggested(page.text) == ["lina_kostenko", "linakostenko", "kostenko.lina", "lina.kostenko2"]


def test_suggestions_take_one_query_however_many_are_taken(lina: Person, queries: list[str]) -> None:
    lina.get("/welcome/suggestions", query_string={"first_name": "Ліна", "last_name": "Костенко"})
    assert len(queries) == 2  # who is asking, and which are free


@pytest.mark.parametrize("name", ["", "李", "😀", "\x07", "x" * 5000, "%_%"])
def test_a_name_nothing_can_be_made_of_suggests_nothing_and_breaks_nothing(lina: Person, name: str) -> None:
    answer = lina.get("/welcome/suggestions", query_string={"first_name": name, "last_name": ""})
    assert answer.status_code == 200
    assert all(3 <= len(username) <= 30 for username in suggested(answer.text))


def test_without_a_script_the_page_suggests_and_takes_a_suggestion(app: Flask, lina: Person) -> None:
    page = lina.get("/welcome", query_string=LINA | {"username": ""})
    assert "lina.kostenko" in suggested(page.text)
    page = lina.get("/welcome?first_name=Ліна&last_name=Костенко&username=&username=l.kostenko")
    assert re.search(r'<input[^>]* name="username"[^>]*\svalue="l.kostenko"', page.text)
    assert not user_of(app, lina).is_introduced
    page = lina.post("/welcome", data=LINA | {"username": ""})
    assert "lina.kostenko" in suggested(page.text)


@pytest.mark.parametrize(
    ("name", "latin"),
    [  # the examples of the resolution's own table
        ("Алушта", "alushta"),
        ("Борщагівка", "borshchahivka"),
        ("Згурський", "zghurskyi"),
        ("Розгон", "rozghon"),
        ("Ґалаґан", "galagan"),
        ("Єнакієве", "yenakiieve"),
        ("Гаєвич", "haievych"),
        ("Житомир", "zhytomyr"),
        ("Медвин", "medvyn"),
        ("Їжакевич", "yizhakevych"),
        ("Кадиївка", "kadyivka"),
        ("Мар'їне", "marine"),
        ("Йосипівна", "yosypivna"),
        ("Стрий", "stryi"),
        ("Харків", "kharkiv"),
        ("Біла Церква", "bilatserkva"),
        ("Шостка", "shostka"),
        ("Щербухи", "shcherbukhy"),
        ("Гоща", "hoshcha"),
        ("Русь", "rus"),
        ("Юрій", "yurii"),
        ("Корюківка", "koriukivka"),
        ("Яготин", "yahotyn"),
        ("Костянтин", "kostiantyn"),
        ("Знам’янка", "znamianka"),
        ("José Łukasz", "joselukasz"),
    ],
)
def test_ukrainian_names_are_written_as_in_passports(name: str, latin: str) -> None:
    assert in_latin(name) == latin


@pytest.mark.parametrize(("first", "last"), [("Я", "Ї"), ("Максиміліан" * 5, "Щ" * 60), ("Ann", ""), ("Ann", "Ann")])
def test_every_candidate_may_be_a_username(first: str, last: str) -> None:
    names = candidates(first, last)
    assert names
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"(?=.{3,30}$)[a-z0-9_]+(\.[a-z0-9_]+)*", name) for name in names)
