"""Signing by one's name or by a drawing, which is seen wherever one signs, by those who find one."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image, ImageChops, ImageDraw, ImageStat

from app import media
from app.errors import Refused
from app.extensions import db
from app.live.pushes import Push
from app.models import User
from app.queries.pictures import may_see, shown_keys
from tests.audiences import block
from tests.conftest import Person
from tests.signed import NAVY, PLUM, drawing, file, sheet, written
from tests.talk import at_once, befriend, gather, pushed_html, twin, user
from tests.test_media import HOSTILE
from tests.test_posts import publish

DOOR = "/settings/signature"
FIRST = "Draw your signature, or choose a picture of it."


def sign(who: Person, image: Image.Image | None = None, **sent: object) -> str:
    """Sign by a drawing, and return the answer the page's script gets."""
    upload = {"signature": (file(image or drawing()), "signature.png")}
    answer = who.htmx("POST", DOOR, data={"signs_by": "drawing", **upload, **sent})
    assert answer.status_code == 200, answer.text
    return answer.text


def signature_of(app: Flask, who: Person) -> tuple[str, str | None]:
    with app.app_context():
        person = user(who)
        return person.signs_by, person.signature_key


def inked(app: Flask, image: Image.Image, kind: str = "PNG") -> Image.Image:
    """Return what the darkroom keeps of an upload, largest."""
    with app.test_request_context():
        developed = media.develop_signature(file(image, kind), "upload")
        assert (developed.width, developed.height) == (960, 320)
        with media.open_variant(developed.key, "960") as stored:
            kept = Image.open(BytesIO(stored.read()))
            assert (kept.format, kept.mode, kept.size) == ("WEBP", "RGBA", (960, 320))
            return kept


def ink_of(image: Image.Image) -> tuple[int, ...]:
    """Return the colour of what is solid on a picture."""
    solid = image.getchannel("A").point([0] * 250 + [255] * 6)
    return tuple(round(level) for level in ImageStat.Stat(image.convert("RGB"), solid).median)


def coverage(image: Image.Image) -> float:
    return ImageStat.Stat(image.getchannel("A")).mean[0] / 255


# --- What becomes of an upload.


@pytest.mark.parametrize("ink", [NAVY, PLUM])
def test_a_drawing_keeps_its_ink_and_is_trimmed_to_it(app: Flask, ink: tuple[int, ...]) -> None:
    kept = inked(app, drawing(ink))
    assert ink_of(kept) == ink
    left, top, right, bottom = kept.getchannel("A").point([0] * 30 + [255] * 226).getbbox() or (0, 0, 0, 0)
    assert min(left, 960 - right) < 20 or min(top, 320 - bottom) < 20  # as large as it can be
    assert min(left, top, 960 - right, 320 - bottom) > 8  # with a margin
    assert abs(left - (960 - right)) < 6 and abs(top - (320 - bottom)) < 6  # in the middle
    with app.test_request_context():
        key = media.develop_signature(file(drawing(ink)), "a").key
        for width in (240, 480):
            with media.open_variant(key, str(width)) as stored:
                assert Image.open(stored).size == (width, width // 3)


def test_two_inks_stay_two(app: Flask) -> None:
    image = drawing(NAVY)
    ImageDraw.Draw(image).line([(200, 250), (700, 250)], fill=(*PLUM, 255), width=8)
    colours = {pixel[:3] for pixel in inked(app, image).get_flattened_data() if pixel[3] == 255}
    assert {NAVY, PLUM} <= colours


@pytest.mark.parametrize(
    ("ink", "kept"),
    [((40, 50, 140), NAVY), ((45, 44, 46), NAVY), ((165, 40, 60), PLUM), ((140, 138, 136), NAVY), (None, None)],
    ids=["ballpoint", "black", "red", "pencil", "chalk"],
)
def test_paper_goes_and_ink_stays(app: Flask, ink: tuple[int, ...] | None, kept: tuple[int, ...] | None) -> None:
    image = sheet(ink) if ink else sheet((230, 230, 225), (45, 60, 52))
    result = inked(app, image, "JPEG")
    assert ink_of(result) == (kept or NAVY)
    assert 0.01 < coverage(result) < 0.12  # of the sheet, its shadow and its grain nothing is left
    # It is the same line as where it was drawn on nothing.
    wanted = inked(app, written(Image.new("RGBA", image.size), (*NAVY, 255), 7)).getchannel("A")
    thick = wanted.resize((240, 80), Image.Resampling.BOX).point([0] * 8 + [255] * 248)
    stray = ImageChops.subtract(result.getchannel("A").resize((240, 80), Image.Resampling.BOX), thick)
    assert ImageStat.Stat(stray).mean[0] < 2


def blank(mode: str, colour: str | tuple[int, ...], size: tuple[int, int] = (900, 300)) -> Image.Image:
    return Image.new(mode, size, colour)


def specks() -> Image.Image:
    image = blank("RGBA", (0, 0, 0, 0))
    for place in range(40):
        image.putpixel((place * 211 % 900, place * 97 % 300), (0, 0, 0, 255))
    return image


BLANK = {
    "white": blank("RGB", "white"),
    "see-through": blank("RGBA", (0, 0, 0, 0)),
    "a black square": blank("RGB", "black", (400, 400)),
    "black and white noise one cannot see": blank("L", 250),
    "specks": specks(),
    "one dot": written(blank("RGBA", (0, 0, 0, 0), (4, 4)), (0, 0, 0, 255), 1).resize((1, 1)),
}


@pytest.mark.parametrize("kind", BLANK)
def test_where_nothing_is_written_a_sentence_says_so(app: Flask, ann: Person, kind: str) -> None:
    for answer in (ann.htmx("POST", DOOR, data=upload(BLANK[kind])), ann.post(DOOR, data=upload(BLANK[kind]))):
        assert answer.status_code == 422
        assert "There is nothing to be seen on “signature.png”." in answer.text
        assert re.search(r'<input type="radio" name="signs_by" value="drawing" checked>', answer.text)
    assert signature_of(app, ann) == ("name", None)


def upload(image: Image.Image) -> dict[str, object]:
    return {"signs_by": "drawing", "signature": (file(image), "signature.png")}


@pytest.mark.parametrize("kind", ["svg", "empty", "bomb", "cut off"])
def test_a_bad_file_gets_a_sentence_beside_the_field(app: Flask, ann: Person, kind: str) -> None:
    content, sentence = HOSTILE[kind]
    answer = ann.htmx("POST", DOOR, data={"signs_by": "drawing", "signature": (BytesIO(content), "підпис 🎨.png")})
    assert answer.status_code == 422 and sentence in answer.text and "підпис 🎨.png" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert signature_of(app, ann) == ("name", None)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_picture_is_no_signature(app: Flask, kind: str) -> None:
    with app.test_request_context(), pytest.raises(Refused, match=HOSTILE[kind][1]) as no:
        media.develop_signature(BytesIO(HOSTILE[kind][0]), "x")
    assert no.value.field == "signature"


@pytest.mark.parametrize("size", [(9000, 5000), (40, 14), (300, 900)])
def test_every_size_of_a_signature_is_read(app: Flask, size: tuple[int, int]) -> None:
    image = Image.new("L", size, 255)
    assert coverage(inked(app, written(image, (0,), max(2, size[0] // 150)))) > 0.005


def test_of_a_moving_picture_the_first_is_taken(app: Flask) -> None:
    first, second = written(blank("RGB", "white"), NAVY, 8), blank("RGB", "white")
    moving = file(first, "GIF", save_all=True, append_images=[second], duration=90)
    with app.test_request_context():
        assert media.develop_signature(moving, "a.gif").width == 960


# --- Choosing.


def test_visitors_sign_nothing(visitor: Person) -> None:
    assert visitor.post(DOOR, data=upload(drawing())).location.startswith("/login")


def test_both_ways_are_shown_and_which_is_chosen(app: Flask, ann: Person) -> None:
    def chosen(html: str) -> str:
        section = html[html.index('id="section-signature"') :]
        return re.sub(r"<[^>]+>|\s+", " ", section[section.index("aria-current") :].split("</span>")[0])

    page = ann.get("/settings").text
    assert "Not drawn yet" in page and "First and last name" in chosen(page)
    assert "My handwritten signature" in chosen(sign(ann))
    key = signature_of(app, ann)[1]
    assert f"/media/{key}/240" in ann.get("/settings").text
    open_section = ann.get(DOOR).text
    assert 'enctype="multipart/form-data"' in open_section and 'value="drawing" checked' in open_section


def test_a_drawing_is_needed_to_sign_by_it(app: Flask, ann: Person) -> None:
    answer = ann.htmx("POST", DOOR, data={"signs_by": "drawing"})
    assert answer.status_code == 422 and f"{FIRST}</span>" in re.sub(r"\s*</span>", "</span>", answer.text)
    assert ann.post(DOOR, data={"signs_by": "drawing", "signature": (BytesIO(b""), "")}).status_code == 422
    assert signature_of(app, ann) == ("name", None)


def test_one_goes_back_and_forth_and_the_drawing_stays(app: Flask, ann: Person) -> None:
    sign(ann)
    key = signature_of(app, ann)[1]
    assert ann.post(DOOR, data={"signs_by": "name"}).location == "/settings#section-signature"
    assert signature_of(app, ann) == ("name", key)
    assert "Your signature is saved." in ann.get("/settings").text
    assert ann.htmx("POST", DOOR, data={"signs_by": "drawing"}).status_code == 200
    assert signature_of(app, ann) == ("drawing", key)


def test_what_is_replaced_or_deleted_is_forgotten(app: Flask, ann: Person) -> None:
    sign(ann, drawing(NAVY))
    first = signature_of(app, ann)[1]
    sign(ann, drawing(PLUM))
    second = signature_of(app, ann)[1]
    assert first and second and first != second
    assert ann.get(f"/media/{first}/240").status_code == 404
    assert ann.get(f"/media/{second}/240").status_code == 200
    assert "Your drawn signature is deleted." in ann.htmx("POST", DOOR, data={"remove": "1"}).text
    assert signature_of(app, ann) == ("name", None)
    assert ann.post(DOOR, data={"remove": "1"}).status_code == 303  # there is none: nothing to do
    with app.app_context():
        assert shown_keys([first, second]) == set()  # so the sweep takes their bytes


def test_the_same_drawing_of_two_is_kept_while_one_signs_by_it(app: Flask, ann: Person, bob: Person) -> None:
    sign(ann)
    sign(bob)
    key = signature_of(app, ann)[1]
    assert signature_of(app, bob)[1] == key
    ann.post(DOOR, data={"remove": "1"})
    assert bob.get(f"/media/{key}/240").status_code == 200
    sign(bob)  # again the same: it stays
    assert bob.get(f"/media/{key}/240").status_code == 200


@pytest.mark.parametrize("junk", ["", "x" * 5000, "name\x00", "підпис 🎨", "\u202edrawing"])
def test_what_is_not_offered_cannot_be_chosen(app: Flask, ann: Person, junk: str) -> None:
    sign(ann)
    before = signature_of(app, ann)
    assert ann.post(DOOR, data={"signs_by": junk}).status_code == 422
    assert ann.htmx("POST", DOOR, data=upload(drawing(PLUM)) | {"signs_by": junk}).status_code == 422
    assert ann.post(DOOR, data={"signs_by": "drawing", "signature": "not a file"}).status_code == 303
    assert signature_of(app, ann) == before


def test_of_two_drawings_at_once_one_is_left(app: Flask, ann: Person) -> None:
    sheets = [drawing(NAVY), drawing(PLUM), drawing(NAVY, wide=14)]
    keys = []
    for image in sheets:
        with app.test_request_context():
            keys.append(media.develop_signature(file(image), "a").key)
    at_once(
        *(
            lambda one=one, image=image: sign(one, image)
            for one, image in zip([twin(app, ann) for _ in sheets], sheets, strict=True)
        )
    )
    left = signature_of(app, ann)[1]
    assert left in keys
    for key in keys:
        assert ann.get(f"/media/{key}/240").status_code == (200 if key == left else 404)


# --- Who sees it, and where.


def test_it_stands_in_the_head_of_posts_and_on_ones_page(app: Flask, ann: Person, bob: Person) -> None:
    publish(ann)
    signed = f'data-every="signature-{ann.user_id}"'
    page = bob.get("/").text
    assert re.search(rf'<span class="post-signature" aria-hidden="true"><span class="signature" {signed}>', page)
    sign(ann)
    key = signature_of(app, ann)[1]
    drawn = rf'<span class="signature drawn" {signed}><img class="drawing" src="/media/{key}/240"'
    size = 'width="240" height="80" alt="Signature of Ann Ivanenko"'
    for address in ("/", "/@ann", "/@ann/about"):
        page = bob.get(address).text
        assert drawn in page and size in page
    # Beside the name it tells nothing new, and nobody need hear it.
    assert re.search(rf'<span class="post-signature" aria-hidden="true">{drawn}', bob.get("/").text)
    ann.post(DOOR, data={"signs_by": "name"})
    assert key not in bob.get("/").text + bob.get("/@ann").text


def test_whoever_looks_sees_it_change_but_those_who_are_apart(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    publish(ann)
    block(app, ann, eve)
    pushed.clear()
    sign(ann)
    (push,) = pushed
    assert push.topic == "faces" and 'data-look="faces"' in bob.get("/").text
    assert (push.people, push.everybody_but) == (frozenset({eve.user_id}), True)
    for way in ("drawing", "name"):
        ann.post(DOOR, data={"signs_by": way})
        shown = pushed_html(pushed[-1])
        assert shown in bob.get("/").text and shown in bob.get("/@ann").text and shown in bob.get("/@ann/about").text


def test_its_bytes_are_for_those_who_find_the_person(
    app: Flask, ann: Person, bob: Person, eve: Person, visitor: Person, join: Callable[..., Person]
) -> None:
    sign(ann)
    key = signature_of(app, ann)[1]
    friend, stranger, blocked, blocker, mate = bob, eve, join("blocked"), join("blocker"), join("mate")
    for one in (friend, mate):
        befriend(app, ann, one)
    gather(app, ann, mate)
    for one, other in ((ann, blocked), (blocker, ann), (ann, mate)):
        block(app, one, other)
    answers = {
        name: one.get(f"/media/{key}/240").status_code
        for name, one in {"friend": friend, "stranger": stranger, "blocked": blocked, "blocker": blocker}.items()
    }
    # Whom one has blocked stands in a list of them.
    assert answers == {"friend": 200, "stranger": 200, "blocked": 404, "blocker": 200}
    assert mate.get(f"/media/{key}/240").status_code == 200  # in a group both are in they go on
    assert visitor.get(f"/media/{key}/240").status_code == 303
    with app.app_context():
        assert not may_see(db.session.get_one(User, blocked.user_id), key or "")


def test_signatures_cost_a_page_no_question(app: Flask, ann: Person, bob: Person, queries: list[str]) -> None:
    publish(ann)
    bob.get("/")
    queries.clear()
    bob.get("/")
    before = len(queries)
    sign(ann)
    queries.clear()
    bob.get("/")
    assert len(queries) == before
