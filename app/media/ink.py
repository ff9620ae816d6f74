"""What is written on a picture of a signature: ink on nothing, whatever it was drawn on.

A part of images.py, which runs apart from everything else and finds this file by its place.
"""

from PIL import Image, ImageChops, ImageFilter, ImageMath, ImageOps, ImageStat

NAVY, PLUM = (7, 10, 28), (84, 60, 82)  # the two inks there are
SIZE = (960, 320)
MARGIN = 16
FAINT = 28  # of 255: what differs less from its paper is paper
GRID = 240  # strokes are told from specks in cells: so many on the longer side
SPECK = 4  # cells; what is smaller on its own is dirt
Box = tuple[int, int, int, int]


def ink_on(picture: Image.Image) -> Image.Image | None:
    """Return the ink of a picture in sRGB, trimmed and fitted into SIZE; None where nothing is written."""
    picture.thumbnail((SIZE[0] * 2, SIZE[0] * 2), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if _is_drawn(picture):
        strength, reddish = picture.getchannel("A"), _redder_than_green(picture)
    else:
        white = Image.new("RGBA", picture.size, "white")
        strength, reddish = _off_paper(Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB"))
    box = _strokes(strength)
    if box is None:
        return None
    ink = Image.composite(Image.new("RGB", picture.size, PLUM), Image.new("RGB", picture.size, NAVY), reddish)
    ink.putalpha(strength)
    return _fitted(ink.crop(box))


def _is_drawn(picture: Image.Image) -> bool:
    """Whether it is ink on nothing, and not a sheet of paper that is see-through around its edges."""
    if picture.mode != "RGBA":
        return False
    alpha = picture.getchannel("A")
    if ImageStat.Stat(alpha).mean[0] > 235:
        return False
    solid = alpha.point([0] * 128 + [255] * 128)
    return solid.getbbox() is None or ImageStat.Stat(picture.convert("L"), solid).stddev[0] < 36


def _redder_than_green(picture: Image.Image) -> Image.Image:
    """Return a mask of what is nearer to plum: that has more red than green in it, navy and black have not."""
    red, green = picture.getchannel("R"), picture.getchannel("G")
    return ImageChops.subtract(red, green).point([0] * 12 + [255] * 244)


def _off_paper(picture: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return how strong the ink is in each place of a sheet, and a mask of which of the inks it is nearer to."""
    grey = picture.convert("L").filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(1))
    if _is_chalk(grey):
        grey, picture = ImageOps.invert(grey), ImageOps.invert(picture)
    darker = _darker_than_paper(grey)
    histogram = darker.histogram()
    usual, noise = _level(histogram, 0.5), _level(histogram, 0.8) - _level(histogram, 0.5)
    floor = max(FAINT, usual + 6 * noise)
    peak = max(floor + 24, _level(histogram, 0.75, floor))
    slope = 255 / (0.6 * (peak - floor))
    strength = darker.point([round(min(255, max(0, (level - floor) * slope))) for level in range(256)])
    written = strength.point([0] * 200 + [255] * 56)
    if written.getbbox() is None:
        return strength, written
    ink, sheet = ImageStat.Stat(picture, written).mean, ImageStat.Stat(picture, ImageOps.invert(written)).mean
    red, green, _ = (255 * of_ink / (of_sheet + 1) for of_ink, of_sheet in zip(ink, sheet, strict=True))
    return strength, Image.new("L", picture.size, 255 if red - green > 12 else 0)


def _darker_than_paper(grey: Image.Image) -> Image.Image:
    """Return by which share of the light on the sheet each place is darker: a shadow over it makes no difference."""
    paper = ImageOps.contain(grey, (256, 256), Image.Resampling.BOX)
    for narrow in (ImageFilter.MaxFilter, ImageFilter.MinFilter):  # closes over whatever is narrower than 19 pixels
        for reach in (9, 11):
            paper = paper.filter(narrow(reach))
    return ImageMath.lambda_eval(
        lambda of: of["convert"](of["max"](of["paper"] - of["grey"], 0) * 255 / (of["paper"] + 32), "L"),
        paper=paper.resize(grey.size, Image.Resampling.BILINEAR).convert("I"),
        grey=grey.convert("I"),
    )


def _is_chalk(grey: Image.Image) -> bool:
    """Whether it is written in light on dark: what stands out from most of its surroundings is lighter."""
    small = ImageOps.contain(grey, (160, 160), Image.Resampling.BOX)
    around = small.filter(ImageFilter.MedianFilter(21))
    lighter, darker = ImageChops.subtract(small, around), ImageChops.subtract(around, small)
    return ImageStat.Stat(lighter).sum2[0] > ImageStat.Stat(darker).sum2[0]


def _level(histogram: list[int], share: float, least: int = 0) -> int:
    """Return the level that a share of the pixels of at least so much do not exceed."""
    rest = share * sum(histogram[least:])
    for level, count in enumerate(histogram[least:], least):
        rest -= count
        if rest <= 0:
            return level
    return 255


def _strokes(strength: Image.Image) -> Box | None:
    """Return the box around all that is written, without what lies about; None if there is not a stroke."""
    scale = max(1.0, max(strength.size) / GRID)
    cells = ImageOps.scale(strength, 1 / scale, Image.Resampling.BOX)
    width, height = cells.size
    inked = {place for place, level in enumerate(cells.tobytes()) if level >= 24}
    boxes = []
    while inked:
        rows, columns = zip(*(divmod(place, width) for place in _grown(inked, width)), strict=True)
        boxes.append((min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    # The edge of the table, a finger and their shadows come in from the side.
    free = [box for box in boxes if min(box[:2]) > 0 and box[2] < width and box[3] < height]
    strokes = [box for box in free if _extent(box) >= SPECK] or [box for box in boxes if _extent(box) >= SPECK]
    if not strokes:
        return None
    left, top, right, bottom = _around(strokes)
    near = (bottom - top) // 3  # so far away is the dot of a letter
    dots = [box for box in free if _touch(box, (left - near, top - near, right + near, bottom + near))]
    left, top, right, bottom = _around(strokes + dots)
    corner = (int(right * scale) + 2, int(bottom * scale) + 2)
    start = (max(0, int(left * scale) - 1), max(0, int(top * scale) - 1))
    return (*start, min(strength.width, corner[0]), min(strength.height, corner[1]))


def _extent(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _around(boxes: list[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _grown(inked: set[int], width: int) -> list[int]:
    """Take one cell, and all that hang together with it, out of a set."""
    found = [inked.pop()]
    for place in found:
        column = place % width
        for dx in (-1, 0, 1):
            for dy in (-width, 0, width):
                near = place + dx + dy
                if near in inked and 0 <= column + dx < width:
                    inked.remove(near)
                    found.append(near)
    return found


def _fitted(ink: Image.Image) -> Image.Image:
    """Return the ink in the middle of an empty picture of SIZE."""
    ink = ImageOps.contain(ink, (SIZE[0] - 2 * MARGIN, SIZE[1] - 2 * MARGIN), Image.Resampling.LANCZOS)
    # Few steps of transparency are enough for smooth edges, and take half the bytes.
    ink.putalpha(ink.getchannel("A").point([round(level / 15) * 15 for level in range(256)]))
    whole = Image.new("RGBA", SIZE, (*NAVY, 0))
    whole.paste(ink, ((SIZE[0] - ink.width) // 2, (SIZE[1] - ink.height) // 2))
    return whole


def thinned(ink: Image.Image, width: int) -> Image.Image:
    """Return the ink smaller; its lines grow thinner, so what is left of them is made stronger."""
    smaller = ink.resize((width, width * ink.height // ink.width), Image.Resampling.LANCZOS)
    smaller.putalpha(smaller.getchannel("A").point([min(255, level * 3 // 2) for level in range(256)]))
    return smaller
