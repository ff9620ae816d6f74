"""Fan-out: how fast one message reaches every tab that listens.

    .venv/bin/python -m benchmarks.fan_out [--quick]

Every contestant stores a message (SQLite, WAL, synchronous=FULL, all that has come together in one transaction) and then
writes it to every tab of its chat, the sender's own among them. The main reference is a program in C
(fanout/reference.c) that makes one send for each socket and frame; the others are the same without storing, the same
joining frames, and plain flask-sock. One client in C (fanout/client.c) asks them all. All processes of the contestants
share one core, the client has another; they take turns within each round, so that whatever else the machine does meets
all of them. A message that is lost, doubled or out of order fails the benchmark, and so does a missed target.

Needs cc, and the headers of SQLite and zlib (Debian: gcc libc6-dev libsqlite3-dev zlib1g-dev); gevent is optional.
"""

import argparse
import contextlib
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.fanout.contestants import BARE, C, CLIENTS_CORE, CONTESTANTS, JOINING, OURS, Contestant
from benchmarks.fanout.session import Broken, Figures, Session
from benchmarks.load import provenance, table
from tests.servers import ROOT

SOURCES = ROOT / "benchmarks/fanout"
REPORT = ROOT / "benchmarks/fan_out.md"
SCENARIOS = ("saturation", "plain", "latency", "chats")
SIZES = (100, 1000, 5000)
LATENCY_SIZES = (100, 1000)
WINDOWS = (1, 4, 16)
CHATS, MEMBERS = 500, 10
QUIET = 0.1  # of a core: a run during which other programs took more is repeated,
REPEATS = 60  # so often altogether

Runs = list[Figures]


class Bench:
    """Runs contestants in turns, and keeps what was found out about the whole."""

    def __init__(self, folder: Path, wanted: argparse.Namespace) -> None:
        self.folder, self.wanted = folder, wanted
        self.rounds, self.seconds = (1, 0.4) if wanted.quick else (wanted.rounds, wanted.seconds)
        self.faults: list[str] = []
        self.missed: list[str] = []
        self.targets: list[list[str]] = []
        self.notes: list[str] = []
        self.busiest: dict[str, float] = {}
        self.foreign: list[float] = []
        self.repeats = 0
        for program, *libraries in (("client", "-lz", "-lm"), ("reference", "-lsqlite3")):
            command = ["cc", "-O2", "-o", str(folder / program), str(SOURCES / f"{program}.c"), *libraries]
            subprocess.run(command, check=True)

    def open(
        self, stack: contextlib.ExitStack, names: Iterable[str], size: int, chats: int = 1
    ) -> dict[str, Session]:
        """Start these contestants with so many tabs each."""
        sessions = {}
        for name in names:
            contestant = CONTESTANTS[name]
            if name not in self.wanted.contestants or size > contestant.most or not contestant.possible:
                continue
            try:
                sessions[name] = stack.enter_context(Session.begin(contestant, self.folder, size, chats))
                sessions[name].run("window 4 0.2")  # the first round is never like the others
            except Broken as reason:
                self.fault(name, f"{size} tabs: {reason}")
                sessions.pop(name, None)
        time.sleep(1)  # until the servers have done what tabs that come cause
        return sessions

    def ask(self, sessions: dict[str, Session], order: str, seconds: float, rounds: int) -> dict[str, Runs]:
        """Give all of them an order in turn, round after round; return what each has found."""
        found: dict[str, Runs] = {name: [] for name in sessions}
        for _ in range(rounds):
            for name, session in list(sessions.items()):
                try:
                    found[name].append(self._run(session, f"{order} {seconds}"))
                except Broken as reason:
                    self.fault(name, f"{session.size} tabs, {order}: {reason}")
                    del sessions[name], found[name]
        for name, runs in found.items():
            told = f"{statistics.median(run['rate'] for run in runs):,.0f} a second, p99 {middle(runs, 'p99', '.2f')} ms"
            print(f"  {name}, {sessions[name].size} tabs, {order}: {told}", file=sys.stderr)
        return found

    def _run(self, session: Session, order: str) -> Figures:
        run = session.run(order)
        while run["foreign"] > QUIET and self.repeats < REPEATS:
            self.repeats += 1
            again = session.run(order)
            if again["foreign"] < run["foreign"]:
                run = again
            if self.repeats % 2 == 0:
                break
        self.foreign.append(run["foreign"])
        name = session.contestant.name
        self.busiest[name] = max(self.busiest.get(name, 0), run["busy"])
        return run

    def fault(self, name: str, what: str) -> None:
        """Note that something went wrong with a contestant."""
        self.faults.append(f"{name}: {what}")
        print(f"  WRONG: {name}: {what}", file=sys.stderr)

    def hold(self, what: str, ratio: float | None, at_least: float = 0.0, at_most: float = 0.0) -> str:
        """Note whether a ratio meets its target, and write it."""
        if ratio is None:
            return "–"
        good = ratio >= at_least if at_least else ratio <= at_most
        target = f"≥ {at_least:g}" if at_least else f"≤ {at_most:g}"
        self.targets.append([what, f"{ratio:.2f}", target, "met" if good else "**missed**"])
        if not good:
            self.missed.append(f"{what}: {ratio:.2f}, wanted {target}")
        return f"{ratio:.2f} ({target}{'' if good else ', **missed**'})"


def main() -> int:
    """Run what is wanted, and print a report in Markdown."""
    wanted = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="worldit-fan-out-", dir=wanted.folder) as folder:
        bench = Bench(Path(folder), wanted)
        parts: list[str] = []
        for size in wanted.sockets:
            parts.append(one_size(bench, size))
        if "chats" in wanted.scenarios:
            parts.append(many_chats(bench))
    report = write(bench, parts, time.monotonic() - begin)
    print(report)
    if wanted.full:
        REPORT.write_text(f"# Fan-out\n\n{report}\n")
    return 1 if bench.faults or bench.missed else 0


def arguments() -> argparse.Namespace:
    """Return what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short run of each, at 100 and 1,000 tabs")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each figure [5]")
    parser.add_argument("--seconds", type=float, default=0.6, help="for one run at saturation [0.6]")
    parser.add_argument("--contestants", type=names(CONTESTANTS), help=f"some of: {', '.join(CONTESTANTS)}")
    parser.add_argument("--sockets", type=lambda text: [int(one) for one in text.split(",")], help="[100,1000,5000]")
    parser.add_argument("--scenarios", type=names(SCENARIOS), help=f"some of: {', '.join(SCENARIOS)}")
    shared_memory = Path("/dev/shm")
    parser.add_argument(
        "--folder",
        type=Path,
        default=shared_memory if shared_memory.is_dir() else None,
        help="where the databases are [in memory, so that no waiting for a disk hides how fast a contestant is]",
    )
    wanted = parser.parse_args()
    wanted.full = not (wanted.quick or wanted.contestants or wanted.sockets or wanted.scenarios)
    wanted.contestants = wanted.contestants or list(CONTESTANTS)
    wanted.sockets = wanted.sockets or (SIZES[:2] if wanted.quick else SIZES)
    wanted.scenarios = wanted.scenarios or SCENARIOS
    return wanted


def names(known: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what reads a list of names of which all are known."""

    def read(text: str) -> list[str]:
        found = text.split(",")
        if unknown := set(found) - set(known):
            raise argparse.ArgumentTypeError(f"not known: {', '.join(unknown)}")
        return found

    return read


def one_size(bench: Bench, size: int) -> str:
    """Compare everything there is to compare at a number of tabs, all of one chat."""
    parts = [f"## {size:,} tabs, one chat"]
    scenarios = bench.wanted.scenarios
    with contextlib.ExitStack() as stack:
        main_ones = [C, BARE, JOINING, OURS] if {"saturation", "plain", "latency"} & {*scenarios} else []
        plain_ones = [name for name, one in CONTESTANTS.items() if one.plain] if "plain" in scenarios else []
        sessions = bench.open(stack, [*main_ones, *plain_ones], size)
        seconds = bench.seconds * (2 if size > 1000 else 1)
        found = {window: bench.ask(sessions, f"window {window}", seconds, bench.rounds) for window in WINDOWS}
        best = {
            name: max((found[window].get(name, []), window) for window in WINDOWS)[1]
            if False
            else max(WINDOWS, key=lambda window: rate(found[window].get(name)) or 0)
            for name in sessions
        }
        if "saturation" in scenarios:
            parts.append(saturation(bench, size, found, best))
        if plain_ones:
            parts.append(plain(bench, size, found, best))
        if "latency" in scenarios and size in LATENCY_SIZES:
            parts.append(latency(bench, size, sessions, found, best))
    return "\n\n".join(parts)
