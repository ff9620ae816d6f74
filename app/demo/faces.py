"""Faces that look friendly and nobody alike, and signatures that nobody can read."""

import math
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw

from app.demo import pictures
from app.demo.pictures import Colour, gradient, mix

INKS = ((7, 10, 28), (84, 60, 82))
SHEET = (1200, 400)

BACKGROUNDS: tuple[tuple[Colour, Colour], ...] = (
    ((250, 214, 190), (226, 150, 140)),
    ((206, 226, 240), (120, 160, 200)),
    ((222, 236, 206), (134, 176, 140)),
    ((236, 220, 244), (166, 136, 190)),
    ((252, 232, 190), (232, 176, 96)),
    ((214, 238, 236), (104, 168, 170)),
)
SKINS: tuple[Colour, ...] = ((250, 218, 196), (240, 196, 166), (222, 170, 134), (176, 122, 88), (128, 84, 60))
HAIRS: tuple[Colour, ...] = ((44, 32, 34), (92, 58, 40), (150, 96, 52), (216, 174, 104), (170, 70, 40), (176, 176, 184))
CLOTHES: tuple[Colour, ...] = ((84, 60, 82), (56, 86, 120), (70, 110, 90), (196, 104, 84), (214, 170, 90), (60, 62, 80))


def portrait(random: Random) -> Image.Image:
    """Paint somebody from the shoulders up, finer than needed at first, so that edges are smooth."""
    side = min(960, pictures.SIZE[1])
    image = gradient((side, side), *random.choice(BACKGROUNDS))
    draw = ImageDraw.Draw(image)
    skin, hair, cloth = random.choice(SKINS), random.choice(HAIRS), random.choice(CLOTHES)
    unit, middle, eyes = side / 100, side * random.uniform(0.47, 0.53), side * 0.44
    wide, high = unit * random.uniform(17, 19), unit * random.uniform(20, 23)
    hairstyle = random.choice(("long", "long", "short", "short", "bun", "curls"))
    if hairstyle == "long":
        draw.rounded_rectangle((middle - wide * 1.3, eyes - high, middle + wide * 1.3, eyes + high * 1.7), wide, hair)
    elif hairstyle == "bun":
        _disc(draw, middle, eyes - high * 1.35, wide * 0.55, hair)
    elif hairstyle == "curls":
        for turn in range(14):
            angle = math.pi * (0.85 + 1.3 * turn / 13)
            _disc(draw, middle + math.cos(angle) * wide * 1.05, eyes + math.sin(angle) * high, unit * 7, hair)
    shade = mix(skin, (120, 60, 50), 0.25)
    draw.ellipse((middle - unit * 33, side * 0.74, middle + unit * 33, side * 1.4), fill=cloth)
    neck = (middle - unit * 7, eyes + high * 0.5, middle + unit * 7, side * 0.79)
    draw.rounded_rectangle(neck, unit * 7, fill=shade)
    draw.ellipse((middle - wide, eyes - high, middle + wide, eyes + high), fill=skin)
    cap = (middle - wide * 1.08, eyes - high * 1.12, middle + wide * 1.08, eyes + high * 0.9)
    draw.chord(cap, 180 + random.uniform(12, 24), 360 - random.uniform(12, 24), fill=hair)
    _look(draw, random, (middle, eyes), unit, shade)
    edge = side * 0.09
    return image.resize(
        (side // 2, side // 2), Image.Resampling.LANCZOS, (edge, edge * 1.4, side - edge, side - edge * 0.6)
    )


def _look(draw: ImageDraw.ImageDraw, random: Random, place: tuple[float, float], unit: float, shade: Colour) -> None:
    """Give a face eyes, cheeks, a smile and now and then glasses."""
    middle, eyes = place
    dark = (46, 34, 40)
    for way in (-1, 1):
        x = middle + way * unit * 7
        _disc(draw, x, eyes + unit * 2, unit * 1.5, dark)
        _disc(draw, x + way * unit * 3.5, eyes + unit * 8.5, unit * 2.6, mix(shade, (230, 110, 100), 0.35))
    smile = random.uniform(4, 6) * unit
    box = (middle - smile, eyes + unit * 5, middle + smile, eyes + unit * 5 + smile * 1.5)
    draw.arc(box, 20, 160, fill=dark, width=round(unit * 1.1))
    if random.random() < 0.3:
        for way in (-1, 1):
            x, y, reach = middle + way * unit * 7, eyes + unit * 2, unit * 5
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=dark, width=round(unit))
        draw.line(
            (middle - unit * 2, eyes + unit * 2, middle + unit * 2, eyes + unit * 2), fill=dark, width=round(unit)
        )


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, reach: float, colour: Colour) -> None:
    draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)


def autograph(random: Random) -> Image.Image:
    """Sign with a capital, a few letters and a flourish: ink on nothing."""
    sheet = Image.new("RGBA", SHEET)
    draw, ink = ImageDraw.Draw(sheet), random.choice(INKS)
    letters = random.randrange(4, 8)
    heights = [random.uniform(120, 150), *(random.choice((26, 32, 38, 84)) for _ in range(letters))]
    slant, step = random.uniform(0.25, 0.55), random.uniform(64, 84)
    line = []
    for at in range(letters * 60 + 60):
        letter, turn = at / 60, math.tau * at / 60
        height = heights[int(letter)] + (heights[min(int(letter) + 1, letters)] - heights[int(letter)]) * (letter % 1)
        y = 210 - height * (1 - math.cos(turn)) / 2 * 1.4
        x = 180 + step * letter - 0.28 * height * math.sin(turn) + slant * (210 - y)
        line.append((x, y))
    end = line[-1]
    if random.random() < 0.7:  # back under the name
        line += [(end[0] - (end[0] - 190) * t / 60, 216 + 66 * math.sin(math.pi * t / 90)) for t in range(8, 61)]
        line += [(190 + (end[0] + 60 - 190) * t / 60, 273 - 30 * math.sin(math.pi * t / 120)) for t in range(61)]
    for (x, y), (to_x, to_y) in pairwise(line):
        down = max(0.0, to_y - y) / (math.dist((x, y), (to_x, to_y)) or 1)  # one presses on the way down
        for part in range(10):
            share = part / 10
            _disc(draw, x + (to_x - x) * share, y + (to_y - y) * share, 2.6 + 2.4 * down, ink)
    return sheet
