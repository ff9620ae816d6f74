"""What somebody looks for, and what narrows it: nothing typed is lost where a filter is wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from flask_babel import gettext

from app.blueprints.keys import PATTERN
from app.language import start_of
from app.models import User
from app.queries.chats import ChatRow, chat_for, latest
from app.queries.people import person_named
from app.queries.search import Filters
from app.text import clean
from app.words import asked

KINDS = ("people", "posts", "tags", "messages")
WORDS, CHATS = 200, 50


class SearchForm:
    """Words, a kind or all of them, and filters; ``errors`` has a sentence for each wrong one."""

    def __init__(self, viewer: User, sent: Mapping[str, str]) -> None:
        self.words = clean(sent.get("q"))[:WORDS]
        self.query = asked(self.words)
        self.kind = sent.get("kind") if sent.get("kind") in KINDS else None
        self.author, self.chat, self.before = (clean(sent.get(name))[:100] for name in ("from", "in", "before"))
        self.pictured = bool(sent.get("images"))
        self.errors: dict[str, str] = {}
        person = person_named(viewer, self.author.removeprefix("@")) if self.author else None
        self.row = chat_for(viewer, int(self.chat)) if re.fullmatch(PATTERN, self.chat) else None
        if self.author and not person:
            self.errors["from"] = gettext("Nobody is called that.")
        if self.chat and not self.row:
            self.errors["in"] = gettext("This is not one of your chats.")
        chat = self.row.chat if self.row else None
        self.filters = Filters(person.user if person else None, chat, self._moment(), self.pictured)

    def _moment(self) -> datetime | None:
        try:
            return start_of(datetime.fromisoformat(self.before)).astimezone(UTC) if self.before else None
        except (ValueError, OverflowError):
            self.errors["before"] = gettext("This is not a date. It looks like 2026-11-23.")
            return None

    @property
    def narrowed(self) -> int:
        """How many filters there are."""
        return sum(map(bool, (self.author, self.chat, self.before, self.pictured)))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be found: what filters ask for, people and tags do not have, nor do posts a chat."""
        return KINDS[3:] if self.chat else (KINDS[1], KINDS[3]) if self.narrowed else KINDS

    def address(self, **changed: object) -> dict[str, object]:
        """Return what leads here again, but for what is changed."""
        narrowed = {"from": self.author, "in": self.chat, "before": self.before, "images": self.pictured and 1}
        sent = {"q": self.words, "kind": self.kind, **narrowed, **changed}
        return {name: value for name, value in sent.items() if value}

    def chats(self, viewer: User) -> list[ChatRow]:
        """Return the chats that are offered: the latest, and the one that is chosen."""
        rows = latest(viewer, CHATS)
        chosen = self.row is not None and self.row.chat.id not in {row.chat.id for row in rows}
        return [self.row, *rows] if chosen and self.row else rows
