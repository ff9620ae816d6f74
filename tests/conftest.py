"""The cast (ann, bob, and eve who may not) and the house they live in."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text
from werkzeug.test import TestResponse

from app import create_app, jobs
from app.actions.indexing import index_person
from app.extensions import db, limiter, passwords
from app.live import bus
from app.live.pushes import Push
from app.mail.letters import compose
from app.models import User

PASSWORD = "correct horse battery"
PASSWORD_HASH = passwords.hash(PASSWORD)
HTMX = {"HX-Request": "true"}


def database_url(folder: Path, worker: str) -> str:
    """Return a fresh database for a test process: a file, or one on the server WORLDIT_TEST_DATABASE_URL names."""
    server = os.environ.get("WORLDIT_TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / 'test.sqlite3'}"
    name = f"worldit_{worker}_{os.getpid()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", server, count=1) if server.count("/") >= 3 else f"{server}/{name}"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """The application on a database of its own, made once for each test process."""
    folder = tmp_path_factory.mktemp("instance")
    app = create_app(
        {
            "TESTING": True,
            "INSTANCE": folder,
            "SECRET_KEY": "test",
            "SQLALCHEMY_DATABASE_URI": database_url(folder, worker_id),
            "MEDIA_URL": f"file:{folder / 'media'}",
            "LANGUAGE": "en",
        }
    )
    limiter.enabled = False  # tests of the limits turn them on
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(house: Flask) -> Iterator[Flask]:
    """The application with empty tables."""
    with house.app_context():
        empty_tables()
    yield house


def empty_tables() -> None:
    """Take everybody and everything out of the database."""
    db.session.rollback()
    for table in reversed(db.metadata.sorted_tables):
        db.session.execute(table.delete())
    db.session.commit()


class Person(FlaskClient):
    """A browser: it tells where its requests come from, as browsers do. ``user_id`` is who is signed in."""

    user_id: int | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request with the header every browser sends."""
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        kwargs.setdefault("buffered", True)  # so that files which are sent are closed
        return super().open(*args, headers=headers, **kwargs)

    def htmx(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Send a request as the page's script does."""
        return self.open(path, method=method, headers=HTMX, **kwargs)


@pytest.fixture
def visitor(app: Flask) -> Person:
    """A browser in which nobody is signed in."""
    app.test_client_class = Person
    client = app.test_client()
    assert isinstance(client, Person)
    return client


@pytest.fixture
def join(app: Flask) -> Callable[..., Person]:
    """Make people: ``join("ann")`` returns ann's browser, signed in."""

    def join(name: str, first_name: str = "", last_name: str = "", **columns: Any) -> Person:
        app.test_client_class = Person
        with app.app_context():
            user = User(email=f"{name}@example.com", password_hash=PASSWORD_HASH, language="en", **columns)
            user.name_themselves(first_name or name.capitalize(), last_name or "Example", name)
            db.session.add(user)
            index_person(user)
            db.session.commit()
            client = app.test_client()
            assert isinstance(client, Person)
            client.user_id = user.id
        sign_in(app, client, user.id)
        return client

    return join


def sign_in(app: Flask, client: Person, user_id: int) -> None:
    """Give a browser a login session, as the sign-in page would."""
    from app.actions.sessions import start  # the verb the door itself uses

    with app.app_context():
        user = db.session.get(User, user_id)
        assert user is not None
        token = start(user, device="Test browser", address="127.0.0.1")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True


@pytest.fixture
def ann(join: Callable[..., Person]) -> Person:
    """Ann, who does things."""
    return join("ann", "Ann", "Ivanenko")


@pytest.fixture
def bob(join: Callable[..., Person]) -> Person:
    """Bob, to whom she does them."""
    return join("bob", "Богдан", "Ґонта-Їжак")


@pytest.fixture
def chat(app: Flask, ann: Person, bob: Person) -> int:
    """The chat of ann and bob, who are friends."""
    from tests.talk import befriend, open_chat

    befriend(app, ann, bob)
    return open_chat(ann, bob)


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[Push]:
    """What verbs push during a test, instead of its leaving for tabs."""
    pushes: list[Push] = []
    monkeypatch.setattr(bus, "publish", pushes.append)
    return pushes


@pytest.fixture
def eve(join: Callable[..., Person]) -> Person:
    """Eve, who may not."""
    return join("eve", "Eve", "Outsider")


Letters = Callable[[], list[dict[str, str]]]


@pytest.fixture
def letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Letters:
    """Do what waits, and return what every letter so far was made of."""
    sent: list[dict[str, str]] = []

    def send(letter: dict[str, str]) -> None:
        sent.append(letter)
        compose(**letter)

    monkeypatch.setattr("app.mail.letters.send", send)
    monkeypatch.setitem(app.extensions, "jobs", app.extensions["jobs"] | {"letter": send})

    def letters() -> list[dict[str, str]]:
        jobs.run_due(app)
        return sent

    return letters


@pytest.fixture
def throttled(app: Flask) -> Iterator[Flask]:
    """The house with the limits that hold outside of tests."""
    limiter.enabled = True
    limiter.reset()
    yield app
    limiter.enabled = False


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """Every statement sent to the database while the test runs; clear it where counting should begin."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The login sessions whose sockets were closed."""
    ended: list[int] = []
    monkeypatch.setattr(bus.hub, "close_session", ended.append)
    return ended
