"""People on a real server: made in its database from here, and signed in."""

import secrets
from collections.abc import Sequence

from flask import Flask

from app import create_app
from app.extensions import db, writing
from app.models import Chat, Friendship, LoginSession, Membership, User
from app.models.columns import now
from app.models.session import hash_token
from tests.servers import Server


def application(server: Server) -> Flask:
    """Return the application in this process, on the data of a running server."""
    folder = server.instance
    uri = server.settings.get("DATABASE_URL") or f"sqlite:///{folder / 'world-it.sqlite3'}"
    key = (folder / "secret_key").read_text().strip()
    return create_app({"INSTANCE": folder, "SECRET_KEY": key, "SQLALCHEMY_DATABASE_URI": uri})


def settle(app: Flask, count: int, name: str = "person") -> list[int]:
    """Make this many people whose names begin so, and return their ids."""
    with app.app_context():
        people = []
        for number in range(count):
            person = User(email=f"{name}{number}@example.com", password_hash="-", language="en")
            person.name_themselves(f"Name{number}", f"Прізвище{number}", f"{name}{number}")
            people.append(person)
        db.session.add_all(people)
        db.session.commit()
        return [person.id for person in people]


def cookies(app: Flask, people: Sequence[int]) -> list[str]:
    """Sign people in, each on a device of their own, and return their cookies."""
    tokens = [secrets.token_urlsafe(32) for _ in people]
    with app.app_context():
        with writing():
            for person, token in zip(people, tokens, strict=True):
                seen = {"created_at": now(), "last_seen_at": now(), "device": "benchmark", "address": "127.0.0.1"}
                db.session.add(LoginSession(token_hash=hash_token(token), user_id=person, **seen))
            db.session.commit()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return [f"worldit={signer.dumps({'_user_id': token, '_fresh': True})}" for token in tokens]


def befriend(app: Flask, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Make friends of these pairs and return the ids of their chats."""
    chats = []
    with app.app_context(), writing():
        for one, other in pairs:
            low, high = sorted((one, other))
            db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
            begun = {"last_seq": 0, "last_revision": 0, "last_message_at": now(), "created_at": now()}
            chats.append(Chat(kind="direct", low_id=low, high_id=high, **begun))
            db.session.add(chats[-1])
            db.session.flush()
            for person in (low, high):
                db.session.add(Membership(chat_id=chats[-1].id, user_id=person, read_seq=0, joined_at=now()))
        db.session.commit()
        return [chat.id for chat in chats]
