"""How a no looks: as a page, or as a toast beside what htmx shows."""

import logging

from flask import Flask, g, render_template
from flask_babel import gettext
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.wrappers import Response

from app.errors import Refused
from app.fragments import busy, refusal

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Give every error the product's own face."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(OperationalError, unstored)
    app.register_error_handler(OSError, unwritten)


def refused(reason: Refused) -> Response:
    """A broken rule, in its own words."""
    return _said(reason.status, gettext("That did not work"), reason.sentence)


def unstored(error: OperationalError) -> Response:
    """A database that is locked, full or away: nothing was changed, and trying again later may work."""
    log.error("the database failed: %s", error.orig)
    if "_login_user" not in g:  # who is looking cannot be asked now, and would be asked for again by the page
        g._login_user = AnonymousUserMixin()
    return failed(ServiceUnavailable(retry_after=5))


def unwritten(error: OSError) -> Response:
    """A disk that is full, away or not ours to write: as with the database, trying again later may work."""
    log.error("a file or a connection failed", exc_info=error)
    return failed(ServiceUnavailable(retry_after=5))


def failed(error: HTTPException) -> Response:
    """An error of HTTP, in words a person can use."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    title, sentence = words(code)
    response = _said(code, title, sentence)
    for name, value in error.get_headers():
        if name not in ("Content-Type",):
            response.headers[name] = value
    return response


def _said(code: int, title: str, sentence: str) -> Response:
    return refusal(sentence, code, lambda: render_template("problem.html", code=code, title=title, sentence=sentence))


def words(code: int) -> tuple[str, str]:
    """Return a title and a sentence for a status."""
    known = {
        403: (
            gettext("Not allowed"),
            gettext("This request did not come from our own pages, so it was not carried out."),
        ),
        404: (gettext("Nothing here"), gettext("This page does not exist, or it is not yours to see.")),
        405: (gettext("Nothing here"), gettext("This page does not exist, or it is not yours to see.")),
        413: (gettext("Too large"), gettext("What you sent is too large. Send fewer or smaller pictures.")),
        429: (gettext("Too many attempts"), busy()),
        503: (
            gettext("Not just now"),
            gettext("The server cannot store or look up anything at the moment. Nothing was changed; try again soon."),
        ),
        500: (gettext("Something broke"), gettext("The mistake is ours and has been noted. Try again in a moment.")),
    }
    return known.get(code) or known[500 if code >= InternalServerError.code else 404]
