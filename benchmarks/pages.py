"""Server time of the main pages, against an empty answer through the same stack.

Fill an instance first, then run this on it:

    WORLDIT_INSTANCE=/tmp/big ./run demo --users 10000 --posts 100000 --messages 1000000
    WORLDIT_INSTANCE=/tmp/big .venv/bin/python -m benchmarks.pages

Requests go through WSGI in this process, so no network and no other process is in the figures. The reference is
``/healthz``, which asks the database one trivial question. The viewer is user1, whom the demonstration gives the most
to see.
"""

import statistics
import time

from flask import Flask
from sqlalchemy import event, select

from app import create_app
from app.actions import sessions
from app.extensions import db
from app.models import Membership, Message, Post, User

ROUNDS = 100
REFERENCE = "/healthz"


def main() -> None:
    """Print a Markdown table."""
    app = create_app({"RATELIMIT_ENABLED": False})
    with app.app_context():
        viewer = db.session.scalars(select(User).order_by(User.id).limit(1)).one()
        sizes = [db.session.scalar(select(db.func.count()).select_from(model)) for model in (User, Post, Message)]
        chats = select(Membership.chat_id).where(Membership.user_id == viewer.id).order_by(-Membership.read_seq)
        longest = db.session.scalars(chats.limit(1)).one()
        token = sessions.start(viewer, "benchmark", "127.0.0.1")
        name = db.engine.dialect.name
    paths = {
        "nothing (reference)": REFERENCE,
        "feed": "/",
        "feed, deep": f"/?before={(sizes[1] or 2) // 2}",
        "a person": f"/@{viewer.username}",
        "friends": "/friends",
        "all friends": "/friends/all",
        "inbox": "/chats",
        "the longest chat": f"/chats/{longest}",
    }
    print(f"{name}, {sizes[0]} people, {sizes[1]} posts, {sizes[2]} messages, {ROUNDS} rounds\n")
    print("| page | queries | median ms | p95 ms | times the reference |\n|---|---:|---:|---:|---:|")
    reference = 0.0
    for label, path in paths.items():
        queries, times = measure(app, token, path)
        median = statistics.median(times)
        reference = reference or median
        p95 = statistics.quantiles(times, n=20)[18]
        print(f"| {label} | {queries} | {median:.1f} | {p95:.1f} | {median / reference:.1f} |")


def measure(app: Flask, token: str, path: str) -> tuple[int, list[float]]:
    """Return how many queries a page asks, and its times in milliseconds."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    client.get(path)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - begin) * 1000)
    return count, times


if __name__ == "__main__":
    main()
