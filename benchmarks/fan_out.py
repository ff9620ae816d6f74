"""Fan-out: how fast one message reaches every tab that listens.

    .venv/bin/python -m benchmarks.fan_out [--quick]

Every contestant stores a message durably (SQLite, WAL, synchronous=FULL) and then writes it to all tabs of its chat.
The references are a program in C (fanout/reference.c) and plain flask-sock, each asked by the same client
(fanout/client.c) in the same run. All processes of a contestant share one core, the client has the other. A message
that is lost, doubled or out of order anywhere fails the benchmark, and so does a ratio that misses its target.

Needs cc, and the headers of SQLite and zlib (Debian: gcc libc6-dev libsqlite3-dev zlib1g-dev); gevent is optional.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from benchmarks.load import plain_gunicorn, provenance, serving, table, wait_for
from tests.servers import ROOT, Server, free_port

SERVERS_CORE, CLIENTS_CORE = 0, 1
SOURCES = ROOT / "benchmarks/fanout"
SIZES = (100, 1000, 5000)
WINDOWS = (1, 16)

Figures = dict[str, Any]
Contestant = Callable[[], AbstractContextManager[tuple[int, int]]]


class Bench:
    """Where the programs are built, and what was found."""

    def __init__(self, folder: Path, seconds: float, runs: int) -> None:
        self.folder, self.seconds, self.runs = folder, seconds, runs
        self.faults: list[str] = []
        self.missed: list[str] = []
        self.server: Server | None = None  # the last of ours
        for program, library in (("client", "-lz"), ("reference", "-lsqlite3")):
            command = ["cc", "-O2", "-o", str(folder / program), str(SOURCES / f"{program}.c"), library]
            subprocess.run(command, check=True)

    @contextlib.contextmanager
    def c(self, how: str, stores: bool) -> Iterator[tuple[int, int]]:
        """Run the program in C."""
        port, control = free_port(), free_port()
        database = self._database() if stores else "-"
        command = [str(self.folder / "reference"), str(port), str(control), how, database]
        process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {SERVERS_CORE}))
        try:
            wait_for(port)
            yield port, control
        finally:
            process.kill()
            process.wait()

    @contextlib.contextmanager
    def ours(self, core: int | None = SERVERS_CORE) -> Iterator[tuple[int, int]]:
        """Run World IT's live engine under its own settings."""
        with self._environment() as control, serving("benchmarks.fanout.ours:app", core) as self.server:
            self._begin(self.server.port, control)
            yield self.server.port, control

    @contextlib.contextmanager
    def plain(self, worker: str) -> Iterator[tuple[int, int]]:
        """Run plain flask-sock in a kind of worker of gunicorn."""
        options = ["-k", worker, "--worker-connections", "10000"]
        if worker == "gthread":
            options += ["--threads", "1200"]
        served = plain_gunicorn("benchmarks.fanout.plain:app", *options, core=SERVERS_CORE)
        with self._environment() as control, served as port:
            self._begin(port, control)
            yield port, control

    @contextlib.contextmanager
    def _environment(self) -> Iterator[int]:
        control = free_port()
        os.environ["FANOUT_CONTROL"], os.environ["FANOUT_DATABASE"] = str(control), self._database()
        yield control

    def _database(self) -> str:
        return str(self.folder / f"said-{time.monotonic_ns()}.sqlite3")

    @staticmethod
    def _begin(port: int, control: int) -> None:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/begin", timeout=10).read()
        wait_for(control)

    def ask(
        self, who: str, contestant: Contestant, size: int, *how: object, chats: int = 1, inflate: bool = False
    ) -> Figures:
        """Run the client several times on a contestant; return the run whose deliveries per second are the median's."""
        found: list[Figures] = []
        with contestant() as (port, control):
            while len(found) < self.runs:
                command = [self.folder / "client", port, control, size, chats, int(inflate), *how, self.seconds]
                done = subprocess.run(
                    [str(word) for word in command],
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                    preexec_fn=lambda: os.sched_setaffinity(0, {CLIENTS_CORE}),
                )
                if done.returncode:
                    raise SystemExit(f"{who}: {done.stderr}")
                run: Figures = json.loads(done.stdout)
                if run["lost"] or run["doubled"] or run["missing"]:
                    self.faults.append(f"{who}, {size} tabs: {run}")
                found.append(run)
                time.sleep(1 + size / 1000)  # until the server has noticed that the tabs are gone
        rates = [run["per_second"] for run in found]
        chosen = min(found, key=lambda run: abs(run["per_second"] - statistics.median(rates)))
        for name in ("p50", "p99"):
            chosen[name] = statistics.median(run[name] for run in found)
        print(f"  {who}, {size} tabs in {chats} chats, {' '.join(map(str, how))}: {chosen}", file=sys.stderr)
        return chosen | {"spread": f"{min(rates) / 1000:.0f} to {max(rates) / 1000:.0f}"}

    def hold(self, what: str, ratio: float, at_least: float = 0.0, at_most: float = 0.0) -> str:
        """Note whether a ratio meets its target, and write it."""
        good = ratio >= at_least if at_least else ratio <= at_most
        wanted = f"at least {at_least:g}" if at_least else f"at most {at_most:g}"
        if not good:
            self.missed.append(f"{what}: {ratio:.2f}, wanted {wanted}")
        return f"{ratio:.2f} ({wanted}{'' if good else ', MISSED'})"


def main() -> int:
    """Run everything and print a report in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("saturation", "latency", "chats", "plain"), action="append")
    wanted = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="worldit-fan-out-") as folder:
        bench = Bench(Path(folder), 1.0 if wanted.quick else wanted.seconds, 1 if wanted.quick else wanted.runs)
        print(provenance())
        parts = wanted.only or ["saturation", "latency", "chats", "plain"]
        best = saturation(bench)
        if "plain" in parts:
            plain(bench, best["World IT"])
        if "latency" in parts:
            latency(bench, best)
        if "chats" in parts:
            many_chats(bench)
    for fault in bench.faults:
        print(f"\nWRONG: {fault}")
    for miss in bench.missed:
        print(f"\nmissed: {miss}")
    return 1 if bench.faults or bench.missed else 0


def thousands(figures: Figures) -> str:
    """Write deliveries per second."""
    return f"{figures['per_second'] / 1000:.0f} ({figures['spread']})"


def saturation(bench: Bench) -> dict[str, dict[int, Figures]]:
    """Compare deliveries per second with as much in flight as the window allows; return the best by size."""
    rows: list[list[str]] = []
    best: dict[str, dict[int, Figures]] = {"C": {}, "World IT": {}}
    for size in SIZES:
        found = {}
        for window in WINDOWS:
            how = ("window", window)
            each = bench.ask("C, storing", lambda: bench.c("each", True), size, *how)
            bare = bench.ask("C, not storing", lambda: bench.c("each", False), size, *how)
            joined = bench.ask("C, storing, joining", lambda: bench.c("join", True), size, *how)
            ours = bench.ask("ours", bench.ours, size, *how)
            found[window] = each, bare, ours
            ratio = ours["per_second"] / each["per_second"]
            told = f"{ratio:.2f}"
            if (size, window) == (1000, 16):
                told = bench.hold("16 in flight to 1,000 tabs, times C", ratio, at_least=4)
            against = ours["per_second"] / joined["per_second"]
            cells = [thousands(figures) for figures in (each, bare, joined, ours)]
            rows.append([f"{size:,} tabs, {window} in flight", *cells, told, f"{against:.2f}"])
        each, bare, ours = (
            max((found[window][i] for window in WINDOWS), key=lambda f: f["per_second"]) for i in range(3)
        )
        ratio = ours["per_second"] / max(each["per_second"], bare["per_second"])
        told = bench.hold(f"{size} tabs, best of ours against best of C", ratio, at_least=0.75)
        rows.append([f"**{size:,} tabs, the best**", thousands(each), thousands(bare), "", thousands(ours), told, ""])
        best["C"][size], best["World IT"][size] = each, ours
    print("\nThousands of deliveries per second at saturation: median (spread).\n")
    head = ["", "C", "C, not storing", "C that joins", "World IT", "to C", "to C that joins"]
    print(table(head, rows))
    return best


def plain(bench: Bench, best: dict[int, Figures]) -> None:
    """Compare with plain flask-sock, with and without compression."""
    rows = []
    workers = ["gthread", *(["gevent"] if importlib.util.find_spec("gevent") else [])]
    for size in SIZES:
        cells = [f"{size:,} tabs"]
        for inflate, target in ((True, 8.0), (False, 1.8)):
            tried = {}
            for worker in workers:
                if worker == "gthread" and size > 1000:
                    continue  # two threads for each tab
                who = f"flask-sock, {worker}{', compressing' if inflate else ''}"
                tried[worker] = bench.ask(
                    who, lambda worker=worker: bench.plain(worker), size, "window", 4, inflate=inflate
                )
            if not tried:
                cells += ["", ""]
                continue
            worker, figures = max(tried.items(), key=lambda one: one[1]["per_second"])
            ratio = best[size]["per_second"] / figures["per_second"]
            what = f"{size} tabs, times flask-sock {'as browsers meet it' if inflate else 'without compression'}"
            cells += [f"{thousands(figures)} {worker}", bench.hold(what, ratio, at_least=target)]
        rows.append(cells)
    print("\nPlain flask-sock, thousands of deliveries per second, under the better kind of worker.\n")
    print(
        table(["", "as browsers meet it", "World IT, times that", "without compression", "World IT, times that"], rows)
    )


def latency(bench: Bench, best: dict[str, dict[int, Figures]]) -> None:
    """Compare the time from sending to receiving at half of saturation: of C's, which is the lower one, and of ours."""
    rows = []
    for size in SIZES:
        for whose in ("C", "World IT"):
            rate = best[whose][size]["per_second"] / size / 2
            c = bench.ask("C, storing", lambda: bench.c("each", True), size, "rate", f"{rate:.2f}")
            ours = bench.ask("ours", bench.ours, size, "rate", f"{rate:.2f}")
            cells = [f"{size:,} tabs, half of what {whose} can: {rate:.0f} messages a second"]
            for name in ("p50", "p99"):
                what = f"{name} at half of what {whose} can, {size} tabs, times C"
                told = bench.hold(what, ours[name] / c[name], at_most=2.5)
                cells += [f"{c[name] / 1000:.2f}", f"{ours[name] / 1000:.2f}", told]
            rows.append(cells)
    print("\nMilliseconds from sending to receiving.\n")
    print(table(["", "p50 C", "p50 World IT", "to C", "p99 C", "p99 World IT", "to C"], rows))


def many_chats(bench: Bench) -> None:
    """Compare 500 chats of ten members with a message a second each."""
    rows = []
    found = {
        "C": bench.ask("C, storing", lambda: bench.c("each", True), 5000, "rate", 500, chats=500),
        "C, not storing": bench.ask("C, not storing", lambda: bench.c("each", False), 5000, "rate", 500, chats=500),
        "World IT": bench.ask("ours", bench.ours, 5000, "rate", 500, chats=500),
    }
    for who, figures in found.items():
        rows.append([who, f"{figures['p50'] / 1000:.2f}", f"{figures['p99'] / 1000:.2f}"])
    ratio = found["World IT"]["p99"] / found["C"]["p99"]
    print("\n500 chats of ten members, a message a second in each: milliseconds from sending to receiving.\n")
    print(table(["", "p50", "p99"], rows))
    print(f"\np99 to C: {bench.hold('p99 of 500 chats, times C', ratio, at_most=3)}")


if __name__ == "__main__":
    sys.exit(main())
