"""How a verb shows a change to people: rendered once for each language, on its way once the change is committed."""

from collections.abc import Callable, Iterable

from markupsafe import Markup

from app.extensions import after_commit
from app.language import LANGUAGES, force_locale
from app.live import bus
from app.live.frames import text_frame
from app.live.pushes import Push


def show(
    people: Iterable[int],
    fragment: Callable[[], Markup],
    *,
    chat: int | None = None,
    revision: int | None = None,
    audience: str = "everyone",
) -> None:
    """Put a fragment into these people's open tabs after the commit; a page swaps it for the element with its id.

    ``fragment`` is called once per interface language. ``audience`` says which tabs: all of theirs ("everyone"), those
    "watching" the chat, or those "elsewhere".
    """
    push = Push(frozenset(people), in_every_language(fragment), chat, revision, audience)
    after_commit(lambda: bus.publish(push))


def in_every_language(fragment: Callable[[], Markup]) -> dict[str, bytes]:
    """Return a fragment as one complete frame for each language."""
    frames = {}
    for language in LANGUAGES:
        with force_locale(language):
            frames[language] = text_frame(fragment())
    return frames
