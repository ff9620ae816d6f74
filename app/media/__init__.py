"""The darkroom: uploads become pictures that can be shown."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import gettext

from app.errors import Refused
from app.media import darkroom
from app.media.darkroom import Crop, Spoiled
from app.media.disk import Disk
from app.media.storage import Storage
from app.models import avatar
from app.models.picture import VARIANTS
from app.models.user import SIGNATURE_WIDTHS

BYTES_LIMIT = 15 * 1024 * 1024
# What a form asks for: where that is not HEIC, Apple's browsers make a JPEG of it, and where it is they do not.
TYPES = "image/jpeg,image/png,image/webp,image/gif,image/avif" + (",image/heic" if find_spec("pillow_heif") else "")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a stored picture: its key, the size of its largest variant, and the bytes of all of them."""

    key: str
    width: int
    height: int
    colour: str
    size: int


def develop(upload: BinaryIO, name: str) -> Picture:
    """Check, decode, strip and store an upload; raise Refused with a sentence that names the file."""
    return _develop(upload, name, "images", "picture", VARIANTS)


def develop_avatar(upload: BinaryIO, name: str, crop: Crop | None = None) -> Picture:
    """Do the same with a square of an upload, or with its middle."""
    return _develop(upload, name, "avatar", "avatar", avatar.VARIANTS, crop)


def develop_signature(upload: BinaryIO, name: str) -> Picture:
    """Do the same with what is written on an upload: ink on nothing, three times as wide as high."""
    return _develop(upload, name, "signature", "signature", SIGNATURE_WIDTHS)


def _develop(
    upload: BinaryIO, name: str, field: str, kind: str, variants: tuple[int, ...], crop: Crop | None = None
) -> Picture:
    content = upload.read(BYTES_LIMIT + 1)
    if len(content) > BYTES_LIMIT:
        raise Refused(gettext("“%(name)s” is larger than 15 MB.", name=shown(name)), field)
    if not content:
        raise Refused(gettext("“%(name)s” is empty.", name=shown(name)), field)
    try:
        developed = darkroom.develop(content, kind, crop)
    except Spoiled as spoiled:
        raise Refused(_sentence(spoiled.problem, shown(name)), field) from None
    for variant, variant_content in zip(variants, developed.variants, strict=True):
        store().put(f"{developed.key}/{variant}", variant_content)
    size = sum(map(len, developed.variants))
    return Picture(developed.key, developed.width, developed.height, developed.colour, size)


def open_variant(key: str, variant: str) -> BinaryIO:
    """Return a variant's bytes as an open WebP file; raise LookupError when there is none."""
    return store().open(f"{key}/{variant}")


def place_of(key: str, variant: str) -> str:
    """Return where a web server finds a variant in the store; raise LookupError when there is none."""
    return store().place(f"{key}/{variant}")


def shown(name: str) -> str:
    """Return a file's name as it can stand in a sentence: without its folders, control characters and great length."""
    name = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable())
    return (name.strip() or "…") if len(name) <= 40 else f"{name[:24]}…{name[-12:]}"


def _sentence(problem: str, name: str) -> str:
    if problem == "unknown":
        return gettext("“%(name)s” is not a picture we can read. Use JPEG, PNG, WebP, GIF or AVIF.", name=name)
    if problem == "pixels":
        return gettext("“%(name)s” has more than 50 million pixels.", name=name)
    if problem == "blank":
        return gettext("There is nothing to be seen on “%(name)s”. Sign, or choose another picture.", name=name)
    if problem == "busy":
        return gettext("There is too much to do just now for “%(name)s”. Try again in a while.", name=name)
    return gettext("“%(name)s” is damaged and cannot be read.", name=name)


def store() -> Storage:
    """Return where the bytes are kept: ``file:/folder``."""
    return Disk(Path(unquote(urlsplit(str(current_app.config["MEDIA_URL"])).path)))
