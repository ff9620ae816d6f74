"""Many tabs in one process: what an idle one costs, how fast they come, and what pages feel of it.

    .venv/bin/python -m benchmarks.tabs [--tabs 10000]

The reference for coming is plain flask-sock under gthread, asked the same way in the same run; the reference for pages
is the same page of the same server with no tab open.
"""

import argparse
import resource
import socket
import time

from benchmarks.load import (
    Prober,
    breakdown,
    handshake,
    memory,
    middle,
    open_tabs,
    percentile,
    plain_gunicorn,
    provenance,
    serving,
    table,
)
from tests.residents import application, befriend, cookies, settle
from tests.servers import Server

RATE, SECONDS = 15, 8.0
COMING = 400
# What a sample of the stack belongs to: the first of these whose words are in it.
PARTS = (
    ("handing the socket to the hub, and its answer", ("app/live/remote.py", "app/live/sockets.py (detach")),
    ("who is it: session and person", ("session_of", "_load_user", "session_stands")),
    ("what was missed: rendering", ("app/fragments.py", "app/live/frames.py")),
    ("what was missed: asking", ("app/queries/badges.py", "app/queries/chats.py", "app/queries/messages.py")),
    ("giving the connection back", ("remove (sqlalchemy",)),
    ("the WebSocket handshake", ("simple_websocket/", "wsproto/", "flask_sock/__init__.py")),
    ("Flask: routing, cookie, headers", ("flask/", "werkzeug/", "app/")),
    ("gunicorn: HTTP", ("gunicorn/",)),
)


def main() -> None:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(provenance(), "\n")
    plain, ours = [], []
    for _ in range(wanted.runs):
        options = ("-k", "gthread", "--threads", "500", "--worker-connections", "2000")
        with plain_gunicorn("benchmarks.plain_sockets:plain", *options) as port:
            plain.append(coming(port))
        with serving("benchmarks.plain_sockets:app") as server:
            ours.append(coming(server.port))
    print(
        table(
            ["tabs that come per second (400, 16 at once)", "median (spread)"],
            [
                ["plain flask-sock, no checks", middle(plain)],
                ["handed to the hub, no checks", middle(ours)],
            ],
        )
    )
    with serving(THREADS="16") as server:
        idle(server, wanted.tabs)


def coming(port: int) -> float:
    """Return how many tabs a second a server takes."""
    opened, took = open_tabs(port, [handshake(port, "/tab")] * COMING)
    _reset(opened)
    return COMING / took


def idle(server: Server, count: int) -> None:
    """Open many tabs of a real server, and see what pages feel of it."""
    app = application(server)
    people = settle(app, 200)
    befriend(app, list(zip(people[::2], people[1::2], strict=True)))
    keys = cookies(app, people)
    port, hub = server.port, server.children()["hub"][0]

    def pages() -> list[float]:
        return Prober(port, "/", keys[0], RATE, SECONDS).times()

    pages()
    rows = [_row("no tab open", pages())]
    before = memory(hub)
    opened, took = open_tabs(port, [handshake(port, "/live", keys[n % len(keys)]) for n in range(count)])
    [worker] = server.children()["workers"]
    for sock in opened:
        sock.sendall(b"\x8a\x80\0\0\0\0")  # a pong, as browsers send, or the first would be taken for dead
    time.sleep(2)
    cost = (memory(hub) - before) / count
    rows.append(_row(f"{count:,} idle tabs", pages()))
    more: list[socket.socket] = []
    some = [handshake(port, "/live", keys[n % len(keys)]) for n in range(1000)]
    made_of = breakdown(worker, PARTS, lambda: more.extend(open_tabs(port, some, at_once=1)[0]))
    _reset(more)
    prober = Prober(port, "/", keys[0], RATE, SECONDS)
    time.sleep(SECONDS / 3)
    _reset(opened[: count // 2])
    rows.append(_row(f"{count // 2:,} of them close at once", prober.times()))
    print(
        f"\n{count:,} real tabs (signed in, told what they missed) came in {took:.1f} s: {count / took:.0f} a second."
    )
    print(f"\nWhat it takes to take one in, of the time in the worker (py-spy, one at a time):\n\n{made_of}\n")
    print(f"An idle tab costs {cost:,.0f} bytes of the hub's process.\n")
    first = rows[0][2]
    print(
        table(
            ["the feed page while", "p50 ms", "p99 ms", "p99, times idle"],
            [[label, f"{p50:.1f}", f"{p99:.1f}", f"{p99 / first:.2f}"] for label, p50, p99 in rows],
        )
    )


def _row(label: str, times: list[float]) -> tuple[str, float, float]:
    return label, percentile(times, 0.5), percentile(times, 0.99)


def _reset(socks: list[socket.socket]) -> None:
    for sock in socks:
        sock.close()


if __name__ == "__main__":
    main()
