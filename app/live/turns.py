"""The order of a chat's changes, restored.

Two people who write at once are served by two threads or processes, and the second change may be pushed before the
first. A page that saw a revision skipped would connect again, a thousand pages together; so a push that is early
waits a moment for its turn. What never comes (its process died) is not waited for long: the pages fetch it.
"""

from collections import OrderedDict
from collections.abc import Iterator

from app.live.pushes import Push

PATIENCE = 0.5  # seconds; a push follows its commit within milliseconds
CHATS = 10_000  # whose last revision is remembered


class Turns:
    """Lets pushes pass in the order of their chat's revisions."""

    def __init__(self) -> None:
        self._last: OrderedDict[int, int] = OrderedDict()
        self._early: dict[int, dict[int, tuple[float, Push]]] = {}

    @property
    def waiting(self) -> int:
        """How many chats have a push that waits."""
        return len(self._early)

    def take(self, push: Push, now: float) -> Iterator[Push]:
        """Yield the pushes whose turn has come with this one."""
        chat, revision = push.chat, push.revision
        if chat is None or revision is None:
            yield push
            return
        last = self._last.get(chat)
        if last is not None and revision > last + 1:
            self._early.setdefault(chat, {})[revision] = (now + PATIENCE, push)
            return
        yield push
        self._note(chat, max(revision, last or 0))
        yield from self._following(chat)

    def overdue(self, now: float) -> Iterator[Push]:
        """Yield what has waited long enough for something that did not come."""
        for chat in list(self._early):
            early = self._early[chat]
            while early and min(early.values(), key=lambda one: one[0])[0] <= now:
                revision = min(early)
                yield early.pop(revision)[1]
                self._note(chat, revision)
                yield from self._following(chat)
            if not early:
                self._early.pop(chat, None)

    def _following(self, chat: int) -> Iterator[Push]:
        early = self._early.get(chat)
        while early and (due := early.pop(self._last[chat] + 1, None)):
            yield due[1]
            self._note(chat, self._last[chat] + 1)
        if early is not None and not early:
            self._early.pop(chat, None)

    def _note(self, chat: int, revision: int) -> None:
        self._last[chat] = revision
        self._last.move_to_end(chat)
        if len(self._last) > CHATS:
            self._last.popitem(last=False)
