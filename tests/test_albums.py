"""Albums: made, changed, shown to those whom they are for, deleted and put back, through the doors."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.actions.albums import MOST
from app.actions.undo import UNDO_WITHIN
from app.extensions import db
from app.jobs import run_due
from app.live.pushes import Push
from app.models import Album, Job, Picture, Tag
from app.models.columns import now
from tests.audiences import ask, block
from tests.conftest import Person
from tests.photos import keys_in, photo
from tests.talk import at_once, befriend, pushed_html, twin
from tests.test_audience import SEES, VIEWERS


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
    (found,) = shown(answer.text)
    return found


def shown(html: str) -> list[int]:
    """Return the ids of the photos that a page or fragment shows, in its order."""
    return [int(number) for number in re.findall(r'<figure class="photo" id="photo-(\d+)"', html)]


def cards(html: str) -> list[int]:
    """Return the ids of the albums that a page lists, in its order."""
    return [int(number) for number in re.findall(r'id="album-card-(\d+)"', html)]


def fill(app: Flask, owner: Person, albums: int, photos: int = 0) -> list[int]:
    """Put albums into the table, each with so many photos; return their ids."""
    with app.app_context():
        rows = [Album(owner_id=owner.user_id, name=f"No. {n}", photo_count=photos) for n in range(albums)]
        db.session.add_all(rows)
        db.session.flush()
        facts = {"key": "0" * 32, "owner_id": owner.user_id, "width": 4, "height": 3, "colour": "#aabbcc", "size": 1}
        for row in rows:
            db.session.add_all(Picture(album_id=row.id, position=n, **facts) for n in range(1, photos + 1))
        db.session.commit()
        return [row.id for row in rows]


def test_an_album_shows_everything_that_was_said_of_it(ann: Person, bob: Person) -> None:
    said = {"topic": "#Гори", "year": "1999", "description": "Перша <b>мандрівка</b>\nhttps://example.com"}
    album_id = make(ann, "  Карпати 🏔 ", **said)
    put(ann, album_id, "teal", "navy")
    for page in (ann.get(f"/albums/{album_id}").text, bob.get(f"/albums/{album_id}").text):
        assert ">Карпати 🏔</span></h1>" in page and "<b>#гори</b> · 1999 ·" in page
        assert "2 photos" in page and "Перша &lt;b&gt;мандрівка&lt;/b&gt;" in page
        assert 'href="https://example.com"' in page and len(shown(page)) == 2
    assert cards(ann.get("/albums").text) == cards(bob.get("/@ann/albums").text) == [album_id]
    assert cards(bob.get("/albums").text) == [] and "No albums yet" in bob.get("/albums").text
    assert "Ann Ivanenko" in bob.get(f"/albums/{album_id}").text
    for tool in ("data-uploads", "data-grip", "Edit album", "album-audience-", "Delete photo"):
        assert tool in ann.get(f"/albums/{album_id}").text and tool not in bob.get(f"/albums/{album_id}").text


JUNK = ["🏔" * 100, "שלום\u202eעולם", "a\x00b", "&amp;<blink>", "a\r\nb", "Ґанок"]


@pytest.mark.parametrize("junk", JUNK)
def test_whatever_is_typed_breaks_nothing(app: Flask, ann: Person, junk: str) -> None:
    album_id = make(ann, junk, description=junk, client_id="1")
    text = ann.get(f"/albums/{album_id}").text + ann.get("/albums").text
    assert "\u202e" not in text and "<blink>" not in text and "\x00" not in text
    assert ann.get(f"/albums/{album_id}/edit").status_code == 200
    for field in ("topic", "year", "audience", "client_id"):
        assert ann.post("/albums", data={"name": "n", "audience": "me", field: junk}).status_code in (303, 422)


def test_the_form_is_lost_by_no_mistake(app: Flask, ann: Person) -> None:
    wrong = {"name": " ", "topic": "two words", "year": "1800", "description": "d" * 1001, "audience": "x"}
    album_id = make(ann, client_id="first")
    for path in ("/albums", f"/albums/{album_id}"):
        for send in (ann.post, lambda path, **sent: ann.htmx("POST", path, **sent)):
            answer = send(path, data=wrong)
            assert answer.status_code == 422
            for sentence in ("Give the album a name.", "“two words” is not.", "Give a year from 1826", "Use 1,000"):
                assert sentence in answer.text
            assert "Choose who may see the album." in answer.text
            assert 'value="two words"' in answer.text and 'value="1800"' in answer.text and "d" * 1001 in answer.text
            assert ("<html" in answer.text) == (send == ann.post)
    for year in ("1825", str(now().year + 2), "19", "x", "-100", "٢٠٢٤"):
        assert ann.post("/albums", data={"name": "n", "audience": "me", "year": year}).status_code == 422
    assert ann.post("/albums", data={"name": "n" * 101, "audience": "me"}).status_code == 422
    assert ann.post("/albums", data={}).status_code == 422
    for year in ("1826", str(now().year), ""):
        make(ann, "n" * 100, year=year, client_id=f"year {year}")


def test_a_form_sent_twice_makes_one_album(app: Flask, ann: Person, bob: Person) -> None:
    assert make(ann, client_id="same") == make(ann, "Another name", client_id="same")
    assert make(bob, client_id="same") != make(ann, client_id="same")
    sent = {"name": "Winter", "audience": "me", "client_id": "at once", "topic": "snow"}
    at_once(*(partial(twin(app, ann).post, "/albums", data=sent) for _ in range(3)))
    assert len(cards(ann.get("/albums").text)) == 2


def test_nobody_has_albums_without_end(app: Flask, ann: Person) -> None:
    fill(app, ann, MOST)
    answer = ann.post("/albums", data={"name": "One more", "audience": "me"})
    assert answer.status_code == 422 and f"{MOST} albums at most" in answer.text


def test_an_album_is_changed_by_its_owner_alone(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    album_id = make(ann, topic="travel", year="2001", description="Words")
    form = ann.get(f"/albums/{album_id}/edit").text
    assert all(f'value="{value}"' in form for value in ("Autumn", "travel", "2001")) and ">Words</textarea>" in form
    changed = {"name": "Winter", "topic": "", "year": "", "description": "", "audience": "friends"}
    for path in ("", "/audience", "/cover", "/delete", "/photos"):
        assert bob.post(f"/albums/{album_id}{path}", data=changed).status_code == 404
    assert bob.get(f"/albums/{album_id}/edit").status_code == 404
    assert ann.post(f"/albums/{album_id}", data=changed).location == f"/albums/{album_id}"
    page = bob.get(f"/albums/{album_id}").text
    assert "Winter" in page and "#travel" not in page and "2001" not in page and "Words" not in page


def test_a_topic_is_a_tag_and_goes_where_that_goes(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    album_id = make(ann, topic="Подорожі")
    assert "#travel" in ann.get(f"/albums/{album_id}").text
    chief = join("chief", is_admin=True)
    make(ann, "Hills", topic="hills")
    ann.post("/posts", data={"title": "t", "body": "b", "tags": "hills mountains"})
    assert chief.post("/tags/hills", data={"name": "mountains", "merge": "mountains"}).status_code == 303
    with app.app_context():
        topics = select(Album.name, Tag.name).join(Tag, Tag.id == Album.tag_id).order_by(Album.id)
        assert db.session.execute(topics).all() == [("Autumn", "travel"), ("Hills", "mountains")]
    assert chief.post("/tags/mountains", data={"name": "peaks"}).status_code == 303
    assert "#peaks" in ann.get("/albums").text


def test_tags_are_merged_while_albums_are_changed(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    chief = join("chief", is_admin=True)
    album_id = make(ann, topic="one")
    for number in range(4):
        ann.post("/posts", data={"title": f"t{number}", "body": "b", "tags": f"one two{number}"})
        sent = {"name": "Autumn", "audience": "me", "topic": "one"}
        merged = {"name": f"two{number}", "merge": f"two{number}"}
        at_once(
            partial(twin(app, ann).post, f"/albums/{album_id}", data=sent),
            partial(twin(app, chief).post, "/tags/one", data=merged),
        )
    with app.app_context():
        assert db.session.scalars(select(Album.tag_id)).one() is not None


def test_the_audience_is_chosen_at_once(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    album_id = make(ann)
    for audience, sees in (("me", (200, 404, 404)), ("friends", (200, 200, 404)), ("everyone", (200, 200, 200))):
        answer = ann.htmx("POST", f"/albums/{album_id}/audience", data={"audience": audience})
        assert answer.status_code == 200 and f'id="album-audience-{album_id}"' in answer.text
        assert re.search(rf'value="{audience}" aria-current="true"', answer.text)
        facts = answer.text[answer.text.index(f'id="album-facts-{album_id}"') :]
        assert ("post-audience" in facts) == (audience != "everyone")
        assert tuple(who.get(f"/albums/{album_id}").status_code for who in (ann, bob, eve)) == sees
    assert "Only you can see this album" not in answer.text
    for junk in ("", "x", "nobody"):
        assert ann.post(f"/albums/{album_id}/audience", data={"audience": junk}).status_code == 422


@pytest.mark.parametrize("audience", SEES)
def test_an_album_shows_to_those_whom_it_is_for_and_nowhere_to_others(
    app: Flask, visitor: Person, join: Callable[..., Person], audience: str
) -> None:
    people = {name: join(name, is_admin=name == "administrator") for name in VIEWERS if name != "nobody"}
    author = people["author"]
    befriend(app, author, people["friend"])
    ask(app, people["asking"], author)
    ask(app, author, people["asked"])
    block(app, author, people["blocked"])
    block(app, people["blocker"], author)
    album_id = make(author, "Heliotrope", topic="scholia", audience=audience if audience != "deleted" else "everyone")
    photo_id = put(author, album_id, "teal")[0]
    (key,) = keys_in(author.get(f"/albums/{album_id}").text)
    author.post(f"/photos/{photo_id}", data={"caption": "Quetzal", "alt": ""})
    if audience == "deleted":
        author.post(f"/albums/{album_id}/delete")
    gates = (f"/albums/{album_id}", f"/photos/{photo_id}", f"/media/{key}/320", f"/media/{key}/1920")
    for viewer, who in people.items():
        found = viewer in SEES[audience]
        assert [who.get(path).status_code for path in gates] == [200 if found else 404] * 4, viewer
        page = who.get("/@author/albums").text.lower()
        marks = [mark for mark in ("heliotrope", "#scholia", key, "1 photo<") if mark in page]
        assert marks == (["heliotrope", "#scholia", key, "1 photo<"] if found else []), viewer
        assert who.post("/photos/post", data={"photo_ids": photo_id}).status_code == (
            303 if found and viewer == "author" else 404
        )
        for path in ("/", "/search?q=heliotrope&kind=posts", "/@author"):  # an album is no post
            assert key not in who.get(path).text
    assert all("/login" in visitor.get(path).location for path in gates)


def test_an_album_that_is_deleted_can_be_put_back_for_a_while(app: Flask, ann: Person, bob: Person) -> None:
    album_id = make(ann)
    (photo_id,) = put(ann, album_id, "teal")
    (key,) = keys_in(ann.get(f"/albums/{album_id}").text)
    answer = ann.htmx("POST", f"/albums/{album_id}/delete")
    assert "has been deleted" in answer.text and f'action="/albums/{album_id}/restore"' in answer.text
    gone = (f"/albums/{album_id}", f"/photos/{photo_id}", f"/media/{key}/320")
    for who in (ann, bob):
        assert [who.get(path).status_code for path in gone] == [404] * 3
    for deed in ("delete", "place", "move", ""):
        assert ann.post(f"/photos/{photo_id}/{deed}".rstrip("/"), data={"album_id": album_id}).status_code == 404
    assert bob.post(f"/albums/{album_id}/restore").status_code == 422
    at_once(*(partial(twin(app, ann).post, f"/albums/{album_id}/restore") for _ in range(2)))
    assert [bob.get(path).status_code for path in gone] == [200] * 3
    run_later(app)
    assert [bob.get(path).status_code for path in gone] == [200] * 3

    at_once(*(partial(twin(app, ann).post, f"/albums/{album_id}/delete") for _ in range(2)))
    run_later(app)
    assert ann.post(f"/albums/{album_id}/restore").status_code == 422
    with app.app_context():
        assert db.session.query(Album).count() == db.session.query(Picture).count() == 0
        assert not list((app.config["INSTANCE"] / "media").rglob(f"{key}*/*"))


def run_later(app: Flask) -> None:
    """Do what is to be done once nothing can be put back any more."""
    with app.app_context():
        before = now() - UNDO_WITHIN - timedelta(seconds=1)
        for model in (Album, Picture):
            aged = update(model).where(model.deleted_at.is_not(None)).values(deleted_at=before)
            db.session.execute(aged)
        db.session.execute(update(Job).values(run_at=before))
        db.session.commit()
    run_due(app)


def test_long_shelves_ask_no_more_than_short_ones(app: Flask, ann: Person, bob: Person, queries: list[str]) -> None:
    counted: list[list[int]] = []
    for albums, photos in ((2, 1), (30, 5)):
        ids = fill(app, bob, albums, photos)
        if len(counted) == 0:
            make(bob, "Empty", topic="nature")
        asked = []
        for who, path in (
            (bob, "/albums"),
            (ann, "/@bob/albums"),
            (ann, f"/albums/{ids[0]}"),
            (bob, f"/albums/{ids[0]}"),
        ):
            queries.clear()
            assert who.get(path).status_code == 200
            asked.append(len(queries))
        counted.append(asked)
    assert counted[0] == counted[1] and max(counted[0]) <= 9


def test_shelves_go_on_the_newest_first(app: Flask, ann: Person, bob: Person) -> None:
    ids = fill(app, bob, 30, 1)
    for who, path in ((bob, "/albums"), (ann, "/@bob/albums")):
        found = []
        while path:
            text = who.get(path).text
            found += cards(text)
            more = re.search(r'class="older"><a [^>]*href="([^"]*(?:before|album)=\d+)"', text)
            path = more[1] if more else ""
        assert found == ids[::-1]
        for junk in ("x", "-1", "9" * 30, "їжак"):
            assert who.get(f"/albums?before={junk}").status_code == who.get(f"/@bob/albums?album={junk}").status_code


def test_a_tab_loses_an_album_that_is_no_longer_for_its_reader(app: Flask, ann: Person, pushed: list[Push]) -> None:
    album_id = make(ann)
    pushed.clear()
    ann.post(f"/albums/{album_id}/audience", data={"audience": "friends"})
    gone = f'<i id="album-{album_id}"'
    push, shown_anew = pushed
    assert push.topic == f"album-{album_id}" and push.everybody_but and ann.user_id in push.people
    assert gone in pushed_html(push) and gone not in pushed_html(shown_anew)
    pushed.clear()
    ann.post(f"/albums/{album_id}/audience", data={"audience": "everyone"})
    assert gone not in "".join(map(pushed_html, pushed))


@pytest.mark.parametrize("audience", ["everyone", "friends", "me"])
def test_those_who_look_at_an_album_see_what_it_becomes(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push], audience: str
) -> None:
    befriend(app, ann, bob)
    album_id = make(ann)
    sees = {"everyone": [ann, bob, eve], "friends": [ann, bob], "me": [ann]}[audience]

    def each_sees(*pieces: str) -> None:
        for who in (ann, bob, eve):
            mine = (one for one in pushed if (who.user_id in one.people) != one.everybody_but)
            told = "".join(map(pushed_html, mine))
            pages = who.get(f"/albums/{album_id}").text + who.get("/@ann/albums").text
            for piece in pieces:
                found = re.search(piece.format(album_id), told, re.DOTALL)
                assert bool(found) == (who in sees)
                assert not found or found[0] in pages
        pushed.clear()

    pushed.clear()
    fields = {"name": "Зима <3", "description": "Сніг\nhttps://example.com", "topic": "життя", "year": "1999"}
    ann.post(f"/albums/{album_id}", data=fields | {"audience": audience})
    each_sees(
        '<span data-every="album-name-{}">Зима &lt;3</span>',
        '<p class="album-facts" id="album-facts-{}"><b>#.*?</p>',
        '<p class="album-description" id="album-description-{}">Сніг.*?</p>',
    )
    put(ann, album_id, "teal")
    each_sees(cover := '<a class="album-cover" id="album-cover-{}".*?</a>')
    (second,) = put(ann, album_id, "navy")
    pushed.clear()
    ann.post(f"/albums/{album_id}/cover", data={"photo_id": second})
    each_sees(cover)
    ann.post(f"/albums/{album_id}", data={"name": "Зима", "audience": audience})
    each_sees('<p class="album-description" id="album-description-{}"></p>')


def test_how_much_room_is_left_is_told(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    put(ann, make(ann), "teal")
    assert "0.1 MB of 2 GB used" in ann.get("/albums").text
    monkeypatch.setitem(app.config, "QUOTA", 0)
    page = ann.get("/albums").text
    assert "0.1 MB used" in page and "<progress" not in page
