"""Pictures to upload, and what pages show of them."""

import re
from io import BytesIO

from PIL import Image

from tests.conftest import Person


def photo(colour: str = "teal", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> BytesIO:
    """Return a small picture of one colour; the same colour and size are the same bytes."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    file.seek(0)
    return file


def keys_in(html: str) -> list[str]:
    """Return the keys of the pictures that a page or fragment shows, in its order."""
    return list(dict.fromkeys(re.findall(r'src="/media/([0-9a-f]{32})/', html)))


def waiting_in(html: str) -> list[str]:
    """Return the ids of the pictures that wait in a form."""
    return re.findall(r'name="image_ids" value="(\d+)"', html)


def take(who: Person, colour: str = "teal") -> str:
    """Have somebody stand behind a photo, and return its key."""
    answer = who.post("/settings/avatar", data={"avatar": (photo(colour), f"{colour}.png")})
    assert answer.status_code == 303, answer.text
    (key,) = keys_in(who.get("/settings/photos").text)[:1]
    return key
