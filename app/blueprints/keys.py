"""Keys of rows in addresses: a number that no row can have is not one, and never reaches the database."""

import re
from collections.abc import Iterable

from werkzeug.routing import IntegerConverter

PATTERN = r"[0-9]{1,9}"


class KeyConverter(IntegerConverter):
    """``<int:post_id>`` in a path; what is not a key matches no path."""

    regex = PATTERN


def key(text: str) -> int:
    """Read a key from a query: ``request.args.get("before", type=key)``, where what is not one is not there."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(text)
    return int(text)


def keys(texts: Iterable[str]) -> list[int]:
    """Return those of these texts that are keys of rows, each once."""
    return list(dict.fromkeys(int(text) for text in texts if re.fullmatch(PATTERN, text)))
