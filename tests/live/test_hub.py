"""The hub with sockets of its own: who hears what, in which order, and what becomes of those who do not listen."""

import importlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.live import connection as connection_module
from app.live.frames import HEARTBEAT, text_frame
from app.live.hub import Connection, Hub, Push
from tests.live.test_frames import CLOSE, CONTINUATION, PING, PONG, TEXT, frame

hub_module = importlib.import_module("app.live.hub")  # app.live.hub, taken from the package, is the hub itself


class Page:
    """The other end of a socket the hub keeps."""

    def __init__(self, hub: Hub, person: int, session: int, language: str, chat: int | None, buffer: int = 0) -> None:
        ours, self.sock = socket.socketpair()
        if buffer:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        self.sock.settimeout(3)
        self.connection: Connection = hub.adopt(ours, person=person, session=session, language=language, chat=chat)
        self._got = b""

    def say(self, *frames: bytes) -> None:
        self.sock.sendall(b"".join(frames))

    def frame(self) -> tuple[int, bytes]:
        """Return the next frame's opcode and payload."""
        head = self._exactly(2)
        size = head[1]
        if size >= 126:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
        return head[0] & 0x0F, self._exactly(size)

    def texts(self, count: int) -> list[str]:
        """Return the next so many texts."""
        frames = [self.frame() for _ in range(count)]
        assert {opcode for opcode, _ in frames} == {TEXT}
        return [payload.decode() for _, payload in frames]

    def code(self) -> int:
        """Return the code of the good-bye that comes next."""
        opcode, payload = self.frame()
        assert opcode == CLOSE
        return int(struct.unpack("!H", payload[:2])[0])

    def gone(self) -> bool:
        """Whether the hub has hung up, after whatever it had said."""
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def hears_nothing(self) -> bool:
        if self._got:
            return False
        self.sock.settimeout(0.05)
        try:
            return not self.sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(3)

    def _exactly(self, size: int) -> bytes:
        while len(self._got) < size:
            more = self.sock.recv(65536)
            assert more, "the hub hung up"
            self._got += more
        found, self._got = self._got[:size], self._got[size:]
        return found


Open = Callable[..., Page]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(hub_module, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "LEAVING_SECONDS", 0)
    hub = Hub()
    yield hub
    hub.stop(seconds=0)


@pytest.fixture
def open_page(hub: Hub) -> Iterator[Open]:
    pages: list[Page] = []

    def open_page(
        person: int = 1, *, session: int = 1, language: str = "en", chat: int | None = None, **options: int
    ) -> Page:
        released = options.pop("released", 1)
        page = Page(hub, person, session, language, chat, **options)
        if released:
            hub.release(page.connection)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.sock.close()


def push(text: str, *people: int, **more: object) -> Push:
    return Push(frozenset(people or (1,)), {"en": text_frame(text)}, **more)  # type: ignore[arg-type]


def until(fact: Callable[[], object], seconds: float = 3) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.005)


def test_pushes_come_whole_and_in_order(hub: Hub, open_page: Open) -> None:
    page = open_page()
    said = [f"{number} " + "ї" * (number * 37 % 3000) for number in range(300)]
    for text in said:
        hub.push(push(text))
    assert page.texts(300) == said


def test_people_hear_what_is_theirs(hub: Hub, open_page: Open) -> None:
    ann, second_tab, bob = open_page(1), open_page(1), open_page(2)
    hub.push(push("for ann", 1))
    hub.push(push("for both", 1, 2))
    assert ann.texts(2) == second_tab.texts(2) == ["for ann", "for both"]
    assert bob.texts(1) == ["for both"]


def test_each_hears_their_language(hub: Hub, open_page: Open) -> None:
    english, ukrainian = open_page(), open_page(language="uk")
    hub.push(Push(frozenset([1]), {"en": text_frame("Hello"), "uk": text_frame("Вітаю")}))
    assert (english.texts(1), ukrainian.texts(1)) == (["Hello"], ["Вітаю"])


def test_those_watching_a_chat_and_those_elsewhere(hub: Hub, open_page: Open) -> None:
    watching, other_chat, feed = open_page(chat=7), open_page(chat=8), open_page()
    hub.push(push("message", chat=7, audience="watching"))
    hub.push(push("preview", chat=7, audience="elsewhere"))
    hub.push(push("all", chat=7))
    assert watching.texts(2) == ["message", "all"]
    assert other_chat.texts(2) == feed.texts(2) == ["preview", "all"]


def look(page: Page, hub: Hub, words: bytes) -> None:
    """Say what a page looks at, and wait until the hub has heard it."""
    page.say(frame(TEXT, words), frame(PING, b""))
    assert page.frame()[0] == PONG


def test_those_who_look_at_a_topic_and_are_within_reach(hub: Hub, open_page: Open) -> None:
    ann, bob, eve, elsewhere = open_page(1), open_page(2), open_page(3, chat=7), open_page(1)
    for page in (ann, bob, eve):
        look(page, hub, b"look feed post-12")
    hub.push(push("for all but bob", 2, audience="looking", topic="post-12", everybody_but=True))
    hub.push(push("for bob and eve", 2, 3, audience="looking", topic="feed"))
    hub.push(push("nobody looks", 1, audience="looking", topic="post-13"))
    hub.push(push("end", 1, 2, 3))
    assert ann.texts(2) == ["for all but bob", "end"]
    assert bob.texts(2) == ["for bob and eve", "end"]
    assert eve.texts(3) == ["for all but bob", "for bob and eve", "end"]
    assert elsewhere.texts(1) == ["end"]


def test_what_a_page_looks_at_is_forgotten_with_it(hub: Hub, open_page: Open) -> None:
    page, other = open_page(1), open_page(2)
    look(page, hub, b"look post-12")
    look(other, hub, b"look post-12")
    page.sock.close()
    until(lambda: len(hub) == 1)
    hub.push(push("still there", audience="looking", topic="post-12", everybody_but=True))
    assert other.texts(1) == ["still there"]
    other.sock.close()
    until(lambda: not hub._topics)


def test_a_page_cannot_look_at_nonsense_or_at_everything(
    hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "TOPICS", 3)
    page = open_page()
    for words in (b"look", b"look ", b"look post-12\n", b"look Post-12", b"look a" + b" b" * 50, b"look \xd0\xb6"):
        look(page, hub, words)
    assert not hub._topics
    look(page, hub, b"look a b")
    look(page, hub, b"look c d e")
    assert set(hub._topics) == {"a", "b", "c"}


def test_pushes_wait_until_the_tab_was_told_what_it_missed(hub: Hub, open_page: Open) -> None:
    page = open_page(chat=7, released=0)
    for revision in (4, 5, 6):
        hub.push(push(f"revision {revision}", chat=7, revision=revision))
    hub.push(push("another chat's", chat=8, revision=5))
    hub.push(push("badge"))
    assert page.hears_nothing()
    hub.release(page.connection, [text_frame("replay")], upto=5)
    hub.push(push("revision 7", chat=7, revision=7))
    assert page.texts(5) == ["replay", "revision 6", "another chat's", "badge", "revision 7"]


def test_a_push_during_the_first_adoption_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    starting, go_on = threading.Event(), threading.Event()
    start = threading.Thread.start

    def slow_start(thread: threading.Thread) -> None:
        if thread.name == "live hub":
            start(thread)
            starting.set()
            go_on.wait(3)
        else:
            start(thread)

    monkeypatch.setattr(threading.Thread, "start", slow_start)
    hub, pages = Hub(), []
    adopting = threading.Thread(target=lambda: pages.append(Page(hub, 1, 1, "en", None)))
    adopting.start()
    assert starting.wait(3)
    hub.push(push("early"))  # while adopt has not returned
    go_on.set()
    adopting.join()
    hub.release(pages[0].connection)
    assert pages[0].texts(1) == ["early"]
    hub.stop(seconds=0)
    pages[0].sock.close()


def test_pushes_beside_first_adoptions_are_not_lost() -> None:
    for _ in range(30):
        hub, pages = Hub(), []
        adopted = threading.Event()

        def adopt(hub: Hub = hub, pages: list[Page] = pages, adopted: threading.Event = adopted) -> None:
            pages.append(Page(hub, 1, 1, "en", None))
            adopted.set()

        thread = threading.Thread(target=adopt)
        thread.start()
        adopted.wait(3)
        hub.push(push("after"))
        hub.release(pages[0].connection)
        assert pages[0].texts(1) == ["after"]
        thread.join()
        hub.stop(seconds=0)
        pages[0].sock.close()


def test_nothing_runs_where_nobody_listens(hub: Hub) -> None:
    hub.push(push("to nobody"))
    assert hub._running is None


def test_one_who_does_not_read_keeps_nobody_waiting(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "STUCK_SECONDS", 0.2)
    slow, quick = open_page(buffer=4096), open_page()
    begin = time.monotonic()
    for number in range(100):
        hub.push(push(f"{number} " + "*" * 4000))
    assert len(quick.texts(100)) == 100
    assert time.monotonic() - begin < 1
    until(lambda: len(hub) == 1)
    assert slow.gone()
    hub.push(push("on"))
    assert quick.texts(1) == ["on"]


def test_one_who_reads_byte_by_byte_is_dropped_too(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "STUCK_SECONDS", 0.3)
    slow, quick = open_page(buffer=4096), open_page()
    for _ in range(20):
        hub.push(push("*" * 50_000))
    done = threading.Event()

    def sip() -> None:
        while not done.is_set() and slow.sock.recv(1):
            time.sleep(0.01)

    sipping = threading.Thread(target=sip)
    sipping.start()
    assert len(quick.texts(20)) == 20
    until(lambda: len(hub) == 1)
    done.set()
    sipping.join()


def test_one_who_pauses_misses_nothing(hub: Hub, open_page: Open) -> None:
    page = open_page(buffer=4096)
    said = [f"{number} " + "*" * 3000 for number in range(200)]
    for text in said:
        hub.push(push(text))
    until(lambda: page.connection.stuck_since is not None)
    assert page.texts(200) == said
    until(lambda: page.connection.stuck_since is None and page.connection.queued == 0)
    hub.push(push("on"))
    assert page.texts(1) == ["on"]


def test_what_waits_for_one_page_is_bounded(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "QUEUE_BYTES", 20_000)
    open_page(buffer=4096)
    for _ in range(300):
        hub.push(push("*" * 1000))
    until(lambda: len(hub) == 0)


def test_what_was_missed_may_be_longer_than_what_may_wait(
    hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "QUEUE_BYTES", 20_000)
    page = open_page(buffer=4096, released=0)
    hub.release(page.connection, [text_frame("*" * 60_000), text_frame("and more")])
    hub.push(push("on"))
    until(lambda: page.connection.stuck_since is not None)
    assert page.texts(3) == ["*" * 60_000, "and more", "on"]
    until(lambda: page.connection.queued == 0)


def test_one_who_reads_slowly_is_not_stuck(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "STUCK_SECONDS", 0.5)
    page, said, begin = open_page(buffer=4096), ["*" * 10_000] * 20, time.monotonic()
    for text in said:
        hub.push(push(text))
    heard = []
    for _ in said:
        time.sleep(0.06)
        heard += page.texts(1)
    assert heard == said
    assert time.monotonic() - begin > 2 * hub_module.STUCK_SECONDS


def test_frames_of_one_turn_leave_in_one_write(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    writes, write = [], os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (writes.append(len(data)), write(fd, data))[1])
    page = open_page(released=0)
    for number in range(50):
        hub.push(push(str(number)))
    hub.release(page.connection, [text_frame("replay")])
    said = ["replay", *map(str, range(50))]
    assert page.texts(51) == said
    assert writes == [sum(len(text_frame(text)) for text in said)]


def test_what_waits_for_a_release_is_bounded(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "HELD_PUSHES", 20)
    open_page(released=0)
    for _ in range(21):
        hub.push(push("*"))
    until(lambda: len(hub) == 0)


def test_an_ended_session_closes_its_tabs_alone(hub: Hub, open_page: Open) -> None:
    ended, another = open_page(session=1), open_page(session=2)
    hub.push(push("last words"))
    hub.close_session(1)
    hub.push(push("too late"))
    assert ended.texts(1) == ["last words"]
    assert ended.code() == 1008
    assert ended.hears_nothing()
    ended.say(frame(CLOSE, struct.pack("!H", 1008)))
    assert ended.gone()
    assert another.texts(2) == ["last words", "too late"]


def test_a_session_that_ends_during_the_replay(hub: Hub, open_page: Open) -> None:
    page = open_page(released=0)
    hub.close_session(1)
    hub.release(page.connection, [text_frame("secret")])
    assert page.code() == 1008


def test_all_tabs_of_a_person_close(hub: Hub, open_page: Open) -> None:
    pages, other = [open_page(1, session=number) for number in range(3)], open_page(2)
    hub.close_person(1)
    assert [page.code() for page in pages] == [1008] * 3
    hub.push(push("still here", 2))
    assert other.texts(1) == ["still here"]


def test_one_who_does_not_answer_good_bye_is_dropped(
    hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "CLOSING_SECONDS", 0.1)
    page = open_page()
    hub.close_person(1)
    assert page.code() == 1008 and page.gone()
    assert len(hub) == 0


def test_good_bye_is_answered(hub: Hub, open_page: Open) -> None:
    page = open_page()
    page.say(frame(CLOSE, struct.pack("!H", 1001)))
    assert page.code() == 1001 and page.gone()
    until(lambda: hub.online([1]) == set())


def test_pings_are_answered(hub: Hub, open_page: Open) -> None:
    page = open_page()
    page.say(frame(PING, b"one"), frame(TEXT, b"ignored"), frame(PING, b"two"))
    assert [page.frame(), page.frame()] == [(PONG, b"one"), (PONG, b"two")]


@pytest.mark.parametrize(("said", "code"), [(text_frame("unmasked"), 1002), (frame(TEXT, b"\xff"), 1007)])
def test_what_breaks_the_protocol_closes(hub: Hub, open_page: Open, said: bytes, code: int) -> None:
    page, other = open_page(), open_page()
    page.say(said, frame(PING, b"not heard any more"))
    assert page.code() == code
    page.say(b"\xff" * 100_000)  # nor is this
    assert page.hears_nothing()
    assert page.connection.reader is None
    hub.push(push("on"))
    assert other.texts(1) == ["on"]


@pytest.mark.parametrize(
    ("opening", "flood"),
    [
        (b"", frame(PONG)),
        (b"", frame(TEXT, b"x")),
        (frame(TEXT, final=False), frame(CONTINUATION, final=False)),
    ],
    ids=["pongs", "texts", "parts of a text"],
)
def test_a_flood_is_closed(hub: Hub, open_page: Open, opening: bytes, flood: bytes) -> None:
    page = open_page()
    page.say(opening + flood * (connection_module.FLOOD_EVENTS // 2))
    assert page.hears_nothing()
    page.say(flood * (connection_module.FLOOD_EVENTS // 2 + 100))
    assert page.code() == 1008


def test_silence_is_dropped_and_answers_keep_alive(hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "SILENCE_SECONDS", 0.6)
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.1)
    silent, answering = open_page(1), open_page(2)
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        opcode, _ = answering.frame()
        if opcode == PING:
            answering.say(frame(PONG))
    assert hub.online([1, 2]) == {2}
    silent.sock.settimeout(1)
    assert silent.sock.recv(4) == HEARTBEAT and silent.gone()


def test_pushes_from_many_threads(hub: Hub, open_page: Open) -> None:
    pages = [open_page() for _ in range(5)]

    def talk(thread: int) -> None:
        for number in range(60):
            hub.push(push(f"{thread} {number} " + "*" * (number * 11 % 500)))

    threads = [threading.Thread(target=talk, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for page in pages:
        heard: dict[str, list[int]] = {}
        for text in page.texts(360):
            speaker, number, _ = text.split(" ")
            heard.setdefault(speaker, []).append(int(number))
        assert list(heard.values()) == [list(range(60))] * 6
    for thread in threads:
        thread.join()


def test_descriptors_are_used_again(hub: Hub, open_page: Open) -> None:
    first = open_page(1)
    fd, stale = first.connection.fd, first.connection
    first.sock.close()
    until(lambda: stale.sock.fileno() == -1)
    second = open_page(2)
    assert second.connection.fd == fd
    hub.release(stale, [text_frame("for the first")])
    hub.close_person(1)
    hub.push(push("for the first", 1))
    hub.push(push("for the second", 2))
    assert second.texts(1) == ["for the second"]
    until(lambda: hub.online([1, 2]) == {2})


def test_a_failing_socket_harms_no_other(
    hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = open_page(), open_page()
    flush = Connection.flush

    def flush_or_fail(connection: Connection, *rest: object) -> bool:
        if connection is bad.connection:
            raise RuntimeError("a fault of ours")
        return flush(connection, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "flush", flush_or_fail)
    hub.push(push("on"))
    assert good.texts(1) == ["on"]
    assert bad.gone()
    assert "a socket failed" in caplog.text


def test_a_failing_order_harms_nobody(hub: Hub, open_page: Open, caplog: pytest.LogCaptureFixture) -> None:
    page = open_page()
    hub.push(Push(frozenset([1]), {}))  # in no language at all
    hub.push(push("on"))
    assert page.texts(1) == ["on"]
    assert "an order to the hub failed" in caplog.text


def test_stopping_says_that_it_will_be_back(hub: Hub, open_page: Open) -> None:
    pages = [open_page(person) for person in range(50)]
    hub.push(push("last", *range(50)))
    begin = time.monotonic()
    hub.stop(seconds=0.5)
    assert time.monotonic() - begin < 1
    for page in pages:
        assert page.texts(1) == ["last"] and page.code() == 1012 and page.gone()


class Heard:
    """What the hub passes on of what pages say."""

    def __init__(self, hub: Hub) -> None:
        self.typing: list[tuple[int, int]] = []
        self.readings: list[tuple[int, int, int, bool]] = []
        hub.on_typing(lambda chat, person: self.typing.append((chat, person)))
        hub.on_reading(self.readings.extend)


def test_that_somebody_types_is_passed_on_now_and_then(
    hub: Hub, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "TYPING_APART", 0.0)
    heard = Heard(hub)
    one, other, nowhere = open_page(1, chat=5), open_page(2, chat=5), open_page(3)
    for page in (nowhere, one, one, other):
        page.say(frame(TEXT, b"typing"))
    until(lambda: len(heard.typing) == 2)
    one.say(frame(TEXT, b"typing"), frame(PING, b"?"))
    assert heard.typing == [(5, 1), (5, 2)]


def test_how_far_people_have_read_is_gathered(hub: Hub, open_page: Open) -> None:
    heard = Heard(hub)
    one, again, other = open_page(1, chat=5), open_page(1), open_page(2, chat=6)
    again.say(frame(TEXT, b"read 9"))  # it has no chat open
    for words in (b"read 7", b"read 3", b"read -1", b"read 9999999999", b"read", b"READ 8", b"read 8 ", b"{}"):
        one.say(frame(TEXT, words))
    other.say(frame(TEXT, b"read 2"))
    until(lambda: len({reading[:2] for reading in heard.readings}) == 2)
    assert sorted(heard.readings)[-2:] == [(5, 1, 7, True), (6, 2, 2, False)]


def test_who_does_not_want_to_be_seen_is_not_online(hub: Hub, open_page: Open) -> None:
    stirred: list[int] = []
    hub.on_stir(lambda came, left: stirred.extend([*came, *left]))
    ours, theirs = socket.socketpair()
    with theirs:
        hub.adopt(ours, person=1, session=1, language="en", chat=None, shown=False)
        open_page(2)
        until(lambda: hub.online([1, 2]) == {2} and len(hub) == 2)
        until(lambda: stirred)
        assert (stirred, hub.people()) == ([2], [2])
    until(lambda: len(hub) == 1)
    assert stirred == [2]


def test_who_hides_from_now_on_leaves_though_a_tab_of_theirs_stays(hub: Hub, open_page: Open) -> None:
    old = open_page(7)
    until(lambda: hub.online([7]) == {7})
    ours, theirs = socket.socketpair()
    with theirs:
        hub.adopt(ours, person=7, session=1, language="en", chat=None, shown=False)
        old.sock.close()
        until(lambda: hub.online([7]) == set() and len(hub) == 1)
