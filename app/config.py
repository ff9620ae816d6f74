"""Every setting an operator can make: one table, read from the environment.

Only the standard library is used here, so that ``./run help`` answers on a bare machine
(``python3 app/config.py``) before anything is installed.
"""

import os
import re
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "uk")
THEMES = ("system", "light", "dark", "contrast")


class BadSetting(ValueError):
    """A setting that cannot work, with a sentence that says which and why."""


def _text(value: str) -> str:
    return value


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return value

    return parse


def _address(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value and urlsplit(value).scheme not in schemes:
            raise ValueError(f"an address that starts with {' or '.join(scheme + ':' for scheme in schemes)}")
        return value

    return parse


def _path(value: str) -> str:
    if value and not re.fullmatch(r"/[\w./-]*/|/", value):
        raise ValueError("a path that begins and ends with a slash, such as /protected-media/")
    return value


def _database(value: str) -> str:
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    return _address("sqlite", "postgresql+psycopg")(value)


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise ValueError("the name of a time zone, such as Europe/Kyiv") from None
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """One ``WORLDIT_*`` variable: its value when unset, how it is read, and what it is for."""

    name: str
    default: str
    parse: Callable[[str], object]
    meaning: str


SETTINGS = (
    Setting("HOST", "127.0.0.1", _text, "the address to listen on; 0.0.0.0 for every network"),
    Setting("PORT", "8000", _number(1, 65535), "the port to listen on"),
    Setting("INSTANCE", "instance", _text, "the folder that keeps the database, pictures, letters and the secret key"),
    Setting(
        "DATABASE_URL", "", _database, "postgresql://user:password@host/name; unset: SQLite in the instance folder"
    ),
    Setting("MEDIA_URL", "", _address("file"), "file:/folder for pictures; unset: in the instance folder"),
    Setting("QUOTA", "2048", _number(0, 1_000_000), "megabytes of pictures that one person may keep; 0: no limit"),
    Setting("ACCEL", "", _path, "the path at which nginx sends pictures by itself, such as /protected-media/"),
    Setting(
        "MAIL_URL", "", _address("smtp", "smtps"), "smtp://user:password@host:587; unset: letters go to the outbox"
    ),
    Setting("MAIL_FROM", "World IT <world-it@localhost>", _text, "the sender of letters"),
    Setting("REDIS_URL", "", _address("redis", "rediss", "unix"), "redis://host; several servers or workers need it"),
    Setting("WORKERS", "1", _number(1, 64), "processes that make pages; more than one needs WORLDIT_REDIS_URL"),
    Setting("THREADS", "64", _number(4, 1000), "requests answered at the same time by a process"),
    Setting("JOBS", "web", _choice("web", "worker"), "who does later work, such as letters: web, or ./run worker"),
    Setting("LOG", "text", _choice("text", "json"), "text for a console, or json with a line for every request"),
    Setting("METRICS_TOKEN", "", _text, "lets /metrics be read from other machines: Authorization: Bearer …"),
    Setting("LANGUAGE", "", _choice("", *LANGUAGES), "en or uk for new visitors; unset: what their browser asks for"),
    Setting("TIMEZONE", "Europe/Kyiv", _timezone, "the zone of times in pages before a device shows its own"),
    Setting(
        "PUBLIC_URL", "", _address("http", "https"), "the address people use when a proxy stands before the server"
    ),
    Setting("PROXIES", "0", _number(0, 5), "how many proxies before the server may set X-Forwarded-For"),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return every setting by name, parsed; raise BadSetting for the first that cannot work."""
    values: dict[str, object] = {}
    for setting in SETTINGS:
        text = environ.get(f"WORLDIT_{setting.name}", "").strip() or setting.default
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as reason:
            raise BadSetting(f"WORLDIT_{setting.name} must be {reason}, not “{text}”.") from None
    known = {f"WORLDIT_{setting.name}" for setting in SETTINGS} | {"WORLDIT_TEST_DATABASE_URL"}  # the tests' own
    for name in environ:
        if name.startswith("WORLDIT_") and name not in known:
            raise BadSetting(f"{name} is not a setting; ./run help lists them.")
    if values["WORKERS"] != 1 and not values["REDIS_URL"]:
        raise BadSetting(
            f"WORLDIT_WORKERS is {values['WORKERS']}, but several workers need WORLDIT_REDIS_URL: "
            "without it each would count attempts and notice people for itself."
        )
    return values


def configure(environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return Flask's configuration; create the instance folder and its secret key where missing."""
    values = read(environ)
    instance = (ROOT / str(values["INSTANCE"])).resolve()
    try:
        instance.mkdir(parents=True, exist_ok=True)
        secret_key = _secret_key(instance)
    except OSError as reason:
        raise BadSetting(f"WORLDIT_INSTANCE must be a folder that can be written: {reason}.") from None
    public_url = str(values["PUBLIC_URL"]).rstrip("/")
    return {
        **values,
        "INSTANCE": instance,
        "PUBLIC_URL": public_url,
        "SECRET_KEY": secret_key,
        "SQLALCHEMY_DATABASE_URI": values["DATABASE_URL"] or f"sqlite:///{instance / 'world-it.sqlite3'}",
        "MEDIA_URL": values["MEDIA_URL"] or (instance / "media").as_uri(),
        "RATELIMIT_STORAGE_URI": values["REDIS_URL"] or "memory://",
        "SESSION_COOKIE_NAME": "worldit",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": public_url.startswith("https:"),
        "PERMANENT_SESSION_LIFETIME": 60 * 60 * 24 * 60,
        "SESSION_REFRESH_EACH_REQUEST": False,  # sent again only when a session was touched
        # Ten pictures of 15 MB and the words around them.
        "MAX_CONTENT_LENGTH": 160 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 1500,  # a group of a thousand, and what else is said of it
        **_mail(str(values["MAIL_URL"]), str(values["MAIL_FROM"])),
    }


def _secret_key(instance: Path) -> str:
    """Return the key that signs cookies, made once and readable by its owner alone."""
    path = instance / "secret_key"
    try:
        # O_EXCL: of two processes that start at once, one makes the key and the other reads it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


def _mail(url: str, sender: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "MAIL_SERVER": parts.hostname or "",
        "MAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "MAIL_USERNAME": unquote(parts.username or "") or None,
        "MAIL_PASSWORD": unquote(parts.password or "") or None,
        "MAIL_USE_SSL": parts.scheme == "smtps",
        "MAIL_USE_TLS": parts.scheme == "smtp" and parts.username is not None,
        "MAIL_DEFAULT_SENDER": sender,
    }


def describe() -> str:
    """Return the settings as lines of text for ``./run help``."""
    lines = [f"  {'WORLDIT_' + s.name:<22}{s.meaning}" + (f" [{s.default}]" if s.default else "") for s in SETTINGS]
    return "\n".join(lines)


def require_free(host: str, port: int) -> None:
    """Raise BadSetting unless a server can listen there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as reason:
        raise BadSetting(f"Cannot listen on {host} port {port}: {reason.strerror or reason}.") from None


if __name__ == "__main__":
    if sys.argv[1:]:
        try:
            values = read()
            if sys.argv[1] == "check":
                require_free(str(values["HOST"]), int(str(values["PORT"])))
        except BadSetting as reason:
            sys.exit(f"world-it: {reason}")
    else:
        sys.stdout.write(describe() + "\n")
