"""Whether every text can be read on everything it stands on, in every theme, by day and by night."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "app/static/css"
TOKENS = (CSS / "tokens.css").read_text()
GROUNDS = ("page", "surface", "raised", "tint", "tint-soft", "bubble-own", "bubble-other")
TEXTS = ("text", "text-soft", "accent-text", "danger")
ON_COLOUR = (("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-accent", "badge"))
ON_TOAST = (("on-toast", "toast"), ("toast-accent", "toast"))
LINES = tuple(product(("control-line", "accent-text", "focus"), ("page", "surface", "raised")))
THEMES = {":root {": 4.5, '[data-theme="contrast"] {': 7.0, '[data-theme="system"] {': 4.5}


def colours(selector: str, night: bool) -> dict[str, str]:
    """Return the colours a rule of the tokens sets, by day or by night."""
    rule = TOKENS.split(f"\n  {selector}")[-1] if selector == ":root {" else TOKENS.split(selector)[-1]
    found = re.findall(r"--([\w-]+): (?:light-dark\()?(#\w{6})(?:, (#\w{6})\))?;", rule.split("}")[0])
    return {name: dark if night and dark else light for name, light, dark in found}


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("theme", THEMES, ids=["plain", "contrast", "more"])
def test_everything_can_be_read(theme: str, night: bool) -> None:
    tokens = colours(":root {", night) | colours(theme, night)
    pairs = [*product(TEXTS, GROUNDS), *ON_COLOUR, *ON_TOAST]
    found = {(over, under): contrast(tokens[over], tokens[under]) for over, under in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < THEMES[theme]} == {}
    lines = {(over, under): contrast(tokens[over], tokens[under]) for over, under in LINES}
    assert {pair: ratio for pair, ratio in lines.items() if ratio < 3} == {}


def test_styles_name_no_id_and_force_nothing() -> None:
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text()
        assert "!important" not in text, sheet.name
        assert re.findall(r"(?m)^[^:;{}]*#[a-z][\w-]*[^;{}]*\{", text) == [], sheet.name
