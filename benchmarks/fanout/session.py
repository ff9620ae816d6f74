"""A contestant with its tabs open, ready to be measured; and how busy the machine is with other things meanwhile."""

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.fanout.contestants import CLIENTS_CORE, Contestant, joined

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60.0  # seconds for tabs to open, and for what is on its way after a run

Figures = dict[str, Any]


class Broken(Exception):
    """A contestant does not do what it is there for."""


class Session:
    """A server and a client with so many tabs of it."""

    def __init__(self, contestant: Contestant, size: int, client: "subprocess.Popen[str]") -> None:
        self.contestant, self.size, self.client = contestant, size, client

    @classmethod
    @contextlib.contextmanager
    def begin(cls, contestant: Contestant, folder: Path, size: int, chats: int) -> Iterator["Session"]:
        """Start the server, open its tabs, and stop all of it in the end."""
        with contestant.serve(folder) as (port, control):
            command = [str(folder / "client"), str(port), str(control), str(size), str(chats)]
            client = subprocess.Popen(
                [*command, *(["--inflate"] if contestant.compresses else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                bufsize=1,
                preexec_fn=lambda: os.sched_setaffinity(0, {CLIENTS_CORE}),
            )
            try:
                session = cls(contestant, size, client)
                session._answer(PATIENCE)
                deadline = time.monotonic() + PATIENCE
                while contestant.counts and joined(port) < size:
                    if time.monotonic() > deadline:
                        raise Broken("not all tabs were taken")
                    time.sleep(0.1)
                yield session
            finally:
                client.kill()
                client.wait()

    def run(self, order: str) -> Figures:
        """Have the client carry out an order; raise Broken if a message was lost, doubled, out of order or spoilt."""
        assert self.client.stdin is not None
        begin, all_before, own_before = time.monotonic(), processor_time(), own_processor_time()
        try:
            self.client.stdin.write(f"{order}\n")
        except BrokenPipeError:
            raise Broken("the client ended") from None
        run = self._answer(PATIENCE)
        took = time.monotonic() - begin
        own = own_processor_time() - own_before
        run["foreign"] = max(0.0, (processor_time() - all_before - own) / took)
        run["served"] = (own - run["processor"]) / took
        wrong = {name: run[name] for name in ("missing", "lost", "repeated", "spoilt") if run[name]}
        if wrong:
            raise Broken(f"{wrong} of {run['messages']} messages, {run['deliveries']} deliveries")
        return run

    def _answer(self, patience: float) -> Figures:
        output, errors = self.client.stdout, self.client.stderr
        assert output is not None and errors is not None
        ready, _, _ = select.select([output], [], [], patience)
        line = output.readline() if ready else ""
        if not line:
            self.client.kill()
            raise Broken(errors.read().strip()[:300] or "the client does not answer")
        figures: Figures = json.loads(line)
        return figures


def processor_time() -> float:
    """Return the seconds that all cores have been busy so far."""
    # Interrupts are in here and in the times of whom they met, unless the kernel keeps a separate account of them.
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS


def own_processor_time() -> float:
    """Return the seconds that this process and all that it has started have been running so far."""
    ticks, waiting = 0, [os.getpid()]
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return ticks / TICKS
