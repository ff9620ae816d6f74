"""Which language and zone a page speaks in, and how moments are written in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, current_app, g, request
from flask_babel import Babel, get_locale, get_translations
from flask_login import current_user
from markupsafe import Markup, escape

from app.config import LANGUAGES

__all__ = ["LANGUAGES", "current_language", "day_of", "force_locale", "gettext", "moment"]

COOKIE = "language"
LOCALES = {language: Locale.parse(language) for language in LANGUAGES}  # looking for one takes Babel a while


class Speech(NamedTuple):
    """A language, its texts, and the instance's zone."""

    language: str
    texts: Translations
    zone: ZoneInfo


def init_app(app: Flask, babel: Babel) -> None:
    """Let pages speak the viewer's language, and templates write moments."""
    compile_catalogs(Path(app.root_path) / "translations")
    babel.init_app(
        app, locale_selector=lambda: LOCALES[choose()], timezone_selector=lambda: current_app.config["TIMEZONE"]
    )
    app.jinja_env.globals.update(
        _=_text, gettext=_text, ngettext=_text_for, moment=moment, day_of=day_of, written_day=written_day
    )


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


@contextmanager
def force_locale(language: str) -> Iterator[None]:
    """Make text in a language for a while."""
    before = g.pop("speech", None)
    try:
        with flask_babel.force_locale(LOCALES[language]):
            yield
    finally:
        g.pop("speech", None)
        if before:
            g.speech = before


def speech() -> Speech:
    """Return the language in which text is made just now; a page asks hundreds of times."""
    try:
        return g.speech
    except AttributeError:
        g.speech = Speech(str(get_locale()), get_translations(), ZoneInfo(current_app.config["TIMEZONE"]))
        return g.speech


def current_language() -> str:
    """Return the language in which text is made just now."""
    return speech().language


def gettext(text: str) -> str:
    """Return a text in the language of just now."""
    return speech().texts.ugettext(text)


def _text(text: str, /, **values: Any) -> Markup:
    return _filled(speech().texts.ugettext(text), values)


def _text_for(one: str, many: str, count: int, /, **values: Any) -> Markup:
    return _filled(speech().texts.ungettext(one, many, count), {"num": count, **values})


def _filled(text: str, values: dict[str, Any]) -> Markup:
    html = Markup(text)  # noqa: S704 -- ours; what it is filled with is escaped
    return html % values if "%" in text else html


def moment(value: datetime, style: str = "time") -> Markup:
    """Write a moment as ``<time>``; a script turns it into the device's zone.

    Styles: ``time`` 18:45, ``day`` 21 November 2026, ``full`` both, ``short`` the time today and the date before,
    ``month`` November 2026, ``ago`` how long it has been.
    """
    exactly, written = value.isoformat(timespec="milliseconds"), escape(_written(value, style))
    return Markup(f'<time datetime="{exactly}" data-style="{style}">{written}</time>')  # noqa: S704


def _written(value: datetime, style: str) -> str:
    language, _, zone = speech()
    age = datetime.now(UTC) - value
    if style == "ago" and age < timedelta(days=7):
        return _ago(round(age / timedelta(minutes=1)), language) if age > timedelta(minutes=1) else gettext("just now")
    local = value.astimezone(zone)
    if style == "month":
        return format_date(local.date(), "LLLL y", LOCALES[language])
    if style == "time" or (style == "short" and local.date() == datetime.now(zone).date()):
        return local.strftime("%H:%M")
    if style == "short":
        return local.strftime("%d.%m.%Y")
    day = _day(local.date(), language)
    return f"{day}, {local:%H:%M}" if style == "full" else day


def written_day(day: date, with_year: bool = True) -> str:
    """Write a day in the language of just now: 21 November 2026; or only 21 November."""
    return _day(day, speech().language, "d MMMM y" if with_year else "d MMMM")


@lru_cache(maxsize=10_000)
def _day(day: date, language: str, form: str = "d MMMM y") -> str:
    return format_date(day, form, LOCALES[language])


@lru_cache(maxsize=10_000)
def _ago(minutes: int, language: str) -> str:
    return format_timedelta(timedelta(minutes=-minutes), add_direction=True, locale=LOCALES[language])


def start_of(day: datetime) -> datetime:
    """Return the moment at which a day begins in the instance's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=speech().zone)


def day_of(value: datetime) -> date:
    """Return the day a moment falls on in the instance's zone."""
    return value.astimezone(speech().zone).date()
