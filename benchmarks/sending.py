"""Sending: what a message costs through the real door, from POST to the last listener.

    .venv/bin/python -m benchmarks.sending [--postgresql]

The references are two doors on the same server: an authenticated POST that does nothing, and one that commits a trifle.
A message (POST, session, checks, commit, push) should cost no more than three times the first and the commit. Rounds
alternate, since machines are not the same from minute to minute. Then the time from POST to the last listener at half
of the most, in a group of a hundred, and what a message is made of, as py-spy sees it.
"""

import argparse
import contextlib
import re
import statistics
import sys
import threading
import time
import uuid
from collections import Counter

from benchmarks.load import ask, breakdown, handshake, middle, open_tabs, percentile, post, provenance, serving, table
from tests.residents import application, befriend, cookies, settle
from tests.servers import Server, postgres

PAIRS, GROUP = 32, 100
# What a sample of the stack belongs to: the first of these whose words are in it.
PARTS = (
    ("waiting for other writers", ("_pen", "acquire")),
    ("commit", ("do_commit", "_exec_command")),
    ("rendering for both languages", ("show_in_chat",)),
    ("pushing to the hub", ("bus.publish", "publish (app/live/bus.py")),
    ("statements of the message", ("app/actions/messages.py",)),
    ("beginning and ending the transaction", ("app/actions/__init__.py", "app/extensions.py")),
    ("rendering the answer", ("app/fragments.py",)),
    ("who is it: session and person", ("session_of", "_load_user")),
    ("the form", ("message_form.py",)),
    ("counting and logging", ("app/metrics.py", "app/logs.py")),
    ("Flask: routing, cookie, headers", ("flask/", "werkzeug/")),
    ("gunicorn: HTTP", ("gunicorn/",)),
)


def main() -> int:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    wanted = parser.parse_args()
    print(provenance())
    with postgres(durable=True) if wanted.postgresql else contextlib.nullcontext() as url:
        settings = {"DATABASE_URL": url} if url else {}
        with serving("benchmarks.doors:app", THREADS="16", **settings) as server:
            return measure(server, "PostgreSQL" if wanted.postgresql else "SQLite", wanted.rounds, wanted.seconds)


def measure(server: Server, where: str, rounds: int, seconds: float) -> int:
    """Measure one server, and return 1 if the promise is not kept."""
    app = application(server)
    people = settle(app, 2 * PAIRS)
    keys = cookies(app, people[::2])
    chats = befriend(app, list(zip(people[::2], people[1::2], strict=True)))
    port = server.port

    def empty(number: int) -> bytes:
        return post(port, "/benchmark/empty", keys[number % PAIRS], "body=Hello")

    def commit(number: int) -> bytes:
        return post(port, "/benchmark/commit", keys[number % PAIRS], "body=Hello")

    def say(number: int) -> bytes:
        body = f"body=Hello+there,+shall+we+meet%3F&client_id={uuid.uuid4()}"
        return post(port, f"/chats/{chats[number % PAIRS]}/messages", keys[number % PAIRS], body)

    doors = {"an empty authenticated POST": empty, "one with a commit": commit, "a message": say}
    alone: dict[str, list[float]] = {name: [] for name in doors}
    together: dict[str, list[float]] = {name: [] for name in doors}
    for _ in range(rounds + 1):
        for name, request in doors.items():
            alone[name].append(statistics.median(ask(port, request, connections=1, seconds=seconds / 2)[1]))
            together[name].append(ask(port, request, connections=16, seconds=seconds)[0])
    rows = []
    for name in doors:
        del alone[name][0], together[name][0]  # a warm-up
        rows.append([name, middle(alone[name]), middle(together[name])])
    print(f"\nOn {where}: median of {rounds} rounds (spread).\n")
    print(table(["", "ms alone", "a second, 16 at once"], rows))
    ratios = []
    for nothing, committed, said in zip(*alone.values(), strict=True):
        ratios.append(said / (3 * nothing + max(0.0, committed - nothing)))
    good = statistics.median(ratios) <= 1
    print(f"\nA message costs {statistics.median(ratios):.2f} of three empty POSTs and a commit", end="")
    print(f" ({min(ratios):.2f} to {max(ratios):.2f}; at most 1{'' if good else ', MISSED'}).")
    last_listener(server, app, statistics.median(together["a message"]) / 2, seconds)
    print("\nWhat a message is made of, of the time in the worker (py-spy, one at a time):\n")
    [worker] = server.children()["workers"]
    print(breakdown(worker, PARTS, lambda: ask(port, say, connections=1, seconds=3 * seconds)))
    return 0 if good else 1


def last_listener(server: Server, app: object, rate: float, seconds: float) -> None:
    """Measure the time from POST to the last of a hundred listeners."""
    from app.actions import groups
    from app.extensions import db
    from app.models import User

    people = settle(app, GROUP, "member")  # type: ignore[arg-type]
    befriend(app, [(people[0], other) for other in people[1:]])  # type: ignore[arg-type]
    with app.test_request_context():  # type: ignore[attr-defined]
        chat = groups.create(db.session.get_one(User, people[0]), "A hundred", people[1:])
        db.session.remove()
    keys = cookies(app, people)  # type: ignore[arg-type]
    tabs, _ = open_tabs(server.port, [handshake(server.port, f"/live?chat={chat}&after=1", key) for key in keys])
    sent: dict[str, float] = {}
    heard: Counter[str] = Counter()
    times: list[float] = []
    done = threading.Event()

    def listen() -> None:
        import select

        epoll = select.epoll()
        by_fd = {tab.fileno(): tab for tab in tabs}
        for fd in by_fd:
            epoll.register(fd, select.EPOLLIN)
        while not done.is_set():
            for fd, _ in epoll.poll(0.2):
                for said in re.findall(rb'data-client-id="(b-[^"]+)"', by_fd[fd].recv(1 << 20)):
                    heard[said.decode()] += 1
                    if heard[said.decode()] == GROUP:
                        times.append((time.perf_counter() - sent[said.decode()]) * 1000)

    def request(number: int) -> bytes:
        said = f"b-{uuid.uuid4().hex}"
        sent[said] = time.perf_counter()
        return post(server.port, f"/chats/{chat}/messages", keys[number], f"body=Hello&client_id={said}")

    thread = threading.Thread(target=listen)
    thread.start()
    ask(server.port, request, connections=16, seconds=3 * seconds, rate=rate)
    time.sleep(1)
    done.set()
    thread.join()
    for tab in tabs:
        tab.close()
    print(
        f"\nTo a group of {GROUP} with all tabs open, at {rate:.0f} messages a second: from POST to the last listener ",
        end="",
    )
    print(f"p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms; ", end="")
    print(f"{len(times)} of {len(sent)} reached everybody.")


if __name__ == "__main__":
    sys.exit(main())
