"""What it costs that several servers are one: a push over Redis, in time and in processor.

    .venv/bin/python -m benchmarks.bus

The reference is the same push on one server without Redis, in the same run.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from websocket import WebSocket, create_connection

from benchmarks.load import ask, get, percentile, provenance, table
from tests.live.test_stopping import TestServer, hear
from tests.servers import Redis

TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rate", type=float, default=200.0)
    wanted = parser.parse_args()
    print(provenance())
    rows = []
    for with_redis in (False, True):
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            settings = {"THREADS": "16"}
            redis = stack.enter_context(Redis()) if with_redis else None
            if redis:
                settings["REDIS_URL"] = redis.url
            servers = [TestServer(Path(folder) / "instance", **settings) for _ in range(1 + with_redis)]
            for server in servers:
                server.start()
                stack.callback(server.stop)
            time.sleep(1)
            found, hubs, carrier = measure(servers, redis, wanted.rate, wanted.seconds)
            names = ["at the same server, with Redis", "at another server"] if with_redis else ["without Redis"]
            for name, times in zip(names, found, strict=True):
                cells = [f"{percentile(times, share):.2f}" for share in (0.5, 0.99)]
                rows.append([name, *cells, f"{hubs:.0f}", f"{carrier:.0f}" if redis else ""])
    print(f"\n{wanted.rate:.0f} pushes a second: milliseconds from asking to hearing, and microseconds of processor.\n")
    print(table(["a tab", "p50", "p99", "all hubs, for each push", "Redis, for each push"], rows))
    return 0


def measure(
    servers: list[TestServer], redis: Redis | None, rate: float, seconds: float
) -> tuple[list[list[float]], float, float]:
    """Return the times at a tab of each server, and the processor time of the hubs and of Redis for each push."""
    tabs = [create_connection(f"ws://127.0.0.1:{server.port}/test/live?person=1", timeout=10) for server in servers]
    for tab in tabs:
        hear(tab)
    sent: list[float] = []
    times: list[list[float]] = [[] for _ in tabs]

    def listen(tab: WebSocket, heard: list[float]) -> None:
        with contextlib.suppress(OSError):
            while (word := hear(tab)) != "end":
                heard.append((time.perf_counter() - sent[int(word)]) * 1000)

    threads = [threading.Thread(target=listen, args=pair) for pair in zip(tabs, times, strict=True)]
    for thread in threads:
        thread.start()

    def push(_: int) -> bytes:
        sent.append(time.perf_counter())
        return get(servers[0].port, f"/test/push/{len(sent) - 1}", "none=1")

    hubs = [server.children()["hub"][0] for server in servers]
    carriers = [redis.process.pid] if redis and redis.process else []
    before = sum(map(busy, hubs)), sum(map(busy, carriers))
    ask(servers[0].port, push, connections=4, seconds=seconds, rate=rate)
    time.sleep(0.5)
    after = sum(map(busy, hubs)), sum(map(busy, carriers))
    servers[0].get("/test/push/end")
    for thread in threads:
        thread.join(5)
    for tab in tabs:
        tab.shutdown()
    if any(len(heard) != len(sent) for heard in times):
        raise SystemExit(f"of {len(sent)} pushes {[len(heard) for heard in times]} were heard")
    costs = [1_000_000 * (later - earlier) / len(sent) for earlier, later in zip(before, after, strict=True)]
    return times, costs[0], costs[1]


def busy(process: int) -> float:
    """Return the seconds of processor time that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    sys.exit(main())
