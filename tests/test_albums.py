"""Albums: made, changed, shown to those whom they are for, deleted and put back, through the doors."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Album
from tests.conftest import Person
from tests.photos import photo


def make(who: Person, name: str = "Autumn", **fields: Any) -> int:
    """Make an album as the form does, and return its id."""
    answer = who.post("/albums", data={"name": name, "audience": "everyone", "client_id": name, **fields})
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def put(who: Person, album_id: int, *colours: str) -> list[int]:
    """Upload photos as the script does, each alone, and return their ids."""
    return [put_one(who, album_id, colour) for colour in colours]


def put_one(who: Person, album_id: int, colour: str) -> int:
    answer = who.htmx("POST", f"/albums/{album_id}/photos", data={"images": (photo(colour), f"{colour}.png")})
    assert answer.status_code == 200, answer.text
    (found,) = re.findall(r'<figure class="photo" id="photo-(\d+)"', answer.text)
    return int(found)


def shown(html: str) -> list[int]:
    """Return the ids of the photos that a page or fragment shows, in its order."""
    return [int(number) for number in re.findall(r'<figure class="photo" id="photo-(\d+)"', html)]


def cards(html: str) -> list[int]:
    """Return the ids of the albums that a page lists, in its order."""
    return [int(number) for number in re.findall(r'id="album-card-(\d+)"', html)]


def albums(app: Flask) -> list[Album]:
    with app.app_context():
        return list(db.session.scalars(select(Album).order_by(Album.id)))


def test_an_album_is_made_with_everything_that_was_said_of_it(app: Flask, ann: Person, bob: Person) -> None:
    said = {"topic": "#Гори", "year": "1999", "description": "Перша <b>мандрівка</b>\nhttps://example.com"}
    album_id = make(ann, "  Карпати 🏔 ", **said)
    put(ann, album_id, "teal", "navy")
    for page in (ann.get(f"/albums/{album_id}").text, bob.get(f"/albums/{album_id}").text):
        assert '<h1 id="album-title">Карпати 🏔</h1>' in page and "<b>#гори</b> · 1999 ·" in page
        assert "2 photos" in page and "Перша &lt;b&gt;мандрівка&lt;/b&gt;" in page
        assert 'href="https://example.com"' in page and len(shown(page)) == 2
    assert cards(ann.get("/albums").text) == cards(bob.get("/@ann/albums").text) == [album_id]
    assert cards(bob.get("/albums").text) == []
    assert db is not None and len(albums(app)) == 1
