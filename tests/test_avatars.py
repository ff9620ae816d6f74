"""The photo that stands for somebody: taken, changed everywhere at once, kept, hidden, deleted and put back."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from app.actions import pictures
from app.blueprints.avatars import crop_in
from app.extensions import db
from app.jobs import run_due
from app.live.pushes import Push
from app.models import Avatar, Job, Membership, Post, User
from app.models.columns import now
from app.models.user import TINTS
from app.queries.pictures import shown_keys
from app.text import initials
from tests.audiences import block
from tests.conftest import Person
from tests.photos import keys_in, photo, take
from tests.talk import at_once, befriend, gather, open_chat, pushed_html, say, twin

FACE = re.compile(r'<span class="avatar avatar-\w+[^"]*" data-every="(?:face|portrait)-(\d+)".*?</span>', re.DOTALL)


def faces(html: str, person: Person) -> set[str]:
    """Return what stands for somebody on a page, whatever its size is."""
    found = (face[0] for face in FACE.finditer(html) if face[1] == str(person.user_id))
    return {re.sub(r'avatar-(s|m|l|xl)|face-|portrait-|sizes="\w+"|\s+', "", face) for face in found}


def avatars_of(app: Flask, person: Person) -> list[Avatar]:
    """Return the rows of somebody, the oldest first."""
    with app.app_context():
        mine = select(Avatar).where(Avatar.user_id == person.user_id).order_by(Avatar.id)
        return list(db.session.scalars(mine))


def current(app: Flask, person: Person) -> str | None:
    with app.app_context():
        return db.session.get_one(User, person.user_id).photo_key


def bytes_of(who: Person, key: str, variant: int = 96) -> int:
    return who.get(f"/media/{key}/{variant}").status_code


def halves(size: tuple[int, int] = (400, 200)) -> BytesIO:
    """Return a picture whose left half is red and whose right half is blue."""
    image, file = Image.new("RGB", size, "red"), BytesIO()
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    image.save(file, "PNG")
    file.seek(0)
    return file


# --- Taking one.


def test_a_photo_is_taken_and_shown_to_everybody(app: Flask, ann: Person, bob: Person) -> None:
    assert keys_in(bob.get("/@ann").text) == []
    answer = ann.htmx("POST", "/settings/avatar", data={"avatar": (photo("red", (900, 600), "JPEG"), "me.jpg")})
    assert answer.status_code == 200 and "Your new photo is shown." in answer.text
    (key,) = keys_in(answer.text)
    assert current(app, ann) == key
    for variant, side in ((96, 96), (320, 320), (960, 600)):
        shown = bob.get(f"/media/{key}/{variant}")
        assert shown.status_code == 200 and Image.open(BytesIO(shown.data)).size == (side, side)
    page = bob.get("/@ann").text
    assert f'srcset="/media/{key}/96 96w, /media/{key}/320 320w" sizes="6rem" width="96" height="96"' in page
    assert (
        ann.post("/settings/avatar", data={"avatar": (photo("blue"), "b.png")}).location == "/settings#section-profile"
    )


def test_the_form_stands_in_the_place_of_the_profile(ann: Person) -> None:
    page = ann.get("/settings/avatar").text
    assert page.count('id="section-profile"') == 1 and 'id="section-personal"' in page
    assert "Choose or upload a profile photo" in page and 'enctype="multipart/form-data"' in page
    assert 'href="/settings/avatar#section-profile"' in ann.get("/settings").text


@pytest.mark.parametrize(
    ("crop", "colour"),
    [
        ({"left": "0", "top": "0", "side": "1"}, "red"),
        ({"left": "0.5", "top": "0", "side": "1"}, "blue"),
        ({"left": "0.6", "top": "0.3", "side": "0.5"}, "blue"),
        ({"left": "1", "top": "1", "side": "0.1"}, "blue"),
        ({"left": "0", "top": "1", "side": "0.000001"}, "red"),
    ],
)
def test_the_square_that_is_asked_for_is_taken(ann: Person, crop: dict[str, str], colour: str) -> None:
    ann.post("/settings/avatar", data={"avatar": (halves(), "h.png"), **crop})
    (key,) = keys_in(ann.get("/settings/photos").text)
    image = Image.open(BytesIO(ann.get(f"/media/{key}/96").data)).convert("RGB")
    assert image.width == image.height
    for at in ((0, 0), (image.width - 1, image.height - 1)):
        red, _, blue = image.getpixel(at)  # type: ignore[misc]
        assert (red > blue) == (colour == "red")


JUNK = ("", "x", "nan", "inf", "-inf", "-0.1", "1.1", "1e308", "9" * 5000, "\x00", "🙂", "٠٫٥", "0x1", "0,5", "\u202e1")


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("field", ["left", "top", "side"])
def test_a_square_that_cannot_be_is_the_middle(field: str, junk: str) -> None:
    good = {"left": "0.25", "top": "0.5", "side": "0.125"}
    assert crop_in(MultiDict(good)) == (0.25, 0.5, 0.125)
    assert crop_in(MultiDict(good | {field: junk})) is None
    assert crop_in(MultiDict({name: value for name, value in good.items() if name != field})) is None
    assert crop_in(MultiDict(good | {"side": "0"})) is None
    assert not any(math.isnan(number) for number in crop_in(MultiDict(good)) or ())


def test_junk_numbers_still_take_the_photo(app: Flask, ann: Person) -> None:
    sent = {"avatar": (halves(), "h.png"), "left": "nan", "top": "9" * 400, "side": "-inf"}
    assert ann.post("/settings/avatar", data=sent).status_code == 303
    (key,) = keys_in(ann.get("/settings/photos").text)
    image = Image.open(BytesIO(ann.get(f"/media/{key}/96").data)).convert("RGB")
    colours = [image.getpixel((x, 48)) for x in (5, 90)]
    assert colours[0][0] > 150 > colours[0][2] and colours[1][2] > 150 > colours[1][0]  # type: ignore[index]


@pytest.mark.parametrize("content", [b"", b"words", b"<svg/>" * 99, b"\x89PNG\r\n\x1a\n", photo().getvalue()[:70]])
def test_what_is_no_picture_gets_a_sentence_beside_the_field(app: Flask, ann: Person, content: bytes) -> None:
    for send, whole in ((ann.post, True), (lambda path, data: ann.htmx("POST", path, data=data), False)):
        answer = send("/settings/avatar", data={"avatar": (BytesIO(content), "../me\x00‮.png")})
        assert answer.status_code == 422 and "is" in answer.text
        assert re.search(r'id="avatar-note" role="alert">.*<span>“', answer.text)
        assert ('id="section-personal"' in answer.text) == whole
    for nothing in ({}, {"avatar": "words"}, {"avatar": (BytesIO(b""), "")}):
        answer = ann.post("/settings/avatar", data=nothing)
        assert answer.status_code == 422 and "Choose a picture first." in answer.text
    assert avatars_of(app, ann) == [] and current(app, ann) is None


def test_one_person_has_room_for_so_much(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    take(ann, "red")
    full = avatars_of(app, ann)[0].size
    monkeypatch.setattr(pictures, "quota_of", lambda _owner: full)
    answer = ann.post("/settings/avatar", data={"avatar": (photo("lime"), "lime.png")})
    assert answer.status_code == 422 and "used up the space" in answer.text
    assert len(avatars_of(app, ann)) == 1
    take(ann, "red")  # what is kept already takes no more room
    assert len(avatars_of(app, ann)) == 1


def test_the_same_bytes_are_one_photo(app: Flask, ann: Person, bob: Person) -> None:
    first, second = take(ann, "red"), take(ann, "blue")
    ann.post(f"/avatars/{avatars_of(app, ann)[0].id}/hide")
    ann.post("/settings/avatar", data={"avatar": (photo("red"), "again.png")})
    assert current(app, ann) == first != second
    assert [one.hidden for one in avatars_of(app, ann)] == [False, False]
    assert take(bob, "red") == first  # and may be others' too
    bob.post(f"/avatars/{avatars_of(app, bob)[0].id}/delete")
    assert current(app, ann) == first and bytes_of(ann, first) == 200


def test_sent_twice_at_once_it_is_one_photo(app: Flask, ann: Person) -> None:
    def send(who: Person) -> Callable[[], object]:
        return lambda: who.post("/settings/avatar", data={"avatar": (photo("teal"), "me.png")})

    at_once(send(ann), send(twin(app, ann)), send(twin(app, ann)))
    assert len(avatars_of(app, ann)) == 1


# --- Everywhere at once.


def test_what_is_pushed_is_what_a_reloaded_page_shows(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    say(ann, chat, "Hello")
    group = gather(app, ann, bob)
    say(ann, group, "Hello", "2")
    post = ann.post("/posts", data={"title": "T", "body": "B", "client_id": "1"}).location
    ann.post(f"{post}/comments", data={"body": "Words", "client_id": "c"})
    ann.post(f"{post}/like")
    pages = ["/", post, f"{post}/likes", "/@ann", "/friends", "/friends/all", "/chats", f"/chats/{chat}"]
    pages += [
        f"/chats/{group}",
        f"/chats/{group}/members",
        "/search?q=ann",
        "/search/suggestions?q=ann",
        "/@bob/friends",
    ]

    def held() -> None:
        (push,) = (push for push in pushed if push.topic == "faces")
        assert push.audience == "looking"
        for language in push.renderings:
            html = pushed_html(push, language)
            assert len(faces(html, ann)) == 1 and f"face-{ann.user_id}" in html and f"portrait-{ann.user_id}" in html
            for page in pages:
                assert faces(bob.get(page).text, ann) == faces(html, ann), page
        pushed.clear()

    pushed.clear()
    take(ann, "red")
    held()
    take(ann, "blue")
    held()
    ann.post(f"/avatars/{avatars_of(app, ann)[1].id}/delete")
    held()
    ann.post("/settings/avatar/delete")
    held()
    assert 'data-look="faces"' in bob.get("/settings").text


def test_who_is_kept_apart_hears_of_it_only_where_they_meet(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    befriend(app, ann, bob)
    open_chat(ann, bob)
    block(app, ann, bob)
    block(app, eve, ann)
    take(ann, "red")
    assert (pushed[-1].everybody_but, pushed[-1].people) == (True, {bob.user_id, eve.user_id})
    group = gather(app, ann, bob)
    take(ann, "blue")
    assert pushed[-1].people == {eve.user_id}
    with app.app_context():
        db.session.execute(delete(Membership).where(Membership.chat_id == group, Membership.user_id == bob.user_id))
        db.session.commit()
    take(ann, "lime")
    assert pushed[-1].people == {bob.user_id, eve.user_id}


def test_choosing_the_same_again_shows_nobody_anything(app: Flask, ann: Person, pushed: list[Push]) -> None:
    take(ann, "red")
    pushed.clear()
    take(ann, "red")
    ann.post(f"/avatars/{avatars_of(app, ann)[0].id}/current")
    assert pushed == []


# --- What was shown before.


def test_older_photos_are_chosen_hidden_shown_and_deleted(app: Flask, ann: Person, bob: Person) -> None:
    keys = [take(ann, colour) for colour in ("red", "lime", "blue")]
    red, lime, blue = (one.id for one in avatars_of(app, ann))
    assert keys_in(ann.get("/settings/photos").text) == [keys[2], keys[1], keys[0]]
    assert ann.post(f"/avatars/{red}/current").location == "/settings/photos"
    assert current(app, ann) == keys[0]
    ann.post(f"/avatars/{red}/hide")  # the newest one that is shown takes its place
    assert current(app, ann) == keys[2]
    ann.post(f"/avatars/{lime}/hide")
    assert current(app, ann) == keys[2]
    assert keys_in(bob.get("/@ann/photos").text.split("<main")[1]) == [keys[2]]
    assert [bytes_of(bob, key) for key in keys] == [404, 404, 200]
    assert [bytes_of(ann, key) for key in keys] == [200, 200, 200]
    ann.post(f"/avatars/{blue}/delete")
    assert current(app, ann) is None
    assert [bytes_of(who, keys[2]) for who in (ann, bob)] == [404, 404]
    ann.post(f"/avatars/{lime}/show")
    assert current(app, ann) is None and bytes_of(bob, keys[1]) == 200
    ann.post(f"/avatars/{red}/current")  # shows it again, too
    assert current(app, ann) == keys[0] and bytes_of(bob, keys[0]) == 200


def test_showing_none_keeps_all(app: Flask, ann: Person, bob: Person) -> None:
    key = take(ann)
    answer = ann.htmx("POST", "/settings/avatar/delete")
    assert answer.status_code == 200 and "is not shown any more" in answer.text
    assert current(app, ann) is None and bytes_of(bob, key) == 200
    assert keys_in(bob.get("/@ann/photos").text) == [key]
    assert ann.post("/settings/avatar/delete").status_code == 303


def test_a_deleted_photo_can_be_put_back_for_a_while(app: Flask, ann: Person, bob: Person) -> None:
    red, blue = take(ann, "red"), take(ann, "blue")
    older, newer = (one.id for one in avatars_of(app, ann))
    answer = ann.htmx("POST", f"/avatars/{newer}/delete")
    assert f'<i id="portrait-{newer}" hidden></i>' in answer.text
    assert f'action="/avatars/{newer}/restore?current=1"' in answer.text
    assert current(app, ann) == red
    for deed in ("current", "hide", "show", "delete"):
        assert ann.post(f"/avatars/{newer}/{deed}").status_code == 404
    assert bob.post(f"/avatars/{newer}/restore").status_code == 422
    answer = ann.htmx("POST", f"/avatars/{newer}/restore?current=1")
    assert answer.status_code == 200 and f'id="portrait-{newer}"' in answer.text
    assert current(app, ann) == blue and bytes_of(bob, blue) == 200
    answer = ann.htmx("POST", f"/avatars/{older}/delete")
    assert "current=1" not in answer.text
    ann.post(f"/avatars/{older}/restore")
    assert current(app, ann) == blue
    assert ann.post(f"/avatars/{older}/restore").status_code == 422  # it is there


def test_after_that_nothing_shows_its_bytes_any_more(app: Flask, ann: Person, bob: Person) -> None:
    red, blue = take(ann, "red"), take(ann, "blue")
    take(bob, "blue")
    for one in avatars_of(app, ann):
        ann.post(f"/avatars/{one.id}/delete")
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="bury_avatar").count() == 2
    run_due(app)
    assert len(avatars_of(app, ann)) == 2
    with time_machine.travel(now() + timedelta(minutes=11)):
        run_due(app)
        assert ann.post("/avatars/1/restore").status_code == 422
    assert avatars_of(app, ann) == []
    assert (bytes_of(ann, red), bytes_of(ann, blue)) == (404, 200)  # one is bob's
    with app.app_context():
        assert shown_keys([red, blue]) == {blue}


def test_uploading_it_again_is_putting_it_back(app: Flask, ann: Person) -> None:
    red = take(ann, "red")
    ann.post(f"/avatars/{avatars_of(app, ann)[0].id}/delete")
    take(ann, "red")
    with time_machine.travel(now() + timedelta(minutes=11)):
        run_due(app)
    assert current(app, ann) == red and bytes_of(ann, red) == 200


@pytest.mark.parametrize("deed", ["current", "hide", "show", "delete", "restore"])
def test_strangers_change_nothing(app: Flask, ann: Person, eve: Person, visitor: Person, deed: str) -> None:
    key = take(ann)
    (avatar,) = avatars_of(app, ann)
    assert eve.post(f"/avatars/{avatar.id}/{deed}").status_code == (422 if deed == "restore" else 404)
    assert eve.htmx("POST", f"/avatars/{avatar.id}/{deed}").status_code in (404, 422)
    assert visitor.post(f"/avatars/{avatar.id}/{deed}").location.startswith("/login")
    assert eve.post(f"/avatars/{'9' * 30}/{deed}").status_code == 404
    assert current(app, ann) == key and not avatars_of(app, ann)[0].hidden
    assert keys_in(eve.get("/settings/photos").text) == []


def test_done_twice_at_once_it_is_done_once(app: Flask, ann: Person) -> None:
    take(ann, "red")
    take(ann, "blue")
    older, newer = (one.id for one in avatars_of(app, ann))
    other = twin(app, ann)
    at_once(lambda: ann.post(f"/avatars/{newer}/delete"), lambda: other.post(f"/avatars/{newer}/delete"))
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="bury_avatar").count() == 1
    at_once(lambda: ann.post(f"/avatars/{newer}/restore"), lambda: other.post(f"/avatars/{newer}/restore"))
    at_once(lambda: ann.post(f"/avatars/{older}/hide"), lambda: other.post(f"/avatars/{newer}/hide"))
    assert current(app, ann) is None
    at_once(lambda: ann.post(f"/avatars/{older}/current"), lambda: other.post(f"/avatars/{older}/hide"))
    rows = {one.key: one.hidden for one in avatars_of(app, ann)}
    shown = current(app, ann)
    assert shown is None or not rows[shown]  # a hidden one never stands for anybody


# --- Who may see the bytes.


def test_faces_are_for_who_finds_the_person_or_meets_them_in_a_group(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    open_chat(ann, bob)
    former, face = take(ann, "red"), take(ann, "blue")
    assert [bytes_of(bob, key) for key in (former, face)] == [200, 200]
    block(app, ann, bob)
    assert [bytes_of(bob, key) for key in (former, face)] == [404, 404]  # the chat of the two does not count
    assert bob.get("/@ann/photos").status_code == 404
    gather(app, ann, bob)
    assert [bytes_of(bob, key) for key in (former, face)] == [404, 200]


def test_visitors_are_shown_no_faces(ann: Person, visitor: Person) -> None:
    assert visitor.get(f"/media/{take(ann)}/96").location.startswith("/login")


# --- What pages cost.


def test_pages_ask_no_more_for_more_photos(app: Flask, ann: Person, bob: Person, queries: list[str]) -> None:
    def asked(who: Person, path: str) -> int:
        queries.clear()
        assert who.get(path).status_code == 200
        return len(queries)

    take(ann, "red")
    paths = ((ann, "/settings/photos"), (ann, "/settings/avatar"), (bob, "/@ann/photos"))
    before = [asked(*one) for one in paths]
    for colour in ("lime", "blue", "navy", "teal"):
        take(ann, colour)
    assert [asked(*one) for one in paths] == before
    assert before[0] <= 4
    assert asked(bob, f"/media/{current(app, ann)}/96") <= 3


def test_there_is_more_of_many(app: Flask, ann: Person, bob: Person) -> None:
    with app.app_context():
        db.session.add_all(Avatar(user_id=ann.user_id, key=f"{number:032x}", size=1) for number in range(60))
        db.session.commit()
    for who, path in ((ann, "/settings/photos"), (bob, "/@ann/photos")):
        page = who.get(path).text
        more = re.search(rf'href="({path}\?before=\d+)"', page)
        assert more
        assert set(keys_in(page)) | set(keys_in(who.get(more[1]).text)) == {f"{number:032x}" for number in range(60)}
        assert who.get(f"{path}?before=x").status_code == 200


def test_a_feed_of_faces_asks_for_no_face(
    app: Flask, ann: Person, join: Callable[..., Person], queries: list[str]
) -> None:
    def asked() -> int:
        queries.clear()
        ann.get("/")
        return len(queries)

    people = [join(f"one{number}") for number in range(6)]
    with app.app_context():
        for who in people:
            db.session.add(Post(author_id=who.user_id, client_id="1", title="t", topic="", body="b"))
        db.session.commit()
    before = asked()
    with app.app_context():
        for number, user in enumerate(db.session.scalars(select(User))):
            user.photo_key = f"{number:032x}"
        db.session.commit()
    assert asked() == before


# --- What stands for a missing one.


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ann Ivanenko", "AI"),
        ("Богдан Ґонта-Їжак", "БҐ"),
        ("ann", "A"),
        ("Anna Maria Lopez", "AM"),
        ("ß ö", "ßÖ"),
        ("「田中」 太郎", "田太"),
        ("שלום עליכם", "שע"),
        ("محمد علي", "م\u200cع"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("👍🏽", "👍🏽"),
        ("🇺🇦🇺🇦", "🇺🇦"),
        ("❤️ Слава 🇺🇦", "С"),
        ("… ?", "…"),
        ("", "?"),
    ],
)
def test_letters_stand_for_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_colour_is_the_names(app: Flask, join: Callable[..., Person], eve: Person) -> None:
    one, other = join("one", "Ольга", "Коваль"), join("two", "ОЛЬГА", "КОВАЛЬ")
    page = eve.get("/search?q=коваль").text
    (mine,), (its,) = faces(page, one), faces(page, other)
    assert re.findall(r"tint-(\d)", mine) == re.findall(r"tint-(\d)", its)
    tints = {User(first_name=f"Name{number}", last_name="").tint for number in range(200)}
    assert tints == set(range(TINTS))


SHEET = (Path(__file__).parent.parent / "app/static/css/people.css").read_text()


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Return how light a colour of OKLCH is, as WCAG counts it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_letters_are_read_on_every_colour() -> None:
    rule = re.search(r"\.avatar \{.*?background: light-dark\((.*?)\); color: light-dark\((.*?)\); \}", SHEET)
    assert rule
    grounds, inks = (
        [tuple(map(float, one)) for one in re.findall(r"oklch\(([\d.]+) ([\d.]+)", part)] for part in rule.groups()
    )
    hues = [310.0, *map(float, re.findall(r"\.tint-\d \{ --hue: (\d+); \}", SHEET))]
    assert len(hues) == TINTS + 1 and len(grounds) == len(inks) == 2
    for hue in hues:
        for ground, ink in zip(grounds, inks, strict=True):
            darker, lighter = sorted((luminance(*ground, hue), luminance(*ink, hue)))
            assert (lighter + 0.05) / (darker + 0.05) >= 7
