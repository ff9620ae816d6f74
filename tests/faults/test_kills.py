"""A server that is killed at every marked point loses, doubles and reorders nothing; nor do several that are one."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app.extensions import db
from app.schema import FOLDER, newest_revision
from tests.faults.world import FaultyServer, World, run
from tests.residents import application, settle
from tests.servers import Redis, Server, postgres


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


def test_killed_at_marked_points_on_sqlite(tmp_path: Path) -> None:
    world, killed = run(tmp_path, seed=random.randrange(10**6), sends=420)
    assert world.count() == []
    assert sum(killed.values()) >= 7, killed


def test_killed_at_marked_points_on_postgresql(tmp_path: Path, database: str) -> None:
    world, killed = run(tmp_path, seed=random.randrange(10**6), sends=280, DATABASE_URL=database)
    assert world.count() == []
    assert sum(killed.values()) >= 6, killed


@pytest.mark.parametrize("who", ["self", "all"])
def test_what_was_committed_and_not_pushed_is_fetched(tmp_path: Path, who: str) -> None:
    """Nobody sends it again, and no later message tells of the gap: the death of the process is enough."""
    server = FaultyServer(tmp_path / "instance")
    server.start_to_die("after the commit", 1, who)
    world = World([server], seed=1, pairs=1, restless=0)
    for tab in world.tabs:
        tab.start()
    deadline = time.monotonic() + 10
    while not all(tab.connections for tab in world.tabs):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    world.say(1)
    [outbox] = [outbox for outbox in world.outboxes if outbox.waiting]
    assert not outbox._post(outbox.waiting[0])  # no answer comes
    if who == "all":
        assert server.process is not None
        server.process.wait(5)
        server.start()
    while any(tab.last_revision < 1 for tab in world.tabs):
        assert time.monotonic() < deadline, "they never heard of it"
        time.sleep(0.01)
    assert outbox._post(outbox.waiting[0])  # and sending it again says it once
    outbox._hang_up()
    outbox.done.append(outbox.waiting.popleft())
    world.settle_down(10)
    world.end()
    assert world.count() == []
    server.stop()


@pytest.mark.parametrize("passage", [1, 4, 8])
def test_killed_in_the_midst_of_a_migration(tmp_path: Path, passage: int) -> None:
    """The old database is as it was, and the next start goes on from there."""
    server = FaultyServer(tmp_path / "instance")
    server.start()
    app = application(server)
    server.stop()
    path = server.instance / "world-it.sqlite3"
    path.unlink()
    with app.app_context():
        db.engine.dispose()
        upgrade(directory=str(FOLDER), revision="0001")
        db.engine.dispose()
    with sqlite3.connect(path) as connection:
        before = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    server.start_to_die("during a migration", passage, "all")
    assert server.has_fired
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before
    connection.close()
    server.environment = {}
    server.start()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (newest_revision(),)
    connection.close()
    settle(app, 2)
    with app.app_context():
        db.engine.dispose()
    server.stop()


def test_whatever_happens_every_tab_equals_the_table(tmp_path: Path, database: str) -> None:
    """Random words, edits, deletions, comings and goings, lost connections and kills, at two servers at once."""
    seed = random.randrange(10**6)
    choice = random.Random(seed)
    with Redis() as redis:
        settings = {"THREADS": "16", "WORKERS": "2", "DATABASE_URL": database, "REDIS_URL": redis.url}
        servers = [Server(tmp_path / "instance", **settings) for _ in range(2)]
        for server in servers:
            server.launch()
        for server in servers:
            server.wait()
        world = World(servers, seed, pairs=4, group=True)
        world.begin()
        try:
            for step in range(24):
                world.say(12)
                world.change(5)
                if step % 3 == 2:
                    world.come_and_go()
                time.sleep(0.25)
                if step % 6 == 5:
                    trouble(choice, servers, redis)
            world.settle_down()
        finally:
            world.end()
            for server in servers:
                server.stop()
        assert world.count() == [], f"with seed {seed}"
        assert "Traceback" not in (tmp_path / "instance" / "console.log").read_text()


def trouble(choice: random.Random, servers: list[Server], redis: Redis) -> None:
    """Kill something, and let it come back."""
    server = choice.choice(servers)
    what = choice.choice(("worker", "hub", "server", "redis"))
    if what == "redis":
        redis.stop()
        time.sleep(0.5)
        redis.start()
    elif what == "server":
        server.stop(signal.SIGKILL)
        time.sleep(0.2)
        server.start()
    else:
        children = server.children()
        for process in children["hub"] if what == "hub" else children["workers"][:1]:
            os.kill(process, signal.SIGKILL)
