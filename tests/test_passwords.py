"""Another password: with the present one and a mailed code, or by a mailed link for who has forgotten it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import jobs
from app.actions import sessions, users
from app.errors import Refused
from app.extensions import db, passwords
from app.models import Confirmation, Job, LoginSession, PasswordReset, User
from app.models.columns import now
from tests.conftest import PASSWORD, Letters, Person, sign_in
from tests.test_friendships import at_once, twin

NEW = "a fine day in May"
CHOSEN = {"current_password": PASSWORD, "password": NEW, "password_repeat": NEW}


def ask(person: Person, **changes: str) -> TestResponse:
    return person.post("/settings/password", data=CHOSEN | changes)


def enter(person: Person, code: str) -> TestResponse:
    return person.post("/settings/password/code", data={"code": code})


def is_over(person: Person, code: str, what: str = "password") -> bool:
    """Tell whether somebody who enters a code hears that nothing waits for it."""
    answer = person.htmx("POST", f"/settings/{what}/code", data={"code": code})
    return answer.status_code == 200 and "Nothing waits for a code" in answer.text and "opens" in answer.text


def log_in(app: Flask, password: str, email: str = "ann@example.com") -> bool:
    return browser(app).post("/login", data={"email": email, "password": password}).status_code == 303


def browser(app: Flask) -> Person:
    return cast(Person, app.test_client())


def device(app: Flask, person: Person) -> Person:
    """Return another browser in which somebody is signed in."""
    client = browser(app)
    assert person.user_id is not None
    sign_in(app, client, person.user_id)
    return client


def signed_in(person: Person) -> bool:
    return person.get("/settings").status_code == 200


def how_many(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


# In the settings


def test_the_password_changes_with_the_code_and_other_devices_are_signed_out(
    app: Flask, ann: Person, eve: Person, letters: Letters, closed: list[int]
) -> None:
    phone, tablet = device(app, ann), device(app, ann)
    answer = ask(ann)
    assert (answer.status_code, answer.location) == (303, "/settings#section-password")
    page = ann.get("/settings").text
    assert 'action="/settings/password/code"' in page
    assert NEW not in page
    assert log_in(app, PASSWORD) and not log_in(app, NEW)
    [letter] = letters()
    assert (letter["name"], letter["to"]) == ("password_code", "ann@example.com")

    answer = enter(ann, letter["code"])

    assert (answer.status_code, answer.location) == (303, "/settings#section-password")
    assert "Your password is changed" in ann.get("/settings").text
    assert log_in(app, NEW) and not log_in(app, PASSWORD)
    assert [signed_in(one) for one in (ann, phone, tablet, eve)] == [True, False, False, True]
    assert len(closed) == 3  # and the browser that logged in meanwhile
    assert letters()[1] == {"name": "password_changed", "to": "ann@example.com", "language": "en"}
    assert how_many(app, Confirmation) == 0


def test_it_is_as_smooth_with_htmx(app: Flask, ann: Person, letters: Letters) -> None:
    phone = device(app, ann)
    opened = ann.get("/settings/password").text
    assert opened.count('autocomplete="new-password"') == 2
    assert re.search(r'autocomplete="username" value="ann@example.com"[^>]* hidden', opened)
    assert ann.htmx("POST", "/settings/password", data=CHOSEN | {"password_repeat": "x"}).status_code == 422
    answer = ann.htmx("POST", "/settings/password", data=CHOSEN)
    assert "<html" not in answer.text and "autofocus" in answer.text
    answer = ann.htmx("POST", "/settings/password/code", data={"code": letters()[0]["code"]})
    assert answer.status_code == 200
    assert answer.text.count('id="device-') == 1  # the list of devices beside it is as it is now
    assert not signed_in(phone)


def test_only_a_slow_hash_of_the_new_password_waits(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    with app.app_context():
        confirmation = db.session.scalars(select(Confirmation)).one()
        assert str(confirmation.password_hash).startswith("$argon2id$")
        assert passwords.verify(str(confirmation.password_hash), NEW)
        assert letters()[0]["code"] not in str(vars(confirmation))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"current_password": ""}, "Enter your password."),
        ({"current_password": "wrong"}, "This is not your password."),
        ({"current_password": "\x00пароль🔑"}, "This is not your password."),
        ({"current_password": "x" * 100_000}, "This is not your password."),
        ({"password": PASSWORD, "password_repeat": PASSWORD}, "That is your password already."),
        ({"password": "", "password_repeat": ""}, "Enter a password."),
        ({"password": "short", "password_repeat": "short"}, "at least 8 characters"),
        ({"password": "x" * 1001, "password_repeat": "x" * 1001}, "at least 8 characters"),
        ({"password": "9081726354", "password_repeat": "9081726354"}, "digits only"),
        ({"password": "Пароль123", "password_repeat": "Пароль123"}, "one of the first"),
        ({"password": "Ann@Example.com", "password_repeat": "Ann@Example.com"}, "too much like your e-mail"),
        ({"password_repeat": "a fine day in June"}, "The passwords differ."),
        ({"password_repeat": ""}, "Repeat the password."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_no_password_comes_back(
    app: Flask, ann: Person, letters: Letters, changes: dict[str, str], sentence: str
) -> None:
    answer = ask(ann, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    for password in (CHOSEN | changes).values():
        assert f'value="{password}"' not in answer.text or password in ("", "Ann@Example.com")
    assert how_many(app, Confirmation) == 0
    assert letters() == []


def test_a_password_like_ones_username_is_refused(join: Callable[..., Person]) -> None:
    kostenko = join("lina.kostenko")
    for password in ("Lina.Kostenko1", "kostenko"):
        answer = ask(kostenko, password=password, password_repeat=password)
        assert "too much like your" in answer.text
    with kostenko.application.app_context():
        db.session.get_one(User, kostenko.user_id).email = "other@example.com"
        db.session.commit()
    answer = ask(kostenko, password="Lina.Kostenko1", password_repeat="Lina.Kostenko1")
    assert "too much like your username" in answer.text


def test_a_password_in_any_alphabet_is_taken(app: Flask, ann: Person, letters: Letters) -> None:
    password = "чудовий день 🌊 у травні"
    ask(ann, password=password, password_repeat=password)
    enter(ann, letters()[0]["code"])
    assert log_in(app, password)


def test_a_wrong_code_is_counted_and_runs_out(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    answers = [enter(ann, wrong) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {422}
    assert "You can try 4 more times" in answers[0].text
    assert "no longer works" in answers[5].text
    assert enter(ann, code).status_code == 422
    assert not log_in(app, NEW)
    assert ann.post("/settings/password/code/resend").status_code == 422
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert ann.post("/settings/password/code/resend").status_code == 303
        assert enter(ann, letters()[1]["code"]).status_code == 303
    assert log_in(app, NEW)


def test_what_waited_half_an_hour_is_over(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert enter(ann, code).location == "/settings#section-password"
        assert "Nothing waits for a code" in ann.get("/settings").text
        ask(ann)
        assert how_many(app, Confirmation) == 1
    assert not log_in(app, NEW)


def test_of_two_tabs_the_later_choice_counts(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    ask(twin(app, ann), password="a fine day in June", password_repeat="a fine day in June")
    first, second = (letter["code"] for letter in letters())
    assert first == second or enter(ann, first).status_code == 422
    assert enter(ann, second).status_code == 303
    assert is_over(ann, second)
    assert log_in(app, "a fine day in June")


def test_one_code_entered_twice_at_once_changes_once(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    answers: list[bool] = []
    tabs = [twin(app, ann) for _ in range(3)]
    at_once(*[lambda tab=tab: answers.append(is_over(tab, code)) for tab in tabs])  # type: ignore[misc]
    assert sorted(answers) == [False, True, True]
    assert [letter["name"] for letter in letters()] == ["password_code", "password_changed"]


def test_a_change_of_address_in_between_ends_it(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    ann.post("/settings/email", data={"email": "new@example.org", "password": PASSWORD})
    first, second = letters()
    assert ann.post("/settings/email/code", data={"code": second["code"]}).status_code == 303
    assert is_over(ann, first["code"])
    assert log_in(app, PASSWORD, "new@example.org")


def test_a_change_of_password_ends_what_the_old_one_began(app: Flask, ann: Person, letters: Letters) -> None:
    ann.post("/settings/email", data={"email": "evil@example.org", "password": PASSWORD})
    ask(ann)
    first, second = letters()
    enter(ann, second["code"])
    assert is_over(ann, first["code"], "email")
    assert log_in(app, NEW)


def test_nobody_else_confirms_it(app: Flask, ann: Person, eve: Person, visitor: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    assert is_over(eve, code)
    for path in ("", "/code", "/code/resend", "/cancel"):
        assert visitor.post(f"/settings/password{path}").location.startswith("/login")
    eve.post("/settings/password/cancel")
    assert enter(ann, code).status_code == 303


def test_who_thinks_better_of_it_cancels(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    assert ann.post("/settings/password/cancel").location == "/settings/password#section-password"
    assert is_over(ann, letters()[0]["code"])
    assert log_in(app, PASSWORD)


def test_guessing_the_present_password_runs_out(throttled: Flask, ann: Person, bob: Person) -> None:
    statuses = [ask(ann, current_password="wrong").status_code for _ in range(17)]
    assert statuses == [422] * 15 + [429] * 2
    assert ask(bob).status_code == 303
    assert [enter(bob, "123456").status_code for _ in range(61)] == [422] * 60 + [429]


def test_who_logs_in_while_the_password_changes_does_not_stay(app: Flask, ann: Person) -> None:
    with app.test_request_context():
        thief = db.session.get_one(User, ann.user_id)
        db.session.expunge(thief)
        owner = db.session.get_one(User, ann.user_id)
        owner.password_hash = passwords.hash(NEW)
        db.session.commit()
        with pytest.raises(Refused):
            sessions.start(thief, "Another browser", "10.0.0.1")
        users.renew_password_hash(thief, passwords.hash(PASSWORD))  # nor does the old one come back
    assert log_in(app, NEW)
    assert not log_in(app, PASSWORD)


# Forgotten


def forget(app: Flask, email: str = "ann@example.com") -> TestResponse:
    return browser(app).post("/password/forgot", data={"email": email})


def link_in(letter: dict[str, str]) -> str:
    return f"/password/reset/{letter['token']}"


def reset(person: Person, link: str, **changes: str) -> TestResponse:
    return person.post(link, data={"password": NEW, "password_repeat": NEW} | changes)


def test_a_mailed_link_leads_to_another_password(
    app: Flask, ann: Person, visitor: Person, letters: Letters, closed: list[int]
) -> None:
    phone = device(app, ann)
    assert 'href="/password/forgot"' in visitor.get("/login").text
    assert 'name="email"' in visitor.get("/password/forgot").text
    answer = visitor.post("/password/forgot", data={"email": " ANN@Example.com"})
    assert (answer.status_code, answer.location) == (303, "/password/forgot/sent")
    assert "Look into your mailbox" in visitor.get(answer.location).text
    [letter] = letters()
    assert (letter["name"], letter["to"], letter["language"]) == ("password_reset", "ann@example.com", "en")
    link = link_in(letter)

    page = visitor.get(link)

    assert page.status_code == 200
    assert page.text.count('autocomplete="new-password"') == 2
    assert re.search(r'autocomplete="username" value="ann@example.com"[^>]* hidden', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    answer = reset(visitor, link)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert "Your password is changed. Log in with it." in visitor.get("/login").text
    assert log_in(app, NEW) and not log_in(app, PASSWORD)
    assert not signed_in(ann) and not signed_in(phone)
    assert len(closed) == 2
    assert letters()[1]["name"] == "password_changed"
    assert visitor.get(link).status_code == 410


def test_forgetting_is_as_smooth_with_htmx(app: Flask, ann: Person, visitor: Person, letters: Letters) -> None:
    assert visitor.htmx("POST", "/password/forgot", data={"email": "x"}).status_code == 422
    answer = visitor.htmx("POST", "/password/forgot", data={"email": "ann@example.com"})
    assert answer.headers["HX-Redirect"] == "/password/forgot/sent"
    link = link_in(letters()[0])
    answer = visitor.htmx("POST", link, data={"password": NEW, "password_repeat": "x"})
    assert answer.status_code == 422 and "<html" not in answer.text and NEW not in answer.text
    answer = visitor.htmx("POST", link, data={"password": NEW, "password_repeat": NEW})
    assert answer.headers["HX-Redirect"] == "/login"
    answer = visitor.htmx("POST", link, data={"password": NEW, "password_repeat": NEW})
    assert answer.status_code == 410 and 'href="/password/forgot"' in answer.text


def test_an_unknown_address_takes_the_same_steps_and_gets_the_same_answer(
    app: Flask, ann: Person, visitor: Person, letters: Letters, queries: list[str]
) -> None:
    seen = []
    for email in ("ann@example.com", "nobody@example.com"):
        queries.clear()
        answer = visitor.post("/password/forgot", data={"email": email})
        steps = list(queries)
        seen.append((answer.status_code, answer.location, answer.text, steps))
    assert seen[0] == seen[1]
    assert not any("users" in step for step in seen[0][3])
    with app.app_context():
        payloads = list(db.session.scalars(select(Job.payload).order_by(Job.id)))
    assert payloads == [{"email": "ann@example.com"}, {"email": "nobody@example.com"}]
    assert [letter["to"] for letter in letters()] == ["ann@example.com"]


def test_no_table_holds_the_token(app: Flask, ann: Person, letters: Letters) -> None:
    forget(app)
    token = letters()[0]["token"]
    assert len(token) > 40
    with app.app_context():
        link = db.session.scalars(select(PasswordReset)).one()
        assert token not in link.token_hash
    assert how_many(app, Job) == 0


def test_a_letter_that_did_not_leave_is_sent_with_another_link(
    app: Flask, ann: Person, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_letter: dict[str, str]) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr("app.mail.letters.send", fail)
        forget(app)
        jobs.run_due(app)
    assert how_many(app, Job) == 1
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        job.run_at = job.created_at  # time passes
        db.session.commit()
    assert reset(browser(app), link_in(letters()[0])).location == "/login"


@pytest.mark.parametrize("email", ["", "ann", "ann@localhost", "x" * 100_000, "ann\x00@example.com", "😀@example.com"])
def test_what_is_no_address_is_said_to_be_none(app: Flask, ann: Person, letters: Letters, email: str) -> None:
    answer = forget(app, email)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert letters() == []


@pytest.mark.parametrize("junk", ["x", "x" * 5000, "%20", "пароль", "😀", "\u202e", "' OR 1=1 --"])
def test_a_broken_link_offers_another(visitor: Person, junk: str) -> None:
    answer = visitor.get(f"/password/reset/{junk}")
    assert answer.status_code == 410
    assert "This link no longer works" in answer.text
    assert 'href="/password/forgot"' in answer.text
    assert reset(visitor, f"/password/reset/{junk}").status_code == 303  # to that page


def test_a_link_works_for_an_hour(app: Flask, ann: Person, letters: Letters) -> None:
    forget(app)
    link = link_in(letters()[0])
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert browser(app).get(link).status_code == 410
        reset(browser(app), link)
        assert not log_in(app, NEW)
        forget(app)
        letters()
        assert how_many(app, PasswordReset) == 1  # the old one was swept
    with time_machine.travel(now() + timedelta(minutes=59)):
        forget(app)
        assert browser(app).get(link_in(letters()[2])).status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "short", "password_repeat": "short"}, "at least 8 characters"),
        ({"password": "password1", "password_repeat": "password1"}, "one of the first"),
        ({"password": "ann@example.com", "password_repeat": "ann@example.com"}, "too much like your e-mail"),
        ({"password_repeat": "other"}, "The passwords differ."),
        ({"password": "\x00" * 9, "password_repeat": "\x00" * 9}, "one of the first"),
    ],
)
def test_a_bad_choice_spends_no_link(
    app: Flask, ann: Person, letters: Letters, changes: dict[str, str], sentence: str
) -> None:
    forget(app)
    link = link_in(letters()[0])
    answer = reset(browser(app), link, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert reset(browser(app), link).location == "/login"


def test_using_one_link_ends_ones_others_only(app: Flask, ann: Person, bob: Person, letters: Letters) -> None:
    for email in ("ann@example.com", "ann@example.com", "bob@example.com"):
        forget(app, email)
    first, second, other = (link_in(letter) for letter in letters())
    assert browser(app).get(first).status_code == 200
    assert reset(browser(app), second).location == "/login"
    assert browser(app).get(first).status_code == 410
    assert browser(app).get(other).status_code == 200
    assert signed_in(bob)


def test_one_link_used_twice_at_once_works_once(app: Flask, ann: Person, letters: Letters) -> None:
    forget(app)
    link = link_in(letters()[0])
    answers: list[str | None] = []
    words = [f"a fine day in May {n}" for n in range(3)]

    def use(word: str) -> None:
        answers.append(reset(browser(app), link, password=word, password_repeat=word).location)

    at_once(*[lambda word=word: use(word) for word in words])  # type: ignore[misc]
    assert sorted(map(str, answers)) == ["/login", link, link]
    assert sum(log_in(app, word) for word in words) == 1
    assert [letter["name"] for letter in letters()] == ["password_reset", "password_changed"]


def test_a_changed_password_ends_the_links_mailed_before(app: Flask, ann: Person, letters: Letters) -> None:
    forget(app)
    ask(ann)
    link, code = letters()
    enter(ann, code["code"])
    assert browser(app).get(link_in(link)).status_code == 410


def test_a_link_ends_a_change_that_waits_for_its_code(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann, password="what eve chose", password_repeat="what eve chose")
    forget(app)
    code, link = letters()
    reset(browser(app), link_in(link))
    assert how_many(app, Confirmation) == 0
    assert enter(ann, code["code"]).location.startswith("/login")


def test_who_is_signed_in_may_have_forgotten_it_too(app: Flask, ann: Person, letters: Letters) -> None:
    assert 'href="/password/forgot"' in ann.get("/settings/password").text
    assert ann.get("/password/forgot").status_code == 200
    ann.post("/password/forgot", data={"email": "ann@example.com"})
    link = link_in(letters()[0])
    assert ann.get(link).status_code == 200
    assert reset(ann, link).location == "/login"
    assert "Log in with it." in ann.get("/login").text
    assert how_many(app, LoginSession) == 0


def test_who_has_told_no_name_yet_chooses_one_too(app: Flask, ann: Person, letters: Letters) -> None:
    with app.app_context():
        newcomer = User(email="newcomer@example.com", password_hash=passwords.hash(PASSWORD))
        db.session.add(newcomer)
        db.session.commit()
        client = browser(app)
        sign_in(app, client, newcomer.id)
    forget(app, "newcomer@example.com")
    assert client.get(link_in(letters()[0])).status_code == 200


def test_who_is_about_to_leave_chooses_one_too(app: Flask, ann: Person, letters: Letters) -> None:
    with app.app_context():
        db.session.get_one(User, ann.user_id).deleted_at = now()
        db.session.commit()
    forget(app)
    link = link_in(letters()[0])
    assert ann.get(link).status_code == 200
    assert reset(ann, link).location == "/login"
    assert log_in(app, NEW)


def test_the_letter_is_in_the_language_of_whom_it_is_for(app: Flask, ann: Person, letters: Letters) -> None:
    ann.post("/settings/language", data={"language": "uk"})
    forget(app)
    assert letters()[0]["language"] == "uk"


def test_links_and_tries_are_throttled(throttled: Flask, ann: Person, letters: Letters) -> None:
    assert [forget(throttled).status_code for _ in range(6)] == [303] * 5 + [429]
    assert len(letters()) == 5
    assert forget(throttled, "bob@example.com").status_code == 303
    assert [reset(browser(throttled), "/password/reset/x").status_code for _ in range(61)] == [303] * 60 + [429]


def test_an_address_written_otherwise_is_throttled_as_the_same(throttled: Flask, ann: Person) -> None:
    ways = [
        "ann@example.com",
        "ANN@example.com",
        "ann@ｅxample.com",
        "ann@eｘample.com",
        "ann@example。com",
        "ann@ⓔxample.com",
    ]
    assert [forget(throttled, way).status_code for way in ways] == [303] * 5 + [429]


def test_other_sites_ask_for_no_links(app: Flask, visitor: Person) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = visitor.post("/password/forgot", data={"email": "ann@example.com"}, headers=foreign)
    assert answer.status_code == 403
    assert how_many(app, Job) == 0
