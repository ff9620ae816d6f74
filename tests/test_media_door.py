"""Who is given the bytes of a picture, and how."""

from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update
from werkzeug.wsgi import FileWrapper

from app import media
from app.extensions import db
from app.media.disk import Disk
from app.models import Chat, Membership, Message, Picture
from app.models.columns import now
from tests.conftest import Person
from tests.photos import keys_in, photo
from tests.talk import befriend, gather
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


def test_a_full_disk_takes_no_picture_and_says_so(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nothing that somebody did wrong: scripts keep the picture, and try again later."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "_written", full)
        for answer in (
            ann.htmx("POST", "/pictures", data={"images": (photo("indigo", (65, 43)), "a.png")}),
            ann.post("/posts", data={"title": "T", "body": "B", "images": (photo("indigo", (65, 43)), "a.png")}),
            ann.post("/settings/avatar", data={"avatar": (photo("indigo", (65, 43)), "a.png")}),
        ):
            assert answer.status_code == 503 and "cannot store" in answer.text
            assert answer.headers["Retry-After"] == "5"
    with app.app_context():
        assert db.session.scalar(select(func.count(Picture.id))) == 0
    assert ann.post("/settings/avatar", data={"avatar": (photo("indigo", (65, 43)), "a.png")}).status_code == 303


def test_what_is_there_and_cannot_be_read_is_not_called_missing(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = stage(ann)

    def unreadable(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", unreadable)
    assert ann.get(f"/media/{key}/320").status_code == 503


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


def test_a_head_and_a_part_are_sent_without_the_rest(ann: Person) -> None:
    _, key = stage(ann)
    address = f"/media/{key}/320"
    whole = ann.get(address)
    assert whole.content_length == len(whole.data) > 20
    head = ann.head(address)
    assert (head.data, head.content_length) == (b"", len(whole.data))
    assert head.headers["ETag"] == whole.headers["ETag"] and head.content_type == "image/webp"
    part = ann.get(address, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, whole.data[4:10])
    assert part.headers["Content-Range"] == f"bytes 4-9/{len(whole.data)}"
    assert ann.get(address, headers={"Range": "bytes=999999-"}).status_code == 416
    changed = ann.get(address, headers={"Range": "bytes=4-9", "If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, whole.data)


def test_a_file_is_handed_to_the_server_as_a_file(ann: Person) -> None:
    """It is not read into memory, and the server may have the system send it."""
    _, key = stage(ann)
    handed: list[object] = []

    class Wrapper(FileWrapper):
        def __init__(self, file: IO[bytes], size: int = 8192) -> None:
            handed.append(file.fileno())
            super().__init__(file, size)

    assert ann.get(f"/media/{key}/320", environ_overrides={"wsgi.file_wrapper": Wrapper}).status_code == 200
    assert len(handed) == 1


def test_the_web_server_is_told_where_the_bytes_are(
    app: Flask, ann: Person, bob: Person, eve: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    befriend(app, ann, bob)
    group, (_, key) = gather(app, ann, bob), stage(ann)
    with app.app_context():
        db.session.get_one(Chat, group).photo_key = key
        db.session.commit()
    plain = ann.get(f"/media/{key}/320")
    monkeypatch.setitem(app.config, "ACCEL", "/protected-media/")
    place = f"/protected-media/{key[:2]}/{key[2:]}/320.webp"
    for address in (f"/media/{key}/320", f"/chats/{group}/photo/{key}"):
        told = ann.get(address)
        assert (told.status_code, told.data, told.headers["X-Accel-Redirect"]) == (200, b"", place)
        for name in ("Content-Type", "Cache-Control", "ETag"):
            assert told.headers[name] == plain.headers[name]
        stranger = eve.get(address)
        assert stranger.status_code == 404 and "X-Accel-Redirect" not in stranger.headers
        known = ann.get(address, headers={"If-None-Match": told.headers["ETag"]})
        assert known.status_code == 304 and "X-Accel-Redirect" not in known.headers
    assert ann.get(f"/media/{key}/321").status_code == 404
    with app.app_context():
        media.store().set_aside(key, now())
    aside = ann.get(f"/media/{key}/320").headers["X-Accel-Redirect"]
    assert aside.startswith("/protected-media/aside/") and aside.endswith(f"/{key[:2]}/{key[2:]}/320.webp")
