"""Pictures that look like photographs of something, painted by arithmetic.

Each scene is a function of a random generator and gives an RGB image of SIZE, or of SIZE on its side.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1280, 854)
Colour = tuple[int, int, int]


def paint(scene: str, random: Random) -> Image.Image:
    """Paint one scene by its name in SCENES, with the light falloff and grain of a lens and a film."""
    return _as_photograph(SCENES[scene](random), random)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def gradient(size: tuple[int, int], *stops: Colour) -> Image.Image:
    """Return a vertical run of colours, the first on top."""
    strip = Image.new("RGB", (1, len(stops)))
    strip.putdata(stops)
    return strip.resize(size, Image.Resampling.BICUBIC, box=(0, 0.5, 1, len(stops) - 0.5) if len(stops) > 1 else None)


def glow(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: float = 1.0) -> None:
    """Add light around a point, in place."""
    side = max(2, int(radius * 2))
    light = Image.radial_gradient("L").resize((side, side), Image.Resampling.BILINEAR)
    light = light.point([max(0, int(255 * strength * max(0.0, 1 - level / 180) ** 2)) for level in range(256)])
    colours = Image.merge("RGB", [light.point([level * part // 255 for level in range(256)]) for part in colour])
    sheet = Image.new("RGB", image.size)
    sheet.paste(colours, (int(centre[0] - radius), int(centre[1] - radius)))
    image.paste(ImageChops.screen(image, sheet))


def ridge(random: Random, width: int, roughness: float, height: float) -> list[float]:
    """Return the line of a mountain ridge by midpoint displacement: ``width`` heights around 0."""
    points = [random.uniform(-height, height) * 0.4, random.uniform(-height, height) * 0.4]
    while len(points) < width:
        finer = []
        for left, right in pairwise(points):
            finer += [left, (left + right) / 2 + random.uniform(-height, height) * 0.5]
        points = [*finer, points[-1]]
        height *= roughness
    step = (len(points) - 1) / (width - 1)
    return [points[int(x * step)] for x in range(width)]


def silhouette(size: tuple[int, int], heights: list[float], base: float) -> Image.Image:
    """Return a mask of everything below a line."""
    mask = Image.new("L", size)
    outline = [(x, base - height) for x, height in enumerate(heights)]
    ImageDraw.Draw(mask).polygon([(0, size[1]), *outline, (size[0], size[1])], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(0.8))


def clouds(random: Random, size: tuple[int, int], cover: float, stretch: float = 3.0) -> Image.Image:
    """Return a mask of soft clouds, made of noise at several scales."""
    sky = Image.new("L", size)
    for scale, weight in ((6, 0.5), (12, 0.28), (28, 0.15), (64, 0.07)):
        small = (scale, max(2, int(scale * stretch * size[1] / size[0])))
        noise = Image.new("L", small)
        noise.putdata([random.randrange(256) for _ in range(small[0] * small[1])])
        layer = noise.resize(size, Image.Resampling.BICUBIC).point([int(level * weight) for level in range(256)])
        sky = ImageChops.add(sky, layer)
    threshold = 255 * (1 - cover)
    return sky.point([int(min(255, max(0, (level - threshold) * 3.2))) for level in range(256)])


def _noise(random: Random, size: tuple[int, int]) -> Image.Image:
    noise = Image.new("L", size)
    noise.putdata([min(255, max(0, int(random.gauss(128, 70)))) for _ in range(size[0] * size[1])])
    return noise


def mountains(random: Random) -> Image.Image:
    """Ridges behind ridges in the haze of a morning or an evening."""
    sky, far, near = random.choice(
        [
            (((58, 84, 140), (214, 160, 150), (255, 214, 165)), (206, 160, 158), (30, 34, 58)),
            (((96, 150, 205), (190, 214, 232), (240, 240, 232)), (176, 198, 216), (24, 52, 54)),
            (((44, 38, 88), (160, 84, 120), (250, 160, 110)), (188, 116, 128), (26, 20, 46)),
        ]
    )
    width, height = SIZE
    image = gradient(SIZE, *sky, sky[-1])
    image.paste(Image.new("RGB", SIZE, mix(sky[-1], (255, 255, 255), 0.5)), mask=clouds(random, SIZE, 0.42, 6))
    glow(image, (random.uniform(0.2, 0.8) * width, height * 0.42), 420, (255, 214, 160), 0.9)
    layers = 6
    for layer in range(layers):
        depth = layer / (layers - 1)
        heights = ridge(random, width, 0.5 + depth * 0.05, height * (0.16 + 0.05 * depth))
        base = height * (0.46 + 0.11 * layer)
        mask = silhouette(SIZE, heights, base)
        colour = mix(far, near, depth**0.8)
        body = gradient(SIZE, colour, mix(colour, near, 0.2), mix(colour, far, 0.45 * (1 - depth)))
        image.paste(body, mask=mask)
    return image


def sea(random: Random) -> Image.Image:
    """The sun going down over water."""
    width, height = SIZE
    warm = random.choice([(255, 150, 80), (255, 120, 110), (255, 196, 120)])
    horizon = int(height * random.uniform(0.5, 0.6))
    sky = gradient((width, horizon), (36, 48, 96), (110, 84, 132), warm, mix(warm, (255, 240, 200), 0.5))
    sky.paste(
        Image.new("RGB", sky.size, (255, 205, 170)),
        mask=clouds(random, sky.size, 0.44, 8).point([i * 2 // 3 for i in range(256)]),
    )
    sun = random.uniform(0.3, 0.7) * width
    glow(sky, (sun, horizon - 50), 460, (255, 190, 120), 1.0)
    ImageDraw.Draw(sky).ellipse((sun - 40, horizon - 96, sun + 40, horizon - 16), fill=(255, 246, 214))
    sky = sky.filter(ImageFilter.GaussianBlur(1.2))
    water = (
        sky.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .resize((width, height - horizon))
        .filter(ImageFilter.GaussianBlur(6))
    )
    water = ImageChops.multiply(water, gradient(water.size, (190, 196, 220), (96, 110, 150), (44, 56, 92)))
    draw = ImageDraw.Draw(water)
    for _ in range(2600):
        y = int((random.random() ** 1.6) * water.size[1])
        length = 6 + y * random.uniform(0.05, 0.3)
        spread = 40 + y * 0.55
        x = random.gauss(sun, spread) if random.random() < 0.55 else random.uniform(0, width)
        near = max(0.0, 1 - abs(x - sun) / (spread * 2.4))
        colour = mix(water.getpixel((min(width - 1, max(0, int(x))), y)), (255, 226, 170), 0.12 + 0.7 * near)  # type: ignore[arg-type]
        draw.line((x - length / 2, y, x + length / 2, y), fill=colour, width=1 + y // 170)
    water = water.filter(ImageFilter.GaussianBlur(0.9))
    whole = Image.new("RGB", SIZE)
    whole.paste(sky, (0, 0))
    whole.paste(water, (0, horizon))
    return whole


def forest(random: Random) -> Image.Image:
    """Firs fading into fog."""
    width, height = SIZE
    fog, dark = random.choice(
        [((214, 222, 222), (18, 38, 36)), ((222, 210, 196), (40, 36, 28)), ((176, 196, 214), (14, 28, 44))]
    )
    image = gradient(SIZE, mix(fog, (255, 255, 255), 0.4), fog, mix(fog, dark, 0.15))
    glow(image, (width * random.uniform(0.2, 0.8), height * 0.2), 520, (255, 240, 210), 0.5)
    for layer in range(6):
        depth = (layer + 1) / 6
        mask = Image.new("L", SIZE)
        draw = ImageDraw.Draw(mask)
        ground = ridge(random, width, 0.5, 60)
        base = height * (0.5 + 0.1 * layer)
        for _ in range(int(70 - 48 * depth)):
            x = random.uniform(-40, width + 40)
            foot = base - ground[min(width - 1, max(0, int(x)))] + 40
            tall = height * random.uniform(0.16, 0.26) * (0.6 + 1.6 * depth)
            _fir(draw, random, x, foot, tall)
        draw.polygon([(0, height), *[(x, base - y + 20) for x, y in enumerate(ground)], (width, height)], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(2.2 - 1.6 * depth))
        colour = mix(fog, dark, depth**1.3)
        image.paste(gradient(SIZE, colour, colour, mix(colour, fog, 0.55 * (1 - depth) + 0.1)), mask=mask)
    return image


def _fir(draw: ImageDraw.ImageDraw, random: Random, x: float, foot: float, tall: float) -> None:
    tiers = 11
    for tier in range(tiers):
        top = foot - tall + tall * 0.9 * tier / tiers
        reach = tall * (0.04 + 0.2 * (tier + 1) / tiers) * random.uniform(0.85, 1.15)
        drop = tall * 0.16
        draw.polygon([(x, top), (x - reach, top + drop), (x, top + drop * 0.72), (x + reach, top + drop)], fill=255)
    draw.rectangle((x - tall * 0.012, foot - tall * 0.12, x + tall * 0.012, foot), fill=255)


def city(random: Random) -> Image.Image:
    """Lit windows after sunset, over wet asphalt."""
    width, height = SIZE
    image = gradient(SIZE, (16, 20, 46), (54, 46, 96), (190, 104, 108), (250, 170, 120))
    ground = int(height * 0.78)
    for layer in range(3):
        depth = layer / 2
        wall = mix((110, 76, 104), (18, 18, 34), depth)
        x = -random.randrange(60)
        while x < width:
            wide = random.randrange(70, 150) + layer * 30
            tall = int(height * random.uniform(0.2, 0.56 - 0.1 * (2 - layer) / 2) * (0.75 + 0.25 * depth))
            _house(
                image,
                random,
                (x, ground - tall, x + wide, ground),
                mix(wall, (0, 0, 0), random.uniform(0, 0.25)),
                depth,
            )
            x += wide + random.randrange(-12, 18)
        image.paste(image.filter(ImageFilter.GaussianBlur(2.4 - layer)))
    street = image.crop((0, ground - (height - ground) * 2, width, ground)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    street = street.resize((width, height - ground)).filter(ImageFilter.BoxBlur((1, 14)))
    image.paste(ImageChops.multiply(street, Image.new("RGB", street.size, (150, 150, 176))), (0, ground))
    for _ in range(16):
        spot = random.uniform(0, width), ground + random.uniform(-10, 24)
        glow(image, spot, random.uniform(30, 90), random.choice([(255, 190, 110), (255, 240, 200), (255, 80, 70)]), 0.9)
    return image


def _house(image: Image.Image, random: Random, box: tuple[int, int, int, int], wall: Colour, depth: float) -> None:
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, fill=wall)
    left, top, right, bottom = box
    step = 13 + int(5 * depth)
    for y in range(top + 10, bottom - 10, step + 4):
        for x in range(left + 8, right - 10, step):
            if random.random() < 0.42:
                light = random.choice([(255, 214, 140), (255, 190, 110), (236, 226, 200), (170, 190, 220)])
                draw.rectangle((x, y, x + step // 2, y + step * 0.6), fill=mix(wall, light, random.uniform(0.4, 1)))


def field(random: Random) -> Image.Image:
    """Grain under summer clouds."""
    width, height = SIZE
    image = gradient(SIZE, (52, 118, 196), (128, 182, 226), (214, 232, 240), (236, 240, 236))
    mask = clouds(random, SIZE, 0.5, 2.4)
    shade = mask.filter(ImageFilter.GaussianBlur(22))
    image.paste(Image.new("RGB", SIZE, (255, 255, 255)), mask=mask)
    image.paste(
        Image.new("RGB", SIZE, (176, 192, 212)),
        mask=ImageChops.multiply(shade, mask).point([i // 3 for i in range(256)]),
    )
    image = image.filter(ImageFilter.GaussianBlur(1.5))
    horizon = height * random.uniform(0.55, 0.62)
    image.paste(
        Image.new("RGB", SIZE, (92, 122, 112)), mask=silhouette(SIZE, ridge(random, width, 0.48, 40), horizon - 6)
    )
    gold = random.choice([(226, 178, 70), (200, 176, 92), (110, 152, 64)])
    ground = Image.new("L", SIZE)
    ImageDraw.Draw(ground).rectangle((0, horizon, width, height), fill=255)
    image.paste(gradient(SIZE, gold, gold, mix(gold, (240, 220, 150), 0.3), mix(gold, (60, 50, 20), 0.4)), mask=ground)
    draw = ImageDraw.Draw(image)
    for _ in range(9000):
        y = horizon + (height - horizon) * random.random() ** 0.55
        near = (y - horizon) / (height - horizon)
        x, tall = random.uniform(0, width), 4 + 46 * near**1.5
        colour = mix(mix(gold, (90, 70, 20), random.uniform(0, 0.55)), (255, 240, 180), random.uniform(0, 0.35))
        draw.line((x, y, x + random.uniform(-0.25, 0.35) * tall, y - tall), fill=colour, width=1 + int(2 * near))
    return image


def table(random: Random) -> Image.Image:
    """A cup of coffee on a wooden table, seen from above."""
    width, height = SIZE
    wood = random.choice([(150, 104, 68), (96, 66, 46), (188, 150, 112)])
    grain = _noise(random, (90, height)).resize(SIZE, Image.Resampling.BICUBIC).filter(ImageFilter.BoxBlur((60, 0)))
    image = Image.merge(
        "RGB", [grain.point([min(255, max(0, int(part + (i - 128) * 0.9))) for i in range(256)]) for part in wood]
    )
    draw = ImageDraw.Draw(image)
    for gap in range(0, height, height // 5):
        draw.line((0, gap, width, gap), fill=mix(wood, (0, 0, 0), 0.6), width=4)
    x, y, radius = width * random.uniform(0.36, 0.62), height * random.uniform(0.45, 0.56), height * 0.24
    shadow = Image.new("L", SIZE)
    ImageDraw.Draw(shadow).ellipse((x - radius * 1.3, y - radius * 1.1, x + radius * 1.75, y + radius * 1.8), fill=150)
    image.paste(Image.new("RGB", SIZE, (20, 12, 8)), mask=shadow.filter(ImageFilter.GaussianBlur(34)))
    china = random.choice([(244, 240, 234), (84, 110, 120), (206, 120, 96)])
    _disc(image, x, y, radius * 1.5, mix(china, (255, 255, 255), 0.2), mix(china, (0, 0, 0), 0.25))
    _disc(image, x, y, radius * 1.28, mix(china, (0, 0, 0), 0.12), mix(china, (255, 255, 255), 0.1))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(
        (x + radius * 0.8, y - radius * 0.16, x + radius * 1.55, y + radius * 0.16), radius * 0.16, fill=china
    )
    _disc(image, x, y, radius, china, mix(china, (0, 0, 0), 0.3))
    _disc(image, x, y, radius * 0.88, (60, 34, 20), (112, 70, 42))
    foam = Image.new("L", SIZE)
    ink = ImageDraw.Draw(foam)
    for leaf in range(7):
        turn = leaf * 0.16
        ink.arc(
            (
                x - radius * (0.6 - turn * 0.4),
                y - radius * (0.62 - turn * 0.9),
                x + radius * (0.6 - turn * 0.4),
                y + radius * (0.5 - turn * 0.2),
            ),
            200,
            340,
            fill=235,
            width=9,
        )
    ink.line((x, y - radius * 0.5, x, y + radius * 0.55), fill=235, width=7)
    image.paste(Image.new("RGB", SIZE, (236, 212, 178)), mask=foam.filter(ImageFilter.GaussianBlur(4)))
    glow(image, (width * 0.08, height * 0.05), 760, (255, 236, 200), 0.5)
    return image


def _disc(image: Image.Image, x: float, y: float, radius: float, light: Colour, dark: Colour) -> None:
    side = int(radius * 2)
    mask = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(mask).ellipse((2, 2, side * 2 - 2, side * 2 - 2), fill=255)
    body = gradient((side, side), light, light, dark).rotate(-38, Image.Resampling.BICUBIC, fillcolor=light)
    image.paste(body, (int(x - radius), int(y - radius)), mask.resize((side, side), Image.Resampling.LANCZOS))


def books(random: Random) -> Image.Image:
    """A shelf that has been read."""
    width, height = SIZE
    image = Image.new("RGB", SIZE, (58, 40, 30))
    draw = ImageDraw.Draw(image)
    palette = [
        (150, 58, 50),
        (44, 74, 92),
        (206, 176, 120),
        (66, 92, 70),
        (228, 218, 196),
        (92, 64, 92),
        (196, 120, 66),
        (40, 44, 56),
    ]
    for shelf in range(2):
        floor = height * (shelf + 1) // 2 - 16
        x = 0
        while x < width:
            wide, tall = random.randrange(24, 66), random.randrange(250, 380)
            colour = mix(random.choice(palette), (20, 16, 16), random.uniform(0, 0.3))
            spine = gradient((4, 4), colour, colour).resize((wide, tall))
            edge = (
                Image.linear_gradient("L")
                .rotate(90)
                .resize((wide, tall))
                .point([abs(i - 110) // 2 for i in range(256)])
            )
            spine.paste(Image.new("RGB", spine.size, mix(colour, (0, 0, 0), 0.75)), mask=edge)
            ink = ImageDraw.Draw(spine)
            for y in (tall // 10, tall - tall // 7):
                ink.rectangle((0, y, wide, y + 5), fill=mix(colour, (230, 200, 140), 0.65))
            for line in range(random.randrange(6, 13)):
                y = tall // 4 + line * 13
                ink.rectangle(
                    (wide // 2 - 5, y, wide // 2 + 4, y + random.randrange(5, 10)),
                    fill=mix(colour, (240, 230, 205), 0.7),
                )
            image.paste(spine, (x, floor - tall))
            x += wide + random.choice([0, 1, 1, 2, 26])
        draw.rectangle((0, floor, width, floor + 34), fill=(120, 84, 58))
        draw.rectangle((0, floor + 30, width, floor + 44), fill=(46, 30, 22))
    image = image.filter(ImageFilter.GaussianBlur(0.9))
    lit = ImageChops.multiply(image, gradient(SIZE, (255, 240, 220), (230, 210, 190), (150, 130, 120)))
    glow(lit, (width * random.uniform(0.1, 0.9), 0), 800, (255, 200, 130), 0.5)
    return lit


def lights(random: Random) -> Image.Image:
    """A concert, out of focus."""
    width, height = SIZE
    image = gradient(SIZE, (20, 10, 34), (46, 16, 60), (14, 8, 24))
    hue = random.choice([(255, 90, 160), (90, 150, 255), (255, 170, 80)])
    for _ in range(5):
        beam = Image.new("L", SIZE)
        x, lean = random.uniform(0, width), random.uniform(-0.5, 0.5)
        ImageDraw.Draw(beam).polygon(
            [(x, -20), (x + lean * height - 150, height), (x + lean * height + 150, height)], fill=120
        )
        beam = ImageChops.multiply(
            beam.filter(ImageFilter.GaussianBlur(24)), Image.linear_gradient("L").resize(SIZE).rotate(180)
        )
        image.paste(Image.new("RGB", SIZE, mix(hue, (255, 255, 255), random.uniform(0, 0.4))), mask=beam)
        glow(image, (x, 0), 150, hue)
    for _ in range(46):
        sheet = Image.new("RGB", SIZE)
        x, y, radius = random.uniform(0, width), random.uniform(0, height * 0.66), random.uniform(14, 52)
        colour = mix(random.choice([hue, (255, 210, 150), (160, 200, 255)]), (0, 0, 0), random.uniform(0.2, 0.7))
        ImageDraw.Draw(sheet).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        image = ImageChops.screen(image, sheet)
    image = image.filter(ImageFilter.GaussianBlur(3))
    crowd = Image.new("L", SIZE)
    draw = ImageDraw.Draw(crowd)
    for _ in range(60):
        x, y, head = random.uniform(0, width), height * random.uniform(0.8, 1.0), random.uniform(26, 44)
        draw.ellipse((x - head, y - head * 1.2, x + head, y + head * 1.2), fill=255)
        draw.rounded_rectangle((x - head * 2, y + head, x + head * 2, height + 60), head, fill=255)
        if random.random() < 0.4:
            draw.line(
                (x + head, y + head, x + head * random.uniform(1, 2), y - head * 4), fill=255, width=int(head * 0.5)
            )
    image.paste(Image.new("RGB", SIZE, (10, 6, 16)), mask=crowd.filter(ImageFilter.GaussianBlur(3)))
    return image


def flowers(random: Random) -> Image.Image:
    """Flowers close up before a blurred meadow."""
    width, height = SIZE
    image = gradient(SIZE, (170, 200, 130), (104, 150, 82), (44, 84, 46))
    for _ in range(90):
        glow(
            image,
            (random.uniform(0, width), random.uniform(0, height)),
            random.uniform(40, 130),
            random.choice([(230, 240, 170), (120, 160, 80), (250, 220, 200)]),
            0.4,
        )
    image = image.filter(ImageFilter.GaussianBlur(18))
    petal = random.choice([(244, 236, 246), (238, 120, 150), (250, 200, 60), (130, 110, 220)])
    for index in range(7):
        sharp = index / 6
        x, y = width * random.uniform(0.08, 0.92), height * random.uniform(0.2, 0.75)
        size = 70 + 110 * sharp
        stem = Image.new("L", SIZE)
        ImageDraw.Draw(stem).line(
            [(x, y), (x + random.uniform(-40, 40), height * 0.9), (x + random.uniform(-80, 80), height + 20)],
            fill=255,
            width=int(6 + 6 * sharp),
        )
        image.paste(Image.new("RGB", SIZE, (52, 96, 48)), mask=stem.filter(ImageFilter.GaussianBlur(5 - 4 * sharp)))
        flower = _flower(random, int(size), petal)
        mask = flower.getchannel("A").filter(ImageFilter.GaussianBlur(6 - 5.4 * sharp))
        image.paste(
            flower.convert("RGB").filter(ImageFilter.GaussianBlur(5 - 4.6 * sharp)),
            (int(x - size), int(y - size)),
            mask,
        )
    return image


def _flower(random: Random, size: int, petal: Colour) -> Image.Image:
    flower = Image.new("RGBA", (size * 2, size * 2), (*petal, 0))
    count = random.choice([12, 16, 20])
    for ring in range(2):
        for index in range(count):
            leaf = Image.new("RGBA", flower.size, (*petal, 0))
            reach, wide = size * (0.96 - 0.2 * ring), size * 0.15
            colour = mix(mix(petal, (60, 30, 60), 0.22 * (1 - ring)), (255, 255, 255), random.uniform(0, 0.2))
            ImageDraw.Draw(leaf).ellipse((size - wide, size - reach, size + wide, size), fill=(*colour, 255))
            angle = 360 * (index + ring / 2) / count + random.uniform(-5, 5)
            flower.alpha_composite(leaf.rotate(angle, Image.Resampling.BICUBIC))
    draw = ImageDraw.Draw(flower)
    core = size * 0.24
    draw.ellipse((size - core, size - core, size + core, size + core), fill=(196, 130, 30, 255))
    for _ in range(160):
        turn, away = random.uniform(0, math.tau), core * math.sqrt(random.random())
        x, y = size + math.cos(turn) * away, size + math.sin(turn) * away
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(*random.choice([(240, 190, 60), (140, 84, 20)]), 255))
    return flower


def night(random: Random) -> Image.Image:
    """Stars over a lit tent."""
    width, height = SIZE
    image = gradient(SIZE, (8, 12, 32), (18, 28, 66), (52, 58, 108), (120, 96, 120))
    band = clouds(random, (width, height), 0.55, 1).rotate(random.uniform(-40, 40), Image.Resampling.BICUBIC)
    path = Image.new("L", SIZE)
    ImageDraw.Draw(path).line((0, random.uniform(0, 300), width, random.uniform(100, 500)), fill=255, width=170)
    milky = ImageChops.multiply(path.filter(ImageFilter.GaussianBlur(70)), band).point([i // 2 for i in range(256)])
    image.paste(Image.new("RGB", SIZE, (200, 196, 230)), mask=milky)
    draw = ImageDraw.Draw(image)
    for _ in range(1500):
        x, y, bright = random.uniform(0, width), random.uniform(0, height * 0.8), random.random() ** 3
        size = 0.6 + 1.6 * bright
        draw.ellipse((x - size, y - size, x + size, y + size), fill=mix((90, 100, 150), (255, 250, 240), bright))
    ground = ridge(random, width, 0.5, 90)
    image.paste(
        Image.new("RGB", SIZE, (14, 16, 30)), mask=silhouette(SIZE, ridge(random, width, 0.52, 150), height * 0.76)
    )
    mask = silhouette(SIZE, [y * 0.3 for y in ground], height * 0.86)
    trees = ImageDraw.Draw(mask)
    for _ in range(26):
        x = random.choice([random.uniform(-20, width * 0.34), random.uniform(width * 0.66, width + 20)])
        _fir(trees, random, x, height * 0.9, height * random.uniform(0.16, 0.4))
    image.paste(Image.new("RGB", SIZE, (6, 8, 16)), mask=mask)
    x, y = width * random.uniform(0.42, 0.58), height * 0.9
    glow(image, (x, y - 40), 300, (255, 170, 80), 0.8)
    draw = ImageDraw.Draw(image)
    draw.polygon([(x - 120, y), (x - 10, y - 104), (x + 110, y)], fill=(246, 170, 84))
    draw.polygon([(x - 10, y - 104), (x + 110, y), (x + 168, y - 14), (x + 60, y - 108)], fill=(200, 116, 56))
    draw.polygon([(x - 32, y), (x - 10, y - 84), (x + 14, y)], fill=(255, 226, 160))
    return image.filter(ImageFilter.GaussianBlur(0.7))


def _as_photograph(image: Image.Image, random: Random) -> Image.Image:
    vignette = (
        Image.radial_gradient("L").resize(image.size).point([255 - max(0, level - 100) // 3 for level in range(256)])
    )
    image = ImageChops.multiply(image, Image.merge("RGB", [vignette] * 3))
    grain = Image.new("L", (image.width // 2, image.height // 2))
    grain.putdata(random.choices([120, 124, 126, 128, 128, 130, 132, 136], k=grain.width * grain.height))
    grain = grain.resize(image.size, Image.Resampling.BILINEAR)
    return ImageChops.overlay(image, Image.merge("RGB", [grain] * 3))


SCENES: dict[str, Callable[[Random], Image.Image]] = {
    scene.__name__: scene for scene in (mountains, sea, forest, city, field, table, books, lights, flowers, night)
}
