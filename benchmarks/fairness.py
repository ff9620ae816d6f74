"""Fairness: what pages feel while a room of a thousand is talked in, and what the room feels while pages are made.

    .venv/bin/python -m benchmarks.fairness

Fifty messages a second into a chat that a thousand tabs have open. The reference for pages is the same page of the same
server with nobody talking; the reference for messages is the same engine as a thread of the worker, as it would be
without a process of its own (decision 13).
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fanout.contestants import Contestant, begin, control_port
from benchmarks.fanout.session import Figures, Session
from benchmarks.load import Prober, middle, percentile, provenance, serving, table
from tests.residents import application, befriend, cookies, settle
from tests.servers import ROOT, Server

ROOM, PER_SECOND = 1000, 50


def main() -> int:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(provenance())
    rows, promised = [], []
    with tempfile.TemporaryDirectory(prefix="worldit-fairness-") as name:
        folder = Path(name)
        source = str(ROOT / "benchmarks/fanout/client.c")
        subprocess.run(["cc", "-O2", "-o", str(folder / "client"), source, "-lz", "-lm"], check=True)
        for place in ("process", "thread"):
            os.environ["FANOUT_HUB"] = place
            for rate in (20.0, 0.0):
                runs = [measure(folder, rate, wanted.seconds) for _ in range(wanted.runs)]
                idle, busy = (percentile([time for run in runs for time in run[at]], 0.99) for at in (0, 1))
                if (place, rate) == ("process", 20.0):
                    promised = [busy / idle, *(percentile(run[1], 0.99) / percentile(run[0], 0.99) for run in runs)]
                room = [middle([run[2][figure] for run in runs]) for figure in ("p50", "p99")]
                asked = f"{rate:.0f} pages a second" if rate else "pages without a pause"
                cells = [f"{idle:.1f}", f"{busy:.1f}", f"{busy / idle:.2f}", *room]
                rows.append([f"the hub as a {place}, {asked}", *cells])
    print(f"\n{PER_SECOND} messages a second to {ROOM:,} tabs, while the feed page is asked for; milliseconds.\n")
    print(table(["", "page p99, idle", "page p99, busy", "times idle", "message p50", "message p99"], rows))
    ratio, *each = promised
    good = ratio <= 2
    print(f"\nThe page's p99, of all {wanted.runs} runs together, is {ratio:.2f} times its idle value", end="")
    print(f" (in single runs {min(each):.2f} to {max(each):.2f}; at most 2{'' if good else ', MISSED'}).")
    return 0 if good else 1


def measure(folder: Path, rate: float, seconds: float) -> tuple[list[float], list[float], Figures]:
    """Return the times of the feed page, idle and busy, and the room's figures."""
    servers: list[Server] = []

    @contextlib.contextmanager
    def serve(folder: Path) -> Iterator[tuple[int, int]]:
        with control_port(folder) as control, serving("benchmarks.fanout.ours:app") as server:
            begin(server.port, control)
            servers.append(server)
            yield server.port, control

    with Session.begin(Contestant("World IT", serve), folder, ROOM, 1) as session:
        [server] = servers
        app = application(server)
        people = settle(app, 2)
        befriend(app, [(people[0], people[1])])
        [key, _] = cookies(app, people)

        def page(duration: float) -> list[float]:
            return Prober(server.port, "/", key, rate, duration).times()

        page(2)
        idle = page(seconds)
        room: Figures = {}
        talking = threading.Thread(target=lambda: room.update(session.run(f"even {PER_SECOND} {seconds + 2}")))
        talking.start()
        time.sleep(1)
        busy = page(seconds)
        talking.join()
    return idle, busy, room


if __name__ == "__main__":
    sys.exit(main())
