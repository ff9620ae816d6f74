"""Certainty: a server is killed again and again while people talk, and every message is counted.

    .venv/bin/python -m benchmarks.faults [--sends 100000] [--postgresql]

Each run has a seed. Sixteen people in eight chats send as the page's outbox does (in order, again with the same id
until answered) and listen as its live script does. The server is killed with SIGKILL at the so-manieth passage of a
marked point: either everything at once, as when the power goes, or only the process that passed the mark. In the end
every message has to be stored once, acknowledged as what is stored, in its author's order, and shown once in every tab,
in order; and nothing else. The first fault ends the benchmark with its seed.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.load import provenance, table
from tests.faults.world import run
from tests.servers import postgres


def main() -> int:
    """Print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=10_000, help="sends of one run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    wanted = parser.parse_args()
    killed: Counter[str] = Counter()
    sent = retries = connections = gaps = 0
    begin = time.monotonic()
    with postgres() if wanted.postgresql else contextlib.nullcontext() as url:
        settings = {"DATABASE_URL": url} if url else {}
        for seed in range(wanted.seed, wanted.seed + max(1, wanted.sends // wanted.each)):
            with tempfile.TemporaryDirectory(prefix="worldit-faults-") as folder:
                world, marks = run(Path(folder), seed, min(wanted.each, wanted.sends), **settings)
                faults = world.count()
            if faults:
                print(f"seed {seed}: {len(faults)} faults", *faults[:10], sep="\n")
                return 1
            killed += marks
            sent += len(world.written)
            retries += sum(outbox.retries for outbox in world.outboxes)
            connections += sum(tab.connections for tab in world.tabs)
            gaps += sum(tab.gaps for tab in world.tabs)
            print(f"  seed {seed}: {len(world.written)} sent, {sum(marks.values())} kills", file=sys.stderr)
    print(provenance())
    where = "PostgreSQL" if wanted.postgresql else "SQLite"
    print(
        f"\n{sent:,} messages to {where} in {time.monotonic() - begin:,.0f} s, sent {retries:,} times again; tabs "
        f"connected {connections:,} times, {gaps:,} of them for a gap. None lost, doubled, out of order or invented.\n"
    )
    print(table(["killed", "times"], [[mark, times] for mark, times in sorted(killed.items())]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
