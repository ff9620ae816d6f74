"""The page of settings: sections that are read, and open for editing one at a time in their place.

A section has one element, ``section-<name>``. ``GET /settings/<name>`` is the page with that section open; a script
takes only the section out of it. What was saved is answered with the section as it is read, what was wrong with the
open one.
"""

from collections.abc import Callable

from flask import Response, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.fragments import beside, partial, reply, retry
from app.models import User
from app.viewer import viewer

Face = Callable[[User], Markup]

SECTIONS = (
    "profile",
    "personal",
    "signature",
    "email",
    "password",
    "appearance",
    "chats",
    "privacy",
    "sessions",
    "leaving",
)
_faces: dict[str, Face] = {}
_forms: dict[str, Callable[[], Markup]] = {}


def form_of(name: str) -> Callable[[Callable[[], Markup]], Callable[[], Markup]]:
    """Say how a section opens: decorates what renders it with its form as it is filled in at first."""

    def keep(form: Callable[[], Markup]) -> Callable[[], Markup]:
        _forms[name] = form
        return form

    return keep


def opened(name: str) -> Markup | None:
    """Return a section with its form, if it is one that opens."""
    return _forms[name]() if name in _forms else None


def section(name: str) -> Callable[[Face], Face]:
    """Say how a section is read: decorates what renders it for the person whose it is."""

    def keep(face: Face) -> Face:
        _faces[name] = face
        return face

    return keep


def closed(name: str) -> Markup:
    """Return a section as it is read."""
    return _faces[name](viewer())


def page(name: str | None = None, form: Markup | None = None) -> str:
    """Return the whole page; the section called ``name`` open with its form, if there is one."""
    shown = {one: form if form and one == name else closed(one) for one in SECTIONS if one in _faces}
    return render_template("settings/show.html", sections=shown, open=name)


def saved(name: str, said: str, *others: Markup) -> AnyResponse:
    """Answer a form that worked: its section as it is read now, and what else changes on the page."""
    return reply(closed(name), *others, otherwise=url_for("settings.show", _anchor=f"section-{name}"), said=said)


def signed() -> Markup:
    """Return what changes in the section of the signature, open or not, when somebody is called otherwise."""
    return beside("my-sign", partial("my_sign", user=viewer()))


def wrong(name: str, form: Markup) -> Response:
    """Answer a form that failed: its section still open, with what was typed and why it is not taken."""
    return retry(form, lambda: page(name, form))
