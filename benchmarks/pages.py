"""What pages cost the processor, against an empty answer in the same run.

Fill an instance first, then run this on it. Labels of pages measure those alone; ``--profile 20`` asks for the feed for
as many seconds instead, for py-spy to watch:

    WORLDIT_INSTANCE=/tmp/big ./run demo --users 10000 --posts 100000 --messages 1000000
    WORLDIT_INSTANCE=/tmp/big .venv/bin/python -m benchmarks.pages

Pages are asked for over HTTP from a server with one worker, as ``./run`` starts it; what is measured is the processor
time of its processes, so a second of it is a second of one core; PostgreSQL's own processes are not in it. Pages take
turns in a new order each round, so whatever else the machine does falls on all of them. The viewer is user1, whom the
demonstration gives the most to see.
"""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from flask import template_rendered
from jinja2 import Template
from sqlalchemy import event, select
from werkzeug.test import EnvironBuilder

from app.actions import sessions
from app.extensions import db
from app.models import Membership, Message, Post, User
from benchmarks.doors import app
from tests.servers import free_port

ROUNDS, WARM = 100, 10


@dataclass
class Page:
    """An address, and what was found out about it."""

    label: str
    environ: dict[str, Any]
    template: Template | None = None
    things: dict[str, Any] = field(default_factory=dict)
    queries: int = 0
    bytes: int = 0
    answers: list[float] = field(default_factory=list)  # processor time in ms
    waits: list[float] = field(default_factory=list)  # by the clock, in ms
    renderings: list[float] = field(default_factory=list)


def main() -> None:
    """Print a Markdown table, or show the feed again and again."""
    with app.app_context():
        cookie, addresses, sizes = prepare()
    pages = [Page(label, environ(path, cookie if signed else "")) for label, (path, signed) in addresses.items()]
    if "--profile" in sys.argv:
        feed = next(page for page in pages if page.label == "feed")
        until = time.monotonic() + float(sys.argv[-1])
        while time.monotonic() < until:
            ask(feed)
        return
    if len(sys.argv) > 1:
        pages = [page for page in pages if page.label == "nothing" or page.label in sys.argv]
    for page in pages:
        look_at(page)
    gc.freeze()  # as workers do
    random = Random(1)
    with Served() as served:
        for _ in range(WARM):
            for page in pages:
                served.ask(page)
        for _ in range(ROUNDS):
            # None always follows the same one: a small page after a small one finds the processor's caches warm.
            for page in random.sample(pages, len(pages)):
                served.measure(page)
                if page.template:
                    page.renderings.append(rendering(page))
    report(pages, sizes)


def prepare() -> tuple[str, dict[str, tuple[str, bool]], str]:
    """Sign user1 in; return the cookie, the addresses and whether they are asked for with it, and the sizes."""
    viewer = db.session.scalars(select(User).order_by(User.id).limit(1)).one()
    counts = [db.session.scalar(select(db.func.count()).select_from(model)) or 0 for model in (User, Post, Message)]
    chats = select(Membership.chat_id).where(Membership.user_id == viewer.id).order_by(-Membership.read_seq)
    token = sessions.start(viewer, "benchmark", "127.0.0.1")
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    post, longest = counts[1] // 2, db.session.scalars(chats.limit(1)).one()
    topic = db.session.scalars(select(Post.topic).order_by(Post.id.desc()).limit(1)).one()
    paths = {
        "feed": "/",
        "feed, deep": f"/?before={post}",
        "feed of friends": "/?show=friends",
        "a post": f"/posts/{post}",
        "a person": f"/@{viewer.username}",
        "publications": "/publications",
        "a tag": "/tags/inspiration",
        "a topic": f"/topics/{quote(topic)}",
        "search": f"/search?q={quote(topic)}",
        "friends": "/friends",
        "all friends": "/friends/all",
        "suggestions": "/friends/suggestions",
        "inbox": "/chats",
        "the longest chat": f"/chats/{longest}",
        "settings": "/settings",
    }
    addresses = {"nothing, to a visitor": ("/benchmark/nothing", False), "nothing": ("/benchmark/empty", True)}
    addresses |= {label: (path, True) for label, path in paths.items()}
    name = db.engine.dialect.name
    sizes = f"{name}, {counts[0]:,} people, {counts[1]:,} posts, {counts[2]:,} messages, {ROUNDS} rounds"
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True})}", addresses, sizes


class Served:
    """The application behind gunicorn with one worker, asked over one connection."""

    def __enter__(self) -> "Served":
        """Start it, and wait until it takes connections."""
        port = free_port()
        environment = {**os.environ, "WORLDIT_PORT": str(port), "WORLDIT_WORKERS": "1"}
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "benchmarks.doors:app"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = HTTPConnection("127.0.0.1", port)
        for _ in range(100):
            with suppress(OSError):
                self.connection.connect()
                break
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.connection.close()
        self.process.terminate()
        self.process.wait()

    def ask(self, page: Page) -> None:
        """Have a page answered."""
        headers = {name[5:].replace("_", "-"): value for name, value in page.environ.items() if name[:5] == "HTTP_"}
        address = page.environ["PATH_INFO"].encode("latin1").decode()
        self.connection.request("GET", f"{quote(address)}?{page.environ['QUERY_STRING']}", headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{page.label} answered {answer.status}")

    def measure(self, page: Page) -> None:
        """Ask for a page, and note what that took of the processor and by the clock."""
        spent, begun = self.spent(), time.perf_counter()
        self.ask(page)
        page.waits.append((time.perf_counter() - begun) * 1000)
        page.answers.append(self.spent() - spent)

    def spent(self) -> float:
        """Return how many milliseconds of processor time all threads of the server have used."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        tasks = (task for child in children for task in Path(f"/proc/{child}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def environ(path: str, cookie: str) -> dict[str, Any]:
    """Return a request as a browser's arrives at the application."""
    headers = {
        "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "en",
        "Cookie": cookie,
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Site": "same-origin",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    }
    return EnvironBuilder(path, headers=headers).get_environ()


def ask(page: Page) -> bytes:
    """Have the application answer, as a server would."""
    told: list[str] = []
    answer = app.wsgi_app(dict(page.environ), lambda status, _headers: told.append(status))
    try:
        body = b"".join(answer)
    finally:
        answer.close()  # type: ignore[attr-defined]
    if told != ["200 OK"]:
        raise SystemExit(f"{page.label} answered {told}")
    return body


def look_at(page: Page) -> None:
    """Count what the page asks and sends, and keep what its template is given."""
    for _ in range(10):
        ask(page)

    def keep(_app: object, template: Template, context: dict[str, Any]) -> None:
        page.template, page.things = template, dict(context)

    def note(*_: object) -> None:
        page.queries += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    with template_rendered.connected_to(keep, app):
        page.bytes = len(ask(page))
    event.remove(engine, "before_cursor_execute", note)


def rendering(page: Page) -> float:
    """Return how long the page's template alone takes, with everything at hand."""
    with app.request_context(dict(page.environ)):
        template, things = page.template, page.things
        assert template is not None
        template.render(things)  # finds out the viewer's language
        return spent(lambda: template.render(things))


def spent(deed: Callable[[], object]) -> float:
    """Return how many milliseconds of this thread's processor time something takes."""
    begun = time.thread_time_ns()
    deed()
    return (time.thread_time_ns() - begun) / 1e6


def report(pages: list[Page], sizes: str) -> None:
    """Print the table."""
    empty = statistics.median(next(page for page in pages if page.label == "nothing").answers)
    print(f"{sizes}\n")
    print("| page | queries | kB | a second of a core | p50 ms | p99 ms | × nothing | × its template |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for page in pages:
        median, p50 = statistics.median(page.answers), statistics.median(page.waits)
        p99 = statistics.quantiles(page.waits, n=100)[98]
        bare = f"{median / statistics.median(page.renderings):.1f}" if page.renderings else ""
        print(
            f"| {page.label} | {page.queries} | {page.bytes / 1000:.1f} | {1000 / statistics.fmean(page.answers):.0f} "
            f"| {p50:.2f} | {p99:.2f} | {median / empty:.1f} | {bare} |"
        )


if __name__ == "__main__":
    main()
