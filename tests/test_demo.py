"""The demonstration is believable, consistent, and the same for the same seed."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions.counts import recount
from app.demo import PASSWORD, pictures, settle
from app.errors import Refused
from app.extensions import db
from app.models import Chat, Friendship, Message, Picture, Post, User
from tests.conftest import Person, empty_tables

UNTIL = datetime(2026, 11, 23, 18, tzinfo=UTC)


def everything() -> list[tuple[object, ...]]:
    """Return what the pages show, row by row; password hashes are salted and left out."""
    rows: list[tuple[object, ...]] = []
    for model in (User, Post, Friendship, Chat, Message, Picture):
        columns = [column for column in model.__table__.columns if column.name != "password_hash"]
        rows += [tuple(row) for row in db.session.execute(select(*columns).order_by(*model.__table__.primary_key))]
    return rows


def test_the_same_seed_makes_the_same_community_with_true_counts(
    app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SIZE", (160, 106))
    with app.app_context():
        settle(users=20, posts=60, messages=400, seed=7, until=UNTIL)
        first = everything()
        empty_tables()
        settle(users=20, posts=60, messages=400, seed=7, until=UNTIL)
        assert everything() == first
        counts = select(func.count()).select_from
        assert [db.session.scalar(counts(model)) for model in (User, Post, Message)] == [20, 60, 400]
        recount()
        db.session.expire_all()
        assert everything() == first

    answer = visitor.post("/login", data={"email": "user1@example.com", "password": PASSWORD})
    assert answer.status_code == 303
    for path in ("/", "/friends", "/chats"):
        assert visitor.get(path).status_code == 200


def test_people_who_are_there_already_are_left_alone(app: Flask, ann: Person) -> None:
    with app.app_context(), pytest.raises(Refused):
        settle(users=5, posts=5, messages=5, seed=1, until=UNTIL)
