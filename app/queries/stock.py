"""Whether the bytes of pictures are there that the tables show, and none beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from heapq import merge
from itertools import groupby
from operator import itemgetter

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app import media
from app.extensions import db
from app.media.storage import Stored
from app.queries.pictures import SHOWING, shown_keys

AT_ONCE = 1000
FINDINGS = ("whole", "missing", "broken", "unreferenced", "aside", "unfinished")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be told of a key (one of FINDINGS), about which variants, and since when."""

    what: str
    key: str
    variants: tuple[str, ...] = ()
    since: datetime | None = None


def take_stock(deep: bool = False) -> Iterator[Finding]:
    """Compare what is shown with what is stored, both in the order of keys; read the bytes if it is to be deep."""
    from app.media.images import VARIANTS  # here, since a server never needs Pillow

    stored = ((one.key, "", one) for one in media.store().stored())
    shown = ((key, kind, None) for key, kind in _shown())
    everything = merge(stored, shown, key=itemgetter(0))
    for key, group in groupby(everything, key=itemgetter(0)):
        kinds, lying = set(), None
        for _, kind, one in group:
            lying = one or lying
            kinds |= {kind} if kind else set()
        yield _judge(key, [VARIANTS[kind] for kind in sorted(kinds)], lying, deep)
    for aside in media.store().aside():
        yield Finding("aside", aside.key, since=aside.since)
    for left in media.store().unfinished():
        yield Finding("unfinished", left.name, since=left.since)


def _shown() -> Iterator[tuple[str, str]]:
    """Yield every key that is shown and the kind of picture it is, in the order of keys."""
    return merge(*(_keys(column, kind) for column, kind in SHOWING))


def _keys(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], kind: str
) -> Iterator[tuple[str, str]]:
    last = ""
    question = select(column).distinct().order_by(column).limit(AT_ONCE)
    while keys := db.session.scalars(question.where(column > last)).all():
        yield from ((key, kind) for key in keys if key)
        last = keys[-1] or ""


def _judge(key: str, kinds: list[tuple[int, ...]], lying: Stored | None, deep: bool) -> Finding:
    if not kinds:
        assert lying is not None
        return Finding("whole" if shown_keys([key]) else "unreferenced", key, since=lying.since)
    there = lying.variants if lying else frozenset[str]()
    wanted = {str(variant) for variants in kinds for variant in variants}
    # What was stored or set aside while we looked is opened to make sure.
    missing = [variant for variant in sorted(wanted - there, key=int) if not _opens(key, variant)]
    if missing:
        return Finding("missing" if shown_keys([key]) else "whole", key, tuple(missing))
    if deep and not any(_is_named_by(key, variants) for variants in kinds):
        return Finding("broken", key)
    return Finding("whole", key)


def _opens(key: str, variant: str) -> bool:
    try:
        media.open_variant(key, variant).close()
    except (LookupError, OSError):
        return False
    return True


def _is_named_by(key: str, variants: tuple[int, ...]) -> bool:
    """Tell whether what is stored can be read, and would be given this name by the darkroom."""
    digest = blake2b(digest_size=16)
    try:
        for variant in variants:
            with media.open_variant(key, str(variant)) as file:
                digest.update(file.read())
    except (LookupError, OSError):
        return False
    return digest.hexdigest() == key
