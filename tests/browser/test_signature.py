"""Drawing a signature: the ink is under the pointer, nothing drawn is lost, and it is read in every theme."""

import math
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_feed import publish
from tests.signed import PLUM, drawing, file, sheet

Point = tuple[float, float]


@pytest.fixture(autouse=True)
def reading(watch: Watch) -> None:
    """Pixels are read here, of which the browser thinks that they are read often."""
    watch.expected.append("willReadFrequently")


INK_AT = """([x, y]) => {
  const canvas = document.querySelector(".pad canvas"), box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width, at = [(x - box.left) * scale, (y - box.top) * scale].map(Math.floor);
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
}"""
INKED = """() => {
  const canvas = document.querySelector(".pad canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((level, at) => at % 4 === 3 && level > 128).length;
}"""


def open_pad(page: Page) -> dict[str, float]:
    """Open the section with its canvas, and return where the canvas is."""
    page.goto("/settings")
    page.get_by_role("link", name="Edit signature").click()
    page.get_by_role("radio", name="My handwritten signature").check()
    canvas = page.locator(".pad canvas")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    page.wait_for_function("document.querySelector('.pad canvas').width > 300 || devicePixelRatio === 1")
    box = canvas.bounding_box()
    assert box
    return dict(box)


def line(box: dict[str, float], up: float = 0.5) -> list[Point]:
    """Return a curve over most of the canvas, not on whole pixels."""
    across = [0.1 + 0.8 * t / 40 for t in range(41)]
    return [
        (box["x"] + box["width"] * x + 0.3, box["y"] + box["height"] * (up + 0.2 * math.sin(9 * x)) + 0.6)
        for x in across
    ]


def draw(page: Page, points: list[Point]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    settle(page)


def save(page: Page) -> None:
    page.locator(".signature-form").get_by_role("button", name="Save").click()


def settle(page: Page) -> None:
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def is_under(page: Page, points: list[Point], ink: tuple[int, ...]) -> bool:
    """Tell whether there is this ink at all of these points of the window."""
    found = [page.evaluate(INK_AT, list(point)) for point in points]
    assert [pixel for pixel in found if max(abs(a - b) for a, b in zip(pixel, (*ink, 255), strict=True)) > 1] == []
    return True


@pytest.mark.parametrize("density", [1, 2, 3])
def test_ink_is_under_the_pointer(join: Callable[..., Page], density: int) -> None:
    ann = join("ann", "Ann", "Ivanenko", device_scale_factor=density)
    box = open_pad(ann)
    wide = ann.evaluate("document.querySelector('.pad canvas').width")
    assert abs(wide - box["width"] * density) <= 1
    points = line(box)
    draw(ann, points)
    assert is_under(ann, points, (7, 10, 28))
    ann.get_by_role("button", name="Plum ink").click()
    second = line(box, 0.25)
    draw(ann, second)
    assert is_under(ann, second, PLUM)
    assert tuple(ann.evaluate(INK_AT, [box["x"] + 5, box["y"] + 5]))[3] == 0
    # A window that turns keeps what was drawn, where it was drawn.
    ann.set_viewport_size({"width": 420, "height": 800})
    ann.locator(".pad canvas").evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    ann.wait_for_function("was => document.querySelector('.pad canvas').width < was", arg=wide)
    settle(ann)
    now = ann.locator(".pad canvas").bounding_box()
    assert now

    def moved(point: Point) -> Point:
        share = ((point[0] - box["x"]) / box["width"], (point[1] - box["y"]) / box["height"])
        return now["x"] + share[0] * now["width"], now["y"] + share[1] * now["height"]

    assert is_under(ann, [moved(point) for point in second], PLUM)


def test_steps_are_taken_back_and_the_sheet_is_cleared(join: Callable[..., Page]) -> None:
    ann = join("ann", "Ann", "Ivanenko")
    box = open_pad(ann)
    back, clear = ann.get_by_role("button", name="Step back"), ann.get_by_role("button", name="Clear")
    expect(back).to_be_disabled()
    draw(ann, line(box))
    one = ann.evaluate(INKED)
    draw(ann, line(box, 0.25))
    two = ann.evaluate(INKED)
    assert two > one > 100
    ann.keyboard.press("Control+z")
    settle(ann)
    assert ann.evaluate(INKED) == one
    clear.click()
    settle(ann)
    assert ann.evaluate(INKED) == 0
    back.click()
    settle(ann)
    assert ann.evaluate(INKED) == one  # what was cleared by mistake is there again
    back.click()
    expect(back).to_be_disabled()
    assert ann.evaluate(INKED) == 0


def test_a_finger_draws_and_does_not_scroll(join: Callable[..., Page]) -> None:
    ann = join(
        "ann",
        "Ann",
        "Ivanenko",
        has_touch=True,
        is_mobile=True,
        viewport={"width": 390, "height": 844},
        device_scale_factor=3,
    )
    box = open_pad(ann)
    was = ann.evaluate("scrollY")
    points = [(x, box["y"] + box["height"] * (0.2 + 0.6 * at / 40)) for at, (x, _) in enumerate(line(box))]
    finger = ann.context.new_cdp_session(ann)

    def touch(kind: str, *at: Point) -> None:
        where = [{"x": x, "y": y} for x, y in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    touch("touchStart", points[0])
    for point in points[1:]:
        touch("touchMove", point)
    touch("touchEnd")
    settle(ann)
    assert ann.evaluate("scrollY") == was
    assert is_under(ann, points[1:], (7, 10, 28))


def test_what_is_drawn_is_saved_and_shown_to_others_at_once(join: Callable[..., Page], watch: Watch) -> None:
    ann, bob = join("ann", "Ann", "Ivanenko"), join("bob", "Bob", "Builder")
    publish(ann, "Words of mine")
    bob.goto("/")
    head = bob.locator(".post-signature")
    expect(head).to_be_hidden()
    box = open_pad(ann)
    # Nothing is drawn yet: the page says so, and asks nobody.
    save(ann)
    expect(ann.locator("#signature-note")).to_have_text("Draw your signature, or choose a picture of it.")
    box = dict(ann.locator(".pad canvas").bounding_box() or box)
    draw(ann, line(box))
    expect(ann.locator("#signature-note")).to_be_hidden()
    save(ann)
    expect(ann.get_by_text("Your signature is saved.")).to_be_visible()
    expect(ann.locator("#section-signature [aria-current] img")).to_be_visible()
    expect(head.locator("img")).to_be_visible()
    assert head.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") in (240, 480)
    # A dot is refused by the server, and still there to go on from.
    watch.expected.append("422")
    box = open_pad(ann)
    draw(ann, [(box["x"] + 50.0, box["y"] + 50.0)] * 2)
    save(ann)
    expect(ann.locator("#signature-note")).to_contain_text("There is nothing to be seen")
    settle(ann)
    assert ann.evaluate(INKED) > 5


def test_a_chosen_picture_takes_the_place_of_what_was_drawn_until_one_steps_back(
    join: Callable[..., Page], tmp_path: Path
) -> None:
    ann = join("ann", "Ann", "Ivanenko")
    (tmp_path / "paper.jpg").write_bytes(file(sheet(), "JPEG").getvalue())
    box = open_pad(ann)
    draw(ann, line(box))
    drawn = ann.evaluate(INKED)
    ann.set_input_files("#signature", tmp_path / "paper.jpg")
    expect(ann.get_by_alt_text("The chosen picture")).to_be_visible()
    ann.get_by_role("button", name="Step back").click()
    expect(ann.get_by_alt_text("The chosen picture")).to_be_hidden()
    settle(ann)
    assert ann.evaluate(INKED) == drawn and ann.input_value("#signature") == ""
    ann.set_input_files("#signature", tmp_path / "paper.jpg")
    save(ann)
    expect(ann.get_by_text("Your signature is saved.")).to_be_visible()


def test_without_a_script_a_picture_is_chosen(
    visit: Callable[..., Page], join: Callable[..., Page], tmp_path: Path
) -> None:
    signed_up = join("ann", "Ann", "Ivanenko")
    (tmp_path / "paper.jpg").write_bytes(file(sheet(), "JPEG").getvalue())
    ann = visit(java_script_enabled=False, storage_state=signed_up.context.storage_state())
    ann.context.clear_cookies(name="scripted")
    ann.goto("/settings")
    ann.get_by_role("link", name="Edit signature").click()
    expect(ann.locator("#signature")).to_be_hidden()
    ann.get_by_role("radio", name="My handwritten signature").check()
    expect(ann.locator(".pad")).to_be_hidden()
    ann.set_input_files("#signature", tmp_path / "paper.jpg")
    save(ann)
    expect(ann.get_by_text("Your signature is saved.")).to_be_visible()
    expect(ann.locator("#section-signature [aria-current] img")).to_be_visible()
    ann.get_by_role("link", name="Edit signature").click()
    ann.get_by_text("Delete the drawn signature").click()
    ann.get_by_role("button", name="Delete", exact=True).click()
    expect(ann.locator("#section-signature [aria-current]")).to_contain_text("First and last name")


@pytest.mark.parametrize("ink", [(7, 10, 28), PLUM], ids=["navy", "plum"])
def test_it_is_read_in_every_theme(join: Callable[..., Page], tmp_path: Path, ink: tuple[int, ...]) -> None:
    ann = join("ann", "Ann", "Ivanenko")
    (tmp_path / "signature.png").write_bytes(file(drawing(ink)).getvalue())
    open_pad(ann)
    ann.set_input_files("#signature", tmp_path / "signature.png")
    save(ann)
    expect(ann.get_by_text("Your signature is saved.")).to_be_visible()
    publish(ann, "Words of mine")
    own = {"Origin": ann.evaluate("location.origin")}
    for theme in ("light", "dark", "contrast", "system"):
        ann.context.request.post("/settings/theme", form={"theme": theme}, headers=own, max_redirects=0)
        for address, place in (("/", ".post-signature img"), ("/@ann", ".profile-head .drawing")):
            ann.goto(address)
            image = ann.locator(place).first
            image.evaluate("image => image.decode()")
            for scheme in ("light", "dark"):
                ann.emulate_media(color_scheme=scheme)
                assert contrast(Image.open(BytesIO(image.screenshot()))) >= 3, (theme, scheme, address)


def contrast(shown: Image.Image) -> float:
    """Return how much the ink stands out: of the twentieth of the pixels that differ most from the paper, the least."""

    def brightness(pixel: tuple[int, ...]) -> float:
        parts = [level / 255 for level in pixel[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    pixels = [brightness(pixel) for pixel in shown.convert("RGB").get_flattened_data()]
    paper = sorted(pixels)[len(pixels) // 2]
    ratios = sorted(((max(one, paper) + 0.05) / (min(one, paper) + 0.05) for one in pixels), reverse=True)
    return ratios[len(ratios) // 50]
