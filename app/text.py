"""What people write, made ready to be shown."""

import re
import unicodedata

from babel.numbers import format_compact_decimal
from flask_babel import get_locale
from linkify_it import LinkifyIt
from markupsafe import Markup, escape

_linkify = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
# Characters that turn the direction of everything after them, and controls other than line ends and tabs.
_UNSAFE = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ud800-\udfff]"
)


def clean(text: str | None) -> str:
    """Return what somebody wrote as it is kept: composed, with plain line ends, without characters that harm others."""
    text = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", text).strip()


def rich_text(text: str) -> Markup:
    """Return text as HTML: escaped, with its web addresses as links."""
    if "." not in text and ":" not in text:
        return escape(text)
    html, position = Markup(), 0
    for link in _linkify.match(text) or ():
        if link.schema not in ("http:", "https:", ""):
            continue
        url = link.url if link.schema else link.url.replace("http://", "https://", 1)
        html += escape(text[position : link.index]) + _link(url, text[link.index : link.last_index])
        position = link.last_index
    return html + escape(text[position:])


def _link(url: str, words: str) -> Markup:
    return Markup('<a href="{}" rel="noopener nofollow ugc" target="_blank">{}</a>').format(url, words)


def web_address(text: str) -> str | None:
    """Return what somebody gave as a link as a whole web address, or None if it is none."""
    text = clean(text)
    if not text or re.search(r"\s", text):
        return None
    if not re.match(r"(?i)[a-z][a-z0-9+.-]*:(?![0-9]+(/|$))", text):
        text = f"https://{text}"
    match = re.fullmatch(r"(?i)https?://([^/?#\\@]+)([/?#]\S*)?", text)
    host = match[1].split(":")[0] if match else ""
    return text if len(text) <= 2000 and ("." in host or host == "localhost") and ".." not in host else None


def short_address(url: str) -> str:
    """Return a web address as people read it: without its scheme, and not endless."""
    words = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return words if len(words) <= 48 else f"{words[:47]}…"


def short_number(number: int) -> str:
    """Return a count as it fits under a name: 999, then 12.1K."""
    return str(number) if number < 1000 else format_compact_decimal(number, locale=get_locale(), fraction_digits=1)
