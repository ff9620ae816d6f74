"""Signing up with a mailed code, logging in and out."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import jobs
from app.actions import codes
from app.extensions import db, passwords
from app.models import LoginSession, Signup, User
from app.models.columns import now
from tests.conftest import PASSWORD, Letters, Person

NEW = {"email": "lina@example.com", "password": "a fine day in May", "password_repeat": "a fine day in May"}


def browser(app: Flask) -> Person:
    app.test_client_class = Person
    return cast(Person, app.test_client())


def everybody(app: Flask) -> list[User]:
    with app.app_context():
        return list(db.session.scalars(select(User).order_by(User.id)))


def text_of(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", answer.text)


def begin(client: Person, **changes: str) -> TestResponse:
    return client.post("/signup", data=NEW | changes)


# Signing up


@pytest.mark.parametrize("page", ["/signup", "/login"])
def test_the_ways_in_are_open_to_everyone(visitor: Person, page: str) -> None:
    answer = visitor.get(page)
    assert answer.status_code == 200
    assert 'href="/signup"' in answer.text
    assert 'href="/login"' in answer.text


def test_the_right_code_makes_the_account_and_lets_in(app: Flask, visitor: Person, letters: Letters) -> None:
    answer = begin(visitor, email="Lina@Example.com")
    assert (answer.status_code, answer.location) == (303, "/verify")
    assert everybody(app) == []
    page = visitor.get("/verify")
    assert "lina@example.com" in page.text
    assert 'name="code"' in page.text
    assert 'autocomplete="one-time-code"' in page.text
    [letter] = letters()
    assert (letter["name"], letter["to"]) == ("code", "lina@example.com")
    assert letter["code"] not in page.text

    answer = visitor.post("/verify", data={"code": letter["code"]})

    assert (answer.status_code, answer.location) == (303, "/welcome")
    assert visitor.get("/welcome").status_code == 200
    [lina] = everybody(app)
    assert lina.email == "lina@example.com"
    assert passwords.verify(lina.password_hash, NEW["password"])
    with app.app_context():
        assert db.session.scalar(select(Signup.id)) is None


def test_signing_up_works_as_smoothly_with_htmx(visitor: Person, letters: Letters) -> None:
    answer = visitor.htmx("POST", "/signup", data=NEW | {"password_repeat": "other"})
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert visitor.htmx("POST", "/signup", data=NEW).headers["HX-Redirect"] == "/verify"
    assert visitor.htmx("POST", "/verify", data={"code": "x"}).status_code == 422
    answer = visitor.htmx("POST", "/verify", data={"code": letters()[0]["code"]})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/welcome")


def test_the_first_account_is_the_administrators_and_no_other(app: Flask, letters: Letters) -> None:
    for name in ("first", "second"):
        client = browser(app)
        begin(client, email=f"{name}@example.com")
        client.post("/verify", data={"code": letters()[-1]["code"]})
    assert [user.is_admin for user in everybody(app)] == [True, False]


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}-{1}", " {0}{1}\n", "{0}\u00a0{1}", "{0}–{1}", "{0}\u200b{1}"])
def test_a_code_is_taken_however_it_was_pasted(visitor: Person, letters: Letters, typed: str) -> None:
    begin(visitor)
    code = letters()[0]["code"]
    answer = visitor.post("/verify", data={"code": typed.format(code[:3], code[3:])})
    assert answer.location == "/welcome"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": ""}, "Enter your e-mail."),
        ({"email": "lina"}, "This is not an e-mail address."),
        ({"email": "lina@localhost"}, "This is not an e-mail address."),
        ({"email": "li na@example.com"}, "This is not an e-mail address."),
        ({"email": "lina\x00@example.com"}, "This is not an e-mail address."),
        ({"email": "l" * 300 + "@example.com"}, "This is not an e-mail address."),
        ({"password": ""}, "Enter a password."),
        ({"password": "short"}, "at least 8 characters"),
        ({"password": "x" * 1001}, "at least 8 characters"),
        ({"password": "9081726354"}, "digits only"),
        ({"password": "Password1"}, "one of the first"),
        ({"password": "Йцукенгш"}, "one of the first"),
        ({"password": "aaaabbbb"}, "one of the first"),
        ({"email": "lina.kostenko@example.com", "password": "Lina.Kostenko1"}, "too much like your e-mail"),
        ({"email": "lina.kostenko@example.com", "password": "kostenko"}, "too much like your e-mail"),
        ({"password_repeat": ""}, "Repeat the password."),
        ({"password_repeat": "another fine day"}, "The passwords differ."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_words_are_kept(
    app: Flask, visitor: Person, changes: dict[str, str], sentence: str
) -> None:
    if "password" in changes and "password_repeat" not in changes:
        changes = changes | {"password_repeat": changes["password"]}
    answer = begin(visitor, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    if "@" in changes.get("email", "") and "\x00" not in changes["email"]:
        assert changes["email"] in answer.text
    assert NEW["password"] not in answer.text
    assert visitor.post("/signup").status_code == 422
    with app.app_context():
        assert db.session.scalar(select(Signup.id)) is None


def test_an_address_with_an_account_looks_the_same_and_only_the_letter_tells(
    app: Flask, ann: Person, visitor: Person, letters: Letters
) -> None:
    other = browser(app)
    taken, free = begin(visitor, email="Ann@example.com"), begin(other)
    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    pages = [re.sub(r"\d+", "", client.get("/verify").text).replace("lina@", "ann@") for client in (visitor, other)]
    assert pages[0] == pages[1]
    told, coded = letters()
    assert (told["name"], told["to"]) == ("already", "ann@example.com")
    assert "code" not in told
    assert coded["name"] == "code"
    wrong = [visitor.post("/verify", data={"code": "000000"}) for _ in range(2)]
    assert all(answer.status_code == 422 for answer in wrong)
    assert len(everybody(app)) == 1


def test_an_abandoned_sign_up_locks_nothing(app: Flask, letters: Letters) -> None:
    eve, lina = browser(app), browser(app)
    begin(eve, password="evil evil day", password_repeat="evil evil day")
    begin(lina)
    begin(lina)
    assert lina.post("/verify", data={"code": letters()[-1]["code"]}).location == "/welcome"
    [user] = everybody(app)
    assert passwords.verify(user.password_hash, NEW["password"])


def test_a_code_works_only_in_the_browser_that_asked_for_it(app: Flask, visitor: Person, letters: Letters) -> None:
    begin(visitor)
    code = letters()[0]["code"]
    other = browser(app)
    assert other.post("/verify", data={"code": code}).location == "/login"
    begin(other, email="eve@example.com")
    assert other.post("/verify", data={"code": code}).status_code == 422
    assert other.get("/verify").status_code == 200
    assert browser(app).get("/verify").location == "/login"


def test_a_wrong_code_may_be_tried_five_times(visitor: Person, letters: Letters) -> None:
    begin(visitor)
    code = letters()[0]["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    sentences = []
    for _ in range(6):
        answer = visitor.post("/verify", data={"code": wrong})
        assert answer.status_code == 422
        sentences += re.findall(r"You can try \d more times?|tried too often|no longer works", answer.text)
    assert sentences == [
        "You can try 4 more times",
        "You can try 3 more times",
        "You can try 2 more times",
        "You can try 1 more time",
        "tried too often",
        "no longer works",
    ]
    assert visitor.post("/verify", data={"code": code}).status_code == 422


@pytest.mark.parametrize("junk", ["", "12345", "1234567", "abcdef", "\x00" * 6, "😀" * 6])
def test_junk_is_no_code_and_costs_no_try(app: Flask, visitor: Person, letters: Letters, junk: str) -> None:
    begin(visitor)
    assert visitor.post("/verify", data={"code": junk}).status_code == 422
    with app.app_context():
        assert db.session.scalar(select(Signup.tries)) == 0


def test_a_code_is_good_for_half_an_hour(visitor: Person, letters: Letters) -> None:
    begin(visitor)
    code = letters()[0]["code"]
    with time_machine.travel(now() + timedelta(minutes=31)):
        answer = visitor.post("/verify", data={"code": code})
        assert answer.status_code == 422
        assert "no longer works" in answer.text
    with time_machine.travel(now() + timedelta(minutes=29)):
        assert visitor.post("/verify", data={"code": code}).location == "/welcome"


def test_a_code_works_once(app: Flask, visitor: Person, letters: Letters) -> None:
    begin(visitor)
    with visitor.session_transaction() as cookie:
        signup_id = cookie["signup_id"]
    code = letters()[0]["code"]
    visitor.post("/verify", data={"code": code})
    again = browser(app)
    with again.session_transaction() as cookie:
        cookie["signup_id"] = signup_id
    assert again.post("/verify", data={"code": code}).location == "/login"
    assert visitor.post("/verify", data={"code": code}).location == "/welcome"


def test_another_code_can_be_asked_for_once_a_minute(visitor: Person, letters: Letters) -> None:
    begin(visitor)
    first = letters()[0]["code"]
    for _ in range(5):
        visitor.post("/verify", data={"code": f"{(int(first) + 1) % 1_000_000:06}"})
    answer = visitor.post("/verify/resend")
    assert answer.status_code == 422
    assert "less than a minute ago" in answer.text
    assert len(letters()) == 1
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert "data-seconds" not in visitor.get("/verify").text
        answer = visitor.post("/verify/resend")
        assert (answer.status_code, answer.location) == (303, "/verify")
        page = visitor.get("/verify").text
        assert "A new code is on its way." in page
        assert 0 < int(re.findall(r'data-seconds="(\d+)"', page)[0]) <= 60
        second = letters()[1]["code"]
        if first != second:
            assert visitor.post("/verify", data={"code": first}).status_code == 422
        assert visitor.post("/verify", data={"code": second}).location == "/welcome"


def test_resending_to_an_address_with_an_account_mails_no_code_either(
    ann: Person, visitor: Person, letters: Letters
) -> None:
    begin(visitor, email="ann@example.com")
    with time_machine.travel(now() + timedelta(seconds=61)):
        visitor.post("/verify/resend")
        assert [letter["name"] for letter in letters()] == ["already", "already"]


def test_without_a_sign_up_there_is_nothing_to_resend(visitor: Person, letters: Letters) -> None:
    assert visitor.post("/verify/resend").location == "/login"
    assert letters() == []


def test_codes_are_stored_hashed_with_the_secret_key(app: Flask, visitor: Person, letters: Letters) -> None:
    begin(visitor)
    code = letters()[0]["code"]
    with app.app_context():
        signup = db.session.scalars(select(Signup)).one()
        assert signup.code_hash == codes.hash_code(signup.bound_to, code)
        app.config["SECRET_KEY"] = "another"
        try:
            assert signup.code_hash != codes.hash_code(signup.bound_to, code)
        finally:
            app.config["SECRET_KEY"] = "test"


def test_sign_ups_older_than_a_day_are_swept_at_the_next(app: Flask, visitor: Person) -> None:
    begin(visitor)
    with app.app_context():
        db.session.execute(update(Signup).values(created_at=now() - timedelta(hours=25)))
        db.session.commit()
    begin(browser(app), email="bob@example.com")
    with app.app_context():
        assert list(db.session.scalars(select(Signup.email))) == ["bob@example.com"]
    assert visitor.get("/verify").location == "/login"


def test_two_browsers_confirming_one_address_at_once_make_one_account(app: Flask, letters: Letters) -> None:
    clients = [browser(app) for _ in range(4)]
    codes = []
    for client in clients:
        begin(client)
        codes.append(letters()[-1]["code"])
    together = threading.Barrier(len(clients))
    answers: list[TestResponse] = []

    def confirm(client: Person, code: str) -> None:
        together.wait()
        answers.append(client.post("/verify", data={"code": code}))

    threads = [threading.Thread(target=confirm, args=pair) for pair in zip(clients, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert all("already has an account" in answer.text for answer in answers if answer.status_code == 422)
    [user] = everybody(app)
    assert user.is_admin


def test_two_first_people_at_once_make_one_administrator(app: Flask, letters: Letters) -> None:
    pairs = []
    for name in ("a", "b", "c", "d"):
        client = browser(app)
        begin(client, email=f"{name}@example.com")
        pairs.append((client, letters()[-1]["code"]))
    together = threading.Barrier(len(pairs))

    def confirm(client: Person, code: str) -> None:
        together.wait()
        client.post("/verify", data={"code": code})

    threads = [threading.Thread(target=confirm, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(user.is_admin for user in everybody(app)) == [False, False, False, True]


def test_the_account_speaks_the_language_and_wears_the_theme_of_the_visit(
    app: Flask, visitor: Person, letters: Letters
) -> None:
    visitor.post("/settings/language", data={"language": "uk"})
    visitor.post("/settings/theme", data={"theme": "dark"})
    begin(visitor)
    assert letters()[0]["language"] == "uk"
    visitor.post("/verify", data={"code": letters()[0]["code"]})
    [lina] = everybody(app)
    assert (lina.language, lina.theme) == ("uk", "dark")


# Logging in


def log_in(client: Person, email: str, password: str, path: str = "/login") -> TestResponse:
    return client.post(path, data={"email": email, "password": password})


def test_the_right_password_lets_in_for_sixty_days(app: Flask, ann: Person, visitor: Person) -> None:
    answer = log_in(visitor, " Ann@Example.COM ", PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = visitor.get_cookie("worldit")
    assert cookie is not None
    assert cookie.expires is not None
    assert timedelta(days=59) < cookie.expires - now() < timedelta(days=61)
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with app.app_context():
        assert len(list(db.session.scalars(select(LoginSession)))) == 2


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("ann\x00@example.com", PASSWORD),
    ],
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(
    ann: Person, visitor: Person, email: str, password: str
) -> None:
    answer = log_in(visitor, email, password)
    assert answer.status_code == 422
    assert "Wrong e-mail or password" in answer.text
    assert password not in answer.text
    fragment = visitor.htmx("POST", "/login", data={"email": email, "password": password})
    assert fragment.status_code == 422
    assert "<html" not in fragment.text
    assert "Wrong e-mail or password" in fragment.text


def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    ann: Person, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Counting:
        hash = passwords.hash

        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed)
            return passwords.verify(hashed, password)

    monkeypatch.setattr("app.queries.users.passwords", Counting())
    log_in(visitor, "ann@example.com", "wrong")
    log_in(visitor, "nobody@example.com", "wrong")
    log_in(visitor, "not an address", "wrong")
    assert len(checked) == 3
    assert len({hashed.rsplit("$", 2)[0] for hashed in checked}) == 1  # made with the same parameters


def test_empty_fields_say_so(visitor: Person) -> None:
    answer = visitor.post("/login")
    assert answer.status_code == 422
    assert "Enter your e-mail." in answer.text
    assert "Enter your password." in answer.text


@pytest.mark.parametrize(
    ("next", "lands"),
    [
        ("/friends?x=1", "/friends?x=1"),
        ("/@bob", "/@bob"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("friends", "/"),
        ("", "/"),
    ],
)
def test_after_logging_in_people_land_where_they_wanted_if_it_is_ours(
    ann: Person, visitor: Person, next: str, lands: str
) -> None:
    page = visitor.get("/login", query_string={"next": next})
    action = re.findall(r'action="(/login[^"]*)"', page.text)[0].replace("&amp;", "&")
    assert log_in(visitor, "ann@example.com", PASSWORD, action).location == lands


def test_a_hash_made_with_old_parameters_is_renewed(app: Flask, ann: Person, visitor: Person) -> None:
    old = type(passwords)(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with app.app_context():
        db.session.execute(update(User).values(password_hash=old))
        db.session.commit()
    log_in(visitor, "ann@example.com", PASSWORD)
    [user] = everybody(app)
    assert not passwords.check_needs_rehash(user.password_hash)
    assert passwords.verify(user.password_hash, PASSWORD)


@pytest.mark.parametrize("page", ["/login", "/signup", "/verify"])
def test_whoever_is_signed_in_goes_home(ann: Person, page: str) -> None:
    assert ann.get(page).location == "/"
    assert ann.post(page, data=NEW).location == "/"


def test_signing_in_leaves_nothing_of_the_visitors_cookie(visitor: Person, letters: Letters) -> None:
    begin(visitor)
    visitor.post("/verify", data={"code": letters()[0]["code"]})
    with visitor.session_transaction() as cookie:
        assert "signup_id" not in cookie


def test_other_sites_can_neither_log_in_nor_out(ann: Person, visitor: Person) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = visitor.post("/login", data={"email": "ann@example.com", "password": PASSWORD}, headers=foreign)
    assert answer.status_code == 403
    assert ann.post("/logout", headers=foreign).status_code == 403
    assert ann.get("/settings").status_code == 200


# Throttling


def test_wrong_passwords_for_one_address_run_out_and_right_ones_do_not(
    throttled: Flask, ann: Person, bob: Person
) -> None:
    for _ in range(3):
        assert log_in(browser(throttled), "ann@example.com", PASSWORD).status_code == 303
    client = browser(throttled)
    for _ in range(15):
        assert log_in(client, "ann@example.com", "wrong").status_code == 422
    answer = log_in(client, "Ann@example.com ", PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "Too many attempts" in answer.text
    assert log_in(browser(throttled), "bob@example.com", PASSWORD).status_code == 303


def test_one_network_address_guesses_only_so_often(throttled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.blueprints.accounts.user_with_password", lambda *_: None)
    client = browser(throttled)
    statuses = [log_in(client, f"n{n}@example.com", "wrong").status_code for n in range(61)]
    assert statuses == [422] * 60 + [429]
    guess = {"email": "x@example.com", "password": "x"}
    assert client.post("/login", data=guess, environ_overrides={"REMOTE_ADDR": "10.0.0.9"}).status_code == 422


def test_one_address_is_mailed_only_so_often(throttled: Flask, letters: Letters) -> None:
    assert [begin(browser(throttled)).status_code for _ in range(6)] == [303] * 5 + [429]
    fragment = browser(throttled).htmx("POST", "/signup", data=NEW)
    assert fragment.status_code == 429
    assert fragment.headers["HX-Reswap"] == "none"
    assert len(letters()) == 5


def test_codes_and_resending_are_throttled_too(throttled: Flask) -> None:
    visitor = browser(throttled)
    begin(visitor)
    statuses = [visitor.post("/verify", data={"code": "junk"}).status_code for _ in range(121)]
    assert statuses == [422] * 120 + [429]
    assert [visitor.post("/verify/resend").status_code for _ in range(6)] == [422] * 5 + [429]


def test_the_outbox_gets_the_letter_of_a_real_sign_up(
    app: Flask, visitor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    begin(visitor)
    jobs.run_due(app)
    [path] = (tmp_path / "outbox").iterdir()
    [code] = set(re.findall(r"\b\d{6}\b", path.read_text().split("\n\n", 1)[1]))
    assert code in capsys.readouterr().out
    assert visitor.post("/verify", data={"code": code}).location == "/welcome"
