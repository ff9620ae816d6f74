"""Letters: a real conversation with a mail server, or the outbox."""

import asyncio
import email
import email.policy
import re
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app import jobs
from app.actions import verb
from app.config import LANGUAGES
from app.extensions import db, mail
from app.mail import delivery, letters
from app.models import Job
from tests.conftest import PASSWORD, Person
from tests.servers import ROOT


class Postman:
    """A mail server's other end: keeps what it is given, or refuses."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], EmailMessage]] = []
        self.refuses = False
        self.hangs_up: str | None = None  # in the middle of a letter, or after it
        self.delays = 0.0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.delays)
        if self.hangs_up == "within":
            server.transport.abort()
            return "250 OK"
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, letter))
        return "250 OK"

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        if self.hangs_up == "afterwards":
            server.transport.abort()
        return "221 Bye"


@pytest.fixture
def postman(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    """A mail server on a free port, which the application is set to use."""
    postman = Postman()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    config = app.config | {
        "MAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": port,
        "MAIL_USE_TLS": False,
        "MAIL_DEFAULT_SENDER": "World IT <world-it@example.com>",
        "MAIL_SUPPRESS_SEND": False,
    }
    monkeypatch.setattr(app, "config", type(app.config)(app.root_path, config))
    monkeypatch.setitem(app.extensions, "mail", mail.init_mail(app.config))
    yield postman
    controller.stop()


@verb
def write(to: str, language: str = "en", name: str = "code", **facts: str) -> None:
    jobs.enqueue("letter", {"name": name, "to": to, "language": language, **facts})


def test_a_letter_goes_by_smtp_in_the_persons_language(app: Flask, postman: Postman) -> None:
    with app.app_context():
        write("olena@example.com", "uk", code="012345")
    assert jobs.run_due(app) == 1
    [(sender, recipients, letter)] = postman.letters
    assert sender == "World IT <world-it@example.com>" or sender == "world-it@example.com"
    assert recipients == ["olena@example.com"]
    assert letter["To"] == "olena@example.com"
    assert letter["From"] == "World IT <world-it@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Subject"] == "012345 — ваш код World IT"
    assert "Ваш код підтвердження: 012345" in letter.get_content()
    with app.app_context():
        assert db.session.scalar(select(Job.id)) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "app/templates/mail").glob("*.txt")))
def test_every_subject_is_read_as_it_was_written(app: Flask, postman: Postman, name: str, language: str) -> None:
    facts = {"code": "012345", "email": "a…n@example.com", "until": "11 грудня 2026 р.", "token": "x" * 43}
    with app.app_context():
        write("olena@example.com", language, name, **facts)
        subject = letters.compose(name, language, "olena@example.com", **facts).subject
    jobs.run_due(app)
    [(_, _, letter)] = postman.letters
    assert letter["Subject"] == subject


def test_a_letter_the_server_refuses_waits_and_is_sent_later(app: Flask, postman: Postman) -> None:
    postman.refuses = True
    with app.app_context():
        write("olena@example.com", code="012345")
    jobs.run_due(app)
    assert postman.letters == []
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert "come back later" in str(job.last_error)
        job.run_at = job.created_at  # time passes
        db.session.commit()
    postman.refuses = False
    jobs.run_due(app)
    assert len(postman.letters) == 1


def test_a_line_that_breaks_in_the_middle_of_a_letter_loses_it_not(app: Flask, postman: Postman) -> None:
    postman.hangs_up = "within"
    with app.app_context():
        write("olena@example.com", code="012345")
    jobs.run_due(app)
    assert postman.letters == []
    with app.app_context():
        db.session.scalars(select(Job)).one().run_at = db.session.scalars(select(Job.created_at)).one()
        db.session.commit()
    postman.hangs_up = None
    jobs.run_due(app)
    assert len(postman.letters) == 1


def test_a_line_that_breaks_after_a_letter_sends_it_no_second_time(app: Flask, postman: Postman) -> None:
    postman.hangs_up = "afterwards"
    with app.app_context():
        write("olena@example.com", code="012345")
    jobs.run_due(app)
    assert len(postman.letters) == 1
    with app.app_context():
        assert db.session.scalar(select(Job.id)) is None


def test_a_server_that_does_not_come_to_an_end_is_left(
    app: Flask, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "ALTOGETHER", 0.2)
    postman.delays = 5
    with app.app_context():
        write("olena@example.com", code="012345")
    began = time.monotonic()
    jobs.run_due(app)
    assert time.monotonic() - began < 2
    with app.app_context():
        assert db.session.scalars(select(Job)).one().last_error


def test_a_server_that_is_not_there_loses_no_letter(app: Flask, postman: Postman) -> None:
    app.extensions["mail"].port = 1
    with app.app_context():
        write("olena@example.com", code="012345")
    jobs.run_due(app)
    with app.app_context():
        assert "refused" in str(db.session.scalars(select(Job)).one().last_error).lower()


def test_without_a_server_letters_go_to_the_outbox_and_the_console(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    with app.app_context():
        write("../../o'lena@example.com", code="012345")
        write("olena@example.com", name="already")
    jobs.run_due(app)
    paths = sorted((tmp_path / "outbox").iterdir())
    assert [path.suffix for path in paths] == [".eml", ".eml"]
    first, second = (email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths)
    assert first["Subject"] == "012345 is your World IT code"
    assert second["Subject"] == "You already have a World IT account"
    console = capsys.readouterr().out
    assert "olena@example.com" in console
    assert "012345" in console


def test_a_code_is_nowhere_in_the_letter_to_somebody_who_has_an_account(app: Flask, postman: Postman) -> None:
    with app.app_context():
        write("olena@example.com", name="already")
    jobs.run_due(app)
    text = postman.letters[0][2].get_content()
    assert "/login" in text
    assert not any(word.strip(".:").isdigit() for word in text.split())


def test_the_way_back_in_goes_by_smtp(app: Flask, ann: Person, postman: Postman) -> None:
    ann.post("/settings/language", data={"language": "uk"})
    ann.post("/password/forgot", data={"email": "Ann@example.com"})
    assert jobs.run_due(app) == 1
    [(_sender, recipients, letter)] = postman.letters
    assert recipients == ["ann@example.com"]
    [link] = re.findall(r"http://\S+", letter.get_content())
    path = link.removeprefix("http://127.0.0.1:8000")
    assert path.startswith("/password/reset/")
    assert ann.get(path).status_code == 200
    assert path.split("/")[-1] not in str(letter["Subject"])
    chosen = {"password": "a fine day in May", "password_repeat": "a fine day in May"}
    assert ann.post(path, data=chosen).location == "/login"
    jobs.run_due(app)
    assert len(postman.letters) == 2


def test_a_change_of_address_is_told_to_both_by_smtp(app: Flask, ann: Person, postman: Postman) -> None:
    ann.post("/settings/email", data={"email": "ann.new@пошта.укр", "password": PASSWORD})
    jobs.run_due(app)
    [(_sender, recipients, letter)] = postman.letters
    assert recipients == ["ann.new@" + "пошта.укр".encode("idna").decode()]
    [code] = set(re.findall(r"\b\d{6}\b", letter.get_content()))
    assert str(letter["Subject"]).startswith(code)
    ann.post("/settings/email/code", data={"code": code})
    jobs.run_due(app)
    _sender, recipients, letter = postman.letters[1]
    assert recipients == ["ann@example.com"]
    assert "a…w@пошта.укр" in letter.get_content()
    assert "ann.new" not in letter.get_content()


@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_password_code_and_a_try_for_ones_address_are_told(
    app: Flask, ann: Person, bob: Person, postman: Postman, language: str
) -> None:
    for person in (ann, bob):
        person.post("/settings/language", data={"language": language})
    chosen = {"current_password": PASSWORD, "password": "a fine day in May", "password_repeat": "a fine day in May"}
    ann.post("/settings/password", data=chosen)
    ann.post("/settings/email", data={"email": "bob@example.com", "password": PASSWORD})
    jobs.run_due(app)
    (_, to_ann, code), (_, to_bob, tried) = postman.letters
    assert (to_ann, to_bob) == (["ann@example.com"], ["bob@example.com"])
    assert re.search(r"\b\d{6}\b", code.get_content())
    assert not re.search(r"\b\d{6}\b", tried.get_content())
    assert "ann@" not in tried.get_content()
