"""The only ways HTML leaves in pieces, and the only place that asks whether htmx is listening."""

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, current_app, flash, redirect, request
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.rendering import Templates


def init_app(app: Flask) -> None:
    """Let templates render partials."""
    app.jinja_environment = Templates
    app.jinja_env.globals["partial"] = cast(Templates, app.jinja_env).partial


def partial(name: str, /, **things: object) -> Markup:
    """Render ``partials/<name>.html`` from exactly the things given.

    Context processors do not run, so a partial cannot see who is looking:
    what one person is shown can be sent to everyone.
    """
    return cast(Templates, current_app.jinja_env).partial(name, **things)


def wants_fragment() -> bool:
    """Tell whether the page's script asked, and will swap what it gets."""
    return "HX-Request" in request.headers


def beside(target: str, fragment: Markup, swap: str = "outerHTML") -> Markup:
    """Wrap a fragment so that htmx puts it at the element with this id, next to its main swap."""
    return Markup('<hx-partial hx-target="#{}" hx-swap="{}">{}</hx-partial>').format(target, swap, fragment)


def toast(sentence: str, undo: str | None = None) -> Markup:
    """Return a passing notice for the toasts' corner; ``undo`` is the address a POST to which takes the deed back."""
    return beside("toasts", partial("toast", sentence=sentence, undo=undo), swap="beforeend")


def reply(
    *fragments: Markup, otherwise: str, status: int = 200, said: str | None = None, undo: str | None = None
) -> AnyResponse:
    """Answer htmx with fragments, and a plain browser with a redirect; ``said`` is told either way."""
    if wants_fragment():
        notice = toast(said, undo) if said else Markup("")
        return Response(Markup("").join((*fragments, notice)), status)
    if said:
        flash((said, undo) if undo else said)  # type: ignore[arg-type]  # The session keeps pairs as well.
    return redirect(otherwise, 303)


def leave_for(url: str) -> AnyResponse:
    """Send the browser to another page, whoever asked."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


def retry(fragment: Markup, page: Callable[[], str]) -> Response:
    """Answer a form that failed: the same form with its words and reasons, alone for htmx, in its page otherwise."""
    return Response(fragment if wants_fragment() else page(), 422)


def refusal(sentence: str, status: int, page: Callable[[], str]) -> Response:
    """Say no: as a toast beside what htmx shows, which stays as it is, or as a page."""
    if wants_fragment():
        return Response(toast(sentence), status, headers={"HX-Reswap": "none"})
    return Response(page(), status)


def busy() -> str:
    """Return the sentence for too many tries in too short a time."""
    return gettext("Too many attempts. Wait a little and try again.")
