"""Two servers behind the proxies of docs/examples, as people reach them: one address, and no restart is noticed."""

import grp
import http.client
import os
import pwd
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websocket import create_connection
from werkzeug.test import EnvironBuilder

from tests.faults.world import World
from tests.live.test_stopping import hear
from tests.photos import keys_in, photo
from tests.residents import application, cookies, settle
from tests.servers import ROOT, Redis, Server, free_port, postgres

EXAMPLES = ROOT / "docs/examples"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    instance = tmp_path_factory.mktemp("proxies") / "instance"
    with postgres() as database, Redis() as redis:
        settings = {"THREADS": "16", "DATABASE_URL": database, "REDIS_URL": redis.url, "PROXIES": "1", "LANGUAGE": "en"}
        pair = Server(instance, **settings), Server(instance, **settings)
        for server in pair:
            server.launch()
        for server in pair:
            server.wait()
        yield pair
        for server in pair:
            server.stop()


@contextmanager
def nginx(folder: Path, port: int, servers: tuple[Server, Server]) -> Iterator[None]:
    """Run nginx with the example; only its addresses are others."""
    example = (EXAMPLES / "nginx.conf").read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    for name, server in zip(("127.0.0.1:8000", "127.0.0.1:8001"), servers, strict=True):
        example = example.replace(name, f"127.0.0.1:{server.port}")
    example = example.replace("/var/lib/world-it", str(servers[0].instance))
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name};\n"
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; {places}\n{example}\n}}\n"
    )
    with running(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port):
        yield


@contextmanager
def caddy(folder: Path, port: int, servers: tuple[Server, Server]) -> Iterator[None]:
    """Run Caddy with the example; only its addresses are others."""
    example = re.sub(r"(?m)^:80 ", f"http://:{port} ", (EXAMPLES / "Caddyfile").read_text())
    for name, server in zip(("127.0.0.1:8000", "127.0.0.1:8001"), servers, strict=True):
        example = example.replace(name, f"127.0.0.1:{server.port}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + example)
    with running(["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], port):
        yield


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            deadline = time.monotonic() + 15
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        said.seek(0)
                        raise AssertionError(said.read().decode()) from None
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(10)


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_the_examples_serve_pages_and_sockets_and_hide_counts(
    servers: tuple[Server, Server], tmp_path: Path, proxy: object
) -> None:
    port = free_port()
    with proxy(tmp_path, port, servers):  # type: ignore[operator]
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=10)
        assert page.status == 200 and len(page.headers["X-Request-ID"]) >= 32
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)
        world = World([servers[0]], seed=time.monotonic_ns() % 1_000_000, pairs=1, ports=[port])
        for person in (world.outboxes[0].person, world.outboxes[1].person):
            tab = create_connection(
                f"ws://127.0.0.1:{port}/live",
                timeout=10,
                header={"Cookie": person.cookie},
                origin=f"http://127.0.0.1:{port}",
            )
            assert "badge" in hear(tab)
            tab.shutdown()
        world.end()


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_a_rolling_restart_under_load_loses_and_doubles_nothing(
    servers: tuple[Server, Server], tmp_path: Path, proxy: object
) -> None:
    port = free_port()
    with proxy(tmp_path, port, servers):  # type: ignore[operator]
        world = World([servers[0]], seed=time.monotonic_ns() % 1_000_000, pairs=4, ports=[port], restless=0.2)
        world.begin()
        try:
            for server in servers:
                world.say(150)
                time.sleep(0.5)
                server.stop()
                time.sleep(0.3)
                server.start()
                time.sleep(0.3)
            assert servers[0].process is not None
            servers[0].process.send_signal(signal.SIGHUP)  # and a gentle one
            world.say(100)
            world.settle_down()
        finally:
            world.end()
        assert world.count() == []
        assert len(world.written) == 400


def test_nginx_sends_the_pictures_that_somebody_may_see(tmp_path: Path) -> None:
    server, port = Server(tmp_path / "instance", ACCEL="/protected-media/", PROXIES="1", LANGUAGE="en"), free_port()
    server.start()
    ann, eve = cookies(application(server), settle(application(server), 2))
    with nginx(tmp_path, port, (server, server)):

        def ask(path: str, cookie: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            told = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", **headers}
            connection.request(method, path, body or None, {name.replace("_", "-"): told[name] for name in told})
            answer = connection.getresponse()
            found = Answer(answer.status, dict(answer.getheaders()), answer.read())
            connection.close()
            return found

        builder = EnvironBuilder(method="POST", data={"images": (photo("teal", (640, 480)), "teal.png")})
        environ = builder.get_environ()
        body = environ["wsgi.input"].read()
        kept = ask("/pictures", ann, "POST", body, HX_Request="true", Content_Type=environ["CONTENT_TYPE"])
        (key,) = keys_in(kept.body.decode())
        path = f"/media/{key}/320"
        [stored] = (server.instance / "media").glob("*/*/320.webp")
        seen = ask(path, ann)
        assert (seen.status, seen.body) == (200, stored.read_bytes())
        assert seen.headers["Content-Type"] == "image/webp"
        assert seen.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert seen.headers["ETag"] == f'"{key}-320"'
        assert seen.headers["X-Content-Type-Options"] == "nosniff" and "X-Accel-Redirect" not in seen.headers
        head = ask(path, ann, "HEAD")
        assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(seen.body)))
        again = ask(path, ann, If_None_Match=seen.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        part = ask(path, ann, Range="bytes=4-7")
        assert (part.status, part.body) == (206, seen.body[4:8])
        assert ask(path, eve).status == 404 and ask(path, "").status == 303
        inside = "/protected-media/" + stored.relative_to(server.instance / "media").as_posix()
        assert ask(inside, ann).status == 404  # only by way of the door
    with running_directly(server, ann, path) as answer:
        assert answer.read() == b""  # the bytes came from nginx
    server.stop()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def running_directly(server: Server, cookie: str, path: str) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path, headers={"Cookie": cookie})
    yield connection.getresponse()
    connection.close()


def test_nothing_went_wrong(servers: tuple[Server, Server]) -> None:
    assert "Traceback" not in (servers[0].instance / "console.log").read_text()
