"""Reads one picture with suspicion and writes its variants; run as a program of its own.

The upload comes on standard input. The answer goes to standard output: a line of JSON, then the variants' bytes one
after another. A picture that cannot be taken is answered with {"problem": …}. Only Pillow and the standard library are
imported, the process takes one picture and ends, and the kernel limits its memory and time: whatever a hostile file
does, it does here.
"""

import hashlib
import json
import resource
import sys
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

with suppress(ImportError):
    from pillow_heif import register_heif_opener

    register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
VARIANTS = (320, 960, 1920)  # longest side; a smaller picture is not enlarged
PIXEL_LIMIT = 50_000_000
MEMORY_LIMIT = 1536 * 1024 * 1024
CPU_SECONDS = 25
QUALITY = 80
EFFORT = 2  # of 6: most of the time goes into encoding, and 2 costs five per cent of size


def main() -> None:
    """Answer one upload."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer, variants = develop(sys.stdin.buffer.read())
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, Image.DecompressionBombError):
        answer, variants = {"problem": "broken"}, []
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for content in variants:
        sys.stdout.buffer.write(content)


def develop(content: bytes) -> tuple[dict[str, object], list[bytes]]:
    """Return what is known of a picture, and its variants in the order of VARIANTS."""
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked before anything is decoded
    try:
        image = Image.open(BytesIO(content), formats=[name for name in FORMATS if name in Image.OPEN or name != "HEIF"])
    except UnidentifiedImageError:
        return {"problem": "unknown"}, []
    if image.width * image.height > PIXEL_LIMIT:
        return {"problem": "pixels"}, []
    image.draft("RGB", (VARIANTS[-1], VARIANTS[-1]))  # JPEG decodes to a smaller size at once
    image.load()
    picture = ImageOps.exif_transpose(_in_srgb(image))
    picture.info.clear()
    variants: list[bytes] = []
    for longest in sorted(VARIANTS, reverse=True):
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if longest == VARIANTS[-1]:
            width, height = picture.size
        file = BytesIO()
        picture.save(file, "WEBP", quality=QUALITY, method=EFFORT)
        variants.insert(0, file.getvalue())
    red, green, blue = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    key = hashlib.blake2b(b"".join(variants), digest_size=16).hexdigest()
    sizes = [len(variant) for variant in variants]
    colour = f"#{red:02x}{green:02x}{blue:02x}"
    return {"key": key, "width": width, "height": height, "colour": colour, "sizes": sizes}, variants


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture in sRGB, with its transparency if it has any; the orientation tag stays for the next step."""
    exif = image.getexif()
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")  # sixteen bits of grey
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        # A profile that cannot be read, or is for another kind of picture, is as good as none.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            image = converted or image
    image = image.convert("RGBA" if see_through else "RGB")
    image.getexif().update(exif)
    return image


if __name__ == "__main__":
    main()
