"""The darkroom: whatever is uploaded becomes pixels and nothing else, or a sentence."""

import struct
import threading
import zlib
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageCms, ImageColor

from app import media
from app.errors import Refused
from app.media import darkroom
from app.media.disk import Disk


@pytest.fixture(autouse=True)
def context(app: Flask) -> Any:
    with app.test_request_context():
        yield


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scene(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def develop(content: bytes, name: str = "picture.jpg") -> tuple[media.Picture, Image.Image, bytes]:
    picture = media.develop(BytesIO(content), name)
    with media.open_variant(picture.key, "1920") as file:
        stored = file.read()
    return picture, Image.open(BytesIO(stored)), stored


def test_a_phones_photo_stands_upright_and_tells_nothing_else() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(scene((4032, 3024)), "JPEG", exif=exif, comment=b"secret words", icc_profile=profile)
    picture, image, stored = develop(photo)
    assert image.format == "WEBP"
    assert image.size == (picture.width, picture.height) == (1440, 1920)
    red, _, blue = image.convert("RGB").getpixel((720, 200))  # type: ignore[misc]
    assert red > 150 > blue
    assert not image.getexif()
    for word in (b"SecretCamera", b"secret words", b"EXIF", b"ICCP", b"XMP "):
        assert word not in stored
    for variant, longest in (("320", 320), ("960", 960)):
        with media.open_variant(picture.key, variant) as file:
            assert max(Image.open(file).size) == longest


KINDS = {
    "cmyk": encoded(scene(mode="CMYK"), "JPEG"),
    "grey": encoded(scene(mode="L"), "PNG"),
    "sixteen bits": encoded(Image.new("I;16", (400, 300), 30_000), "PNG"),
    "one bit": encoded(scene(mode="1"), "PNG"),
    "palette": encoded(scene(mode="P"), "PNG"),
    "webp": encoded(scene(), "WEBP"),
    "avif": encoded(scene(), "AVIF"),
    "moving": encoded(scene(), "GIF", save_all=True, append_images=[Image.new("RGB", (400, 300))], duration=90),
    "png in a jpg's name": encoded(scene(), "PNG"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_is_read(kind: str) -> None:
    picture, image, _ = develop(KINDS[kind])
    assert (picture.width, picture.height) == image.size == (400, 300)


def square(content: bytes, crop: darkroom.Crop | None = None, variant: int = 960) -> Image.Image:
    picture = media.develop_avatar(BytesIO(content), "face.jpg", crop)
    with media.open_variant(picture.key, str(variant)) as file:
        return Image.open(BytesIO(file.read())).convert("RGB")


def is_red(image: Image.Image, x: float, y: float) -> bool:
    red, _, blue = image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[misc]
    return bool(red > blue)


def test_a_square_is_cut_from_the_upright_picture() -> None:
    lying = Image.Exif()
    lying[0x0112] = 6  # upright, the red half is on top
    content = encoded(scene((1600, 1200)), "JPEG", exif=lying)
    middle = square(content)
    assert middle.size == (960, 960) and is_red(middle, 0.5, 0.4) and not is_red(middle, 0.5, 0.6)
    assert all(is_red(square(content, (0, 0, 0.5)), x, y) for x in (0.02, 0.98) for y in (0.02, 0.98))
    below = square(content, (0.5, 0.5, 0.25))
    assert below.size == (300, 300) and not any(is_red(below, x, y) for x in (0.02, 0.98) for y in (0.02, 0.98))


def test_a_small_square_of_a_large_photo_keeps_its_pixels() -> None:
    content = encoded(scene((6000, 4000)), "JPEG")
    assert square(content, (0.25, 0.25, 0.3)).size == (960, 960)  # 1200 of its own
    assert square(content, (0.25, 0.25, 0.1)).size == (400, 400)
    assert [square(content, variant=side).size for side in (96, 320, 960)] == [(side, side) for side in (96, 320, 960)]


@pytest.mark.parametrize("crop", [(1, 1, 1), (0, 0, 1e-9), (1, 0, 0.5), (0.9, 0.9, 0.9)])
def test_a_square_that_reaches_out_of_the_picture_is_moved_into_it(crop: darkroom.Crop) -> None:
    image = square(encoded(scene(), "PNG"), crop)
    assert image.width == image.height >= 1
    assert is_red(image, 0.99, 0.5) == (crop[0] == 0)


@pytest.mark.parametrize("size", [(1, 1), (2000, 1), (1, 2000), (7, 9)])
def test_a_square_can_be_as_small_as_it_is(size: tuple[int, int]) -> None:
    for crop in (None, (0.5, 0.5, 0.05)):
        image = square(encoded(Image.new("RGB", size, "red"), "PNG"), crop)
        assert image.width == image.height and 1 <= image.width <= min(size)


@pytest.mark.parametrize("size", [(1, 9000), (9000, 2), (4032, 3024), (3840, 2160), (1921, 1921)])
def test_a_large_photo_keeps_its_proportions_and_sharpness(size: tuple[int, int]) -> None:
    """JPEG is decoded to a smaller size at once, which must not be smaller than what is kept."""
    picture, image, _ = develop(encoded(scene(size), "JPEG"))
    ratio = 1920 / max(size)
    assert image.size == (picture.width, picture.height)
    assert image.size == tuple(max(1, round(side * ratio)) for side in size)


def test_what_is_see_through_stays_so() -> None:
    image = scene().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    _, developed, _ = develop(encoded(image, "PNG"))
    assert developed.mode == "RGBA"
    assert developed.getchannel("A").getextrema()[0] < 20  # type: ignore[operator]


@pytest.mark.parametrize("ink", ["black", "navy", "crimson", "white", "gold"])
def test_what_is_drawn_on_nothing_stands_out_from_what_is_put_behind_it(ink: str) -> None:
    drawn = Image.new("RGBA", (400, 300))
    drawn.paste(ink, (100, 50, 300, 250))
    content = encoded(drawn, "PNG")
    behind = light(ImageColor.getrgb(develop(content)[0].colour))
    assert abs(behind - light(ImageColor.getrgb(ink))) > 90
    face = square(content)
    assert light(face.getpixel((10, 10))) == pytest.approx(behind, abs=6)


def light(colour: Any) -> int:
    return Image.new("RGB", (1, 1), colour[:3]).convert("L").getpixel((0, 0))  # type: ignore[return-value]


def test_no_kind_of_picture_is_asked_for_that_cannot_be_read() -> None:
    readable = {Image.MIME[kind] for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF")}
    heic = {"image/heic"} if find_spec("pillow_heif") else set()
    assert set(media.TYPES.split(",")) == readable | heic


def bomb() -> bytes:
    """A file of a kilobyte that says it has 900 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


HOSTILE = {
    "text": (b"hello", "is not a picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "is not a picture"),
    "html": (b"<!doctype html><img src=x onerror=alert(1)>", "is not a picture"),
    "tiff": (encoded(scene(), "TIFF"), "is not a picture"),
    "empty": (b"", "is empty"),
    "too large": (bytes(15 * 1024 * 1024 + 1), "larger than 15 MB"),
    "bomb": (bomb(), "more than 50 million pixels"),
    "cut off": (encoded(scene((2000, 1500)).effect_spread(40), "JPEG")[:20_000], "is damaged"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_file_gets_a_sentence_that_names_it(kind: str) -> None:
    content, sentence = HOSTILE[kind]
    with pytest.raises(Refused, match=sentence) as no:
        media.develop(BytesIO(content), "../../етюд 🎨.jpg")
    assert no.value.sentence.startswith("“етюд 🎨.jpg”")
    assert no.value.field == "images"


def test_a_long_name_is_shortened_and_a_hostile_one_is_plain() -> None:
    assert len(media.shown("я" * 500 + ".jpg")) < 45
    assert media.shown("..\\..\\C:\\evil\x00\n.png") == "evil.png"


def test_the_same_picture_is_stored_once(app: Flask) -> None:
    photo = encoded(scene((123, 45)), "JPEG")
    first, second = media.develop(BytesIO(photo), "a"), media.develop(BytesIO(photo), "b")
    assert first == second
    assert [one.key for one in media.store().stored()].count(first.key) == 1


@pytest.mark.parametrize(
    "name", ["../../secret", "a/../../b", "0" * 32, "0" * 32 + "/x", "G" * 32 + "/320", "/etc/passwd"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(LookupError):
        Disk(tmp_path).open(name)
    with pytest.raises(LookupError):
        Disk(tmp_path).put(name, b"")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("program", ["import os; os.kill(os.getpid(), 9)", "while True: pass", "print('not json')"])
def test_a_process_that_dies_hangs_or_lies_costs_one_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    rogue = tmp_path / "rogue.py"
    rogue.write_text(program)
    with monkeypatch.context() as patch:
        patch.setattr(darkroom, "PROGRAM", rogue)
        patch.setattr(darkroom, "SECONDS", 0.5)
        with pytest.raises(Refused):
            media.develop(BytesIO(encoded(scene(), "JPEG")), "a.jpg")
    assert media.develop(BytesIO(encoded(scene(), "JPEG")), "a.jpg").width == 400


def test_two_are_developed_at_once(app: Flask) -> None:
    done: list[int] = []

    def go(width: int) -> None:
        with app.test_request_context():
            done.append(media.develop(BytesIO(encoded(scene((width, 50)), "JPEG")), "a.jpg").width)

    threads = [threading.Thread(target=go, args=(width,)) for width in (60, 61, 62)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [60, 61, 62]
