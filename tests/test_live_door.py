"""The door of the live socket, and what comes through it from a real server."""

import re
from collections.abc import Callable, Iterator
from urllib.request import Request, urlopen

import pytest
import websocket
from flask import Flask

from app import create_app
from app.blueprints.live import missed_in
from app.extensions import db
from app.language import force_locale
from app.queries.chats import chat_for
from tests.conftest import Person
from tests.servers import Server
from tests.talk import befriend, fill, gather, say, shown, user

pytestmark = pytest.mark.usefixtures("app")
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("live") / "instance", LANGUAGE="en")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(server: Server) -> Iterator[Flask]:
    """The application in this process, on the database of the real server: people are made here and talk there."""
    app = create_app(
        {
            "TESTING": True,
            "INSTANCE": server.instance,
            "SECRET_KEY": (server.instance / "secret_key").read_text().strip(),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{server.instance / 'world-it.sqlite3'}",
            "MEDIA_URL": f"file:{server.instance / 'media'}",
            "RATELIMIT_ENABLED": False,
            "LANGUAGE": "en",
        }
    )
    yield app
    with app.app_context():
        db.engine.dispose()


class Tab:
    """A tab of somebody's browser, connected to the real server."""

    def __init__(self, server: Server, person: Person, query: str = "") -> None:
        self.server = server
        cookie = person.get_cookie("worldit")
        assert cookie
        self.headers = {"Cookie": f"worldit={cookie.value}"}
        url = f"ws://127.0.0.1:{server.port}/live?{query}"
        self.socket = websocket.create_connection(url, timeout=5, header=self.headers, origin=server.url)

    def hear(self) -> str:
        """Return the next frame that is no heartbeat, nor tells who came or left."""
        while not (text := str(self.socket.recv())) or 'id="came"' in text:
            pass
        return text

    def post(self, path: str, body: str) -> None:
        headers = self.headers | {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        with urlopen(Request(self.server.url + path, body.encode(), headers), timeout=5):
            pass

    def say(self, chat: int, words: str) -> None:
        self.post(f"/chats/{chat}/messages", f"body={words}&client_id={words}")


Open = Callable[..., Tab]


@pytest.fixture
def tab(server: Server) -> Iterator[Open]:
    tabs: list[Tab] = []

    def tab(person: Person, query: str = "") -> Tab:
        tabs.append(Tab(server, person, query))
        return tabs[-1]

    yield tab
    for one in tabs:
        one.socket.shutdown()


def knock(who: Person, query: str = "", **headers: str) -> int:
    return who.get(f"/live{query}", headers=UPGRADE | {"Origin": "http://localhost"} | headers).status_code


def test_who_may_not_listen_hears_so_before_the_handshake(ann: Person, eve: Person, visitor: Person, chat: int) -> None:
    assert knock(visitor) == 401
    assert knock(ann, Origin="http://evil.example") == 403
    assert knock(ann, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert knock(eve, f"?chat={chat}") == 404
    for junk in ("", "x", "0", "999999", "-1", "9" * 30):
        assert knock(ann, f"?chat={junk}") == 404
    assert ann.get("/live").status_code == 400  # no page to look at
    assert ann.post("/live").status_code == 405


def test_the_real_server_refuses_too(server: Server, tab: Open, eve: Person, chat: int) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="404"):
        tab(eve, f"chat={chat}")
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        websocket.create_connection(f"ws://127.0.0.1:{server.port}/live", origin=server.url)
    cookie = eve.get_cookie("worldit")
    assert cookie
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(
            f"ws://127.0.0.1:{server.port}/live",
            origin="http://evil.example",
            header={"Cookie": f"worldit={cookie.value}"},
        )


def test_badges_and_rows_come_at_once(app: Flask, tab: Open, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 3)
    told = tab(bob).hear()
    assert 'id="badge-chats" data-count="3"' in told and 'id="badge-requests" data-count="0"' in told
    assert f'id="chat-{chat}"' in told and shown(told) == [] and "replayed" not in told


def test_exactly_what_was_missed_comes_in_order(app: Flask, tab: Open, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 7)
    told = tab(bob, f"chat={chat}&after=4").hear()
    assert shown(told) == [5, 6, 7] and 'id="replayed" data-upto="7"' in told
    assert shown(tab(bob, f"chat={chat}&after=7").hear()) == []
    for junk in ("x", "-1", ""):
        assert shown(tab(bob, f"chat={chat}&after={junk}").hear()) == list(range(1, 8))
    assert shown(tab(bob, f"chat={chat}&after={'9' * 30}").hear()) == []


def test_too_much_missed_is_a_fresh_log(app: Flask, tab: Open, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 201)
    assert shown(tab(bob, f"chat={chat}&after=1").hear()) == list(range(2, 202))
    told = tab(bob, f"chat={chat}").hear()
    assert f'id="messages-{chat}" data-chat-id="{chat}" data-last-seq="201" data-last-revision="201"' in told
    assert shown(told) == list(range(152, 202))


def test_what_changes_during_the_replay_is_shown_as_it_is_then(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    said = say(ann, chat, "Befor")
    with app.test_request_context(), force_locale("en"):
        row = chat_for(user(bob), chat)
        assert row
        with app.app_context():
            ann.htmx("POST", f"/messages/{re.findall('message-([0-9]+)', said)[0]}", data={"body": "Before"})
        assert "Before<" in missed_in(user(bob), row, 0)


def test_words_reach_both_and_only_the_open_chat_shows_them(tab: Open, ann: Person, bob: Person, chat: int) -> None:
    writing, reading, elsewhere = tab(ann, f"chat={chat}"), tab(bob, f"chat={chat}"), tab(bob)
    for one in (writing, reading, elsewhere):
        one.hear()
    writing.say(chat, "Hello")
    for one in (writing, reading):
        frame = one.hear()
        assert shown(frame) == [1] and "Hello" in frame
    preview = elsewhere.hear()
    assert f'id="chat-preview-{chat}"' in preview and "Hello" in preview and shown(preview) == []
    for one in (writing, reading, elsewhere):
        assert f'id="chat-{chat}"' in one.hear()  # the first words make the chat's row
    reading.say(chat, "Hi")
    assert shown(writing.hear()) == [2]


def test_nobody_else_hears(tab: Open, ann: Person, bob: Person, eve: Person, chat: int) -> None:
    listening, writing = tab(eve), tab(ann)
    listening.hear()
    writing.say(chat, "Hello")
    listening.socket.settimeout(0.3)
    with pytest.raises(websocket.WebSocketTimeoutException):
        listening.hear()


def test_cut_off_and_back_nothing_is_lost_or_doubled(tab: Open, ann: Person, bob: Person, chat: int) -> None:
    writing, reading = tab(ann), tab(bob, f"chat={chat}")
    reading.hear()
    for words in ("one", "two"):
        writing.say(chat, words)
    heard = []
    while len(heard) < 2:
        heard += shown(reading.hear())
    reading.socket.sock.close()  # as when the network goes: no good-bye
    for words in ("three", "four"):
        writing.say(chat, words)
    back = tab(bob, f"chat={chat}&after=2")
    writing.say(chat, "five")
    while heard[-1] != 5:
        heard += shown(back.hear())
    assert heard == [1, 2, 3, 4, 5]


def test_reading_is_heard_in_the_readers_other_tabs(app: Flask, tab: Open, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 2)
    one, other = tab(bob, f"chat={chat}&after=2"), tab(bob)
    for each in (one, other):
        each.hear()
    one.post(f"/chats/{chat}/read", "seq=2")
    assert 'id="badge-chats" data-count="0"' in other.hear()


def test_a_session_that_ends_closes_its_tabs(server: Server, tab: Open, ann: Person, bob: Person) -> None:
    ending, staying = tab(ann), tab(bob)
    for one in (ending, staying):
        one.hear()
    ending.post("/logout", "")
    opcode, payload = ending.socket.recv_data()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1008)
    staying.socket.ping()
    assert staying.socket.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG


def test_each_tab_hears_its_own_language(tab: Open, ann: Person, bob: Person, chat: int) -> None:
    Tab.post(reading := tab(bob), "/settings/language", "language=uk")
    reading.hear()
    writing = tab(ann)
    writing.say(chat, "Hello")
    ukrainian = tab(bob).hear()
    assert "Непрочитаних повідомлень" in ukrainian
    assert re.search("Unread messages", writing.hear())


def test_pages_that_know_compression_get_none(server: Server, ann: Person) -> None:
    extension = {"Sec-WebSocket-Extensions": "permessage-deflate"}
    tab = Tab.__new__(Tab)
    cookie = ann.get_cookie("worldit")
    assert cookie
    tab.socket = websocket.create_connection(
        f"ws://127.0.0.1:{server.port}/live",
        timeout=5,
        origin=server.url,
        header=extension | {"Cookie": f"worldit={cookie.value}"},
    )
    assert "sec-websocket-extensions" not in tab.socket.getheaders()
    assert "badge-chats" in tab.hear()
    tab.socket.shutdown()


def test_who_is_in_the_group_again_hears_so_when_their_tab_connects(
    app: Flask, tab: Open, ann: Person, bob: Person, eve: Person
) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob)
    assert f'id="composer-{group}" data-opened' in tab(bob, f"closed={group}").hear()
    assert f'id="composer-{group}"' not in tab(eve, f"closed={group}").hear()


def test_nothing_went_wrong(server: Server) -> None:
    assert "Traceback" not in (server.instance / "console.log").read_text()
