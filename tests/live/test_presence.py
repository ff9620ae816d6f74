"""Who is online in a group, as its page shows it, live."""

import re
import time
import urllib.request
from collections.abc import Iterator

import pytest
from websocket import WebSocket, create_connection

from tests.faults.browsers import Person
from tests.faults.world import World
from tests.live.test_stopping import hear
from tests.servers import Server


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    server = Server(tmp_path_factory.mktemp("presence") / "instance", LANGUAGE="en")
    server.start()
    world = World([server], seed=1, pairs=3, group=True)
    yield world
    world.end()
    server.stop()
    assert "Traceback" not in (server.instance / "console.log").read_text()


def look(world: World, person: Person, query: str = "") -> WebSocket:
    [server] = world.servers
    return create_connection(
        f"ws://127.0.0.1:{server.port}/live?{query}", timeout=12, header={"Cookie": person.cookie}, origin=server.url
    )


def next_count(tab: WebSocket, group: int) -> str:
    """Return how many are said to be online the next time it is said."""
    while True:
        if found := re.search(rf'id="online-{group}">(.*?)<', hear(tab)):
            return found[1]


def test_the_count_follows_who_comes_and_leaves(world: World) -> None:
    first, second, third, outsider = (outbox.person for outbox in world.outboxes[:4])
    group = world.chats[-1]
    watching = look(world, first, f"chat={group}&after=0")
    assert next_count(watching, group) == "1 online"
    other = look(world, second)  # wherever they look, they are here
    assert next_count(watching, group) == "2 online"
    look(world, outsider).shutdown()
    again = look(world, second)
    other.shutdown()  # a page that is turned is nobody's leaving
    late = look(world, third, f"chat={group}&after=0")
    assert next_count(watching, group) == "3 online"
    again.shutdown()
    begin = time.monotonic()
    assert next_count(watching, group) == "2 online"
    assert time.monotonic() - begin > 3
    late.shutdown()
    watching.shutdown()


def test_a_page_that_is_loaded_says_the_same(world: World) -> None:
    [server] = world.servers
    first, second = (outbox.person for outbox in world.outboxes[:2])
    group = world.chats[-1]
    tab = look(world, second)
    hear(tab)
    request = urllib.request.Request(f"{server.url}/chats/{group}", headers={"Cookie": first.cookie})
    page = urllib.request.urlopen(request, timeout=10).read().decode()
    assert re.search(rf'id="online-{group}">(\d) online', page), page[:200]
    tab.shutdown()
