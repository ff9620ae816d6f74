"""Another e-mail address is taken with the password, and a code that goes to it."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import jobs
from app.extensions import db
from app.mail.letters import compose
from app.models import Confirmation, LoginSession, PasswordReset, User
from app.models.columns import now
from app.text import masked
from tests.conftest import PASSWORD, Letters, Person, sign_in
from tests.test_friendships import at_once, twin

NEW = "ann.new@example.org"


def ask(person: Person, email: str = NEW, password: str = PASSWORD) -> TestResponse:
    return person.post("/settings/email", data={"email": email, "password": password})


def enter(person: Person, code: str) -> TestResponse:
    return person.post("/settings/email/code", data={"code": code})


def email_of(app: Flask, person: Person) -> str:
    with app.app_context():
        return str(db.session.scalar(select(User.email).where(User.id == person.user_id)))


def waiting(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Confirmation.id))) or 0


def section(page: str) -> str:
    """Return the section of the e-mail address, without what hangs on the clock."""
    found = re.search(r'<section[^>]*id="section-email".*?</section>', page, re.DOTALL)
    assert found
    return re.sub(r"\d+", "", found[0])


def test_the_address_changes_with_the_code_that_went_to_the_new_one(app: Flask, ann: Person, letters: Letters) -> None:
    answer = ask(ann, "Ann.New@Example.ORG ")
    assert (answer.status_code, answer.location) == (303, "/settings#section-email")
    page = ann.get("/settings").text
    assert NEW in page
    assert 'action="/settings/email/code"' in page
    assert email_of(app, ann) == "ann@example.com"
    [letter] = letters()
    assert (letter["name"], letter["to"], letter["language"]) == ("email_code", NEW, "en")
    assert letter["code"] not in page

    answer = enter(ann, letter["code"])

    assert (answer.status_code, answer.location) == (303, "/settings#section-email")
    assert email_of(app, ann) == NEW
    assert "Your e-mail is changed." in ann.get("/settings").text
    told = letters()[1]
    assert (told["name"], told["to"], told["email"]) == ("email_changed", "ann@example.com", "a…w@example.org")
    assert waiting(app) == 0
    visitor = app.test_client()
    own = {"Sec-Fetch-Site": "same-origin"}
    for email, status in (("ann@example.com", 422), (NEW, 303)):
        sent = {"email": email, "password": PASSWORD}
        assert visitor.post("/login", data=sent, headers=own).status_code == status


def test_it_is_as_smooth_with_htmx(app: Flask, ann: Person, letters: Letters) -> None:
    opened = ann.get("/settings/email").text
    assert 'id="new-email"' in opened and 'autocomplete="current-password"' in opened
    for sent, status in (({"email": "x"}, 422), ({"email": NEW, "password": PASSWORD}, 200)):
        answer = ann.htmx("POST", "/settings/email", data=sent)
        assert answer.status_code == status
        assert "<html" not in answer.text and 'id="section-email"' in answer.text
    assert "autofocus" in answer.text
    assert "autofocus" not in section(ann.get("/settings").text)  # a page that is only read takes nobody there
    code = letters()[0]["code"]
    assert ann.htmx("POST", "/settings/email/code", data={"code": "1"}).status_code == 422
    answer = ann.htmx("POST", "/settings/email/code", data={"code": code})
    assert answer.status_code == 200
    assert NEW in answer.text and "Your e-mail is changed." in answer.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": ""}, "Enter your e-mail."),
        ({"email": "lina"}, "This is not an e-mail address."),
        ({"email": "ли на@example.com"}, "This is not an e-mail address."),
        ({"email": "ann\x00@example.com"}, "This is not an e-mail address."),
        ({"email": "😀@example.com"}, "This is not an e-mail address."),
        ({"email": "\u202eann@example.com"}, "This is not an e-mail address."),
        ({"email": "l" * 300 + "@example.com"}, "This is not an e-mail address."),
        ({"email": "x" * 100_000}, "This is not an e-mail address."),
        ({"email": "a@example.com, b@example.com"}, "This is not an e-mail address."),
        ({"email": "a@example.com\nBcc: b@example.com"}, "This is not an e-mail address."),
        ({"email": " ANN@Example.com"}, "That is your address already."),
        ({"password": ""}, "Enter your password."),
        ({"password": "wrong"}, "This is not your password."),
        ({"password": "x" * 100_000}, "This is not your password."),
        ({"password": "\x00🔑пароль"}, "This is not your password."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_mails_nothing(
    app: Flask, ann: Person, letters: Letters, changes: dict[str, str], sentence: str
) -> None:
    answer = ann.post("/settings/email", data={"email": NEW, "password": PASSWORD} | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    if "email" not in changes:
        assert f'value="{NEW}"' in answer.text
    assert waiting(app) == 0
    assert letters() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Олена@Пошта.укр", None),
        ("olena@Пошта.УКР", "olena@пошта.укр"),
        ("olena@xn--80a1acn3a.xn--j1amh", "olena@пошта.укр"),
        ("O'Lena+List@EXAMPLE.com", "o'lena+list@example.com"),
    ],
)
def test_addresses_are_kept_as_they_are_compared(
    app: Flask, ann: Person, letters: Letters, typed: str, kept: str | None
) -> None:
    answer = ask(ann, typed)
    if kept is None:
        assert answer.status_code == 422
        return
    [letter] = letters()
    assert letter["to"] == kept
    enter(ann, letter["code"])
    assert email_of(app, ann) == kept


def test_an_address_of_somebody_else_looks_the_same_and_only_its_holder_is_told(
    app: Flask, ann: Person, bob: Person, eve: Person, letters: Letters
) -> None:
    with app.app_context():
        db.session.get_one(User, bob.user_id).language = "uk"
        db.session.commit()
    taken, free = ask(ann, "BOB@example.com"), ask(eve, "bob@example.net")
    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    pages = [section(person.get("/settings").text).replace(".net", ".com") for person in (ann, eve)]
    assert pages[0] == pages[1]
    told, coded = letters()
    assert told == {"name": "email_taken", "to": "bob@example.com", "language": "uk"}
    assert (coded["name"], coded["to"]) == ("email_code", "bob@example.net")
    with time_machine.travel(now() + timedelta(seconds=61)):
        answers = [person.post("/settings/email/code/resend") for person in (ann, eve)]
        assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/settings#section-email")}
        assert [letter["name"] for letter in letters()[2:]] == ["email_taken", "email_code"]


def test_asking_for_a_taken_address_takes_the_same_steps(
    ann: Person, bob: Person, eve: Person, queries: list[str]
) -> None:
    steps = []
    for person, email in ((ann, "bob@example.com"), (eve, "free@example.com")):
        person.get("/settings")
        queries.clear()
        ask(person, email)
        steps.append([query.split("VALUES")[0] for query in queries])
    assert steps[0] == steps[1]


def test_an_address_that_was_taken_meanwhile_is_said_so(app: Flask, ann: Person, bob: Person, letters: Letters) -> None:
    ask(ann, "both@example.com")
    ask(bob, "both@example.com")
    first, second = letters()
    assert enter(bob, second["code"]).status_code == 303
    answer = enter(ann, first["code"])
    assert answer.status_code == 422
    assert "taken this address meanwhile" in answer.text
    assert ann.get("/settings").status_code == 200
    assert (email_of(app, ann), email_of(app, bob)) == ("ann@example.com", "both@example.com")


def test_two_who_confirm_one_address_at_once_do_not_both_get_it(
    app: Flask, ann: Person, bob: Person, letters: Letters
) -> None:
    ask(ann, "both@example.com")
    ask(bob, "both@example.com")
    first, second = letters()
    answers: list[int] = []
    at_once(
        lambda: answers.append(enter(ann, first["code"]).status_code),
        lambda: answers.append(enter(bob, second["code"]).status_code),
    )
    assert sorted(answers) == [303, 422]
    assert sorted([email_of(app, ann), email_of(app, bob)])[1] == "both@example.com"


def test_one_code_entered_twice_at_once_tells_the_old_address_once(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    tabs = [twin(app, ann) for _ in range(3)]
    at_once(*[lambda tab=tab: enter(tab, code) for tab in tabs])  # type: ignore[misc]
    assert [letter["name"] for letter in letters()] == ["email_code", "email_changed"]
    assert email_of(app, ann) == NEW


def test_asking_twice_at_once_leaves_one_that_waits(app: Flask, ann: Person, letters: Letters) -> None:
    tabs = [twin(app, ann) for _ in range(4)]
    at_once(*[lambda tab=tab, n=n: ask(tab, f"ann{n}@example.org") for n, tab in enumerate(tabs)])  # type: ignore[misc]
    assert waiting(app) == 1
    assert len(letters()) == 4
    for letter in letters():
        enter(ann, letter["code"])
    assert re.fullmatch(r"ann\d@example\.org", email_of(app, ann))


def test_whose_address_was_taken_takes_it_back_as_the_letter_says(app: Flask, ann: Person, letters: Letters) -> None:
    thief, new = twin(app, ann), "a fine day in May"
    assert ann.user_id is not None
    sign_in(app, thief, ann.user_id)
    ask(thief)
    enter(thief, letters()[0]["code"])
    with app.app_context():
        said = compose(**letters()[-1]).body or ""
    assert "end all other devices, change the address back to this one, and then your password" in said

    ann.post("/settings/sessions/delete")
    ask(ann, "ann@example.com")
    assert letters()[-1]["to"] == "ann@example.com"
    enter(ann, letters()[-1]["code"])
    ann.post("/settings/password", data={"current_password": PASSWORD, "password": new, "password_repeat": new})
    assert letters()[-1]["to"] == "ann@example.com"
    assert ann.post("/settings/password/code", data={"code": letters()[-1]["code"]}).status_code == 303
    assert email_of(app, ann) == "ann@example.com"
    assert thief.get("/settings").status_code == 303


def test_who_heard_no_answer_enters_the_code_again_and_sees_the_new_address(ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    enter(ann, code)
    answer = ann.htmx("POST", "/settings/email/code", data={"code": code}).text
    assert "Nothing waits for a code any more." in answer
    assert f"<dd>{NEW}</dd>" in answer and 'name="email"' not in answer


def test_another_address_may_be_used_instead(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann, "mistyped@example.org")
    assert "Use another address" in ann.get("/settings").text
    answer = ann.post("/settings/email/cancel")
    assert (answer.status_code, answer.location) == (303, "/settings/email#section-email")
    assert 'name="email"' in ann.get("/settings/email").text
    assert 'name="email"' in ann.htmx("POST", "/settings/email/cancel").text  # twice is once
    ask(ann)
    first, second = letters()
    assert enter(ann, first["code"]).status_code == 422
    assert enter(ann, second["code"]).status_code == 303
    assert email_of(app, ann) == NEW


def test_a_wrong_code_may_be_tried_five_times(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    said = []
    for _ in range(6):
        answer = enter(ann, wrong)
        assert answer.status_code == 422
        said += re.findall(r"You can try (\d) more times?|(tried too often)|(no longer works)", answer.text)
    assert ["".join(words) for words in said] == ["4", "3", "2", "1", "tried too often", "no longer works"]
    assert enter(ann, code).status_code == 422
    assert email_of(app, ann) == "ann@example.com"
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert ann.post("/settings/email/code/resend").status_code == 303
        assert "A new code is on its way." in ann.get("/settings").text
        assert enter(ann, letters()[1]["code"]).status_code == 303


def test_another_code_comes_once_a_minute_at_most(ann: Person, letters: Letters) -> None:
    ask(ann)
    answer = ann.post("/settings/email/code/resend")
    assert answer.status_code == 422
    assert "less than a minute ago" in answer.text
    assert len(letters()) == 1


@pytest.mark.parametrize("junk", ["", "12345", "1234567", "abcdef", "\x00" * 6, "😀" * 6, "٠" * 6, "1" * 100_000])
def test_junk_is_no_code_and_costs_no_try(app: Flask, ann: Person, letters: Letters, junk: str) -> None:
    ask(ann)
    assert enter(ann, junk).status_code == 422
    with app.app_context():
        assert db.session.scalar(select(Confirmation.tries)) == 0


def test_what_nobody_confirmed_for_half_an_hour_is_over(app: Flask, ann: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert 'name="code"' not in ann.get("/settings").text
        for answer in (enter(ann, code), ann.post("/settings/email/code/resend")):
            assert (answer.status_code, answer.location) == (303, "/settings#section-email")
        assert "Nothing waits for a code any more." in ann.get("/settings").text
        assert "Nothing waits for a code" in ann.htmx("POST", "/settings/email/code", data={"code": code}).text
    assert email_of(app, ann) == "ann@example.com"
    with time_machine.travel(now() + timedelta(minutes=29)):
        assert enter(ann, code).status_code == 303


def test_a_code_works_for_nobody_and_for_nothing_else(app: Flask, ann: Person, eve: Person, letters: Letters) -> None:
    ask(ann)
    code = letters()[0]["code"]
    assert enter(eve, code).location == "/settings#section-email"
    assert "Nothing waits for a code" in eve.get("/settings").text
    ask(eve, "eve.new@example.org")
    assert letters()[1]["code"] == code or enter(eve, code).status_code == 422
    chosen = {"current_password": PASSWORD, "password": "a fine day in May", "password_repeat": "a fine day in May"}
    ann.post("/settings/password", data=chosen)
    assert letters()[2]["code"] == code or ann.post("/settings/password/code", data={"code": code}).status_code == 422
    assert (email_of(app, ann), email_of(app, eve)) == ("ann@example.com", "eve@example.com")


def test_the_change_ends_what_was_mailed_to_the_old_address(app: Flask, ann: Person, letters: Letters) -> None:
    chosen = {"current_password": PASSWORD, "password": "a fine day in May", "password_repeat": "a fine day in May"}
    ann.post("/settings/password", data=chosen)
    app.test_client().post("/password/forgot", data={"email": "ann@example.com"})
    ask(ann)
    enter(ann, next(letter["code"] for letter in letters() if letter["name"] == "email_code"))
    assert email_of(app, ann) == NEW
    assert waiting(app) == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 0
        assert db.session.scalar(select(func.count(LoginSession.id))) == 1  # and signs nobody out


def test_visitors_change_nothing(visitor: Person) -> None:
    for path in ("", "/code", "/code/resend", "/cancel"):
        assert visitor.post(f"/settings/email{path}").location.startswith("/login")


def test_nothing_is_at_purposes_there_are_not(ann: Person) -> None:
    assert ann.post("/settings/name/code", data={"code": "123456"}).status_code == 404


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("ann.new@example.com", "a…w@example.com"),
        ("ab@example.com", "a…@example.com"),
        ("a@example.com", "a…@example.com"),
        ("olena@пошта.укр", "o…a@пошта.укр"),
    ],
)
def test_an_address_is_told_so_that_only_its_owner_knows_it(email: str, told: str) -> None:
    assert masked(email) == told


def test_guessing_the_password_or_mailing_strangers_runs_out(throttled: Flask, ann: Person, bob: Person) -> None:
    statuses = [ask(ann, password="wrong", email=f"n{n}@example.org").status_code for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert [ask(bob, "victim@example.org").status_code for _ in range(6)] == [303] * 5 + [429]
    assert [ann.post("/settings/email/code/resend").status_code for _ in range(11)] == [303] * 10 + [429]


def test_letters_are_in_the_persons_language(app: Flask, ann: Person, letters: Letters) -> None:
    ann.post("/settings/language", data={"language": "uk"})
    ask(ann)
    enter(ann, letters()[0]["code"])
    assert [letter["language"] for letter in letters()] == ["uk", "uk"]
    assert jobs.run_due(app) == 0
