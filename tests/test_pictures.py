"""Pictures that wait in a form until it is sent, through the doors."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.actions import pictures
from app.extensions import db
from app.models import Picture
from app.models.columns import now
from app.queries.pictures import WAITS
from tests.conftest import Person
from tests.photos import keys_in, photo, waiting_in
from tests.test_posts import publish


def stage(who: Person, colour: str = "teal") -> tuple[str, str]:
    """Let a picture wait, as the script does; return its id and key."""
    answer = who.htmx("POST", "/pictures", data={"images": (photo(colour), f"{colour}.png")})
    assert answer.status_code == 200
    return waiting_in(answer.text)[0], keys_in(answer.text)[0]


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(func.count()).select_from(Picture)).one()


def test_an_uploaded_picture_waits_for_the_post(app: Flask, ann: Person, bob: Person) -> None:
    first, second = stage(ann, "red"), stage(ann, "green")
    assert ann.get(f"/media/{first[1]}/320").status_code == 200
    publish(ann, image_ids=[second[0], first[0], second[0]])
    assert keys_in(bob.get("/").text) == [second[1], first[1]]
    assert count(app) == 2


def test_nobody_publishes_what_another_uploaded(app: Flask, ann: Person, eve: Person) -> None:
    picture_id, key = stage(ann)
    publish(eve, "Mine", image_ids=[picture_id, "x", "", "9" * 40, "-1"])
    assert eve.post("/posts", data={"title": "Only it", "image_ids": picture_id}).status_code == 422
    assert eve.htmx("POST", f"/pictures/{picture_id}/delete").status_code == 200
    assert ann.get(f"/media/{key}/320").status_code == 200
    publish(ann, image_ids=picture_id)
    publish(ann, "Again", image_ids=picture_id)
    assert ann.htmx("POST", f"/pictures/{picture_id}/delete").status_code == 200
    assert count(app) == 1 and keys_in(ann.get("/").text) == [key]


def test_a_picture_taken_back_is_forgotten(app: Flask, ann: Person) -> None:
    (one, key), (other, same) = stage(ann), stage(ann)
    assert key == same and one != other
    ann.htmx("POST", f"/pictures/{one}/delete")
    assert ann.get(f"/media/{key}/960").status_code == 200
    ann.htmx("POST", f"/pictures/{other}/delete")
    ann.htmx("POST", f"/pictures/{other}/delete")
    assert count(app) == 0 and ann.get(f"/media/{key}/960").status_code == 404


def test_the_same_picture_lives_as_long_as_any_post_shows_it(ann: Person, bob: Person) -> None:
    posts = [publish(who, images=(photo("navy"), "a.png")) for who in (ann, bob)]
    (key,) = keys_in(ann.get("/").text)
    ann.post(f"/posts/{posts[0]}/delete")
    assert ann.get(f"/media/{key}/1920").status_code == 200
    bob.post(f"/posts/{posts[1]}/delete")
    assert ann.get(f"/media/{key}/1920").status_code == 404


@pytest.mark.parametrize("content", [b"", b"words", b"\x89PNG\r\n\x1a\n", photo().getvalue()[:70], b"<svg/>" * 99])
def test_what_is_no_picture_gets_a_sentence(app: Flask, ann: Person, content: bytes) -> None:
    answer = ann.htmx("POST", "/pictures", data={"images": (BytesIO(content), "holiday.png")})
    assert answer.status_code == 422 and "“holiday.png” is" in answer.text
    assert count(app) == 0
    assert ann.htmx("POST", "/pictures", data={}).status_code == 200


def test_what_waited_too_long_is_cleared_away(app: Flask, ann: Person, bob: Person) -> None:
    old, fresh = stage(ann, "red"), stage(ann, "green")
    publish(bob, images=(photo("white"), "w.png"))
    with app.app_context():
        aged = (
            update(Picture).where(Picture.id != int(fresh[0])).values(created_at=now() - WAITS - timedelta(minutes=1))
        )
        db.session.execute(aged)
        db.session.commit()
    stage(bob, "blue")
    assert ann.get(f"/media/{old[1]}/320").status_code == 404
    assert ann.get(f"/media/{fresh[1]}/320").status_code == 200
    assert count(app) == 3


def test_one_person_has_room_for_so_much(app: Flask, ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(ann, "red")
    with app.app_context():
        full = db.session.scalars(select(func.sum(Picture.size))).one()
        monkeypatch.setattr(pictures, "quota_of", lambda _owner: full)
    answer = ann.htmx("POST", "/pictures", data={"images": (photo("indigo"), "indigo.png")})
    assert answer.status_code == 422 and "used up the space" in answer.text
    assert count(app) == 1
    _, key = stage(bob, "indigo")
    assert ann.htmx("POST", "/pictures", data={"images": (photo("indigo"), "indigo.png")}).status_code == 422
    assert count(app) == 2 and bob.get(f"/media/{key}/320").status_code == 200


def test_visitors_leave_nothing(app: Flask, visitor: Person) -> None:
    assert visitor.post("/pictures", data={"images": (photo(), "a.png")}).location.startswith("/login")
    assert visitor.post("/pictures/1/delete").location.startswith("/login")
    assert count(app) == 0
