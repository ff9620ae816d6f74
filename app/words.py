"""What people write as words that are compared, and what they ask as words to look for.

Both databases hold and match ready words: which letters are one, and which endings are forgiven, is decided here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape
from snowballstemmer import stemmer

from app.endings import ukrainian_stems
from app.text import fold

ASKED = 8  # words of a query; what follows does not count
LONGEST = 60  # characters of a word
SNIPPET = 180  # characters
STEM = "~"  # begins what is left of a word without its ending: no word has it, so neither is taken for the other
CHAT = "@"  # begins the number of the chat in which a message was said

_APOSTROPHES = "'’ʼ`´ʹ′‘"
# A word with its apostrophes and stress marks, or an emoji.
_WORD = re.compile(
    rf"[^\W_][^\W_\u0300-\u036f]*(?:[{_APOSTROPHES}\u0300-\u036f]+[^\W_]+|[\u0300-\u036f]+)*"
    "|[\U0001f300-\U0001faff\u2600-\u27bf]"
)
_SAME = str.maketrans({"ґ": "г", "ё": "е", "ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d"})
_NOT_CYRILLIC = re.compile("[\u00c0-\u024f\u1e00-\u1eff]+")
_LATIN, _CYRILLIC = re.compile(r"[a-z]+"), re.compile("[а-яєії]+")
_english = stemmer("english")


def forms(word: str) -> tuple[str, frozenset[str]]:
    """Return a word as it is compared, and what is left of it without the ending it may have."""
    return _forms(word[: 4 * LONGEST])  # what is remembered has an end


@lru_cache(maxsize=50_000)
def _forms(word: str) -> tuple[str, frozenset[str]]:
    folded = fold(unicodedata.normalize("NFKC", word)).translate(_SAME)
    folded = _NOT_CYRILLIC.sub(lambda found: unicodedata.normalize("NFD", found[0]), folded)
    letters = (letter for letter in folded if letter.isalnum() and letter not in _APOSTROPHES)
    folded = "".join(letters)[:LONGEST] or ("" if word[0].isalnum() else word)  # an emoji is itself
    if _LATIN.fullmatch(folded):
        return folded, frozenset([_english.stemWord(folded)])
    if _CYRILLIC.fullmatch(folded):
        return folded, ukrainian_stems(folded)
    return folded, frozenset()


def terms(*texts: str) -> list[str]:
    """Return what texts are found by: their words and stems, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(text):
            folded, stems = forms(word)
            if folded:
                found[folded] = None
                found.update((STEM + stem, None) for stem in stems)
    return list(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of a query: what stands for it in the index; a long one may be the beginning of a word."""

    word: str
    stems: frozenset[str]
    begins: bool

    def fits(self, word: str) -> bool:
        """Tell whether a word of a text is one that was asked for."""
        folded, stems = forms(word)
        return (folded.startswith(self.word) if self.begins else folded == self.word) or bool(self.stems & stems)


@dataclass(frozen=True, slots=True)
class Query:
    """Words all of which have to be there, in any order; ``chat_ids`` are the chats to look in, if that is known."""

    words: tuple[Asked, ...]
    chat_ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.words)

    def for_sqlite(self) -> str:
        """Return it as FTS5 asks; the words are ours, so nothing in them means anything to it."""
        return self._written('"{}"', '"{}" *', " OR ", " AND ")

    def for_postgresql(self) -> str:
        """Return it as a ``tsquery`` is written."""
        return self._written("'{}'", "'{}':*", " | ", " & ")

    def _written(self, whole: str, beginning: str, either: str, both: str) -> str:
        parts = (
            either.join((beginning if begins else whole).format(term) for term, begins in choice)
            for choice in self._choices()
        )
        return both.join(f"({part})" for part in parts)

    def _choices(self) -> Iterator[list[tuple[str, bool]]]:
        for asked in self.words:
            yield [(asked.word, asked.begins), *((STEM + stem, False) for stem in sorted(asked.stems))]
        if self.chat_ids:
            yield [(f"{CHAT}{chat_id}", False) for chat_id in self.chat_ids]


def asked(text: str) -> Query:
    """Return what somebody typed as a query: each word may be a beginning, a word of two letters only the last."""
    typed = [forms(word) for word in _WORD.findall(text)]
    typed = [form for form in dict.fromkeys(typed) if form[0]][:ASKED]
    last = len(typed) - 1
    return Query(tuple(Asked(word, stems, len(word) > 2 or place == last) for place, (word, stems) in enumerate(typed)))


def marked(text: str, query: Query) -> Markup:
    """Return text as HTML in which the words that were asked for are marked."""
    html, position = Markup(), 0
    for found in _hits(text, query):
        html += escape(text[position : found.start()]) + Markup("<mark>{}</mark>").format(found[0])
        position = found.end()
    return html + escape(text[position:])


def snippet(query: Query, *texts: str) -> Markup:
    """Return on one line what stands around the first words that were asked for, in the first text that has any.

    Where none has, it is the beginning of the first one.
    """
    lines = [" ".join(text.split()) for text in texts if text]
    line, first = next(((line, hit) for line in lines for hit in _hits(line, query)), ("".join(lines[:1]), None))
    begin = 0
    if first and first.end() > SNIPPET * 2 // 3:
        begin = max(0, first.start() - SNIPPET // 3)
        begin = line.find(" ", begin, first.start()) + 1 or begin
    end = begin + SNIPPET
    if end < len(line):
        end = max(line.rfind(" ", begin, end), first.end() if first else 0, begin + SNIPPET // 2)
    before, after = "… " if begin else "", " …" if end < len(line) else ""
    return Markup("{}{}{}").format(before, marked(line[begin:end], query), after)


def _hits(text: str, query: Query) -> Iterator[re.Match[str]]:
    for found in _WORD.finditer(text):
        if any(word.fits(found[0]) for word in query.words):
            yield found
