"""What operators read: lines of text, or one JSON object a line, each with the id of the request it came of.

A line never holds what people wrote, nor an e-mail or network address: what looks like one is taken out.
"""

import json
import logging
import re
import secrets
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from logging import LogRecord

from flask import Flask, Response, g, request

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ADDRESS = re.compile(r"[^\s<>@\"'(:]+@[^\s<>@\"'):,]+|\b\d{1,3}(?:\.\d{1,3}){3}\b")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
log = logging.getLogger("app.requests")


class Text(logging.Formatter):
    """Lines for somebody who looks at a console."""

    def format(self, record: LogRecord) -> str:
        """Write a record as a line, with its traceback below."""
        return without_addresses(super().format(record))


class Json(logging.Formatter):
    """Lines for a program that collects them."""

    def format(self, record: LogRecord) -> str:
        """Write a record as one JSON object."""
        facts: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_addresses(record.getMessage()),
            "process": record.process,
        }
        if (number := request_id.get()) is not None:
            facts["request"] = number
        facts |= getattr(record, "facts", {})
        if record.exc_info:
            facts["traceback"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(facts, ensure_ascii=False)


def without_addresses(text: str) -> str:
    """Return a text without what looks like an e-mail or network address."""
    return ADDRESS.sub("…", text)


def configure(style: str) -> None:
    """Write everything that is logged to the standard error, as ``text`` (warnings) or ``json`` (requests too)."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if style == "json" else Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO if style == "json" else logging.WARNING)
    own = logging.getLogger("gunicorn.error")  # it writes by itself otherwise
    own.handlers, own.propagate = [], True


def init_app(app: Flask) -> None:
    """Give every request an id, and note how it was answered."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Take the id that a proxy gave the request, or make one."""
    given = request.headers.get("X-Request-ID", "")
    request_id.set(given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8))
    g.began = time.perf_counter()


def end(response: Response) -> Response:
    """Note which door answered what, in how many milliseconds; the address asked for may hold names and is left out."""
    response.headers["X-Request-ID"] = request_id.get() or ""
    if log.isEnabledFor(logging.INFO):
        facts = {
            "door": request.endpoint,
            "method": request.method,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.began) * 1000, 1),
            "user": getattr(g.get("_login_user"), "id", None),  # not asked for, if nobody else did
        }
        log.info("request", extra={"facts": facts})
    return response
