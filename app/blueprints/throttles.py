"""How often doors that guard accounts may be tried."""

from collections.abc import Callable
from time import time
from typing import Any

from flask import Response, make_response, request, session
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import TooManyRequests

from app.blueprints import problems
from app.blueprints.fields import email_of
from app.extensions import limiter
from app.text import fold
from app.viewer import viewer

Door = Callable[..., Any]


def by_address(limit: str, *, failures_only: bool = False) -> Callable[[Door], Door]:
    """Limit how often one network address may post here. A school may share one, so be generous."""
    return _limited(limit, get_remote_address, failures_only)


def by_email(limit: str, *, failures_only: bool = False) -> Callable[[Door], Door]:
    """Limit how often one e-mail address may be posted here, from wherever and however it is written."""

    def key() -> str:
        typed = request.form.get("email", "").strip()
        return "email:" + (email_of(typed) or fold(typed))

    return _limited(limit, key, failures_only)


def by_signup(limit: str) -> Callable[[Door], Door]:
    """Limit how often one attempt to sign up may post here."""
    return _limited(limit, lambda: f"signup:{session.get('signup_id')}", failures_only=False)


def by_person(limit: str, *, method: str = "GET") -> Callable[[Door], Door]:
    """Limit how often somebody may ask for what costs more than a page, or post what guards their account."""
    return _limited(limit, lambda: f"person:{viewer().id}", failures_only=False, method=method)


def by_person_failing(limit: str) -> Callable[[Door], Door]:
    """Limit how often somebody who is signed in may be wrong here, such as about their password."""
    return _limited(limit, lambda: f"person:{viewer().id}", failures_only=True)


def _limited(limit: str, key: Callable[[], str], failures_only: bool, method: str = "POST") -> Callable[[Door], Door]:
    return limiter.limit(
        limit,
        key_func=key,
        methods=[method],
        deduct_when=(lambda response: response.status_code == 422) if failures_only else None,
        on_breach=too_many,
    )


def too_many(breached: RequestLimit) -> Response:
    """Say when to come back."""
    return make_response(problems.failed(TooManyRequests(retry_after=max(1, int(breached.reset_at - time())))))
