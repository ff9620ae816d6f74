"""What operators are told: whether the server is well, what it counts, and what it logs."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from app import logs
from app.actions import messages
from app.blueprints import operators
from app.extensions import db
from app.jobs import enqueue
from app.live import bus
from tests.conftest import Person
from tests.talk import befriend, open_chat, say


@pytest.fixture
def up_to_date(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' tables are made without migrations."""
    monkeypatch.setattr(operators, "present_revision", operators.newest_revision)


@pytest.fixture
def lines(app: Flask) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged as JSON while the test runs."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Json())
    root.addHandler(handler)
    level = logs.log.level
    logs.log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.log.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.usefixtures("up_to_date")
def test_all_is_well(visitor: Person) -> None:
    for path in ("/healthz", "/healthz/ready"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\ndatabase: ok\nhub: ok\n")
    assert visitor.get("/healthz/live").text == "ok\n"


@pytest.mark.usefixtures("up_to_date")
def test_what_is_wrong_is_said(app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise OperationalError("SELECT", None, Exception("connection refused"))

    monkeypatch.setattr(operators, "present_revision", away)
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.text) == (
        503,
        "failing\ndatabase: does not answer (OperationalError)\nhub: ok\n",
    )
    assert visitor.get("/healthz/live").status_code == 200
    monkeypatch.setattr(operators, "present_revision", lambda: "0000")
    assert "is at revision 0000" in visitor.get("/healthz").text

    def gone() -> dict[str, float]:
        raise ConnectionRefusedError

    monkeypatch.setattr(operators, "present_revision", operators.newest_revision)
    monkeypatch.setattr(bus.hub, "state", gone)
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "failing\ndatabase: ok\nhub: does not answer\n")


@pytest.mark.usefixtures("up_to_date")
def test_redis_away_is_no_reason_to_serve_nobody(app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://somewhere")
    monkeypatch.setattr(bus.hub, "state", lambda: {"bus_connected": 0})
    answer = visitor.get("/healthz")
    assert answer.status_code == 200 and answer.text.startswith("degraded\n") and "redis: is away" in answer.text


def test_counts(app: Flask, ann: Person, visitor: Person) -> None:
    ann.get("/")
    with app.app_context():
        enqueue("letter", {"to": "somebody"})
        db.session.commit()
    shown = visitor.get("/metrics").text
    assert 'worldit_request_seconds_count{door="posts.index",method="GET",status="200"}' in shown
    assert "worldit_tabs 0.0" in shown and "worldit_jobs_waiting 1.0" in shown
    assert "worldit_jobs_oldest_seconds" in shown


def test_only_this_machine_and_who_knows_the_token_sees_counts(
    app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert visitor.get("/metrics", environ_base=elsewhere).status_code == 404
    for header in ("X-Forwarded-For", "Forwarded"):  # a proxy on this machine speaks for somebody elsewhere
        assert visitor.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404
    assert visitor.get("/metrics", environ_base=elsewhere, headers={"Authorization": "Bearer "}).status_code == 404
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "a long word")
    for word, status in (("a long word", 200), ("another", 404), ("", 404), ("ї", 404)):
        headers = {"Authorization": f"Bearer {word}".encode().decode("latin-1")}
        assert visitor.get("/metrics", environ_base=elsewhere, headers=headers).status_code == status


def test_every_answer_has_an_id(visitor: Person) -> None:
    first, second = (visitor.get("/login").headers["X-Request-ID"] for _ in range(2))
    assert first != second and len(first) == 16
    assert (
        visitor.get("/login", headers={"X-Request-ID": "from-the-proxy-1"}).headers["X-Request-ID"]
        == "from-the-proxy-1"
    )
    for junk in ("short", "x" * 65, "white space in it", "<script>alert()"):
        assert visitor.get("/login", headers={"X-Request-ID": junk}).headers["X-Request-ID"] != junk


def test_lines_tell_the_door_and_nothing_private(
    app: Flask, ann: Person, bob: Person, lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    say(ann, chat, "a secret for Bob")
    [line] = [line for line in lines() if line.get("door") == "messages.create"]
    assert (line["method"], line["status"], line["user"], line["message"]) == ("POST", 200, ann.user_id, "request")
    assert line["ms"] > 0 and len(line["request"]) == 16

    def fail(*_: object, **__: object) -> None:
        try:
            db.session.execute(text("SELECT :body FROM nowhere"), {"body": "a secret for Bob"})
        except DBAPIError as error:  # told as other databases tell it
            raise OperationalError(str(error), None, error.orig) from error  # type: ignore[arg-type]

    monkeypatch.setattr(messages, "send", fail)
    assert ann.post(f"/chats/{chat}/messages", data={"body": "a secret for Bob"}).status_code == 503
    written = json.dumps(lines())
    assert "nowhere" in written and "secret" not in written and "example.com" not in written


def test_addresses_are_taken_out() -> None:
    try:
        raise ValueError("no such mailbox <зоя.d'Arc+x@пошта.example> at 192.0.2.7")
    except ValueError:
        record = logging.LogRecord("x", 30, "", 0, "to %s from 10.0.0.1", ("bob@example.com",), sys.exc_info())
    for formatter in (logs.Json(), logs.Text()):
        written = formatter.format(record)
        assert "ValueError" in written
        assert not any(part in written for part in ("bob@", "пошта", "192.0.2.7", "10.0.0.1"))
