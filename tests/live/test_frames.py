"""What pages may say on the wire, byte by byte: the cases of the Autobahn suite that apply, and anything at all."""

import os
import struct
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.live.frames import (
    HEARTBEAT,
    MESSAGE_LIMIT,
    Event,
    Reader,
    Violation,
    close_frame,
    pong_frame,
    text_frame,
)

TEXT, CONTINUATION, BINARY, CLOSE, PING, PONG = 1, 0, 2, 8, 9, 10
MASK = b"\x37\xfa\x21\x3d"


def frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, mask: bytes = MASK, reserved: int = 0, size: int = -1
) -> bytes:
    """Return a frame as a page sends it; ``size`` writes another length than the payload's own."""
    length = len(payload) if size < 0 else size
    first = (0x80 if final else 0) | reserved << 4 | opcode
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def read(*frames: bytes) -> list[Event]:
    return without_parts(Reader().feed(b"".join(frames)))


def without_parts(events: Iterable[Event]) -> list[Event]:
    """Return what was said; the parts of a text only count against floods."""
    return [event for event in events if event.kind != "part"]


def violation(*frames: bytes) -> int:
    with pytest.raises(Violation) as caught:
        read(*frames)
    return caught.value.code


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65535, MESSAGE_LIMIT])
def test_texts_of_every_length(size: int) -> None:
    assert read(frame(TEXT, b"*" * size)) == [Event("text", b"*" * size)]


def test_a_text_longer_than_pages_send() -> None:
    assert violation(frame(TEXT, size=MESSAGE_LIMIT + 1)) == 1009
    assert violation(frame(TEXT, size=2**63 + 5)) == 1009
    half = b"*" * (MESSAGE_LIMIT // 2)
    assert violation(frame(TEXT, half, final=False), frame(CONTINUATION, half + b"*")) == 1009


def test_a_length_written_longer_than_needed() -> None:
    assert violation(struct.pack("!BBH", 0x81, 0x80 | 126, 125) + MASK + b"*" * 125) == 1002
    assert violation(struct.pack("!BBQ", 0x81, 0x80 | 127, 65535)) == 1002


@pytest.mark.parametrize("payload", [b"", b"Hello", bytes(range(125))])
def test_pings_carry_up_to_125_bytes(payload: bytes) -> None:
    assert read(frame(PING, payload), frame(PONG, payload)) == [Event("ping", payload), Event("pong", payload)]


def test_control_frames_are_short_and_whole() -> None:
    for opcode in (PING, PONG, CLOSE):
        assert violation(frame(opcode, b"*" * 126)) == 1002
        assert violation(frame(opcode, final=False)) == 1002


@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_reserved_bits(reserved: int, opcode: int) -> None:
    assert violation(frame(opcode, b"", reserved=reserved)) == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_reserved_opcodes(opcode: int) -> None:
    assert violation(frame(opcode, b"x")) == 1002


def test_pages_must_mask() -> None:
    assert violation(text_frame("Hello")) == 1002
    assert read(frame(TEXT, b"Hello", mask=b"\0\0\0\0")) == [Event("text", b"Hello")]


def test_fragments_become_one_text() -> None:
    parts = frame(TEXT, b"fra", final=False), frame(CONTINUATION, b"g", final=False), frame(CONTINUATION, b"ment")
    assert read(*parts, frame(TEXT, b"next")) == [Event("text", b"fragment"), Event("text", b"next")]
    assert read(frame(TEXT, final=False), frame(CONTINUATION)) == [Event("text", b"")]


def test_every_frame_tells_and_what_came_before_a_violation_is_heard() -> None:
    told = []
    with pytest.raises(Violation):
        for event in Reader().feed(frame(PING) + frame(TEXT, b"a", final=False) + frame(PONG) + frame(TEXT, b"b")):
            told.append(event.kind)
    assert told == ["ping", "part", "pong"]


def test_control_frames_may_come_within_a_text() -> None:
    events = read(frame(TEXT, b"one ", final=False), frame(PING, b"!"), frame(CONTINUATION, b"text"))
    assert events == [Event("ping", b"!"), Event("text", b"one text")]


@pytest.mark.parametrize("final", [True, False])
def test_fragments_out_of_order(final: bool) -> None:
    assert violation(frame(CONTINUATION, b"of nothing", final=final)) == 1002
    assert violation(frame(TEXT, b"one", final=False), frame(TEXT, b"within", final=final)) == 1002
    assert violation(frame(TEXT, b"whole"), frame(CONTINUATION, b"more", final=final)) == 1002


def test_pages_talk_text() -> None:
    assert violation(frame(BINARY, b"\x00")) == 1003


def test_letters_split_between_fragments() -> None:
    letters = "κόσμε 🌊".encode()
    frames = [frame(TEXT, letters[:1], final=False)]
    frames += [frame(CONTINUATION, letters[at : at + 1], final=False) for at in range(1, len(letters))]
    assert read(*frames, frame(CONTINUATION)) == [Event("text", letters)]


@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xce\xba\xe1\xbd", b"\x80", b"a\xfeb"]
)
def test_what_is_not_utf8(broken: bytes) -> None:
    assert violation(frame(TEXT, broken)) == 1007


def test_what_cannot_become_utf8_is_refused_before_its_end() -> None:
    assert violation(frame(TEXT, b"\xce\xba\xff", final=False)) == 1007


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 3000, 3999, 4000, 4999])
def test_good_bye_with_a_code(code: int) -> None:
    payload = struct.pack("!H", code) + "до побачення".encode()
    assert read(frame(CLOSE, payload)) == [Event("close", payload, code)]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_codes_that_may_not_be_sent(code: int) -> None:
    assert violation(frame(CLOSE, struct.pack("!H", code))) == 1002


def test_good_bye_without_a_code() -> None:
    assert read(frame(CLOSE)) == [Event("close", b"", 1005)]
    assert violation(frame(CLOSE, b"\x03")) == 1002
    assert violation(frame(CLOSE, b"\x03\xe8\xff")) == 1007


def test_what_pages_are_sent() -> None:
    assert text_frame("Ґ") == b"\x81\x02\xd2\x90"
    assert text_frame(b"*" * 125)[:2] == b"\x81\x7d"
    assert text_frame(b"*" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert text_frame(b"*" * 65535)[:4] == b"\x81\x7e\xff\xff"
    assert text_frame(b"*" * 65536)[:10] == b"\x81\x7f" + (65536).to_bytes(8, "big")
    assert pong_frame(b"hi") == b"\x8a\x02hi"
    assert close_frame(1012) == b"\x88\x02\x03\xf4"
    assert close_frame(1005) == b"\x88\x00"
    assert HEARTBEAT == b"\x89\x00\x81\x00"


def feed_in_pieces(stream: bytes, cuts: list[int]) -> list[Event]:
    reader, events, begin = Reader(), [], 0
    for end in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        events += without_parts(reader.feed(stream[begin:end]))
        begin = end
    return events


@st.composite
def conversations(draw: st.DrawFn) -> tuple[bytes, list[Event]]:
    """Frames a page may send, with what they say: texts in any fragments, with control frames between them."""
    stream, said = b"", []
    for text in draw(st.lists(st.text(max_size=200), max_size=4)):
        words = text.encode()
        cuts = sorted(draw(st.lists(st.integers(0, len(words)), max_size=3)))
        edges = list(zip([0, *cuts], [*cuts, len(words)], strict=True))
        for at, (begin, end) in enumerate(edges):
            last = at == len(edges) - 1
            mask = draw(st.binary(min_size=4, max_size=4))
            stream += frame(CONTINUATION if at else TEXT, words[begin:end], final=last, mask=mask)
            if not last and draw(st.booleans()):
                payload = draw(st.binary(max_size=125))
                stream += frame(PING, payload, mask=mask)
                said.append(Event("ping", payload))
        said.append(Event("text", words))
    return stream, said


@given(conversations(), st.lists(st.integers(0, 10_000), max_size=8))
@settings(max_examples=150, deadline=None)
def test_however_bytes_come_they_say_the_same(conversation: tuple[bytes, list[Event]], cuts: list[int]) -> None:
    stream, said = conversation
    assert feed_in_pieces(stream, cuts) == said
    assert feed_in_pieces(stream, list(range(len(stream)))) == said


# Bytes that look like frames reach further into the reader than any bytes would.
frame_like = st.builds(
    lambda first, length, rest: bytes((first, 0x80 | length)) + rest,
    st.sampled_from([0x01, 0x81, 0x00, 0x80, 0x88, 0x89, 0x8A, 0x82, 0xC1]),
    st.integers(0, 127),
    st.binary(max_size=140),
)


@given(st.lists(st.one_of(st.binary(max_size=50), frame_like), max_size=6))
@settings(max_examples=300, deadline=None)
def test_anything_else_is_a_violation_and_nothing_worse(pieces: list[bytes]) -> None:
    reader = Reader()
    try:
        for piece in pieces:
            list(reader.feed(piece))
    except Violation as caught:
        assert caught.code in (1002, 1003, 1007, 1009)


def test_random_floods() -> None:
    for _ in range(200):
        try:
            list(Reader().feed(os.urandom(4096)))
        except Violation as caught:
            assert caught.code in (1002, 1003, 1007, 1009)
