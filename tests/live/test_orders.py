"""What workers and hubs tell one another: written down, read back, and nonsense survived."""

import itertools
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from app.live import pushes
from app.live.frames import text_frame
from app.live.hub import Hub
from app.live.network import STAMP, Network
from app.live.process import serve
from app.live.pushes import OrderReader, Push, Reach
from app.live.remote import RemoteHub
from app.live.turns import PATIENCE, Turns

PUSH = Push(frozenset([1, 2**40, 7]), {"en": text_frame("Hello"), "uk": text_frame("Вітаю 👋")}, 5, 9, "watching")


def test_a_push_is_read_as_it_was_written() -> None:
    assert pushes.read_push(pushes.read(pushes.write_push(PUSH))) == PUSH
    looked_at = Push(frozenset([3]), {"en": b"x"}, audience="looking", topic="post-7", everybody_but=True)
    assert pushes.read_push(pushes.read(pushes.write_push(looked_at))) == looked_at
    plain = Push(frozenset(), {"en": b""})
    assert pushes.read_push(pushes.read(pushes.write_push(plain))) == plain


@pytest.mark.parametrize("size", [1, 3, 7, 50, 10_000])
def test_orders_come_in_any_pieces(size: int) -> None:
    written = b"".join([pushes.write("who"), pushes.write_push(PUSH), pushes.write("close_session", 3, 1008)] * 3)
    reader, verbs = OrderReader(), []
    for start in range(0, len(written), size):
        verbs += [order.verb for order, _ in reader.feed(written[start : start + size])]
    assert verbs == ["who", "push", "close_session"] * 3


def test_an_order_that_fails_is_not_read_again() -> None:
    reader = OrderReader()
    for _ in reader.feed(pushes.write("one") + pushes.write("two")):
        break
    assert [order.verb for order, _ in reader.feed(pushes.write("three"))] == ["two", "three"]


def test_what_claims_to_be_endless_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        list(OrderReader().feed(pushes.HEAD.pack(10, 2**31)))


def revision(number: int) -> Push:
    return Push(frozenset([1]), {"en": b""}, 5, number, "watching")


def test_early_pushes_wait_for_their_turn() -> None:
    turns = Turns()

    def take(number: int, now: float = 0.0) -> list[int | None]:
        return [push.revision for push in turns.take(revision(number), now)]

    assert [take(number) for number in (7, 9, 10, 8, 11)] == [[7], [], [], [8, 9, 10], [11]]
    assert take(11) == [11]  # sent again
    assert take(3) == [3]
    assert turns.waiting == 0
    assert take(14, now=1.0) == [] and take(13, now=1.1) == []
    assert list(turns.overdue(1.0 + PATIENCE - 0.01)) == []
    assert [push.revision for push in turns.overdue(1.0 + PATIENCE)] == [13, 14]  # 12 never came
    assert turns.waiting == 0 and take(15, now=2.0) == [15]
    assert [push.chat for push in turns.take(Push(frozenset(), {"en": b""}), 0)] == [None]


@pytest.fixture
def remote() -> Iterator[RemoteHub]:
    """A hub that takes orders, in a thread of this process."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("")
    listener.listen()
    hub = Hub()
    thread = threading.Thread(target=serve, args=(hub, listener))
    thread.start()
    remote = RemoteHub(listener.getsockname())
    yield remote
    hub.stop(seconds=0)
    thread.join(5)
    listener.close()


def test_nonsense_from_a_worker_harms_nobody(remote: RemoteHub, caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = socket.socketpair()
    connection = remote.adopt(ours, person=1, session=1, language="en", chat=5)
    remote.release(connection, [text_frame("welcome")])
    theirs.settimeout(5)
    assert theirs.recv(100) == text_frame("welcome")
    with remote._connect() as worker:
        worker.sendall(pushes.write("dance") + pushes.write("online", 7) + pushes.write_push(PUSH))
        assert theirs.recv(100) == text_frame("Hello")  # what came after it is carried out
    assert caplog.text.count("an order of a worker failed") == 2
    assert remote.online([1, 2]) == {1} and remote.watched([5, 6]) == {5}
    assert remote.state()["tabs"] == 1
    theirs.close()


def test_a_worker_that_breaks_off_has_tabs_come_back_and_one_that_leaves_does_not(remote: RemoteHub) -> None:
    ours, theirs = socket.socketpair()
    remote.release(remote.adopt(ours, person=1, session=1, language="en", chat=None))
    theirs.settimeout(0.4)
    for last_word in (b"leave", b""):
        worker = remote._connect()
        worker.sendall(pushes.write("work") + (pushes.write("leave") if last_word else b""))
        time.sleep(0.2)
        worker.close()
        if last_word:
            with pytest.raises(TimeoutError):
                theirs.recv(100)
    assert theirs.recv(100)[2:4] == (1012).to_bytes(2, "big")
    theirs.close()


def test_a_tab_whose_worker_dies_before_the_replay_comes_back(remote: RemoteHub) -> None:
    ours, theirs = socket.socketpair()
    connection = remote.adopt(ours, person=1, session=1, language="en", chat=None)
    connection.close()
    theirs.settimeout(5)
    assert theirs.recv(100)[2:4] == (1012).to_bytes(2, "big")
    theirs.close()


def test_nonsense_over_redis_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub()
    network = Network(hub, "redis://nowhere", lambda people: None)
    other = b"somebody"
    said = [b"", b"junk", STAMP.pack(other, 1) + b"\0\0", STAMP.pack(other, 2) + pushes.write("dance")]
    for heard in said:
        network._take({"type": "message", "data": heard})
    assert caplog.text.count("made no sense") == 4
    network._take({"type": "message", "data": STAMP.pack(other, 3) + pushes.write("here", [4, 5])})
    assert network.online([4, 6]) == {4}
    network._take({"type": "message", "data": STAMP.pack(other, 4) + pushes.write("stirred", [6], [4])})
    assert network.online([4, 5, 6]) == {5, 6}
    assert network.counts["bus_gaps"] == 4
    network._take({"type": "message", "data": STAMP.pack(other, 9) + pushes.write("beat", 0.0)})
    assert network.counts["bus_gaps"] == 5  # four things were not heard
    logging.getLogger("app.live").setLevel(logging.NOTSET)


def test_reaches_are_sets_of_people() -> None:
    everybody = frozenset(range(4))
    for one_but, other_but in itertools.product((False, True), repeat=2):
        for one, other in itertools.product(map(frozenset, ([], [1], [1, 2], [0, 1, 2, 3])), repeat=2):
            first, second = Reach(one, one_but), Reach(other, other_but)
            reached = {person for person in everybody if person in first}
            assert reached == (everybody - one if one_but else one)
            theirs = {person for person in everybody if person in second}
            assert {person for person in everybody if person in first.beyond(second)} == reached - theirs
            assert {person for person in everybody if person in first.without(other)} == reached - other
