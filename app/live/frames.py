"""WebSocket frames as RFC 6455 writes them: whole ones to pages, and a strict reader of what pages send.

No extensions are ever agreed on, so reserved bits are errors. Frames to pages are not masked and are made once for any
number of pages.
"""

import codecs
import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONTINUATION = 0x0
MESSAGE_LIMIT = 64 * 1024  # pages send only small things
CONTROL_LIMIT = 125


class Violation(Exception):
    """What a page sent breaks the protocol; ``code`` is what the close frame says."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Event(NamedTuple):
    """Something a page said: a text, a part of one, a ping, a pong, or good-bye with a status code."""

    kind: Literal["text", "part", "ping", "pong", "close"]
    payload: bytes = b""
    code: int = 1005


def text_frame(text: str | bytes) -> bytes:
    """Return one whole text frame."""
    return _frame(TEXT, text.encode() if isinstance(text, str) else text)


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping."""
    return _frame(PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Return a close frame; 1005, the absence of a code, is answered with none."""
    return _frame(CLOSE, b"" if code == 1005 else struct.pack("!H", code) + reason.encode())


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


# Pages cannot see pings, so each comes with an empty text by which they know that the line is alive.
HEARTBEAT = _frame(PING, b"") + _frame(TEXT, b"")


class Reader:
    """Reads the frames of one page, fed with bytes as they come."""

    __slots__ = ("_buffer", "_message", "_opcode", "_utf8")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._opcode = 0  # of the message whose fragments are coming in
        self._message = bytearray()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    @property
    def idle(self) -> bool:
        """Whether nothing is half read."""
        return not self._buffer and not self._opcode

    def feed(self, received: bytes) -> Iterator[Event]:
        """Yield one event for each frame that is complete now; raise Violation at the first that may not be."""
        self._buffer += received
        while (frame := self._next_frame()) is not None:
            yield self._take(*frame)

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        """Cut one frame off the buffer: whether it is final, its opcode, and its unmasked payload."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        final, opcode, size, start = bool(first & 0x80), first & 0x0F, second & 0x7F, 2
        if first & 0x70 or not second & 0x80 or opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Violation(1002)
        if opcode >= CLOSE and (not final or size > CONTROL_LIMIT):
            raise Violation(1002)
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
            if size < (126 if start == 4 else 65536):
                raise Violation(1002)  # not the shortest way to write the size
        if size > MESSAGE_LIMIT or (opcode < CLOSE and len(self._message) + size > MESSAGE_LIMIT):
            raise Violation(1009)
        end = start + 4 + size
        if len(buffer) < end:
            return None
        payload = _unmask(bytes(buffer[start + 4 : end]), bytes(buffer[start : start + 4]))
        del buffer[:end]
        return final, opcode, payload

    def _take(self, final: bool, opcode: int, payload: bytes) -> Event:
        if opcode == PING:
            return Event("ping", payload)
        if opcode == PONG:
            return Event("pong", payload)
        if opcode == CLOSE:
            return Event("close", payload, _close_code(payload))
        if (opcode == CONTINUATION) != bool(self._opcode):
            raise Violation(1002)  # a continuation of nothing, or a new message within another
        if opcode == BINARY:
            raise Violation(1003)  # pages talk text
        self._opcode = TEXT
        try:
            self._utf8.decode(payload, final)
        except UnicodeDecodeError:
            raise Violation(1007) from None
        self._message += payload
        if not final:
            return Event("part")
        text = bytes(self._message)
        self._message.clear()
        self._opcode = 0
        self._utf8.reset()
        return Event("text", text)


def _unmask(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def _close_code(payload: bytes) -> int:
    if not payload:
        return 1005
    if len(payload) == 1:
        raise Violation(1002)
    code = int.from_bytes(payload[:2], "big")
    if not (code in (1000, 1001, 1002, 1003, *range(1007, 1015)) or 3000 <= code <= 4999):
        raise Violation(1002)
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise Violation(1007) from None
    return code
