"""The little that people may do to the look of their words: **bold**, *italic*, `code`, quotes and lists.

A text is cut into lines, lines into pieces, and each piece is escaped by itself: nothing of it is ever taken for HTML.
Every pattern reads a text once, so its length is all that it costs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from flask import url_for
from markupsafe import Markup, escape

from app.text import addresses_in, fold, link_to

FENCE = re.compile(r"```[\w+#-]*\s*")
CODE = re.compile(r"(?<!`)(`{1,3})([^`\n]+)\1(?!`)")
# A name as in messages; a tag has a letter in it; signs of emphasis are told from arithmetic by what is around them.
WORDS = re.compile(
    r"(?<![\w@./])@(?P<name>[A-Za-z0-9_][A-Za-z0-9_.]{1,28}[A-Za-z0-9_])"
    r"|(?<![\w&#/])#(?P<tag>(?=\d*[^\W\d])\w+(?:['’ʼ-]\w+)*)"
    r"|(?P<sign>\*+|_+)"
)
SIGNS = {
    "*": (Markup("<em>"), Markup("</em>")),
    "_": (Markup("<em>"), Markup("</em>")),
    "**": (Markup("<strong>"), Markup("</strong>")),
    "***": (Markup("<strong><em>"), Markup("</em></strong>")),
}
LINES = {"quote": re.compile(r"> ?"), "item": re.compile(r"- ")}
# Whatever means more than itself has one of these; most of what people write has none.
SPECIAL = re.compile(r"[@#*_`]|\S[.:]\S|^(?:>|- )", re.MULTILINE)
TAG = 50


class Piece(NamedTuple):
    """A stretch of a line: ``plain`` text, ``code``, a ``link`` ``to`` an address, a ``name``, ``tag`` or ``sign``."""

    kind: str
    text: str
    to: str = ""


def formatted(text: str, people: Mapping[str, str] = MappingProxyType({})) -> Markup:
    """Return text as HTML, with its emphasis, code, quotes and lists; web addresses, tags and names are links.

    ``people`` are those whose names after an @ become links: the names as they are written, folded, and as they are
    now.
    """
    if not SPECIAL.search(text):
        return escape(text)
    return Markup().join(_block(kind, lines, people) for kind, lines in _blocks(text))


def _block(kind: str, lines: list[str], people: Mapping[str, str]) -> Markup:
    if kind == "code":
        return Markup("<pre><code>{}</code></pre>").format("".join(lines))
    if kind == "item":
        items = (Markup("<li>{}</li>").format(_shown(line, people)) for line in lines)
        return Markup("<ul>{}</ul>").format(Markup().join(items))
    words = _shown("".join(lines), people)
    return Markup("<blockquote>{}</blockquote>").format(words) if kind == "quote" else words


def plain(text: str) -> str:
    """Return what is read of such a text: its words, without the signs of their look."""
    return "".join(_words(kind, "".join(lines)) for kind, lines in _blocks(text))


def _words(kind: str, text: str) -> str:
    if kind == "code":
        return text
    pieces = list(_pieces(text))
    emphasis = _emphasis(pieces)
    return "".join(piece.text for place, piece in enumerate(pieces) if place not in emphasis)


def names_in(text: str) -> set[str]:
    """Return the usernames that stand after an @ in such a text, folded."""
    return {fold(piece.to) for piece in _all_pieces(text) if piece.kind == "name"}


def tags_in(text: str) -> list[str]:
    """Return the words that stand after a # in such a text, each once, as they are written."""
    return list(dict.fromkeys(piece.to for piece in _all_pieces(text) if piece.kind == "tag"))


def _all_pieces(text: str) -> Iterator[Piece]:
    for kind, lines in _blocks(text):
        if kind != "code":
            yield from _pieces("".join(lines))


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what each run of lines is, and the lines without their marks; each keeps its end."""
    for kind, lines in groupby(_lines(text), key=lambda line: line[0]):
        yield kind.partition(" ")[0], [line for _, line in lines if line]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    fences = [place for place, line in enumerate(lines) if FENCE.fullmatch(line)]
    closing = dict(zip(fences[::2], fences[1::2], strict=False))
    end = -1
    for place, line in enumerate(lines):
        if place in closing:
            end = closing[place]
        if place <= end:
            # Two blocks of code in a row stay two: each is called by its end.
            yield f"code {end}", "" if place == end or place in closing else line
            continue
        kind = next((kind for kind, mark in LINES.items() if mark.match(line)), "plain")
        yield kind, LINES[kind].sub("", line, count=1) if kind in LINES else line


def _shown(text: str, people: Mapping[str, str]) -> Markup:
    pieces = list(_pieces(text))
    emphasis = _emphasis(pieces)
    return Markup().join(emphasis.get(place) or _piece(piece, people) for place, piece in enumerate(pieces))


def _piece(piece: Piece, people: Mapping[str, str]) -> Markup:
    if piece.kind == "code":
        return Markup("<code>{}</code>").format(piece.text)
    if piece.kind == "link":
        return link_to(piece.to, piece.text)
    if piece.kind == "tag":
        return _link("tag", url_for("tags.show", name=piece.to), piece.text)
    if piece.kind == "name" and (username := people.get(fold(piece.to))):
        return _link("mention", url_for("users.show", username=username), piece.text)
    return escape(piece.text)


def _link(kind: str, address: str, words: str) -> Markup:
    return Markup('<a class="{}" href="{}">{}</a>').format(kind, address, words)


def _pieces(text: str) -> Iterator[Piece]:
    """Cut a text: code first, since nothing within it means anything else, then addresses, then the rest."""
    position = 0
    for code in CODE.finditer(text):
        yield from _with_addresses(text, position, code.start())
        yield Piece("code", code[2])
        position = code.end()
    yield from _with_addresses(text, position, len(text))


def _with_addresses(text: str, position: int, end: int) -> Iterator[Piece]:
    base = position
    for start, stop, url in list(addresses_in(text[base:end])):
        begin, words = base + start, text[base + start : base + stop].rstrip("*")
        if text[max(0, begin - 1) : begin] == "#":
            continue
        yield from _with_words(text, position, begin)
        yield Piece("link", words, url.rstrip("*"))
        position = begin + len(words)
    yield from _with_words(text, position, end)


def _with_words(text: str, position: int, end: int) -> Iterator[Piece]:
    for found in WORDS.finditer(text, position, end):
        kind = str(found.lastgroup)
        to = _direction(text, found) if kind == "sign" else found[kind]
        if not to or (kind == "tag" and len(to) > TAG):
            continue
        yield Piece("plain", text[position : found.start()])
        yield Piece(kind, found[0], to)
        position = found.end()
    yield Piece("plain", text[position:end])


def _direction(text: str, sign: re.Match[str]) -> str:
    """Tell whether a sign may open, close or both; within a word, as in 2*3 and snake_case, it does nothing."""
    if sign[0] not in SIGNS:
        return ""
    before, after = text[max(0, sign.start() - 1) : sign.start()], text[sign.end() : sign.end() + 1]
    opens, closes = not before.isalnum() and after.strip(), not after.isalnum() and before.strip()
    return "(" * bool(opens) + ")" * bool(closes)


def _emphasis(pieces: Iterable[Piece]) -> dict[int, Markup]:
    """Pair the signs within each line, one in another and never across; those without a partner stay what they are."""
    tags: dict[int, Markup] = {}
    opened: dict[str, int] = {}
    for place, (kind, text, to) in enumerate(pieces):
        if "\n" in text:
            opened.clear()
        elif kind == "sign" and ")" in to and text in opened:
            begin = opened[text]
            tags[begin], tags[place] = SIGNS[text]
            opened = {sign: other for sign, other in opened.items() if other < begin}
        elif kind == "sign" and "(" in to:
            opened[text] = place
    return tags
