"""Reads one picture with suspicion and writes its variants; run as a program of its own.

The upload comes on standard input. The answer goes to standard output: a line of JSON, then the variants' bytes one
after another. A picture that cannot be taken is answered with {"problem": …}. Only Pillow and the standard library are
imported, the process takes one picture and ends, and the kernel limits its memory and time and ends it with the
server: whatever a hostile file does, it does here.
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import struct
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

with suppress(ImportError):
    from pillow_heif import register_heif_opener

    register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
VARIANTS = {  # longest side; a smaller picture is not enlarged
    "picture": (320, 960, 1920),
    "avatar": (96, 320, 960),
    "signature": (240, 480, 960),
}
PIXEL_LIMIT = 50_000_000
MEMORY_LIMIT = 1536 * 1024 * 1024
CPU_SECONDS = 25
NICE = 10  # a page that wants the processor goes first; where pages want all of it, a tenth is still ours
QUALITY = 80
EFFORT = 2  # of 6: most of the time goes into encoding, and 2 costs five per cent of size
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer one upload."""
    if sys.platform == "linux":
        # Linux watches the thread that started us: it waits for our answer, so it ends first only if the server does.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        kind, *numbers = sys.argv[1:]
        answer, variants = develop(sys.stdin.buffer, kind, [float(number) for number in numbers])
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, Image.DecompressionBombError):
        answer, variants = {"problem": "broken"}, []
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for content in variants:
        sys.stdout.buffer.write(content)


def develop(upload: BinaryIO, kind: str, crop: list[float]) -> tuple[dict[str, object], list[bytes]]:
    """Return what is known of a picture, and its variants in the order of its kind's."""
    variants_wanted = VARIANTS[kind]
    largest = variants_wanted[-1]
    needed = largest if kind != "avatar" else round(largest / max(0.05, crop[2] if crop else 1))
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked before anything is decoded
    try:
        image = Image.open(upload, formats=[name for name in FORMATS if name in Image.OPEN or name != "HEIF"])
    except UnidentifiedImageError:
        return {"problem": "unknown"}, []
    if image.width * image.height > PIXEL_LIMIT:
        return {"problem": "pixels"}, []
    # JPEG decodes to a smaller size at once, which may be as small as this.
    least = needed / (max(image.size) if kind == "picture" else min(image.size))
    image.draft("RGB", (max(1, int(image.width * least)), max(1, int(image.height * least))))
    image.load()
    picture = _plain(image)
    if kind == "picture":
        picture.thumbnail((largest, largest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    with suppress(SyntaxError, ValueError, OSError, TypeError, struct.error):  # a broken tag is as good as none
        ImageOps.exif_transpose(picture, in_place=True)
    if kind == "avatar":
        picture = _square(picture, crop)
    picture = _in_srgb(picture)
    picture.info.clear()
    if kind == "signature":
        return _signature(picture)
    if kind == "avatar" and picture.mode == "RGBA":  # a face in every theme, with letters under it
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, _behind(picture)), picture).convert("RGB")
    width, height = picture.size
    variants: list[bytes] = []
    for longest in sorted(variants_wanted, reverse=True):
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        file = BytesIO()
        picture.save(file, "WEBP", quality=QUALITY, method=EFFORT)
        variants.insert(0, file.getvalue())
    sizes = [len(variant) for variant in variants]
    return {"width": width, "height": height, "colour": _behind(picture), "sizes": sizes}, variants


def _behind(picture: Image.Image) -> str:
    """Return what stands behind a picture: its colour, or what it stands out from where it is see-through."""
    # What is see-through has no weight in the colour: it is left out first, the transparency only then.
    mean = picture.resize((1, 1), Image.Resampling.BOX).convert("RGB")
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] < 255:  # type: ignore[operator]
        return "#ffffff" if mean.convert("L").getpixel((0, 0)) < 160 else "#241e2c"  # type: ignore[operator]
    red, green, blue = mean.getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _signature(picture: Image.Image) -> tuple[dict[str, object], list[bytes]]:
    """Return what is written on a picture, instead of the picture."""
    # Run apart from everything else, this program finds what belongs to it by its place.
    ink = runpy.run_path(str(Path(__file__).with_name("ink.py")))
    written = ink["ink_on"](picture)
    if written is None:
        return {"problem": "blank"}, []
    variants = []
    for wide in VARIANTS["signature"]:
        file = BytesIO()
        ink["thinned"](written, wide).save(file, "WEBP", lossless=True, method=EFFORT)
        variants.append(file.getvalue())
    sizes = [len(variant) for variant in variants]
    return {"width": written.width, "height": written.height, "colour": "#070a1c", "sizes": sizes}, variants


def _square(picture: Image.Image, crop: list[float]) -> Image.Image:
    """Return a square of an upright picture: the one asked for as far as it is within, or the middle."""
    shorter = min(picture.size)
    left, top, share = crop or ((1 - shorter / picture.width) / 2, (1 - shorter / picture.height) / 2, 1)
    side = max(1, round(shorter * min(1, max(0, share))))
    x = min(max(0, round(picture.width * left)), picture.width - side)
    y = min(max(0, round(picture.height * top)), picture.height - side)
    info = picture.info
    picture = picture.crop((x, y, x + side, y + side))
    picture.info = info  # its profile is needed yet
    return picture


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, RGBA, grey or CMYK of eight bits, which can be scaled and have profiles."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")  # sixteen bits of grey
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a plain picture in sRGB, with its transparency if it has any."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile := picture.info.get("icc_profile"):
        # A profile that cannot be read, or is for another kind of picture, is as good as none.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, source, target, outputMode=mode) or picture.convert(mode)
    return picture if picture.mode == mode else picture.convert(mode)


if __name__ == "__main__":
    main()
