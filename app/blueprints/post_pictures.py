"""The pictures in the form of a post: which, in which order, and what is to be seen on each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.blueprints.keys import PATTERN, keys
from app.models import Picture
from app.text import clean


@dataclass(slots=True)
class FormPicture:
    """A picture of the post or one that waits to be; a removed one stays in the form until that is sent."""

    picture: Picture
    alt: str = ""
    removed: bool = False


def arranged(pictures: Iterable[Picture], sent: MultiDict[str, str]) -> list[FormPicture]:
    """Return pictures as the form arranges them.

    A form that tells an order tells all of it: a picture the post has by now and the form does not know is left out,
    as its words are. What has just been uploaded comes last.
    """
    removed = keys(sent.getlist("remove_images"))
    found = [
        FormPicture(one, " ".join(clean(sent.get(f"alt-{one.id}", one.alt)).split()), one.id in removed)
        for one in pictures
    ]
    if "image_order" in sent:
        order = {picture_id: place for place, picture_id in enumerate(keys(sent.getlist("image_order")))}
        found = [one for one in found if one.picture.id in order or one.picture.post_id is None]
        found.sort(key=lambda one: order.get(one.picture.id, len(order)))
    return found


def moved(pictures: Sequence[FormPicture], step: str) -> list[FormPicture]:
    """Return pictures with one of them a place earlier or later: ``12:-1`` is what its button sends."""
    pictures, match = list(pictures), re.fullmatch(rf"({PATTERN}):(-?1)", step)
    here = next((place for place, one in enumerate(pictures) if match and one.picture.id == int(match[1])), None)
    if match and here is not None and 0 <= here + int(match[2]) < len(pictures):
        pictures.insert(here + int(match[2]), pictures.pop(here))
    return pictures
