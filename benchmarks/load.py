"""What the benchmarks share: a real server with people in it, browsers that cost little, and figures in Markdown."""

import base64
import contextlib
import datetime
import json
import os
import platform
import secrets
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.servers import ROOT, Server, free_port

Row = dict[str, object]


def provenance() -> str:
    """Say on which machine, when, and from which commit the figures are."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return (
        f"{model.partition(':')[2].strip() or platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, "
        f"Python {platform.python_version()}; {datetime.datetime.now(datetime.UTC):%Y-%m-%d}; "
        f"commit {commit.stdout.strip() or 'unknown'}"
    )


def middle(values: Sequence[float]) -> str:
    """Write the median of several runs and their spread."""
    return f"{statistics.median(values):,.1f} ({min(values):,.1f} to {max(values):,.1f})"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table whose first column is text and whose others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


@contextlib.contextmanager
def serving(app: str = "wsgi:app", core: int | None = None, **settings: str) -> Iterator[Server]:
    """Serve a fresh instance in a temporary folder; with a core, all of its processes stay on that one."""
    with tempfile.TemporaryDirectory(prefix="worldit-benchmark-") as folder:
        server = Server(Path(folder) / "instance", **settings)
        server.app = app
        allowed = os.sched_getaffinity(0)
        if core is not None:
            os.sched_setaffinity(0, {core})
        try:
            server.start()
        finally:
            os.sched_setaffinity(0, allowed)
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def plain_gunicorn(app: str, *options: str, core: int | None = None) -> Iterator[int]:
    """Serve something that is not World IT, with gunicorn's own settings and these; give the port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "--graceful-timeout",
        "1",
        "-b",
        f"127.0.0.1:{port}",
    ]
    process = subprocess.Popen(
        [*command, "-c", "/dev/null", *options, app],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def open_tabs(port: int, requests: Sequence[bytes], at_once: int = 16) -> tuple[list[socket.socket], float]:
    """Open sockets by these requests, some at once; return them and how many seconds it took."""
    begin, epoll, opened, waiting = time.perf_counter(), select.epoll(), [], {}
    answers: dict[int, bytes] = {}
    left = iter(requests)
    while True:
        while len(waiting) < at_once and (request := next(left, None)) is not None:
            sock = socket.create_connection(("127.0.0.1", port), 20)
            sock.sendall(request)
            waiting[sock.fileno()], answers[sock.fileno()] = sock, b""
            epoll.register(sock.fileno(), select.EPOLLIN)
        if not waiting:
            break
        ready = epoll.poll(20)
        if not ready:
            raise TimeoutError("a tab was not answered")
        for fd, _ in ready:
            answers[fd] += waiting[fd].recv(65536)
            if b"\r\n\r\n" in answers[fd]:
                if not answers[fd].startswith(b"HTTP/1.1 101"):
                    raise ConnectionError(answers[fd][:300].decode())
                epoll.unregister(fd)
                opened.append(waiting.pop(fd))
    epoll.close()
    return opened, time.perf_counter() - begin


def handshake(port: int, path: str, cookie: str = "", extensions: str = "") -> bytes:
    """Return the request that opens a socket, as a browser writes it."""
    return "\r\n".join(
        (
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Origin: http://127.0.0.1:{port}",
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *([f"Sec-WebSocket-Extensions: {extensions}"] if extensions else []),
            *([f"Cookie: {cookie}"] if cookie else []),
            "",
            "",
        )
    ).encode()


def get(port: int, path: str, cookie: str) -> bytes:
    """Return a request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()


def post(port: int, path: str, cookie: str, body: str) -> bytes:
    """Return a request that the page's script makes."""
    words = body.encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n"
        "HX-Request: true\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(words)}\r\n\r\n"
    ).encode() + words


def ask(
    port: int, request: Callable[[int], bytes], *, connections: int, seconds: float, rate: float = 0.0
) -> tuple[float, list[float]]:
    """Ask again and again over so many connections; return answers per second and their times in milliseconds.

    ``request`` is called with the number of the connection. With a ``rate``, requests leave at that many a second,
    evenly, and a time counts from the moment at which its request was due.
    """
    epoll, times = select.epoll(), []
    socks = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(connections)]
    numbers = {sock.fileno(): number for number, sock in enumerate(socks)}
    since, answers = [0.0] * connections, [b""] * connections
    for sock in socks:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        epoll.register(sock.fileno(), select.EPOLLIN)
    begin = time.perf_counter()
    idle, due = list(range(connections)), begin

    def send(number: int, at: float) -> None:
        since[number] = at
        socks[number].sendall(request(number))

    while (now := time.perf_counter()) < begin + seconds:
        while idle and (not rate or due <= now):
            send(idle.pop(), due if rate else now)
            due += 1 / rate if rate else 0
        for fd, _ in epoll.poll(max(0.0, min(due - now, 0.05)) if rate and idle else 0.05):
            number = numbers[fd]
            answers[number] += socks[number].recv(262144)
            head, end, body = answers[number].partition(b"\r\n\r\n")
            if end and len(body) >= _length(head):
                if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
                    raise ConnectionError(answers[number][:1000].decode())
                times.append((time.perf_counter() - since[number]) * 1000)
                answers[number] = b""
                idle.append(number)
    took = time.perf_counter() - begin
    for sock in socks:
        sock.close()
    return len(times) / took, times


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


class Prober:
    """Another process that asks for a page again and again, so that its times do not wait for this one."""

    def __init__(self, port: int, path: str, cookie: str, rate: float, seconds: float) -> None:
        wanted = json.dumps([port, path, cookie, rate, seconds])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", wanted], cwd=ROOT, stdout=subprocess.PIPE
        )

    def times(self) -> list[float]:
        """Return the times in milliseconds, once it is done."""
        output, _ = self.process.communicate(timeout=120)
        found: list[float] = json.loads(output)
        return found


def breakdown(pid: int, parts: Sequence[tuple[str, tuple[str, ...]]], deed: Callable[[], object]) -> str:
    """Have py-spy watch a worker during a deed; return what its requests' time went to, as a table.

    A sample belongs to the first of the parts of which a word stands in its stack.
    """
    spy = Path(sys.executable).parent / "py-spy"
    if not spy.exists():
        return "py-spy is not here, so there is no breakdown."
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "stacks"
        command = [spy, "record", "--nonblocking", "-r", "500", "-f", "raw", "-d", "3600", "-o", output, "-p", str(pid)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deed()
        process.send_signal(signal.SIGINT)
        process.wait(60)
        counts: Counter[str] = Counter()
        for line in output.read_text().splitlines():
            stack, _, times = line.rpartition(" ")
            if "handle_request" in stack:
                part = next((name for name, words in parts if any(word in stack for word in words)), "the rest")
                counts[part] += int(times)
    total = sum(counts.values())
    return table(["", "%"], [[name, f"{100 * number / total:.0f}"] for name, number in counts.most_common()])


def memory(pid: int) -> int:
    """Return how many bytes of memory are this process' own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


def _probe(port: int, path: str, cookie: str, rate: float, seconds: float) -> None:
    page = get(port, path, cookie)
    _, times = ask(port, lambda _: page, connections=4, seconds=seconds, rate=rate)
    print(json.dumps(times))


if __name__ == "__main__":
    _probe(*json.loads(sys.argv[1]))
