"""Who is given the bytes of a picture, and how."""

from io import BytesIO

from flask import Flask
from PIL import Image
from sqlalchemy import update

from app.extensions import db
from app.models import Chat, Membership, Message, Picture
from tests.conftest import Person
from tests.photos import keys_in, photo
from tests.test_pictures import stage
from tests.test_posts import publish


def test_pictures_of_posts_are_for_everybody_signed_in(ann: Person, eve: Person, visitor: Person) -> None:
    publish(ann, images=(photo("red", (2400, 1200), "JPEG"), "red.jpg"))
    (key,) = keys_in(ann.get("/").text)
    for variant, size in (("320", (320, 160)), ("960", (960, 480)), ("1920", (1920, 960))):
        answer = eve.get(f"/media/{key}/{variant}")
        assert answer.status_code == 200 and answer.content_type == "image/webp"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(BytesIO(answer.data)).size == size
        assert visitor.get(f"/media/{key}/{variant}").status_code in (302, 303, 401)


def test_what_a_browser_has_is_not_sent_again(ann: Person, eve: Person, visitor: Person) -> None:
    _, key = stage(ann)
    etag = {"If-None-Match": ann.get(f"/media/{key}/320").headers["ETag"]}
    again = ann.get(f"/media/{key}/320", headers=etag)
    assert again.status_code == 304 and again.data == b""
    assert ann.get(f"/media/{key}/960", headers=etag).status_code == 200
    assert eve.get(f"/media/{key}/320", headers=etag).status_code == 404


def test_a_waiting_picture_is_its_owners_alone(ann: Person, eve: Person) -> None:
    picture_id, key = stage(ann)
    assert ann.get(f"/media/{key}/320").status_code == 200
    assert eve.get(f"/media/{key}/320").status_code == 404
    publish(ann, image_ids=picture_id)
    assert eve.get(f"/media/{key}/320").status_code == 200


def test_pictures_of_messages_are_for_the_members(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    _, key = stage(ann)
    with app.app_context():
        low, high = sorted((ann.user_id or 0, bob.user_id or 0))
        chat = Chat(low_id=low, high_id=high)
        db.session.add(chat)
        db.session.flush()
        for who in (ann, bob):
            db.session.add(Membership(chat_id=chat.id, user_id=who.user_id))
        message = Message(chat_id=chat.id, author_id=ann.user_id, client_id="m", body="", seq=1, revision=1)
        db.session.add(message)
        db.session.flush()
        db.session.execute(update(Picture).values(message_id=message.id))
        db.session.commit()
    assert [who.get(f"/media/{key}/320").status_code for who in (ann, bob, eve)] == [200, 200, 404]


def test_nothing_else_can_be_asked_for(ann: Person) -> None:
    _, key = stage(ann)
    for path in (
        f"{key}/321",
        f"{key}/0",
        f"{key}/..",
        f"{key.upper()}/320",
        "0" * 32 + "/320",
        "../../etc/passwd",
        "x/y",
    ):
        assert ann.get(f"/media/{path}").status_code == 404
