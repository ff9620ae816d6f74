"""Signatures: drawn ones, and photos of such as are on paper."""

import math
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter

NAVY, PLUM = (7, 10, 28), (84, 60, 82)
Colour = tuple[int, ...]


def written(image: Image.Image, ink: Colour, wide: int) -> Image.Image:
    """Write something on a picture that looks like a signature with a dot above it."""
    width, height = image.size
    line = [
        (width * (0.2 + 0.6 * t / 200), height * (0.5 + 0.25 * math.sin(t / 9) * math.cos(t / 40))) for t in range(201)
    ]
    draw = ImageDraw.Draw(image)
    draw.line(line, fill=ink, width=wide, joint="curve")
    draw.ellipse((width * 0.5, height * 0.22, width * 0.5 + wide * 1.6, height * 0.22 + wide * 1.6), fill=ink)
    return image


def drawing(ink: Colour = NAVY, size: tuple[int, int] = (900, 300), wide: int = 8) -> Image.Image:
    """Return what the page's canvas sends: ink on nothing."""
    return written(Image.new("RGBA", size), (*ink, 255), wide)


def sheet(
    ink: Colour | None = (40, 50, 140), paper: Colour = (225, 222, 210), size: tuple[int, int] = (1500, 1000)
) -> Image.Image:
    """Return a photo of a sheet of paper: light from below, the shadow of a hand over it, and grain."""
    image = Image.new("RGB", size, paper)
    if ink:
        written(image, ink, 7)
    light = Image.linear_gradient("L").resize(size).point([120 + level * 135 // 255 for level in range(256)])
    shadow = Image.new("L", size, 255)
    corner = [(0, 0), (size[0] * 0.4, 0), (size[0] * 0.2, size[1]), (0, size[1])]
    ImageDraw.Draw(shadow).polygon(corner, fill=160)
    for shade in (light, shadow.filter(ImageFilter.GaussianBlur(25))):
        image = ImageChops.multiply(image, Image.merge("RGB", [shade] * 3))
    grain = Image.merge("RGB", [Image.effect_noise(size, 9)] * 3)
    return ImageChops.add(image, grain, 1, -128)


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> BytesIO:
    """Return a picture as it is uploaded."""
    content = BytesIO()
    image.save(content, kind, **options)
    content.seek(0)
    return content
