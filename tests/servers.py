"""Real servers for tests: PostgreSQL, and our own under gunicorn, each in a folder of its own."""

import atexit
import http.client
import os
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Postgres:
    """A throw-away PostgreSQL, which can be taken away and brought back; databases can be made under its address.

    ``durable`` has every commit wait for the disk, which tests need not.
    """

    def __init__(self, durable: bool = False) -> None:
        self.fsync = "on" if durable else "off"
        programs = shutil.which("pg_ctl")
        self.folder = Path(programs).parent if programs else max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.port = free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self.home = Path(tempfile.mkdtemp(prefix="worldit-postgres-"))
        # PostgreSQL refuses to run as root, as which CI runs.
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.as_user:
            os.chown(self.home, pwd.getpwnam("postgres").pw_uid, -1)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c fsync={self.fsync} -c max_connections=200"
        self._run("pg_ctl", "-o", settings, "-l", str(self.home / "log"), "-w", "start")

    def stop(self) -> None:
        """Take it away at once."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *options: str) -> None:
        command = [*self.as_user, str(self.folder / program), "-D", str(self.home / "data"), *options]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    def __enter__(self) -> "Postgres":
        try:
            self._run("initdb", "-A", "trust", "-N", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8")
            self.start()
        except BaseException:
            shutil.rmtree(self.home, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def postgres(durable: bool = False) -> Iterator[str]:
    """Run a throw-away PostgreSQL, and give its address."""
    with Postgres(durable) as running:
        yield running.url


class Redis:
    """A throw-away Redis on a port of its own, which can be taken away and brought back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "Redis does not start"
                time.sleep(0.02)

    def stop(self) -> None:
        """Take it away at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> "Redis":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


_servers: list["Server"] = []


@atexit.register
def _end_what_a_failed_test_left() -> None:
    for server in _servers:
        if server.process is not None and server.process.poll() is None:
            server.stop(signal.SIGKILL)


class Server:
    """World IT under gunicorn, on a free port of this machine."""

    app = "wsgi:app"
    configuration = "gunicorn.conf.py"
    environment: Mapping[str, str] = {}

    def __init__(self, instance: Path, **settings: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.limits: dict[int, int] = {}  # of the system's resources, for all of its processes
        self.process: subprocess.Popen[bytes] | None = None
        self.used_codes: set[str] = set()  # of those that came by letter

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.launch()
        self.wait()

    def command(self) -> list[str]:
        """Return what is run."""
        return ["gunicorn", "-c", self.configuration, self.app]

    def launch(self) -> None:
        """Start, and do not wait."""
        _servers.append(self)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("WORLDIT_")}
        environ |= {"WORLDIT_INSTANCE": str(self.instance), "WORLDIT_PORT": str(self.port)}
        environ |= {f"WORLDIT_{name}": value for name, value in self.settings.items()} | self.environment
        self.instance.mkdir(parents=True, exist_ok=True)
        with (self.instance / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command()],
                start_new_session=True,  # so that all of it can be killed together
                cwd=ROOT,
                env=environ,
                stdout=console,
                stderr=subprocess.STDOUT,
                preexec_fn=self._limit if self.limits else None,
            )

    def _limit(self) -> None:
        for what, most in self.limits.items():
            resource.setrlimit(what, (most, most))

    def wait(self) -> None:
        """Wait until it answers."""
        assert self.process is not None
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).read()
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self.instance / "console.log").read_text()[-4000:])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """End it, and return how many seconds that took."""
        assert self.process is not None
        begin = time.monotonic()
        if how == signal.SIGKILL:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        self.process.wait(20)
        return time.monotonic() - begin

    def children(self) -> dict[str, list[int]]:
        """Return the ids of its processes: the ``hub`` and the ``workers``."""
        assert self.process is not None
        master = self.process.pid
        found: dict[str, list[int]] = {"hub": [], "workers": []}
        for child in Path(f"/proc/{master}/task/{master}/children").read_text().split():
            name = Path(f"/proc/{child}/comm").read_text().strip()
            found["hub" if name == "world-it hub" else "workers"].append(int(child))
        return found

    def letters(self) -> list[str]:
        """Return the outbox' letters as texts, oldest first."""
        import email
        import email.policy

        letters = []
        for path in sorted((self.instance / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))
            letters.append(f"{message['to']}\n{message['subject']}\n{body.get_content() if body else ''}")
        return letters


class Worker(Server):
    """``./run worker``: it does jobs, and listens to nobody."""

    def command(self) -> list[str]:
        """Return what is run."""
        return ["flask", "--app", self.app, "worker"]

    def wait(self) -> None:
        """Wait until it works."""
        assert self.process is not None
        deadline = time.monotonic() + 30
        while "worker does what was left" not in (self.instance / "console.log").read_text():
            assert self.process.poll() is None, (self.instance / "console.log").read_text()[-4000:]
            assert time.monotonic() < deadline
            time.sleep(0.02)
