"""Which language and zone a page speaks in, and how moments are written in it."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import flask_babel
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, current_app, g, request
from flask_babel import (
    Babel,
    format_datetime,
    format_timedelta,
    get_locale,
    get_timezone,
    gettext,
    to_user_timezone,
)
from flask_login import current_user
from markupsafe import Markup

from app.config import LANGUAGES

__all__ = ["LANGUAGES", "current_language", "day_of", "force_locale", "moment"]

COOKIE = "language"
LOCALES = {language: Locale.parse(language) for language in LANGUAGES}  # looking for one takes Babel a while


def init_app(app: Flask, babel: Babel) -> None:
    """Let pages speak the viewer's language, and templates write moments."""
    compile_catalogs(Path(app.root_path) / "translations")
    babel.init_app(
        app, locale_selector=lambda: LOCALES[choose()], timezone_selector=lambda: current_app.config["TIMEZONE"]
    )
    app.jinja_env.globals.update(moment=moment, day_of=day_of)


def compile_catalogs(folder: Path) -> None:
    """Make the catalogs that gettext reads from the ones people write, where those are newer."""
    for source in folder.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compiled = BytesIO()
            with source.open("rb") as file:
                write_mo(compiled, read_po(file, locale=source.parents[1].name))  # whose plural forms they are
            # Written aside and renamed: another process may be reading.
            aside = target.with_suffix(f".{id(compiled)}")
            aside.write_bytes(compiled.getvalue())
            aside.replace(target)


def choose() -> str:
    """Return the viewer's language: chosen by the person, by this browser, by the operator, or by its settings."""
    if "language" in g:
        return str(g.language)
    chosen = current_user.language if current_user.is_authenticated else request.cookies.get(COOKIE)
    if chosen not in LANGUAGES:
        chosen = current_app.config["LANGUAGE"] or request.accept_languages.best_match(LANGUAGES)
    g.language = chosen or LANGUAGES[0]
    return str(g.language)


def force_locale(language: str) -> AbstractContextManager[None]:
    """Make text in a language for a while."""
    return flask_babel.force_locale(LOCALES[language])


def current_language() -> str:
    """Return the language in which text is made just now."""
    return str(get_locale() or LANGUAGES[0])


def moment(value: datetime, style: str = "time") -> Markup:
    """Write a moment as ``<time>``; a script turns it into the device's zone.

    Styles: ``time`` 18:45, ``day`` 21 November 2026, ``full`` both, ``short`` the time today and the date before,
    ``month`` November 2026, ``ago`` how long it has been.
    """
    return Markup('<time datetime="{}" data-style="{}">{}</time>').format(
        value.isoformat(timespec="milliseconds"), style, _written(value, style)
    )


def _written(value: datetime, style: str) -> str:
    if style == "time":
        return to_user_timezone(value).strftime("%H:%M")
    if style == "day":
        return format_datetime(value, "d MMMM y")
    if style == "month":
        return format_datetime(value, "LLLL y")
    if style == "full":
        return format_datetime(value, "d MMMM y, HH:mm")
    now = datetime.now(UTC)
    if style == "short":
        local = to_user_timezone(value)
        return local.strftime("%H:%M" if to_user_timezone(now).date() == local.date() else "%d.%m.%Y")
    if now - value > timedelta(days=7):
        return format_datetime(value, "d MMMM y")
    if now - value < timedelta(minutes=1):
        return gettext("just now")
    return format_timedelta(value - now, add_direction=True)


def start_of(day: datetime) -> datetime:
    """Return the moment at which a day begins in the instance's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=get_timezone())


def day_of(value: datetime) -> date:
    """Return the day a moment falls on in the instance's zone."""
    return to_user_timezone(value).date()
