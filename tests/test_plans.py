"""What pages ask the database is answered by looking things up, however much there is; one line for each page."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text

from app.extensions import db
from app.models import PasswordReset, User
from app.models.session import hash_token
from tests.conftest import Person
from tests.photos import take
from tests.talk import befriend, open_chat, say
from tests.test_albums import make, put
from tests.test_posts import publish

PAGES = {
    "the feed": "/",
    "the feed further on": "/?before=1000",
    "the feed of friends": "/?show=friends",
    "the feed of tags": "/?show=tags",
    "news of the feed": "/posts/news?after=1",
    "one's own posts": "/publications",
    "one's own posts for friends": "/publications?audience=friends",
    "a person": "/@bob",
    "a person's friends": "/@bob/friends",
    "a tag": "/tags/nature",
    "a topic": "/topics/sea",
    "a post and its comments": "/posts/{post}",
    "who likes a post": "/posts/{post}/likes",
    "friends": "/friends",
    "all friends": "/friends/all",
    "requests": "/friends/requests",
    "suggestions": "/friends/suggestions",
    "the inbox": "/chats",
    "the inbox further on": "/chats?after=1-1",
    "the archive": "/chats/archive",
    "a chat": "/chats/{chat}",
    "a search": "/search?q=words",
    "settings": "/settings",
    "a section of the settings": "/settings/privacy",
    "what a person tells": "/@bob/about",
    "another photo": "/settings/avatar",
    "one's photos": "/settings/photos",
    "one's photos further on": "/settings/photos?before=1000",
    "a person's photos": "/@bob/photos",
    "the bytes of a photo": "/media/{avatar_key}/96",
    "another password": "/settings/password",
    "a forgotten password": "/password/reset/token",
    "one's own albums": "/albums",
    "one's own albums further on": "/albums?before=1000",
    "an album": "/albums/{album}",
    "an album further on": "/albums/{album}?after={photo}",
    "a photo": "/photos/{photo}",
    "a photo's form": "/photos/{own_photo}/edit",
    "a person's albums": "/@bob/albums",
}
# Of these there are more than a page ever shows, so they are walked in an order that an index has, and never sorted.
WALKED = ("posts", "messages", "comments")

Asked = tuple[str, Any]


@pytest.fixture
def places(app: Flask, ann: Person, bob: Person, eve: Person) -> dict[str, object]:
    """A little of everything, by names that addresses use."""
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    say(bob, chat, "Some words")
    post = publish(bob, "Words", topic="Sea", tags="nature")
    ann.post("/tags/nature/follow")
    ann.post(f"/posts/{post}/comments", data={"body": "More words", "client_id": "1"})
    eve.post(f"/users/{ann.user_id}/friendship")
    with app.app_context():
        db.session.get_one(User, ann.user_id).is_admin = True
        db.session.add(PasswordReset(token_hash=hash_token("token"), user_id=ann.user_id))
        db.session.commit()
    album, own = make(bob, "Sea", topic="nature"), make(ann, "Hills")
    photo, own_photo = put(bob, album, "navy", "teal")[0], put(ann, own, "olive")[0]
    things = {"album": album, "photo": photo, "own_photo": own_photo, "avatar_key": take(bob)}
    return {"post": post, "chat": chat, **things}


@contextmanager
def asking(app: Flask) -> Iterator[list[Asked]]:
    """Note every question to the database, with what it was asked about."""
    asked: list[Asked] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def faults_on_sqlite(connection: Connection, asked: Asked) -> list[str]:
    plan = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[0], asked[1])]
    sorts = [step for step in plan if step == "USE TEMP B-TREE FOR ORDER BY"]
    looks = [re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?\b(?!.*VIRTUAL TABLE)", step) for step in plan]
    scanned = [look[2] for look in looks if look and look[1] == "SCAN" and look[2] in db.metadata.tables]
    if looks[0] and " LIMIT " in asked[0].replace("\n", " "):
        if looks[0][2] in WALKED:
            scanned += sorts
        if looks[0][1] == "SCAN" and not sorts:
            scanned.remove(looks[0][2])  # It is walked from one end, by the key.
    return scanned


def faults_on_postgresql(connection: Connection, asked: Asked) -> list[str]:
    # Its tables hold next to nothing here, so it is told to look for another way than through all of it.
    for way in ("seqscan", "sort"):
        connection.execute(text(f"SET enable_{way} = off"))
    plan = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + asked[0], asked[1]).scalar_one()
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    nodes = list(all_nodes(root))
    faults = [f"Seq Scan on {node['Relation Name']}" for node in nodes if node["Node Type"] == "Seq Scan"]
    walked = root["Node Type"] == "Limit" and any(node.get("Relation Name") in WALKED for node in nodes[:4])
    return faults + [f"Sort by {node['Sort Key']}" for node in nodes[:3] if walked and node["Node Type"] == "Sort"]


def all_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from all_nodes(below)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_looks_up_what_it_asks_for(app: Flask, ann: Person, places: dict[str, object], page: str) -> None:
    with asking(app) as asked:
        answer = ann.get(PAGES[page].format(**places))
    assert answer.status_code == 200
    assert asked
    faults: dict[str, list[str]] = {}
    with app.app_context(), db.engine.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        look: Callable[[Connection, Asked], list[str]] = faults_on_postgresql if postgresql else faults_on_sqlite
        for question in asked:
            if found := look(connection, question):
                faults[question[0]] = found
        connection.invalidate()  # what was set stays with it
    assert faults == {}


def test_a_walk_through_everything_is_found_out(app: Flask) -> None:
    asked = ("SELECT posts.id FROM posts WHERE posts.title = 'x' ORDER BY posts.created_at LIMIT 3", ())
    with app.app_context(), db.engine.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        assert len((faults_on_postgresql if postgresql else faults_on_sqlite)(connection, asked)) == 2
        connection.invalidate()
