"""Fan-out: how fast one message reaches every tab that listens.

    .venv/bin/python -m benchmarks.fan_out [--quick]

Every contestant stores a message (SQLite, WAL, synchronous=FULL, all that has come together in one transaction) and
then writes it to every tab of its chat, the sender's own among them. The main reference is a program in C
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
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.fanout.contestants import CONTESTANTS
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
ENGINES = ("c", "bare", "joining", "ours")
PLAIN = ("gthread", "gevent")
QUIET = 0.1  # of a core: a run during which other programs take more is done again, at most twice,
REPEATS = 40  # and so often altogether

Runs = list[Figures]


class Bench:
    """Has contestants asked in turns, and keeps what is found out about the whole."""

    def __init__(self, folder: Path, wanted: argparse.Namespace) -> None:
        self.folder, self.wanted = folder, wanted
        self.faults: list[str] = []
        self.missed: list[str] = []
        self.targets: list[list[str]] = []
        self.busiest: dict[str, Figures] = {}  # the runs in which the client had most to do
        self.foreign: list[float] = []
        self.repeats = 0
        for program, *libraries in (("client", "-lz", "-lm"), ("reference", "-lsqlite3")):
            command = ["cc", "-O2", "-o", str(folder / program), str(SOURCES / f"{program}.c"), *libraries]
            subprocess.run(command, check=True)

    def open(self, stack: contextlib.ExitStack, names: Iterable[str], size: int, chats: int = 1) -> dict[str, Session]:
        """Start those of these contestants that are wanted and can, with so many tabs each."""
        sessions = {}
        for name in names:
            contestant = CONTESTANTS[name]
            if name in self.wanted.contestants and size <= contestant.most and contestant.possible:
                try:
                    session = stack.enter_context(Session.begin(contestant, self.folder, size, chats))
                    session.run("window 4 0.2")  # the first round is never like the others
                    sessions[name] = session
                except Broken as reason:
                    self._fault(name, f"{size} tabs: {reason}")
        time.sleep(1)  # until the servers have done what tabs that come cause
        return sessions

    def ask(self, sessions: dict[str, Session], order: str, seconds: float, rounds: int) -> dict[str, Runs]:
        """Give all of them an order in turn, round after round; return what each has found."""
        found: dict[str, Runs] = {name: [] for name in sessions}
        for _ in range(rounds):
            for name, session in list(sessions.items()):
                try:
                    found[name].append(self._run(name, session, f"{order} {seconds:g}"))
                except Broken as reason:
                    self._fault(name, f"{session.size} tabs, {order}: {reason}")
                    del sessions[name], found[name]
        for name, runs in found.items():
            told = f"{middle(runs, 'rate'):,.0f} a second, p50 {middle(runs, 'p50'):.2f}, p99 {middle(runs, 'p99'):.2f}"
            print(f"  {sessions[name].size} tabs, {order}, {name}: {told} ms", file=sys.stderr)
        return found

    def _run(self, name: str, session: Session, order: str) -> Figures:
        run = session.run(order)
        for _ in range(2):
            if run["foreign"] > QUIET and self.repeats < self.wanted.repeats:
                self.repeats += 1
                run = min(run, session.run(order), key=lambda one: one["foreign"])
        self.foreign.append(run["foreign"])
        busiest = self.busiest.get(name)
        if busiest is None or run["busy"] > busiest["busy"]:
            self.busiest[name] = run
        return run

    def _fault(self, name: str, what: str) -> None:
        self.faults.append(f"{CONTESTANTS[name].name}, {what}")
        print(f"  WRONG: {self.faults[-1]}", file=sys.stderr)

    def hold(self, what: str, ratio: float | None, at_least: float = 0.0, at_most: float = 0.0) -> str:
        """Note whether a ratio meets its target, and write it."""
        if ratio is None:
            return "–"
        good = ratio >= at_least if at_least else ratio <= at_most
        target = f"≥ {at_least:g}" if at_least else f"≤ {at_most:g}"
        self.targets.append([what, target, f"{ratio:.2f}", "met" if good else "**missed**"])
        if not good:
            self.missed.append(f"{what}: {ratio:.2f}, wanted {target}")
        return f"**{ratio:.2f}**"


def middle(runs: Runs | None, what: str) -> float | None:
    """Return the median of a figure of several runs."""
    return statistics.median(run[what] for run in runs) if runs else None


def spread(runs: Runs | None, what: str, unit: float = 1.0, form: str = ".2f") -> str:
    """Write the median of a figure of several runs, with its least and its most."""
    if not runs:
        return "–"
    values = [run[what] / unit for run in runs]
    return f"{statistics.median(values):{form}} ({min(values):{form}}..{max(values):{form}})"


def thousands(runs: Runs | None) -> str:
    """Write deliveries per second in thousands."""
    return spread(runs, "rate", 1000, ",.0f")


def ratio(runs: Runs | None, reference: Runs | None, what: str = "rate") -> float | None:
    """Return how many times the reference's median a median is."""
    upper, lower = middle(runs, what), middle(reference, what)
    return upper / lower if upper and lower else None


def written(value: float | None) -> str:
    """Write a ratio that has no target."""
    return "–" if value is None else f"{value:.2f}"


class Size:
    """What is measured at a number of tabs of one chat."""

    def __init__(self, bench: Bench, size: int, sessions: dict[str, Session]) -> None:
        self.bench, self.size, self.sessions = bench, size, sessions
        wanted = bench.wanted
        seconds = wanted.seconds * (2 if size > 1000 else 1)
        self.found = {w: bench.ask(sessions, f"window {w}", seconds, wanted.rounds) for w in wanted.windows}

    def best(self, name: str) -> tuple[int, Runs | None]:
        """Return the window in which a contestant delivers most, and its runs with that."""
        window = max(self.found, key=lambda window: middle(self.found[window].get(name), "rate") or 0)
        return window, self.found[window].get(name)

    def saturation(self) -> str:
        """Compare with C as many deliveries per second as there can be."""
        rows = []
        for window, found in self.found.items():
            cells = [thousands(found.get(name)) for name in ENGINES]
            to_c, to_joining = (ratio(found.get("ours"), found.get(name)) for name in ("c", "joining"))
            told = written(to_c)
            if (self.size, window) == (1000, 16):
                told = self.bench.hold("1,000 tabs, 16 in flight: deliveries, times C", to_c, at_least=4)
            rows.append([f"{window} in flight", *cells, told, written(to_joining)])
        best = [self.best(name) for name in ENGINES]
        held = self.bench.hold(
            f"{self.size:,} tabs, best windows: deliveries, times C", ratio(best[3][1], best[0][1]), at_least=0.75
        )
        cells = [f"{thousands(runs)}, {window} in flight" if runs else "–" for window, runs in best]
        rows.append(["the best", *cells, held, written(ratio(best[3][1], best[2][1]))])
        head = ["thousand deliveries/s", "C", "C, storing nothing", "C, joining", "World IT", "to C", "to C, joining"]
        return table(head, rows)

    def plain(self) -> str:
        """Compare with plain flask-sock."""
        rows = []
        _, ours = self.best("ours")
        for suffix, how, target in (("-deflate", "compressing", 8), ("", "not compressing", 1.8)):
            tried = [self.best(f"{worker}{suffix}")[1] for worker in PLAIN]
            better = max((runs for runs in tried if runs), key=lambda runs: middle(runs, "rate") or 0, default=None)
            what = f"{self.size:,} tabs: deliveries, times flask-sock {how}"
            held = self.bench.hold(what, ratio(ours, better), at_least=target)
            rows.append([f"flask-sock, {how}", *map(thousands, tried), held])
        return table(["thousand deliveries/s", *PLAIN, "World IT to the better"], rows)

    def latency(self) -> str:
        """Compare how long a message takes at half of what World IT can, and at half of what C can."""
        rows = []
        for whose, name in (("World IT", "ours"), ("C", "c")):
            most = middle(self.best(name)[1], "rate")
            if not most:
                continue
            both = {name: self.sessions[name] for name in ("c", "ours") if name in self.sessions}
            wanted = self.bench.wanted
            rate = most / self.size / 2
            found = self.bench.ask(both, f"poisson {rate:.2f}", 1 if wanted.quick else 2, min(3, wanted.rounds))
            c, ours = found.get("c"), found.get("ours")
            for figure in ("p50", "p99"):
                what = f"{self.size:,} tabs, half of what {whose} can: {figure}, times C"
                held = self.bench.hold(what, ratio(ours, c, figure), at_most=2.5)
                label = f"{figure} at half of what {whose} can, {rate:,.0f} messages/s"
                rows.append([label, spread(c, figure), spread(ours, figure), held])
            rows.append([f"p999, {rate:,.0f} messages/s", spread(c, "p999"), spread(ours, "p999"), ""])
        return table(["milliseconds from due to received", "C", "World IT", "to C"], rows)


def one_size(bench: Bench, size: int) -> str:
    """Compare everything there is to compare at a number of tabs of one chat."""
    scenarios = bench.wanted.scenarios
    engines = ENGINES if "saturation" in scenarios else ("c", "ours")
    plain = [f"{worker}{suffix}" for worker in PLAIN for suffix in ("", "-deflate")] if "plain" in scenarios else []
    parts = [f"## {size:,} tabs, one chat"]
    with contextlib.ExitStack() as stack:
        measured = Size(bench, size, bench.open(stack, [*engines, *plain], size))
        if "saturation" in scenarios:
            parts.append(measured.saturation())
        if plain:
            parts.append(measured.plain())
        if "latency" in scenarios and size in LATENCY_SIZES:
            parts.append(measured.latency())
    return "\n\n".join(parts)


def many_chats(bench: Bench) -> str:
    """Compare many small chats with a message a second in each."""
    with contextlib.ExitStack() as stack:
        sessions = bench.open(stack, ("c", "bare", "ours"), CHATS * MEMBERS, CHATS)
        seconds = 2 if bench.wanted.quick else 4
        found = bench.ask(sessions, f"even {CHATS}", seconds, min(3, bench.wanted.rounds))
    rows = []
    for figure in ("p50", "p99", "p999"):
        c, bare, ours = (found.get(name) for name in ("c", "bare", "ours"))
        times = ratio(ours, c, figure)
        what = f"{CHATS} chats of {MEMBERS}: p99, times C"
        told = bench.hold(what, times, at_most=3) if figure == "p99" else written(times)
        rows.append([figure, *(spread(runs, figure) for runs in (c, bare, ours)), told])
    head = ["milliseconds from due to received", "C", "C, storing nothing", "World IT", "to C"]
    title = f"## {CHATS} chats of {MEMBERS} members, one message a second in each"
    return f"{title}\n\n{table(head, rows)}"


def main() -> int:
    """Run what is wanted, and print a report in Markdown."""
    wanted = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="worldit-fan-out-", dir=wanted.folder) as folder:
        bench = Bench(Path(folder), wanted)
        sizes = wanted.sockets if {"saturation", "plain", "latency"} & {*wanted.scenarios} else []
        parts = [one_size(bench, size) for size in sizes]
        if "chats" in wanted.scenarios:
            parts.append(many_chats(bench))
    report = "\n\n".join([preface(bench, time.monotonic() - begin), verdict(bench), *parts])
    print(report)
    if wanted.full:
        REPORT.write_text(f"# Fan-out\n\n{report}\n")
    return 1 if bench.faults or bench.missed else 0


def preface(bench: Bench, took: float) -> str:
    """Say where, when and how this was measured, and how much to believe it."""
    wanted = bench.wanted
    where = "in memory" if wanted.folder == SHARED_MEMORY else "on a disk"
    disturbed = sum(share > QUIET for share in bench.foreign)
    lines = [
        f"{provenance()}, {took / 60:.1f} minutes.",
        "",
        "One message to all tabs of a chat in one process, the sender's own among them, stored first: SQLite, WAL, "
        f"synchronous=FULL, {where}. `C` is the reference: one epoll loop, one send for each socket and frame. All "
        "processes of a contestant share one core, the client has the other. Figures are medians (least..most) of "
        f"{wanted.rounds} runs, of 3 for latencies, in which all took turns.",
        "",
        f"Other programs took {statistics.median(bench.foreign or [0]):.0%} of a core in the median run and "
        f"{max(bench.foreign, default=0):.0%} at most; {disturbed} of {len(bench.foreign)} runs had more than "
        f"{QUIET:.0%}, after {bench.repeats} were repeated.",
        "",
        "The client's own share of its core at most, and that of all contestants' processes of theirs in the same run:",
        "",
        table(
            ["", "client", "contestants"],
            [
                [CONTESTANTS[name].name, f"{run['busy']:.0%}", f"{run['served']:.0%}"]
                for name, run in bench.busiest.items()
            ],
        ),
    ]
    slow = [CONTESTANTS[name].name for name, run in bench.busiest.items() if run["busy"] > 0.9]
    if slow:
        lines += ["", f"**WARNING**: the client had nearly no time to spare for: {', '.join(slow)}."]
    if disturbed > len(bench.foreign) / 10:
        lines += ["", "**WARNING**: the machine was not quiet; measure again before you believe a figure."]
    return "\n".join(lines)


def verdict(bench: Bench) -> str:
    """Say which targets are met, and what went wrong."""
    lines = ["## Targets", "", table(["", "target", "found", ""], bench.targets), ""]
    lines += [f"- WRONG: {fault}" for fault in bench.faults]
    lines += [f"- missed: {miss}" for miss in bench.missed]
    if not bench.faults:
        lines.append("- No frame was lost, doubled, out of order or spoilt.")
    return "\n".join(lines)


SHARED_MEMORY = Path("/dev/shm")


def arguments() -> argparse.Namespace:
    """Return what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short run of each, at 100 and 1,000 tabs")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each figure [5]")
    parser.add_argument("--seconds", type=float, default=0.6, help="for one run at saturation [0.6]")
    parser.add_argument("--contestants", type=names(CONTESTANTS), help=f"some of {','.join(CONTESTANTS)}")
    parser.add_argument("--sockets", type=lambda text: [int(one) for one in text.split(",")], help="[100,1000,5000]")
    parser.add_argument("--scenarios", type=names(SCENARIOS), help=f"some of {','.join(SCENARIOS)}")
    parser.add_argument(
        "--folder",
        type=Path,
        default=SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None,
        help="where the databases are [in memory, where no waiting for a disk hides how fast a contestant is]",
    )
    wanted = parser.parse_args()
    wanted.full = not (wanted.quick or wanted.contestants or wanted.sockets or wanted.scenarios)
    if wanted.quick:
        wanted.rounds, wanted.seconds = 1, 0.4
    wanted.repeats = 0 if wanted.quick else REPEATS
    wanted.windows = WINDOWS[::2] if wanted.quick else WINDOWS
    wanted.contestants = wanted.contestants or list(CONTESTANTS)
    wanted.sockets = wanted.sockets or (SIZES[:2] if wanted.quick else SIZES)
    wanted.scenarios = wanted.scenarios or SCENARIOS
    return wanted


def names(known: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what reads a list of names all of which are known."""

    def read(text: str) -> list[str]:
        found = text.split(",")
        if unknown := {*found} - {*known}:
            raise argparse.ArgumentTypeError(f"not known: {', '.join(unknown)}")
        return found

    return read


if __name__ == "__main__":
    sys.exit(main())
