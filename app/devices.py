"""What a device is called that tells what it is in its own long way."""

from typing import NamedTuple

from flask_babel import gettext

# The first that is found counts: most browsers also say that they are the ones they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
HELD = ("iPhone", "iPad", "Android")


class Device(NamedTuple):
    """What a device is called, and whether it is held in a hand."""

    name: str
    held: bool


def device_of(user_agent: str) -> Device:
    """Return what to call a device, in words its owner uses."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    if browser and system:
        name = gettext("%(browser)s on %(system)s", browser=browser, system=system)
    else:
        name = browser or system or gettext("Another device")
    return Device(name, system in HELD)


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for token, name in known if token in user_agent), None)
