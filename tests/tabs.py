"""A tab as its script keeps it: fed with what is pushed and replayed, to be compared with a page loaded anew."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask

from app.blueprints.live import missed_in
from app.extensions import db
from app.language import force_locale
from app.live.pushes import Push
from app.models import User
from app.queries.chats import chat_for
from tests.conftest import Person

VOID = {"img", "input", "br", "hr", "meta", "link", "source", "wbr"}
REPLACED = ("member-count-", "pins-", "readers-", "messages-")  # what is pushed by id, besides messages


class Elements(HTMLParser):
    """Cuts out of HTML, as it is written, every element that has an id or stands in many places."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.html = html
        self.starts = [0, *(found.end() for found in re.finditer("\n", html))]
        self.open: list[tuple[str, str | None, int, int]] = []
        self.found: list[tuple[str, str, int]] = []  # key, source, how deep it stands
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where an element begins."""
        known = dict(attrs)
        key = known.get("data-every") or known.get("id")
        if tag not in VOID:
            self.open.append((tag, key, self._here(), len(self.open)))

    def handle_endtag(self, tag: str) -> None:
        """Keep what has come to its end."""
        while self.open:
            name, key, start, depth = self.open.pop()
            if name == tag:
                if key:
                    end = self.html.index(">", self._here()) + 1
                    self.found.append((key, " ".join(self.html[start:end].split()), depth))
                return

    def _here(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column


@dataclass
class Tab:
    """What somebody's tab with a chat open shows: elements by their keys, and messages in their order."""

    app: Flask
    person: Person
    chat: int
    revision: int = 0
    shown: dict[str, str] = field(default_factory=dict)
    listening: bool = True
    closed: bool = False

    def load(self) -> None:
        """Show the page as it is."""
        html = self.person.get(f"/chats/{self.chat}?before=999999").text
        self.shown = self.keep(html)
        self.revision = int(re.findall(r'data-last-revision="(\d+)"', html)[0])
        self.listening, self.closed = True, False

    def keep(self, html: str) -> dict[str, str]:
        """Return what of a page is kept up to date by pushes."""
        kept = {}
        for key, source, _ in Elements(html).found:
            if re.match(r"message-\d+$", key) or key.startswith(("member-count-", "pins-", "readers-")):
                kept[key] = source
            elif key.startswith(("group-name-", "group-avatar-")):
                kept.setdefault(key, source)
        return kept

    def hear(self, push: Push) -> None:
        """Take a push as the script does, if the socket is there and it is for this tab."""
        if not self.listening or self.person.user_id not in push.people or not push.is_for(self.chat):
            return
        frame = push.frame("en")
        if "<" in (text := frame[frame.index(b"<") :].decode() if b"<" in frame else ""):
            self.receive(text)

    def receive(self, html: str) -> None:
        """Put what came where it belongs; a message out of turn is a reason to connect again."""
        replayed = re.search(r'id="replayed" data-upto="(\d+)"', html)
        for key, source, depth in Elements(html).found:
            if depth:
                continue
            if re.match(r"message-\d+$", key):
                if source.startswith("<i "):
                    self.shown.pop(key, None)
                elif not self._place(key, source, bool(replayed)):
                    self.connect()
                    return
            elif key == f"messages-{self.chat}":
                self.shown = {one: old for one, old in self.shown.items() if not one.startswith("message-")}
                self.shown |= {one: new for one, new in self.keep(html).items() if one.startswith("message-")}
                self.revision = int(re.findall(r'data-last-revision="(\d+)"', source)[0])
            elif key == f"composer-{self.chat}":
                self.closed = "data-closed" in source
            elif key.startswith("quote-"):
                self._requote(key, source)
            elif key in self.shown:
                self.shown[key] = source
        if replayed:
            self.revision = max(self.revision, int(replayed[1]))

    def read_by_others(self) -> int:
        """Return how far somebody else has read, as the script has it: who speaks has read."""
        first, first_seq, next_seq = map(int, re.findall(r'data-[a-z-]+="(\d+)"', self.shown[f"readers-{self.chat}"]))
        spoken = [
            int(found[2])
            for html in self.shown.values()
            if (found := re.search(r'data-author="(\d+)" data-chat="\d+" data-seq="(\d+)"', html))
            and int(found[1]) != self.person.user_id
        ]
        return max([next_seq if first == self.person.user_id else first_seq, *spoken])

    def connect(self) -> None:
        """Connect again, and be told what was missed."""
        self.listening = True
        with self.app.test_request_context(), force_locale("en"):
            person = db.session.get_one(User, self.person.user_id, populate_existing=True)
            row = chat_for(person, self.chat)
            if row is None:
                self.closed, self.listening = True, False
                return
            html = str(missed_in(person, row, self.revision))
            db.session.remove()
        self.receive(html)

    def _place(self, key: str, source: str, replayed: bool) -> bool:
        revision = int(re.findall(r'data-revision="(\d+)"', source)[0])
        if not replayed and revision > self.revision + 1:
            return False
        self.revision = max(self.revision, revision)
        own = self.shown.get(key)
        if own is None or int(re.findall(r'data-revision="(\d+)"', own)[0]) <= revision:
            self.shown[key] = source
        return True

    def _requote(self, key: str, source: str) -> None:
        old = re.compile(rf'<a class="quote" data-every="{key}".*?</a>')
        self.shown = {one: old.sub(lambda _: source, html) for one, html in self.shown.items()}
