"""A very long chat and a very large group: what opening, searching and changing them costs.

    .venv/bin/python -m benchmarks.history [--rounds 15]

The chat has 100,000 messages, the group 1,000 members. Around them are 900 chats with 900,000 messages and 20,000
pictures, written as time passed, so that a chat's rows lie far apart. SQLite first, then a throw-away PostgreSQL.
Requests go through WSGI in this process, as in ``pages``; the reference is ``/healthz``. No tab is open, so pushes are
made and go nowhere. Rounds alternate, since machines are not the same from minute to minute.
"""

import argparse
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from flask import Flask
from sqlalchemy import MetaData, Table, event, text
from werkzeug.test import TestResponse

from app import create_app
from app.actions import chats, reading, sessions
from app.demo.community import Row, insert_rows
from app.extensions import db, writing
from app.live import bus
from app.models import Chat, Friendship, Hiding, Membership, Message, Reaction, User
from app.models.columns import now
from app.schema import bring_up_to_date
from app.text import fold
from benchmarks.load import middle, provenance, table
from tests.servers import postgres

VIEWER, FRIEND, PEOPLE = 1, 2, 1_400
LONG, GROUP, FIRST_OTHER = 1, 2, 3  # chats
MESSAGES, SHORT, MEMBERS, SAID_IN_GROUP = 100_000, 1_000, 1_000, 2_000
APART = timedelta(minutes=10)  # between two messages of the long chat: two years in all
BEGUN = now().replace(microsecond=0) - MESSAGES * APART
OTHERS = 9  # messages in other chats between two of the long one, and so a hundred chats each
PICTURED = 50
FREQUENT, RARE, ABSENT = "завтра", "кажан", "dragonfruit"
WORDS = f"""{FREQUENT} добре Привіт гори можемо зустрітися сьогодні о шостій, квитки вокзал дякую! чудово фото книга
зелена вечеря суп ще не готовий, hello tomorrow at six, bring something warm Saturday pictures from the hike, which one
is yours? okay thanks, see you there soup is not ready yet""".split()


def main() -> None:
    """Print a report in Markdown, for both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(provenance())
    with settled() as app:
        report(app, rounds)
    with postgres() as url, settled(url) as app:
        report(app, rounds)
    bus.hub.stop()


@contextlib.contextmanager
def settled(url: str | None = None) -> Iterator[Flask]:
    """Give an application on a full database: in a temporary folder, or at this address."""
    with tempfile.TemporaryDirectory(prefix="worldit-benchmark-") as temporary:
        folder = Path(temporary)
        app = create_app(
            {
                "INSTANCE": folder,
                "SECRET_KEY": "benchmark",
                "SQLALCHEMY_DATABASE_URI": url or f"sqlite:///{folder / 'world-it.sqlite3'}",
                "MEDIA_URL": (folder / "media").as_uri(),
                "RATELIMIT_ENABLED": False,
            }
        )
        bring_up_to_date(app)
        begin = time.perf_counter()
        with app.app_context():
            with writing():
                fill()
                db.session.commit()
            name = "PostgreSQL" if url else "SQLite"
            if url:
                db.session.execute(text("VACUUM ANALYZE"))  # which it does by itself, some time later
            counts = [db.session.scalar(text(f"SELECT count(*) FROM {one}")) for one in ("messages", "pictures")]
            version = ".".join(map(str, db.engine.dialect.server_version_info or ()))
        took = time.perf_counter() - begin
        print(f"\n{name} {version}, {counts[0]:,} messages and {counts[1]:,} pictures, loaded in {took:.0f} s:\n")
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


def fill() -> None:
    """Write everything, messages and pictures in the order of time."""
    random = Random(1)
    insert_rows(User, _people())
    shared = {"requester_id": VIEWER, "requested_at": BEGUN, "accepted_at": BEGUN}
    insert_rows(Friendship, ({"low_id": VIEWER, "high_id": other, **shared} for other in range(2, PEOPLE + 1)))
    insert_rows(Chat, _chats())
    insert_rows(Membership, _memberships())
    _say_all(random)
    insert_rows(Message, _group_lines(random))
    _show_pictures()
    insert_rows(Reaction, _reactions(random))
    hidden = ({"message_id": _id(seq), "revision": seq} for seq in range(1, MESSAGES + 1) if seq % 40 == 3)
    insert_rows(Hiding, ({"user_id": VIEWER, "chat_id": LONG, **one} for one in hidden))
    if db.session.connection().dialect.name == "postgresql":
        for name in ("users", "pictures", "chats", "messages"):
            db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))


def _id(seq: int) -> int:
    """Return the id of a message of the long chat."""
    return seq * (OTHERS + 1)


def _people() -> Iterator[Row]:
    for number in range(1, PEOPLE + 1):
        name, language = f"person{number}", "uk" if number % 2 else "en"
        yield {
            "id": number,
            "email": f"{name}@example.com",
            "password_hash": "-",
            "first_name": f"Name{number}",
            "last_name": "Прізвище",
            "username": name,
            "username_folded": name,
            "search_text": fold(f"Name{number} Прізвище {name}"),
            "language": language,
            "created_at": BEGUN,
        }


def _pairs() -> Iterator[tuple[int, int, int]]:
    """Yield each direct chat and whom it is of; the first hundred of the others are the viewer's too."""
    yield LONG, VIEWER, FRIEND
    for number in range(OTHERS * MESSAGES // SHORT):
        low = VIEWER if number < MESSAGES // SHORT else number + FIRST_OTHER
        yield number + FIRST_OTHER, low, number + FIRST_OTHER + (low != VIEWER)


def _chats() -> Iterator[Row]:
    shared = {"member_count": 2, "members_version": 1, "created_at": BEGUN, "name": None}
    for chat, low, high in _pairs():
        count = MESSAGES if chat == LONG else SHORT
        last = BEGUN + APART * (count if chat == LONG else SHORT * ((chat - FIRST_OTHER) % (MESSAGES // SHORT) + 1))
        pair = {"kind": "direct", "low_id": low, "high_id": high}
        # Those that were edited or deleted have later revisions.
        numbers = {"last_seq": count, "last_revision": 2 * count, "last_message_at": last}
        yield {"id": chat, **shared, **pair, **numbers}
    numbers = {"last_seq": SAID_IN_GROUP, "last_revision": SAID_IN_GROUP, "last_message_at": now()}
    group = {"kind": "group", "low_id": None, "high_id": None, "name": "Спільнота", "member_count": MEMBERS}
    yield {"id": GROUP, **shared, **group, **numbers}


def _memberships() -> Iterator[Row]:
    for chat, *pair in _pairs():
        count = MESSAGES if chat == LONG else SHORT
        yield from (_membership(chat, person, "member", count) for person in pair)
    yield _membership(GROUP, VIEWER, "owner", SAID_IN_GROUP)
    yield from (_membership(GROUP, person, "member", person) for person in range(2, MEMBERS + 1))


def _membership(chat: int, person: int, role: str, read_seq: int) -> Row:
    return {"chat_id": chat, "user_id": person, "role": role, "read_seq": read_seq, "joined_at": BEGUN}


def _say_all(random: Random) -> None:
    """Write the long chat aside, then from it every direct chat: between two messages of one come those of others."""
    db.session.execute(text("CREATE TEMPORARY TABLE said AS SELECT * FROM messages WHERE id < 0"))
    said = Message.__table__
    assert isinstance(said, Table)
    insert_rows(said.to_metadata(MetaData(), name="said"), _long_chat(random))  # type: ignore[arg-type]
    db.session.execute(
        text(
            f"""
            INSERT INTO messages (id, chat_id, seq, revision, author_id, client_id, kind, reply_to_id, body,
                                  sent_at, edited_at, deleted_at, pinned_at)
            WITH RECURSIVE beside(number) AS
                (SELECT 0 UNION ALL SELECT number + 1 FROM beside WHERE number < {OTHERS}),
            placed AS (
                SELECT said.*, number, CASE WHEN number = 0 THEN {LONG}
                       ELSE {FIRST_OTHER} + (number - 1) * {MESSAGES // SHORT} + (seq - 1) / {SHORT} END AS chat
                FROM said CROSS JOIN beside
            )
            SELECT placed.id + number, chat,
                   CASE WHEN number = 0 THEN seq ELSE (seq - 1) % {SHORT} + 1 END,
                   CASE WHEN number = 0 THEN revision ELSE (seq - 1) % {SHORT} + 1 END,
                   CASE WHEN author_id = {VIEWER} THEN low_id ELSE high_id END,
                   'b-' || (placed.id + number), placed.kind,
                   CASE WHEN number = 0 THEN reply_to_id END, body, sent_at, edited_at, deleted_at,
                   CASE WHEN number = 0 THEN pinned_at END
            FROM placed JOIN chats ON chats.id = chat ORDER BY placed.id + number
            """
        )
    )
    db.session.execute(text("DROP TABLE said"))


def _long_chat(random: Random) -> Iterator[Row]:
    for seq in range(1, MESSAGES + 1):
        moment = BEGUN + seq * APART
        edited, deleted = seq % 30 == 1, seq % 70 == 2
        words = random.choices(WORDS, k=random.randrange(1, 14))
        yield {
            "id": _id(seq),
            "chat_id": LONG,
            "seq": seq,
            "revision": seq + MESSAGES if edited or deleted else seq,
            "author_id": random.choice((VIEWER, FRIEND)),
            "client_id": f"b-{seq}",
            "kind": "said",
            "reply_to_id": _id(random.randrange(max(1, seq - 200), seq)) if seq % 8 == 4 else None,
            "body": "" if deleted else " ".join([*words, RARE] if seq % 25_000 == 1_000 else words),
            "sent_at": moment,
            "edited_at": moment + timedelta(minutes=1) if edited else None,
            "deleted_at": moment + timedelta(minutes=2) if deleted else None,
            "pinned_at": moment if seq % 3_000 == 500 else None,
        }


def _group_lines(random: Random) -> Iterator[Row]:
    first = _id(MESSAGES + 1)
    for seq in range(1, SAID_IN_GROUP + 1):
        yield {
            "id": first + seq,
            "chat_id": GROUP,
            "seq": seq,
            "revision": seq,
            "author_id": VIEWER if seq % 4 == 0 else random.randrange(1, MEMBERS + 1),
            "client_id": f"group-{seq}",
            "kind": "said",
            "body": " ".join(random.choices(WORDS, k=random.randrange(1, 14))),
            "sent_at": now() - (SAID_IN_GROUP - seq) * timedelta(minutes=1),
        }


def _show_pictures() -> None:
    """Show a picture with every 50th message of the long chat, and 20,000 in a hundred of the others."""
    step = PICTURED * (OTHERS + 1)
    db.session.execute(
        text(
            f"""
            INSERT INTO pictures
                (id, key, owner_id, message_id, chat_id, position, width, height, colour, size, created_at)
            SELECT row_number() OVER (ORDER BY id), 'key-' || id, author_id, id,
                chat_id, 0, 1200, 900, '#335577', 90000, sent_at
            FROM messages WHERE chat_id <> {GROUP} AND (id % {step} = 0 OR id % {PICTURED} = 7) ORDER BY id
            """
        )
    )


def _reactions(random: Random) -> Iterator[Row]:
    for seq in range(5, MESSAGES + 1, 10):
        for person, emoji in zip((VIEWER, FRIEND), random.sample("👍🙏😂😱", 2), strict=True):
            yield {"message_id": _id(seq), "user_id": person, "emoji": emoji, "created_at": BEGUN + seq * APART}
    first = _id(MESSAGES + 1)
    for seq in range(5, SAID_IN_GROUP + 1, 10):
        for person in random.sample(range(1, MEMBERS + 1), 20):
            yield {"message_id": first + seq, "user_id": person, "emoji": random.choice("👍🙏😂"), "created_at": now()}


class Browser:
    """The viewer's, signed in; it tells what a browser with a script does."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            token = sessions.start(db.session.get_one(User, VIEWER), "benchmark", "127.0.0.1")
        self.client = app.test_client()
        self.client.set_cookie("scripted", "1")
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token

    def get(self, path: str) -> TestResponse:
        """Look at a page."""
        return self._judged(path, self.client.get(path))

    def post(self, path: str, script: bool = True, kind: str | None = None, **fields: object) -> TestResponse:
        """Send a form, as the page's script does or as the browser itself."""
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"HX-Request": "true"} if script else {})
        return self._judged(path, self.client.post(path, data=fields, headers=headers, content_type=kind))

    def _judged(self, path: str, answer: TestResponse) -> TestResponse:
        if answer.status_code >= 400:
            raise SystemExit(f"{path} answered {answer.status}: {answer.text[:500]}")
        return answer


Deed = Callable[[], object]


def looking(browser: Browser) -> dict[str, Deed]:
    """Return what people look at, by what it is called in the report."""
    half = MESSAGES // 2
    days = [(BEGUN + seq * APART).date() for seq in (MESSAGES // 50, half, MESSAGES)]
    paths = {
        "nothing (reference)": "/healthz",
        "the long chat, at its end": f"/chats/{LONG}",
        "in its middle": f"/chats/{LONG}?at={half}",
        "older messages": f"/chats/{LONG}/messages?before={half}",
        "newer messages": f"/chats/{LONG}/messages?after={half}",
        "to an early day": f"/chats/{LONG}/day?date={days[0]}",
        "to a day in the middle": f"/chats/{LONG}/day?date={days[1]}",
        "to the last day": f"/chats/{LONG}/day?date={days[2]}",
        "search: a frequent word": f"/chats/{LONG}/search?q={FREQUENT}",
        "search: a rare word": f"/chats/{LONG}/search?q={RARE}",
        "search: no such word": f"/chats/{LONG}/search?q={ABSENT}",
        "its pictures": f"/chats/{LONG}/gallery",
        "its pictures, deep": f"/chats/{LONG}/gallery?before={MESSAGES // PICTURED}",
        "pictures of a chat that has none": f"/chats/{FIRST_OTHER}/gallery",
        "its pins": f"/chats/{LONG}/pins",
        "a group of 1,000": f"/chats/{GROUP}",
        "its members": f"/chats/{GROUP}/members",
        "who has read a message in it": f"/messages/{_id(MESSAGES + 1) + 1_000}/menu",
    }
    return {label: partial(browser.get, path) for label, path in paths.items()}


def changing(app: Flask, browser: Browser) -> dict[str, Deed]:
    """Return what people do, each time with another message or group."""
    own = (_id(MESSAGES + 1) + seq for seq in itertools.count(1_000, 4))  # the viewer's, in the group
    others = (_id(MESSAGES + 1) + seq for seq in itertools.count(1_001, 4))
    late = (_id(seq) for seq in itertools.count(MESSAGES // 2 + 10, 10))
    readers, numbers, made = itertools.count(2), itertools.count(1), []

    def within(deed: Callable[..., None], *about: object) -> None:
        with app.app_context():
            deed(*about)

    def create() -> None:
        form = {"name": "Нова", "description": "", "member_ids": [*range(2, MEMBERS + 1)]}
        answer = browser.post("/chats", script=False, kind="multipart/form-data", **form)
        made.append(answer.headers["Location"].rpartition("/")[2])

    def add() -> None:
        new = [*range(MEMBERS + 1, MEMBERS + 201)]
        browser.post(f"/chats/{made[-1]}/members", script=False, member_ids=new)

    def remove() -> None:
        browser.post(f"/chats/{made[-1]}/members/{FRIEND}/delete", script=False)

    def rename() -> None:
        browser.post(f"/chats/{made[-1]}", script=False, name=f"Спільнота {next(numbers)}", description="")

    def say(chat: int) -> None:
        browser.post(f"/chats/{chat}/messages", body="Привіт! See you tomorrow", client_id=f"said-{next(numbers)}")

    return {
        "making a group of 1,000": create,
        "renaming it": rename,
        "sending one member out": remove,
        "adding 200 friends": add,
        "a message to a group of 1,000": lambda: say(GROUP),
        "a reaction": lambda: browser.post(f"/messages/{next(others)}/reactions", emoji="💛"),
        "an edit": lambda: browser.post(f"/messages/{next(own)}", body="Better so"),
        "a pin": lambda: browser.post(f"/messages/{next(others)}/pin"),
        "a read mark": lambda: within(reading.read_all, [(GROUP, next(readers), SAID_IN_GROUP, False)]),
        "typing": lambda: within(chats.show_typing, GROUP, FRIEND),
        "a message to the long chat": lambda: say(LONG),
        "a reaction in its middle": lambda: browser.post(f"/messages/{next(late)}/reactions", emoji="💛"),
        "hiding a message there": lambda: browser.post(f"/messages/{next(late)}/hide"),
    }


def report(app: Flask, rounds: int) -> None:
    """Print a table of one database."""
    browser = Browser(app)
    deeds = looking(browser) | changing(app, browser)
    times: dict[str, list[float]] = {label: [] for label in deeds}
    for deed in deeds.values():
        deed()  # a warm-up
    queries = {label: count(app, deed) for label, deed in deeds.items()}
    for _ in range(rounds):
        for label, deed in deeds.items():
            begin = time.perf_counter()
            deed()
            times[label].append((time.perf_counter() - begin) * 1000)
    reference = statistics.median(next(iter(times.values())))
    rows = [
        [label, queries[label], middle(took), f"{statistics.median(took) / reference:.1f}"]
        for label, took in times.items()
    ]
    print(table(["", "queries", "ms (spread)", "times nothing"], rows))


def count(app: Flask, deed: Deed) -> int:
    """Return how many statements a deed takes."""
    seen = 0

    def note(*_: object) -> None:
        nonlocal seen
        seen += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    deed()
    event.remove(engine, "before_cursor_execute", note)
    return seen


if __name__ == "__main__":
    main()
