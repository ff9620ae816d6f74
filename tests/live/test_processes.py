"""Two servers with two workers each, on one PostgreSQL and one Redis, are one to those whose tabs are at either."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websocket import ABNF, WebSocket, WebSocketConnectionClosedException, create_connection

from app.extensions import db
from tests.live.test_stopping import TestServer, closing_code, hear
from tests.residents import application, befriend, cookies, settle
from tests.servers import ROOT, Redis, postgres


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as redis:
        yield redis


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, database: str, redis: Redis
) -> Iterator[tuple[TestServer, TestServer]]:
    instance = tmp_path_factory.mktemp("processes") / "instance"
    settings = {"THREADS": "8", "WORKERS": "2", "DATABASE_URL": database, "REDIS_URL": redis.url, "LANGUAGE": "en"}
    pair = TestServer(instance, **settings), TestServer(instance, **settings)
    for server in pair:  # at once: they bring the empty database up to date one after the other
        server.launch()
    for server in pair:
        server.wait()
    yield pair
    for server in pair:
        server.stop()


Open = Callable[[TestServer, int], WebSocket]


@pytest.fixture
def tab() -> Iterator[Open]:
    tabs: list[WebSocket] = []

    def tab(server: TestServer, person: int) -> WebSocket:
        tabs.append(create_connection(f"ws://127.0.0.1:{server.port}/test/live?person={person}", timeout=15))
        assert hear(tabs[-1]) == "welcome"
        return tabs[-1]

    yield tab
    for one in tabs:
        one.shutdown()


def until(fact: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)


def know_each_other(one: TestServer, other: TestServer, tab: Open) -> None:
    """Wait until what is pushed at either is heard at the other."""
    for server, there in ((one, other), (other, one)):
        listening = tab(there, 900)

        def heard(server: TestServer = server, listening: WebSocket = listening) -> bool:
            server.get("/test/push/now")
            listening.settimeout(0.3)
            try:
                return hear(listening) == "now"
            except OSError:
                return False

        until(heard)


def test_a_push_reaches_every_tab_once(servers: tuple[TestServer, TestServer], tab: Open) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    tabs = [tab(server, person) for person in (1, 2) for server in servers]
    words = [f"word-{number}" for number in range(40)]
    for number, word in enumerate(words):
        servers[number % 2].get(f"/test/push/{word}")
    for one in tabs:
        assert sorted(hear(one) for _ in words) == sorted(words)


def test_who_is_online_is_known_everywhere(servers: tuple[TestServer, TestServer], tab: Open) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    tab(here, 11)
    second = tab(there, 12)
    for server in servers:
        until(lambda server=server: {"11", "12"} <= set(server.get("/test/online").split(",")))  # type: ignore[misc]
    second.shutdown()
    for server in servers:  # after a moment's grace: a page that is turned is nobody's leaving
        until(lambda server=server: "12" not in server.get("/test/online").split(","))  # type: ignore[misc]
        assert "11" in server.get("/test/online").split(",")


def test_a_session_that_ends_closes_tabs_at_the_other_server(servers: tuple[TestServer, TestServer]) -> None:
    here, there = servers
    app = application(here)
    people = settle(app, 2)
    befriend(app, [(people[0], people[1])])
    [ending, staying] = cookies(app, people)
    with app.app_context():
        db.engine.dispose()
    tabs = [
        create_connection(f"ws://127.0.0.1:{there.port}/live", timeout=10, header={"Cookie": cookie}, origin=there.url)
        for cookie in (ending, staying)
    ]
    for one in tabs:
        assert "badge" in hear(one)
    headers = {"Cookie": ending, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    urllib.request.urlopen(urllib.request.Request(f"{here.url}/logout", b"", headers), timeout=10).read()
    assert closing_code(tabs[0]) == 1008
    tabs[1].ping()
    assert tabs[1].recv_data(control_frame=True)[0] == ABNF.OPCODE_PONG
    for one in tabs:
        one.shutdown()


def test_a_killed_worker_has_every_tab_come_back(servers: tuple[TestServer, TestServer], tab: Open) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    tabs = [tab(server, 21) for server in servers]
    os.kill(here.children()["workers"][0], signal.SIGKILL)  # perhaps between a commit and its push
    assert [closing_code(one) for one in tabs] == [1012, 1012]
    until(lambda: len(here.children()["workers"]) == 2)


def test_a_killed_hub_is_started_again_and_tabs_elsewhere_come_back(
    servers: tuple[TestServer, TestServer], tab: Open
) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    lost, recalled = tab(here, 31), tab(there, 31)
    [hub] = here.children()["hub"]
    os.kill(hub, signal.SIGKILL)
    with pytest.raises((WebSocketConnectionClosedException, ConnectionError)):
        closing_code(lost)
    assert closing_code(recalled) == 1012
    until(lambda: here.children()["hub"] not in ([], [hub]))
    know_each_other(here, there, tab)
    assert "was started again" in here.console()


def test_an_orderly_restart_of_one_server_leaves_the_others_tabs_alone(
    servers: tuple[TestServer, TestServer], tab: Open
) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    leaving, staying = tab(here, 41), tab(there, 41)
    here.stop()
    assert closing_code(leaving) == 1012
    here.start()
    know_each_other(here, there, tab)
    staying.settimeout(2)
    while (word := hear(staying)) == "now":
        if len(word) and not _more(staying):
            break
    staying.ping()
    assert staying.recv_data(control_frame=True)[0] == ABNF.OPCODE_PONG


def _more(tab: WebSocket) -> bool:
    tab.sock.settimeout(0.3)
    try:
        return bool(tab.sock.recv(1, 2))  # MSG_PEEK
    except OSError:
        return False
    finally:
        tab.sock.settimeout(10)


def test_redis_away_and_back(servers: tuple[TestServer, TestServer], redis: Redis, tab: Open) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    tabs = [tab(server, 51) for server in servers]
    redis.stop()
    try:
        until(lambda: "redis: is away" in here.get("/healthz"))
        assert here.get("/healthz").startswith("degraded")
        here.get("/test/push/still")
        assert hear(tabs[0]) == "still"  # at one's own server nothing changes
    finally:
        redis.start()
    assert [closing_code(one) for one in tabs] == [1012, 1012]  # and what was missed elsewhere is fetched
    know_each_other(here, there, tab)
    until(lambda: here.get("/healthz").startswith("ok"))


def test_a_server_that_vanishes_is_missed(servers: tuple[TestServer, TestServer], tab: Open) -> None:
    here, there = servers
    know_each_other(here, there, tab)
    tab(there, 62)
    until(lambda: "62" in here.get("/test/online").split(","))
    waiting = tab(here, 61)
    there.stop(signal.SIGKILL)
    try:
        assert closing_code(waiting) == 1012
        until(lambda: "62" not in here.get("/test/online").split(","))
    finally:
        there.start()


def test_counts_of_all_workers_are_summed(servers: tuple[TestServer, TestServer]) -> None:
    here, _ = servers

    def asked() -> float:
        lines = here.get("/metrics").splitlines()
        [line] = [line for line in lines if line.startswith('worldit_request_seconds_count{door="operators.live",')]
        return float(line.split()[-1])

    here.get("/healthz/live")
    before = asked()
    for _ in range(20):
        here.get("/healthz/live")
    assert asked() == before + 20


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WORLDIT_WORKERS": "2"}, "WORLDIT_WORKERS is 2, but several workers need WORLDIT_REDIS_URL"),
        ({"WORLDIT_REDIS_URL": "http://x"}, "WORLDIT_REDIS_URL must be an address that starts with redis:"),
    ],
)
def test_wrong_combinations_are_refused_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WORLDIT_")}
    done = subprocess.run(
        ["./run"],
        cwd=ROOT,
        env=environ | settings | {"WORLDIT_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stderr.startswith(f"world-it: {sentence}") and "Traceback" not in done.stderr


def test_nothing_went_wrong(servers: tuple[TestServer, TestServer]) -> None:
    assert "Traceback" not in servers[0].console()
