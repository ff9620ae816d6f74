"""Photos in albums: uploaded, described, put in order, moved, deleted and put back, posted, through the doors."""

import re
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import pictures
from app.actions.photos import MOST
from app.extensions import db
from app.live.pushes import Push
from app.models import Album, Picture, User
from app.queries.photos import PAGE
from app.queries.pictures import bytes_kept_by
from tests.conftest import Person
from tests.photos import keys_in, photo, waiting_in
from tests.talk import at_once, befriend, pushed_html, twin
from tests.test_albums import fill, make, put, put_one, run_later, shown
from tests.test_posts import publish


def photos(app: Flask, album_id: int) -> list[int]:
    """Return the photos of an album in their order, each of which has a position of its own."""
    with app.app_context():
        rows = select(Picture.id, Picture.position).where(Picture.album_id == album_id).order_by(Picture.position)
        found = db.session.execute(rows).all()
        assert len({position for _, position in found}) == len(found)
        assert db.session.get_one(Album, album_id).photo_count == standing(album_id)
        return [photo_id for photo_id, _ in found]


def standing(album_id: int) -> int:
    there = (Picture.album_id == album_id, Picture.deleted_at.is_(None))
    return db.session.scalars(select(func.count(Picture.id)).where(*there)).one()


def test_each_file_is_answered_with_its_photo_or_a_sentence(app: Flask, ann: Person) -> None:
    album_id = make(ann)
    first, second = put(ann, album_id, "teal", "navy")
    for content in (b"", b"words", photo().getvalue()[:60]):
        answer = ann.htmx("POST", f"/albums/{album_id}/photos", data={"images": (BytesIO(content), "holiday.png")})
        assert answer.status_code == 422 and "“holiday.png” is" in answer.text and not shown(answer.text)
    assert shown(ann.get(f"/albums/{album_id}").text) == photos(app, album_id) == [first, second]


def test_no_file_is_a_sentence(ann: Person) -> None:
    album_id = make(ann)
    for answer in (ann.post(f"/albums/{album_id}/photos"), ann.htmx("POST", f"/albums/{album_id}/photos")):
        assert answer.status_code == 422 and "Choose photos first." in answer.text


def test_without_a_script_every_good_file_is_kept_and_every_other_named(app: Flask, ann: Person) -> None:
    album_id = make(ann)
    files = [(photo("teal"), "a.png"), (BytesIO(b"words"), "b.txt"), (photo("navy"), "c.png"), (BytesIO(), "d.png")]
    answer = ann.post(f"/albums/{album_id}/photos", data={"images": files})
    assert answer.location == f"/albums/{album_id}"
    page = ann.get(answer.location).text
    assert len(shown(page)) == 2 and "“b.txt” is not a picture" in page and "“d.png” is empty." in page
    answer = ann.post(f"/albums/{album_id}/photos", data={"images": (BytesIO(b"words"), "b.txt")})
    assert answer.status_code == 422 and "<html" in answer.text and "“b.txt” is not a picture" in answer.text
    assert len(photos(app, album_id)) == 2


def test_the_same_bytes_are_in_an_album_once_however_often_they_are_sent(app: Flask, ann: Person) -> None:
    album_id, other = make(ann), make(ann, "Winter")
    (first,) = put(ann, album_id, "teal")
    at_once(*(partial(put_one, twin(app, ann), album_id, "teal") for _ in range(2)))
    assert photos(app, album_id) == [first]
    assert put(ann, other, "teal") != [first]


def test_many_at_once_are_counted_and_each_has_its_place(app: Flask, ann: Person) -> None:
    album_id = make(ann)
    colours = ("red", "lime", "blue", "gold")
    at_once(*(partial(put_one, twin(app, ann), album_id, colour) for colour in colours))
    assert len(photos(app, album_id)) == len(colours)


def test_an_album_takes_so_many_and_no_more(app: Flask, ann: Person) -> None:
    (album_id,) = fill(app, ann, 1, MOST)
    full = ann.htmx("POST", f"/albums/{album_id}/photos", data={"images": (photo("teal"), "a.png")})
    assert full.status_code == 422 and f"{MOST} photos at most" in full.text
    (photo_id,) = put(ann, other := make(ann), "navy")
    assert ann.post(f"/photos/{photo_id}/move", data={"album_id": album_id}).status_code == 422
    assert photos(app, other) == [photo_id] and len(photos(app, album_id)) == MOST


def test_a_person_has_room_for_so_much_wherever_it_is(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    album_id = make(ann)
    (photo_id,) = put(ann, album_id, "teal")
    (key,) = keys_in(ann.get(f"/albums/{album_id}").text)
    with app.app_context():
        full = db.session.scalars(select(func.sum(Picture.size))).one()
    monkeypatch.setattr(pictures, "quota_of", lambda _owner: full)
    files = [(photo("lime"), "lime.png"), (photo("teal"), "teal.png")]
    answer = ann.post(f"/albums/{album_id}/photos", data={"images": files})  # what is kept already needs no room
    assert answer.status_code == 303 and "used up the space" in ann.get(answer.location).text
    assert photos(app, album_id) == [photo_id]
    kept = {path.parent.name for path in (app.config["INSTANCE"] / "media").rglob("320.webp")}
    assert key in kept or ann.get(f"/media/{key}/320").status_code == 200
    assert ann.htmx("POST", "/pictures", data={"images": (photo("lime"), "lime.png")}).status_code == 422
    assert ann.post("/photos/post", data={"photo_ids": photo_id}).status_code == 303


def test_who_uploads_in_many_tabs_at_once_has_no_more_room(
    app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(owner: User, besides: str = "") -> int:
        kept = bytes_kept_by(owner, besides)
        time.sleep(0.2)
        return kept

    monkeypatch.setattr(pictures, "bytes_kept_by", slowly)
    monkeypatch.setattr(pictures, "quota_of", lambda _owner: 400)  # one of them has 300
    addresses = [f"/albums/{make(ann)}/photos", f"/albums/{make(ann)}/photos", "/pictures"]
    colours = ("red", "lime", "gold")

    def send(address: str, colour: str) -> Callable[[], object]:
        return lambda: twin(app, ann).post(address, data={"images": (photo(colour), f"{colour}.png")})

    at_once(*map(send, addresses, colours))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Picture)) == 1


def test_a_photo_is_put_where_it_belongs(app: Flask, ann: Person) -> None:
    album_id = make(ann)
    a, b, c, d = put(ann, album_id, "red", "lime", "blue", "gold")

    def place(photo_id: int, **sent: object) -> list[int]:
        answer = ann.post(f"/photos/{photo_id}/place", data=sent)
        assert answer.location == f"/albums/{album_id}#photo-{photo_id}"
        assert ann.htmx("POST", f"/photos/{photo_id}/place", data={"before": photo_id}).status_code == 200
        assert shown(ann.get(f"/albums/{album_id}").text) == photos(app, album_id)
        return photos(app, album_id)

    assert place(d, before=a) == [d, a, b, c]
    assert place(d, after=c) == [a, b, c, d]
    assert place(a, before=c) == [b, a, c, d]
    assert place(a, step=1) == [b, c, a, d]
    assert place(a, step="-1") == [b, a, c, d]
    assert place(b, step=-1) == [b, a, c, d] and place(d, step=1) == [b, a, c, d]
    assert place(b, after=c) == [a, c, b, d] and place(b, after=d) == [a, c, d, b] and place(b, after=b) == [a, c, d, b]
    assert place(b, before=a) == [b, a, c, d]
    elsewhere = put(ann, make(ann, "Winter"), "navy")[0]
    for junk in ({}, {"before": ""}, {"after": "x"}, {"before": "9" * 30}, {"after": elsewhere}, {"before": elsewhere}):
        assert ann.post(f"/photos/{a}/place", data=junk).status_code == 404
    assert photos(app, album_id) == [b, a, c, d]


def test_whoever_orders_at_once_leaves_an_order(app: Flask, ann: Person) -> None:
    album_id = make(ann)
    ids = put(ann, album_id, "red", "lime", "blue", "gold")
    for _ in range(3):
        deeds = [
            partial(twin(app, ann).post, f"/photos/{ids[0]}/place", data={"before": ids[3]}),
            partial(twin(app, ann).post, f"/photos/{ids[3]}/place", data={"before": ids[0]}),
            partial(twin(app, ann).post, f"/photos/{ids[1]}/place", data={"step": "1"}),
            partial(twin(app, ann).post, f"/photos/{ids[2]}/place", data={"after": ids[3]}),
        ]
        at_once(*deeds)
        assert sorted(photos(app, album_id)) == ids


def test_a_photo_moves_to_another_own_album(app: Flask, ann: Person, bob: Person) -> None:
    first, second, theirs = make(ann), make(ann, "Winter"), make(bob, "Theirs")
    a, b = put(ann, first, "red", "lime")
    (c,) = put(ann, second, "blue")
    assert f'<option value="{second}">Winter' in ann.get(f"/photos/{a}/edit").text
    answer = ann.htmx("POST", f"/photos/{a}/move", data={"album_id": second})
    assert answer.status_code == 200 and "The photo is in “Winter” now." in answer.text
    assert photos(app, first) == [b] and photos(app, second) == [c, a]
    for album_id in (theirs, 999, "x", ""):
        assert ann.post(f"/photos/{a}/move", data={"album_id": album_id}).status_code == 404
    deeds = [partial(twin(app, ann).post, f"/photos/{a}/move", data={"album_id": to}) for to in (first, second)]
    at_once(*deeds, partial(twin(app, ann).post, f"/photos/{b}/move", data={"album_id": second}))
    assert sorted(photos(app, first) + photos(app, second)) == [a, b, c]


def test_what_is_said_of_a_photo_stands_there(ann: Person, bob: Person) -> None:
    album_id = make(ann)
    (photo_id,) = put(ann, album_id, "teal")
    said = {"caption": "  На горі \n<b>🏔</b> \u202e", "alt": 'A "hill"'}
    answer = ann.htmx("POST", f"/photos/{photo_id}", data=said)
    assert answer.status_code == 200 and f'hx-target="#photo-{photo_id}"' in answer.text
    for page in (bob.get(f"/albums/{album_id}").text, bob.get(f"/photos/{photo_id}").text):
        assert "<figcaption>На горі &lt;b&gt;🏔&lt;/b&gt;</figcaption>" in page
        assert 'alt="A &#34;hill&#34;"' in page
    assert ann.post(f"/photos/{photo_id}", data={"caption": "", "alt": ""}).location == f"/photos/{photo_id}"
    assert 'alt="Picture by Ann Ivanenko"' in bob.get(f"/photos/{photo_id}").text
    for send in (ann.post, partial(ann.htmx, "POST")):
        answer = send(f"/photos/{photo_id}", data={"caption": "c" * 501, "alt": "a" * 501})
        assert answer.status_code == 422 and answer.text.count("Use 500 characters at most.") == 2
        assert "c" * 501 in answer.text and ("<html" in answer.text) == (send == ann.post)


def test_photos_stand_beside_one_another(ann: Person, bob: Person) -> None:
    a, b, c = put(ann, make(ann), "red", "lime", "blue")
    ann.post(f"/photos/{c}/place", data={"before": a})
    beside = {}
    for photo_id in (a, b, c):
        page = bob.get(f"/photos/{photo_id}").text
        beside[photo_id] = [re.findall(rf'rel="{way}" href="/photos/(\d+)"', page) for way in ("prev", "next")]
    assert beside == {c: [[], [str(a)]], a: [[str(c)], [str(b)]], b: [[str(a)], []]}


def test_the_cover_is_chosen_and_otherwise_the_first(app: Flask, ann: Person, bob: Person) -> None:
    album_id = make(ann)
    _, b = put(ann, album_id, "red", "lime")
    key_a, key_b = keys_in(ann.get(f"/albums/{album_id}").text)

    def cover() -> list[str]:
        assert keys_in(ann.get("/albums").text) == keys_in(bob.get("/@ann/albums").text)
        return keys_in(ann.get("/albums").text)

    assert cover() == [key_a]
    assert ann.htmx("POST", f"/albums/{album_id}/cover", data={"photo_id": b}).status_code == 200
    assert cover() == [key_b]
    (other,) = put(ann, winter := make(ann, "Winter"), "blue")
    for junk in (other, 999, "x", ""):
        assert ann.htmx("POST", f"/albums/{album_id}/cover", data={"photo_id": junk}).status_code == 422
    ann.post(f"/albums/{winter}/delete")
    ann.post(f"/photos/{b}/delete")
    assert cover() == [key_a]
    ann.post(f"/photos/{b}/restore")
    assert cover() == [key_b]
    ann.post(f"/photos/{b}/move", data={"album_id": make(ann, "Spring")})
    assert key_a in cover()


def test_a_photo_that_is_deleted_can_be_put_back_for_a_while(app: Flask, ann: Person, bob: Person) -> None:
    album_id = make(ann)
    a, b, c = put(ann, album_id, "red", "lime", "blue")
    key = keys_in(ann.get(f"/albums/{album_id}").text)[1]
    answer = ann.htmx("POST", f"/photos/{b}/delete")
    assert "has been deleted" in answer.text and f'action="/photos/{b}/restore"' in answer.text
    for who in (ann, bob):
        assert who.get(f"/photos/{b}").status_code == who.get(f"/media/{key}/320").status_code == 404
        assert "2 photos" in who.get(f"/albums/{album_id}").text
    for deed in ("/delete", "/place", "/move", "", "/edit"):
        assert ann.open(f"/photos/{b}{deed}", method="GET" if deed == "/edit" else "POST").status_code == 404
    ann.post(f"/photos/{c}/place", data={"before": a})
    assert bob.post(f"/photos/{b}/restore").status_code == 422
    at_once(*(partial(twin(app, ann).post, f"/photos/{b}/restore") for _ in range(2)))
    assert shown(ann.get(f"/albums/{album_id}").text) == photos(app, album_id) == [c, a, b]
    run_later(app)
    assert bob.get(f"/media/{key}/320").status_code == 200

    at_once(*(partial(twin(app, ann).post, f"/photos/{b}/delete") for _ in range(2)))
    assert "2 photos" in ann.get(f"/albums/{album_id}").text
    run_later(app)
    assert ann.post(f"/photos/{b}/restore").status_code == 422
    assert photos(app, album_id) == [c, a]


def test_a_photo_is_put_back_into_no_album_that_is_gone(ann: Person) -> None:
    album_id = make(ann)
    (photo_id,) = put(ann, album_id, "red")
    ann.post(f"/photos/{photo_id}/delete")
    ann.post(f"/albums/{album_id}/delete")
    assert ann.post(f"/photos/{photo_id}/restore").status_code == 404
    ann.post(f"/albums/{album_id}/restore")
    assert ann.post(f"/photos/{photo_id}/restore").location == f"/albums/{album_id}"


def test_photos_begin_a_post_and_stay_in_their_album(app: Flask, ann: Person, bob: Person) -> None:
    album_id = make(ann, audience="me")
    a, b = put(ann, album_id, "red", "lime")
    ann.post(f"/photos/{b}", data={"caption": "Up there", "alt": "A hill"})
    answer = ann.post("/photos/post", data={"photo_ids": [b, a, b, "x", "999"]})
    form = ann.get(answer.location).text
    assert len(waiting_in(form)) == 2 and ">A hill</textarea>" in form
    assert waiting_in(bob.get(answer.location).text) == []
    sent = {"image_ids": waiting_in(form), "image_order": waiting_in(form), f"alt-{waiting_in(form)[0]}": "A hill"}
    post_id = publish(ann, **sent)
    keys = keys_in(bob.get(f"/posts/{post_id}").text)
    assert len(keys) == 2 and 'alt="A hill"' in bob.get(f"/posts/{post_id}").text
    assert photos(app, album_id) == [a, b]
    ann.post(f"/photos/{a}/delete")
    run_later(app)
    assert [bob.get(f"/media/{key}/320").status_code for key in keys] == [200, 200]
    assert bob.post("/photos/post", data={"photo_ids": b}).status_code == 404
    for junk in ({}, {"photo_ids": a}, {"photo_ids": ["x", "9" * 30]}):
        assert ann.post("/photos/post", data=junk).status_code == 404
    assert ann.htmx("POST", "/photos/post", data={"photo_ids": b}).headers["HX-Redirect"].startswith("/posts/new")


def test_photos_of_albums_are_no_pictures_of_posts(ann: Person, bob: Person) -> None:
    put(ann, make(ann), "red")
    assert "There are no pictures in these posts yet." in bob.get("/@ann/albums").text


def test_long_albums_go_on_in_their_order(app: Flask, ann: Person, bob: Person) -> None:
    (album_id,) = fill(app, ann, 1, PAGE * 2 + 5)
    found, path, pages = [], f"/albums/{album_id}", 0
    while path:
        text, pages = bob.get(path).text, pages + 1
        found += shown(text)
        more = re.search(rf'href="(/albums/{album_id}\?after=\d+)"', text)
        path = more[1] if more else ""
    assert found == photos(app, album_id) and pages == 3
    for junk in ("x", "-1", "9" * 30, "їжак", "999"):
        assert shown(bob.get(f"/albums/{album_id}?after={junk}").text) == found[:PAGE]


def test_nobody_else_touches_a_photo(app: Flask, ann: Person, bob: Person, visitor: Person) -> None:
    befriend(app, ann, bob)
    album_id = make(ann)
    (photo_id,) = put(ann, album_id, "red")
    mine = make(bob, "Mine")
    sent = {"caption": "x", "alt": "x", "before": "", "album_id": mine, "photo_id": photo_id}
    for path in ("", "/place", "/move", "/delete"):
        assert bob.post(f"/photos/{photo_id}{path}", data=sent).status_code == 404
        assert "/login" in visitor.post(f"/photos/{photo_id}{path}", data=sent).location
    upload = {"images": (photo("navy"), "a.png")}
    assert bob.post(f"/albums/{album_id}/photos", data=upload).status_code == 404
    assert bob.post(f"/albums/{mine}/cover", data=sent).status_code == 422
    assert photos(app, album_id) == [photo_id] and photos(app, mine) == []


def figure(html: str, photo_id: int) -> str:
    """Cut a photo, with its line breaks evened, out of a page or a push."""
    found = re.search(rf'<figure class="photo" id="photo-{photo_id}".*?</figure>', html, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", found[0])


@pytest.mark.parametrize("audience", ["everyone", "friends", "me"])
def test_what_is_pushed_of_an_album_is_what_a_reloaded_page_shows(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push], audience: str
) -> None:
    befriend(app, ann, bob)
    album_id = make(ann, audience=audience)
    sees = {"everyone": [ann, bob, eve], "friends": [ann, bob], "me": [ann]}[audience]

    def heard(who: Person) -> str:
        topic = f"album-{album_id}"
        mine = (push for push in pushed if push.topic == topic and (who.user_id in push.people) != push.everybody_but)
        return "".join(map(pushed_html, mine))

    def each_is_told_what_they_see(counts: int = 1) -> None:
        for who in (ann, bob, eve):
            told = heard(who)
            assert bool(told) == (who in sees)
            if told:
                page = who.get(f"/albums/{album_id}").text
                (photo_id,) = shown(told)
                assert figure(told, photo_id) == figure(page, photo_id)
                counted = re.findall(rf'<span[^>]*data-every="photo-count-{album_id}"[^<]*<', told)
                assert len(counted) == counts and all(count in page for count in counted)
        pushed.clear()

    a, b = put(ann, album_id, "red", "lime")
    pushed.clear()
    put(ann, album_id, "blue")
    each_is_told_what_they_see()
    ann.post(f"/photos/{a}", data={"caption": "Up there", "alt": ""})
    each_is_told_what_they_see(counts=0)
    ann.post(f"/photos/{a}/delete")
    pushed.clear()
    ann.post(f"/photos/{a}/restore")
    each_is_told_what_they_see()

    ann.post(f"/photos/{b}/place", data={"before": a})
    order = f'data-ids="{" ".join(map(str, photos(app, album_id)))}"'
    assert all(order in heard(who) for who in sees)
    pushed.clear()
    ann.post(f"/photos/{b}/move", data={"album_id": make(ann, "Winter")})
    assert all(f'<i id="photo-{b}" data-album="{album_id}" hidden></i>' in heard(who) for who in sees)
