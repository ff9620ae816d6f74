"""Who comes in: a cookie becomes a person, and people are sent where they have to go first."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Flask, g, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.actions import sessions
from app.extensions import login_manager
from app.fragments import leave_for
from app.models import User
from app.models.columns import now
from app.queries.sessions import session_of

P = ParamSpec("P")

# What answers before people have told their name.
UNINTRODUCED = (
    "assets.",
    "pages.",
    "operators.",
    "live.",
    "welcome.",
    "accounts.logout",
    "password_resets.",
    "settings.theme",
    "settings.language",
    "settings.text_size",
)
# What answers while somebody's account is to be deleted; no socket, so nobody is told that they are here.
LEAVING = (
    "assets.",
    "pages.",
    "operators.",
    "leaving.",
    "accounts.logout",
    "password_resets.",
    "settings.theme",
    "settings.language",
)


def init_app(app: Flask) -> None:
    """Recognise people by their login session, and by nothing else."""
    login_manager.session_protection = None  # It would end a session when a phone changes networks; ours are rows.
    login_manager.user_loader(recognise)
    login_manager.unauthorized_handler(send_to_login)
    app.before_request(receive)


def recognise(token: str) -> User | None:
    """Return whose login session this is."""
    login = session_of(token)
    if login is None:
        return None
    g.login_session = login
    login.user.session_id, login.user.session_token = login.id, token
    return login.user


def receive() -> Response | None:
    """Note that a person is here; show those who have no name yet where to tell it, and those who leave how to stay."""
    endpoint = request.endpoint or ""
    if endpoint.startswith(("assets.", "operators.")) or not current_user.is_authenticated:
        return None
    if now() - g.login_session.last_seen_at > sessions.SEEN_EVERY:
        sessions.touch(g.login_session)
        session.modified = True  # Sends the cookie again, so that it lasts from now on.
    if current_user.deleted_at is not None:
        return None if endpoint.startswith(LEAVING) else leave_for(url_for("leaving.show"))
    if current_user.is_introduced or endpoint.startswith(UNINTRODUCED):
        return None
    return leave_for(url_for("welcome.show"))


def visitors_only(door: Callable[P, Response | str]) -> Callable[P, Response | str]:
    """Send those who are signed in home instead."""

    @wraps(door)
    def entrance(*args: P.args, **kwargs: P.kwargs) -> Response | str:
        return leave_for(url_for("posts.index")) if current_user.is_authenticated else door(*args, **kwargs)

    return entrance


def send_to_login() -> Response:
    """Ask a visitor to sign in first, and remember where they were going."""
    return leave_for(url_for("accounts.login", next=was_going_to()))


def was_going_to() -> str | None:
    """Return the page a visitor wanted, or for anything but a page, the one they were looking at."""
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document":
        return own_path(request.full_path.rstrip("?"))
    return came_from()


def came_from() -> str | None:
    """Return the page of ours on which a link or button was used."""
    page = urlsplit(request.referrer or "")
    return own_path(f"{page.path}?{page.query}".rstrip("?")) if page.netloc == request.host else None


def own_path(path: str | None) -> str | None:
    """Return a path within this site, or None for what a browser might take for another one's address."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\") or not path.isprintable():
        return None
    return path
