"""What is found by words, and how long it takes among a million messages.

    .venv/bin/python -m benchmarks.search [--rounds 100] [--users 10000] [--posts 100000] [--messages 1000000]

First the queries of ``tests/search_corpus.py``, whose expectations are a reader's: how much of what should be found is,
and how much of what is found should be. Then a demonstration of this size, on SQLite and on a throw-away PostgreSQL:
the pages of frequent, rare and absent words through WSGI in this process, and writing the index anew. Milliseconds are
those of the clock; beside them stands this thread's processor time, since a busy machine makes waiting longer.
The viewer is one of the two who have the longest chat.
"""

import argparse
import contextlib
import gc
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, event, select, text

from app import create_app
from app.actions import indexing, messages, posts, sessions
from app.actions.posts import Draft
from app.demo import settle
from app.extensions import db
from app.live import bus
from app.models import Chat, Membership, Message, Post, User
from app.schema import bring_up_to_date
from benchmarks.load import percentile, provenance, table
from tests import search_corpus
from tests.search_corpus import Score
from tests.servers import postgres

FREQUENT, FREQUENT_EN, RARE, ABSENT = "море", "the", "кажан", "dragonfruit"
PAGES = {
    "nothing (reference)": "/healthz",
    f"everything: “{FREQUENT}”": f"/search?q={FREQUENT}",
    f"everything: “{FREQUENT_EN}”": f"/search?q={FREQUENT_EN}",
    "everything: “о”, a beginning": "/search?q=о",
    f"everything: “{RARE}”, twice among all": f"/search?q={RARE}",
    f"everything: “{ABSENT}”, nowhere": f"/search?q={ABSENT}",
    "everything: “суп готовий”": "/search?q=суп готовий",
    f"posts: “{FREQUENT_EN}”": f"/search?q={FREQUENT_EN}&kind=posts",
    "posts: the same, deep": f"/search?q={FREQUENT_EN}&kind=posts&after=2000",
    "posts: the same, of one author": f"/search?q={FREQUENT_EN}&kind=posts&from={{author}}",
    "posts: the same, with pictures": f"/search?q={FREQUENT_EN}&kind=posts&images=1",
    "messages: “добре”": "/search?q=добре&kind=messages",
    "messages: “see you”": "/search?q=see you&kind=messages",
    "messages: “the”, in one chat": "/search?q=the&kind=messages&in={chat}",
    "people: “олена”": "/search?q=олена&kind=people",
    "while typing: “м”": "/search/suggestions?q=м",
    "while typing: “мор”": "/search/suggestions?q=мор",
}


@dataclass
class Page:
    """An address, how many questions it asks, and its times in milliseconds: on the clock, and of our processor."""

    label: str
    path: str
    queries: int = 0
    taken: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    @property
    def figures(self) -> tuple[float, float, float]:
        """The middle of its times, what only one in a hundred exceeds, and the middle of its processor times."""
        return percentile(self.taken, 0.5), percentile(self.taken, 0.99), percentile(self.spent, 0.5)


def main() -> None:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    for name, size in (("users", 10_000), ("posts", 100_000), ("messages", 1_000_000)):
        parser.add_argument(f"--{name}", type=int, default=size)
    options = parser.parse_args()
    print(provenance())
    with application() as app:
        recall(app)
    with postgres() as url:
        with application(f"{url.rsplit('/', 1)[0]}/recall", url) as app:
            recall(app)
        for address in (None, f"{url.rsplit('/', 1)[0]}/large"):
            with application(address, url) as app:
                times(app, options)
    bus.hub.stop()


@contextlib.contextmanager
def application(address: str | None = None, server: str = "") -> Iterator[Flask]:
    """Give an application on an empty database: in a temporary folder, or at this address."""
    if address:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {address.rsplit('/', 1)[1]}"))
        engine.dispose()
    with tempfile.TemporaryDirectory(prefix="worldit-benchmark-") as temporary:
        folder = Path(temporary)
        app = create_app(
            {
                "INSTANCE": folder,
                "SECRET_KEY": "benchmark",
                "SQLALCHEMY_DATABASE_URI": address or f"sqlite:///{folder / 'world-it.sqlite3'}",
                "MEDIA_URL": (folder / "media").as_uri(),
                "RATELIMIT_ENABLED": False,
            }
        )
        bring_up_to_date(app)
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


def recall(app: Flask) -> None:
    """Ask every query of the corpus, and tell what was found of what should be."""
    with app.app_context():
        corpus = search_corpus.settle()
        scores, astray = search_corpus.measured(corpus)
        print(f"\n## What is found on {_name()}, by {len(search_corpus.QUERIES)} queries\n")
        db.session.remove()
    rows = [[language, kind, *_figures(score)] for (language, kind), score in sorted(scores.items(), reverse=True)]
    rows.append(["all", "", *_figures(sum(scores.values(), Score()))])
    print(table(["language", "kind", "expected", "recall %", "precision %"], rows))
    print("\nAstray:\n\n" + "\n".join(f"- {line}" for line in astray))


def _figures(score: Score) -> tuple[str, str, str]:
    return str(score.expected), f"{100 * score.recall:.1f}", f"{100 * score.precision:.1f}"


def times(app: Flask, options: argparse.Namespace) -> None:
    """Fill the database, write its index anew, and measure the pages."""
    with app.test_request_context():
        settle(options.users, options.posts, options.messages, 1, datetime(2026, 11, 23, 18, tzinfo=UTC))
        longest = db.session.scalars(select(Chat).order_by(Chat.last_seq.desc()).limit(1)).one()
        viewer, chat = db.session.get_one(User, longest.low_id), longest.id
        author = db.session.scalars(select(User.username).join(Post, Post.author_id == User.id).limit(1)).one()
        posts.publish(viewer, Draft("Кажани над озером", "", "Один кажан"), "rare")
        messages.send(chat, viewer, "Бачила кажана!", "rare")
        begin = time.perf_counter()
        indexing.reindex()
        anew = time.perf_counter() - begin
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("VACUUM ANALYZE"))  # which it does by itself, some time later
        sizes = [db.session.scalar(select(db.func.count()).select_from(model)) or 0 for model in (User, Post, Message)]
        chats = select(Membership.chat_id).where(Membership.user_id == viewer.id)
        mine = select(db.func.count()).where(Message.chat_id.in_(chats))
        print(f"\n## How long it takes on {_name()}\n")
        print(
            f"{sizes[0]:,} people, {sizes[1]:,} posts, {sizes[2]:,} messages, {db.session.scalar(mine):,} of them"
            f" in the viewer's chats; the index written anew in {anew:.0f} s, while others could write.\n"
        )
        token = sessions.start(viewer, "benchmark", "127.0.0.1")
    measured = [Page(label, path.format(chat=chat, author=author)) for label, path in PAGES.items()]
    measure(app, token, measured, options.rounds)
    rows = [[page.label, page.queries, *map("{:.1f}".format, page.figures)] for page in measured]
    print(table(["", "queries", "p50 ms", "p99 ms", "of our processor"], rows))


def measure(app: Flask, token: str, measured: list[Page], rounds: int) -> None:
    """Ask for the pages in turns, so that whatever else the machine does falls on all of them."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    for page in measured:
        client.get(page.path)
        statements.clear()
        event.listen(engine, "before_cursor_execute", note)
        answer = client.get(page.path)
        event.remove(engine, "before_cursor_execute", note)
        page.queries = len(statements)
        if answer.status_code != 200:
            raise SystemExit(f"{page.path} answered {answer.status}")
    gc.freeze()  # as workers do
    for _ in range(rounds):
        for page in measured:
            begin, used = time.perf_counter(), time.thread_time()
            client.get(page.path)
            page.taken.append(1000 * (time.perf_counter() - begin))
            page.spent.append(1000 * (time.thread_time() - used))
    gc.unfreeze()


def _name() -> str:
    version = ".".join(map(str, db.engine.dialect.server_version_info or ()))
    return f"{'PostgreSQL' if db.engine.dialect.name == 'postgresql' else 'SQLite'} {version}"


if __name__ == "__main__":
    main()
