"""How a verb shows a change to people: rendered once for each language, on its way once the change is committed."""

from collections.abc import Callable, Collection, Iterable

from markupsafe import Markup

from app.extensions import after_commit
from app.language import LANGUAGES, force_locale
from app.live import bus
from app.live.frames import text_frame
from app.live.pushes import Push, Reach

Fragment = Callable[[], Markup]


def show(
    people: Iterable[int],
    fragment: Fragment,
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


def show_looking(topic: str, reach: Reach, fragment: Fragment) -> None:
    """Put a fragment after the commit into those tabs that look at a topic, such as "post-12", and are within reach.

    That a tab looks at something is not checked when it says so: who may be shown it is told with each push.
    """
    frames = in_every_language(fragment)
    push = Push(reach.people, frames, audience="looking", topic=topic, everybody_but=reach.everybody_but)
    after_commit(lambda: bus.publish(push))


def show_in_chat(
    people: Collection[int],
    chat: int,
    revision: int,
    change: Fragment,
    preview: Fragment | None = None,
) -> None:
    """Show a change of a chat where it is open, and what it means for the inbox in people's other tabs too."""
    watching, elsewhere = {}, {}
    for language in LANGUAGES:
        with force_locale(language):
            beginning = preview() if preview else Markup()
            watching[language] = text_frame(change() + beginning)
            elsewhere[language] = text_frame(beginning)
    everybody = frozenset(people)
    after_commit(lambda: bus.publish(Push(everybody, watching, chat, revision, "watching")))
    if preview:
        after_commit(lambda: bus.publish(Push(everybody, elsewhere, chat, audience="elsewhere")))


def in_every_language(fragment: Fragment) -> dict[str, bytes]:
    """Return a fragment as one complete frame for each language."""
    frames = {}
    for language in LANGUAGES:
        with force_locale(language):
            frames[language] = text_frame(fragment())
    return frames
