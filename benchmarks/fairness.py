"""Fairness: what pages feel while a room of a thousand is talked in, and what the room feels while pages are made.

    .venv/bin/python -m benchmarks.fairness

Fifty messages a second into a chat that a thousand tabs have open. The reference for pages is the same page of the same
server with nobody talking; the reference for messages is the same engine as a thread of the worker, as it would be
without a process of its own (decision 13).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.fan_out import Bench
from benchmarks.load import Prober, percentile, provenance, table
from tests.residents import application, befriend, cookies, settle

ROOM, PER_SECOND = 1000, 50


def main() -> int:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(provenance())
    rows, ratios = [], []
    with tempfile.TemporaryDirectory(prefix="worldit-fairness-") as folder:
        bench = Bench(Path(folder), wanted.seconds, 1)
        for place, rate in (("process", 10.0), ("process", 0.0), ("thread", 10.0), ("thread", 0.0)):
            os.environ["FANOUT_HUB"] = place
            with bench.ours(None) as (port, control):
                for _ in range(wanted.runs):
                    idle, busy, room = measure(bench, port, control, rate, wanted.seconds)
                    if (place, rate) == ("process", 10.0):
                        ratios.append(busy / idle)
                    cells = [f"{idle:.1f}", f"{busy:.1f}", f"{busy / idle:.2f}"]
                    cells += [f"{room['p50'] / 1000:.1f}", f"{room['p99'] / 1000:.1f}"]
                    asked = f"{rate:.0f} pages a second" if rate else "pages without a pause"
                    rows.append([f"the hub as a {place}, {asked}", *cells])
    print(f"\n{PER_SECOND} messages a second to {ROOM:,} tabs, while the feed page is asked for; milliseconds.\n")
    print(table(["", "page p99, idle", "page p99, busy", "times idle", "message p50", "message p99"], rows))
    ratio = sorted(ratios)[len(ratios) // 2]
    good = ratio <= 2
    print(f"\nThe page's p99 is {ratio:.2f} times its idle value (at most 2{'' if good else ', MISSED'}).")
    return 0 if good else 1


def measure(
    bench: Bench, port: int, control: int, rate: float, seconds: float
) -> tuple[float, float, dict[str, float]]:
    """Return p99 of the feed page, idle and busy, and the room's figures."""
    assert bench.server is not None
    app = application(bench.server)
    people = settle(app, 2, f"fair{time.monotonic_ns()}.")
    befriend(app, [(people[0], people[1])])
    [key, _] = cookies(app, people)

    def page(duration: float) -> float:
        return percentile(Prober(port, "/", key, rate, duration).times(), 0.99)

    page(2)
    idle = page(seconds)
    room: dict[str, float] = {}

    def talk() -> None:
        command = [bench.folder / "client", port, control, ROOM, 1, 0, "rate", PER_SECOND, seconds + 4]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
        room.update(json.loads(done.stdout))

    thread = threading.Thread(target=talk)
    thread.start()
    time.sleep(4)  # until the thousand have come
    busy = page(seconds - 2)
    thread.join()
    time.sleep(2)
    if room["lost"] or room["doubled"] or room["missing"]:
        raise SystemExit(f"not everything arrived: {room}")
    return idle, busy, room


if __name__ == "__main__":
    sys.exit(main())
