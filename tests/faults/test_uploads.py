"""A server that is killed in the midst of an upload leaves no broken picture, and nothing for ever."""

import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder

from tests.faults.world import FaultyServer
from tests.photos import keys_in, photo
from tests.residents import application, cookies, settle
from tests.servers import ROOT, Server

COLOURS = ("teal", "navy")


def uploaded(server: Server, cookie: str, colours: tuple[str, ...] = COLOURS) -> list[str]:
    """Upload pictures in one form, and return their keys."""
    files = [(photo(colour, (1200, 900), "JPEG"), f"{colour}.jpg") for colour in colours]
    environ = EnvironBuilder(method="POST", data={"images": files}).get_environ()
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    headers["Content-Type"] = environ["CONTENT_TYPE"]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("POST", "/pictures", environ["wsgi.input"].read(), headers)
        answer = connection.getresponse()
        html = answer.read().decode()
        assert answer.status == 200, html
    finally:
        connection.close()
    return keys_in(html)


def told(server: Server, *command: str) -> str:
    """Run a command on a server's instance; it ends well."""
    environ = os.environ | {"WORLDIT_INSTANCE": str(server.instance)}
    if database := server.settings.get("DATABASE_URL"):
        environ["WORLDIT_DATABASE_URL"] = database
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "media", *command],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def files(server: Server) -> list[Path]:
    return sorted(path for path in (server.instance / "media").rglob("*") if path.is_file())


# Two pictures are uploaded, of three variants each; each is committed when it is stored.
@pytest.mark.parametrize(
    ("mark", "passage", "before", "stored"),
    [
        ("after a temporary file", 1, "0 whole, 0 missing, 0 broken, 0 unreferenced, 0 aside, 1 unfinished", 0),
        ("after a variant", 1, "0 whole, 0 missing, 0 broken, 1 unreferenced, 0 aside, 0 unfinished", 0),
        ("after a variant", 3, "0 whole, 0 missing, 0 broken, 1 unreferenced, 0 aside, 0 unfinished", 0),
        ("after a temporary file", 5, "1 whole, 0 missing, 0 broken, 1 unreferenced, 0 aside, 1 unfinished", 1),
    ],
)
def test_killed_in_the_midst_of_an_upload(tmp_path: Path, mark: str, passage: int, before: str, stored: int) -> None:
    server = FaultyServer(tmp_path / "instance")
    server.start_to_die(mark, passage, "all")
    (cookie,) = cookies(application(server), settle(application(server), 1))
    with pytest.raises((OSError, http.client.HTTPException)):
        uploaded(server, cookie)
    assert server.process is not None and server.has_fired
    server.process.wait(10)
    server.environment = {}
    server.start()
    assert told(server, "verify", "--deep") == before
    told(server, "sweep", "--grace", "0")
    rest = f"{stored} whole, 0 missing, 0 broken, 0 unreferenced, 0 aside, 0 unfinished"
    assert told(server, "verify", "--deep") == rest and len(files(server)) == 3 * stored
    keys = uploaded(server, cookie)
    assert told(server, "verify", "--deep").startswith("2 whole, 0 missing, 0 broken, 0 unreferenced")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for key in keys:
        for variant in (320, 960, 1920):
            connection.request("GET", f"/media/{key}/{variant}", headers={"Cookie": cookie})
            answer = connection.getresponse()
            [file] = (server.instance / "media").glob(f"{key[:2]}/{key[2:]}/{variant}.webp")
            assert (answer.status, answer.read()) == (200, file.read_bytes())
    connection.close()
    server.stop()
    assert "Traceback" not in (server.instance / "console.log").read_text()


def test_killed_again_before_it_is_swept_and_uploaded_once_more(tmp_path: Path) -> None:
    """What a crash left is taken up by the next upload of the same picture, whose row keeps it."""
    server = FaultyServer(tmp_path / "instance")
    server.start_to_die("after a variant", 2, "self")  # the worker alone, as when memory runs out
    (cookie,) = cookies(application(server), settle(application(server), 1))
    with pytest.raises((OSError, http.client.HTTPException)):
        uploaded(server, cookie, ("teal",))
    server.wait()
    (key,) = uploaded(server, cookie, ("teal",))
    told(server, "sweep", "--grace", "0")
    assert told(server, "verify", "--deep") == "1 whole, 0 missing, 0 broken, 0 unreferenced, 0 aside, 0 unfinished"
    assert [path.parent.name for path in files(server)] == [key[2:]] * 3
    server.stop()
