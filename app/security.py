"""What every request and every answer goes through, whatever door it is for."""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user
from itsdangerous import BadSignature

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": browsers would then send "Origin: null" with forms, and every write would be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class SessionCookies(SecureCookieSessionInterface):
    """Signed cookies that are not asked when they were signed.

    Sign-ins and sign-ups end in their tables. A cookie signed "in the future" is one from before the clock was set
    back, and nobody shall be signed out by that.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie, if it is one of ours."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        try:
            return self.session_class(signer.loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return self.session_class()


def init_app(app: Flask) -> None:
    """Check where every write comes from, and harden every answer."""
    app.session_interface = SessionCookies()
    app.before_request(refuse_foreign_writes)
    app.before_request(refuse_nul)
    app.after_request(harden)


def refuse_foreign_writes() -> None:
    """Let a write pass only when it comes from our own pages.

    This stands in for tokens in forms: browsers tell truthfully where a request was made, and a client that tells
    nothing may write only where no cookie speaks for it. Sockets are checked like writes, since browsers let any page
    open one.
    """
    if request.method in SAFE_METHODS and "Upgrade" not in request.headers:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        abort(403)
    if origin is not None and not is_our_origin(origin):
        abort(403)
    if site is None and origin is None and current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        abort(403)


def refuse_nul() -> None:
    """Find nothing at an address with a NUL in it, which PostgreSQL would not even look up."""
    if "\0" in request.path or "%00" in request.query_string.decode("ascii", "replace"):
        abort(404)


def is_our_origin(origin: str) -> bool:
    """Tell whether an Origin header names this very server."""
    if public_url := current_app.config["PUBLIC_URL"]:
        return (
            origin == "{0.scheme}://{0.netloc}".format(urlsplit(public_url)) or urlsplit(origin).netloc == request.host
        )
    return urlsplit(origin).netloc == request.host


def harden(response: Response) -> Response:
    """Put the security headers on an answer, and keep what is personal out of shared caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if current_user.is_authenticated else "no-cache, private"
    return response
