"""What people write, made ready to be shown."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from babel.numbers import format_compact_decimal
from babel.units import format_unit
from flask import url_for
from flask_babel import get_locale
from linkify_it import LinkifyIt
from markupsafe import Markup, escape

_linkify = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
_MAYBE_LINK = re.compile(r"\S[.:]\S")  # looking for links takes long, and sentences have dots as well
# A username as usernames are made, not in the midst of a word or an e-mail address, nor with the dot of a sentence.
_NAME = re.compile(r"(?<![\w@./])@(\w[\w.]{1,28}\w)", re.ASCII)
# Characters that turn the direction of everything after them, and controls other than line ends and tabs.
_UNSAFE = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ud800-\udfff]"
)

# What is seen as one sign: a flag, or a character with what changes and joins it.
_SIGN = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|.(?:[\u0300-\u036f\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d.)*", re.DOTALL
)


def fold(text: str) -> str:
    """Return text as it is compared: without regard to case, in every alphabet."""
    return text.casefold()


def masked(email: str) -> str:
    """Return an e-mail address as its owner knows it and nobody else can write to: n…w@example.com."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…{name[-1] if len(name) > 2 else ''}@{domain}"


def clean(text: str | None) -> str:
    """Return what somebody wrote as it is kept: composed, with plain line ends, without characters that harm others."""
    text = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", text).strip()


@lru_cache(maxsize=4096)  # a page asks for those of the same people again and again
def initials(name: str) -> str:
    """Return one or two signs that stand for a name: the first letters of its words, or what it begins with."""
    words = name.split()
    letters = [letter for word in words if (letter := next(filter(str.isalnum, word), ""))][:2]
    if not letters:
        sign = _SIGN.match(words[0]) if words else None
        return sign[0] if sign else "?"
    # Letters of Arabic scripts would join into something that is no word.
    between = "\u200c" if unicodedata.bidirectional(letters[0]) == "AL" else ""
    return between.join(letter.upper() if len(letter.upper()) == 1 else letter for letter in letters)


def rich_text(text: str, people: Mapping[str, str] = MappingProxyType({})) -> Markup:
    """Return text as HTML: escaped, with its web addresses as links.

    ``people`` are those whose names after an @ become links too: the names as they are written, folded, and as they
    are now.
    """
    html, position = Markup(), 0
    for start, end, url in addresses_in(text):
        html += _with_names(text[position:start], people) + link_to(url, text[start:end])
        position = end
    return html + _with_names(text[position:], people)


def addresses_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each web address in a text begins and ends, and what it leads to."""
    for link in _linkify.match(text) or () if _MAYBE_LINK.search(text) else ():
        if link.schema in ("http:", "https:", ""):
            yield link.index, link.last_index, _secure(link.url, link.schema)


def _secure(url: str, schema: str) -> str:
    return url if schema else url.replace("http://", "https://", 1)


def names_in(text: str) -> set[str]:
    """Return the usernames that stand after an @, folded."""
    return {fold(found[1]) for found in _NAME.finditer(text)} if "@" in text else set()


def _with_names(text: str, people: Mapping[str, str]) -> Markup:
    if not people:
        return escape(text)
    html, position = Markup(), 0
    for found in _NAME.finditer(text):
        if username := people.get(fold(found[1])):
            address = url_for("users.show", username=username)
            html += escape(text[position : found.start()])
            html += Markup('<a class="mention" href="{}">{}</a>').format(address, found[0])
            position = found.end()
    return html + escape(text[position:])


def link_to(url: str, words: str) -> Markup:
    """Return a link to somewhere else, which vouches for nothing."""
    return Markup('<a href="{}" rel="noopener nofollow ugc" target="_blank">{}</a>').format(url, words)


def web_address(text: str) -> str | None:
    """Return what somebody gave as a link as a whole web address, or None if it is none."""
    text = clean(text)
    if not text or re.search(r"\s", text):
        return None
    if not re.match(r"(?i)[a-z][a-z0-9+.-]*:(?![0-9]+(/|$))", text):
        text = f"https://{text}"
    match = re.fullmatch(r"(?i)https?://([^/?#\\@]+)([/?#]\S*)?", text)
    host = match[1].split(":")[0] if match else ""
    return text if len(text) <= 2000 and ("." in host or host == "localhost") and ".." not in host else None


def short_address(url: str) -> str:
    """Return a web address as people read it: without its scheme, and not endless."""
    words = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return words if len(words) <= 48 else f"{words[:47]}…"


def short_number(number: int) -> str:
    """Return a count as it fits under a name: 999, then 12.1K."""
    return str(number) if number < 1000 else format_compact_decimal(number, locale=get_locale(), fraction_digits=1)


def short_size(size: int) -> str:
    """Return a number of bytes as people read it: 0.4 MB, 12 MB, then 1.2 GB."""
    unit, amount = ("gigabyte", size / 1024**3) if size >= 1024**3 else ("megabyte", size / 1024**2)
    shown = round(max(amount, 0.1 if size else 0), 1) if amount < 10 else round(amount)
    return format_unit(shown, f"digital-{unit}", "short", locale=get_locale())


def up_to(number: int, most: int) -> str:
    """Return a count that was made no further than needed: 999, then 999+."""
    return str(number) if number <= most else f"{most}+"
