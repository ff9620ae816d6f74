"""A photo of oneself: its part chosen by hand, shown to others at once, and kept among those one had."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, house, write  # noqa: F401 -- a fixture
from tests.browser.test_messenger import PHONE, SIZES, Size, picture
from tests.conftest import Person
from tests.photos import take

CELL = 100  # pixels; the picture has six by three of them, each of a colour of its own


def colour(column: int, row: int) -> tuple[int, int, int]:
    return 20 + 45 * column, 30 + 90 * row, 128


def grid(sideways: bool = False) -> FilePayload:
    """Return a picture whose cells can be told apart; ``sideways`` as a camera stores it that lay on its side."""
    image, file, exif = Image.new("RGB", (6 * CELL, 3 * CELL)), BytesIO(), Image.Exif()
    for column in range(6):
        for row in range(3):
            image.paste(colour(column, row), (column * CELL, row * CELL, (column + 1) * CELL, (row + 1) * CELL))
    if sideways:
        image, exif[0x0112] = image.transpose(Image.Transpose.ROTATE_90), 6
    image.save(file, "JPEG", quality=95, exif=exif)
    return {"name": "grid.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def choose(page: Page, file: FilePayload) -> None:
    page.goto("/settings/avatar")
    page.locator("[data-crop] [type=file]").set_input_files(file)
    expect(page.locator(".crop-stage")).to_be_visible()


def save(page: Page) -> None:
    page.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Your new photo is shown.")


def shown(house: House, who: Person) -> Image.Image:  # noqa: F811
    """Return what stands for somebody now, as its largest square."""
    (key,) = set(re.findall(r'src="/media/([0-9a-f]{32})/96"', who.get("/@ann").text))
    return Image.open(BytesIO(who.get(f"/media/{key}/960").data)).convert("RGB")


def cell_at(image: Image.Image, x: float, y: float) -> tuple[int, int]:
    """Return the column and row of the cell that is seen at a place of a square, from 0 to 1."""
    red, green, _ = image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[misc]
    return round((red - 20) / 45), round((green - 30) / 90)


@pytest.mark.parametrize("sideways", [False, True], ids=["upright", "sideways"])
def test_what_is_dragged_into_sight_is_what_others_see(house: House, sideways: bool) -> None:  # noqa: F811
    ann = house.page(house.ann, "/settings/avatar")
    choose(ann, grid(sideways))
    stage = ann.locator(".crop-stage")
    box = stage.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    ann.mouse.move(x, y)
    ann.mouse.down()
    ann.mouse.move(x + box["width"] / 3, y, steps=4)  # by one cell: the columns 0.5 to 3.5 are seen
    ann.mouse.up()
    save(ann)
    image = shown(house, house.bob)
    assert image.width == image.height == 3 * CELL
    assert [cell_at(image, at, 0.5)[0] for at in (0.08, 0.25, 0.58, 0.92)] == [0, 1, 2, 3]
    assert [cell_at(image, 0.25, at)[1] for at in (0.1, 0.5, 0.9)] == [0, 1, 2]


def test_by_keyboard_one_cell_fills_it(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, "/settings/avatar")
    choose(ann, grid())
    expect(ann.get_by_role("application", name="What is seen of the photo")).to_have_attribute(
        "aria-describedby", "crop-help"
    )
    ann.locator(".crop-stage").focus()
    for key, times in (("+", 14), ("ArrowLeft", 60), ("ArrowUp", 40)):
        for _ in range(times):
            ann.keyboard.press(key)
    assert float(ann.locator(".crop-zoom input").input_value()) == pytest.approx(1)
    save(ann)
    image = shown(house, house.bob)
    assert {cell_at(image, x, y) for x in (0.05, 0.5, 0.95) for y in (0.05, 0.5, 0.95)} == {(5, 2)}


def test_two_fingers_the_wheel_and_the_slider_zoom(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, "/settings/avatar", **PHONE)
    choose(ann, grid())
    side = ann.locator("[name=side]")
    assert side.input_value() == "1.000000"
    ann.locator(".crop-stage").scroll_into_view_if_needed()
    box = ann.locator(".crop-stage").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = ann.context.new_cdp_session(ann)
    for kind, apart in (("touchStart", 30), ("touchMove", 45), ("touchMove", 60), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}] if apart else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(side).to_have_value(re.compile(r"^0\.(4[89]|5[01])"))
    ann.mouse.move(x, y)
    ann.mouse.wheel(0, 400)
    expect(side).to_have_value(re.compile(r"^0\.5[3-6]"))
    ann.locator(".crop-zoom input").fill("1")
    expect(side).to_have_value("0.320000")
    ann.locator(".crop-zoom input").fill("0")
    expect(side).to_have_value("1.000000")


@pytest.mark.parametrize("size", [(4000, 20), (20, 4000), (8, 8)], ids=["wide", "tall", "tiny"])
def test_pictures_of_any_shape_are_taken(house: House, size: tuple[int, int]) -> None:  # noqa: F811
    ann, file = house.page(house.ann, "/settings/avatar"), BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    choose(ann, {"name": "shape.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(ann.locator(".crop-zoom input")).to_be_disabled()
    ann.locator(".crop-stage").focus()
    ann.keyboard.press("+")
    ann.keyboard.press("ArrowDown")
    save(ann)
    assert shown(house, house.bob).size == (min(size), min(size))


@SIZES
def test_others_see_it_at_once_wherever_they_are(house: House, size: Size) -> None:  # noqa: F811
    house.ann.post("/posts", data={"title": "Of ann", "body": "Words", "client_id": "1"})
    chat, feed, person, friends = (house.page(house.bob, path, **size) for path in ("", "/", "/@ann", "/friends"))
    write(house.page(house.ann, "", **size), "Hello")
    expect(chat.locator(".log .message[data-seq]")).to_have_count(1)
    for page in (chat, feed, person, friends):
        page.evaluate("window.same = true")
        page.wait_for_function("document.body.dataset.look === 'faces'")
    before = person.locator(".profile-head .avatar").bounding_box()
    ann = house.page(house.ann, "/settings/avatar", **size)
    choose(ann, grid())
    save(ann)
    for page, place in (
        (chat, ".log .message .avatar img"),
        (chat, f"#chat-{house.chat} .avatar img, .chat-head .avatar img"),
        (feed, ".post .avatar img"),
        (person, ".profile-head .avatar img"),
        (friends, ".person .avatar img"),
    ):
        expect(page.locator(place).first).to_have_attribute("src", re.compile(r"^/media/[0-9a-f]{32}/96$"))
        assert page.evaluate("window.same")
    assert person.locator(".profile-head .avatar").bounding_box() == before
    expect(person.locator(".present-avatar[data-person] .avatar-xl img")).to_have_js_property("complete", True)
    assert person.evaluate("document.querySelector('.profile-head .avatar img').naturalWidth") > 0
    ann.goto("/settings/photos")
    ann.get_by_role("button", name="Show no photo").click()
    expect(person.locator(".profile-head .avatar")).to_have_text("AI")
    expect(feed.locator(".post .avatar").first).to_have_text("AI")
    assert feed.evaluate("window.same")


def test_a_bad_file_leaves_everything_as_it_is(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected += ["422", "ERR_FAILED", "Failed to load resource"]
    ann = house.page(house.ann, "/settings/avatar")
    words: FilePayload = {"name": "words.heic", "mimeType": "image/heic", "buffer": b"no picture"}
    ann.locator("[data-crop] [type=file]").set_input_files(words)
    expect(ann.locator("[data-unseen]")).to_be_visible()
    expect(ann.locator(".crop-stage")).to_be_hidden()
    ann.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(ann.locator("#avatar-note")).to_contain_text("“words.heic” is not a picture we can read.")
    expect(ann.locator("[data-unseen]")).to_be_hidden()
    choose(ann, grid())
    expect(ann.locator("#avatar-note")).to_be_hidden()
    ann.locator(".crop-stage").focus()
    ann.keyboard.press("+")
    square = ann.locator("[name=side]").input_value()
    ann.route("**/settings/avatar", lambda route: route.abort())
    ann.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(ann.locator("#avatar-note")).to_have_text("The upload broke off. Try again.")
    assert ann.locator("[name=side]").input_value() == square
    ann.unroute("**/settings/avatar")
    save(ann)


@SIZES
def test_photos_so_far_are_hidden_deleted_and_put_back(house: House, size: Size) -> None:  # noqa: F811
    for name in ("red", "blue"):
        take(house.ann, name)
    ann, bob = house.page(house.ann, "/settings/photos", **size), house.page(house.bob, "/@ann", **size)
    tiles = ann.locator(".portrait")
    expect(tiles.first).to_contain_text("Shown now")
    ann.get_by_role("button", name="Hide it from others").first.click()
    expect(tiles.first).to_contain_text("Only you")
    expect(tiles.last).to_contain_text("Shown now")
    expect(tiles.first.get_by_role("button", name="Show it to others")).to_be_focused()
    bob.locator("a[data-portraits]").click()
    expect(bob.locator("#lightbox img")).to_have_js_property("complete", True)
    expect(bob.locator(".lightbox-count")).to_have_text("")  # the one that is not hidden
    bob.keyboard.press("Escape")
    tiles.first.get_by_role("button", name="Show this photo").click()
    expect(tiles.first).to_contain_text("Shown now")
    bob.locator("a[data-portraits]").click()
    expect(bob.locator(".lightbox-count")).to_have_text("1 / 2")
    bob.keyboard.press("Escape")
    tiles.first.get_by_role("button", name="Delete the photo").click()
    expect(tiles).to_have_count(1)
    ann.get_by_role("button", name="Undo").last.click()
    expect(tiles).to_have_count(2)
    expect(tiles.first).to_contain_text("Shown now")
    for left in (1, 0):  # by keyboard: on a phone the notices lie over the lower ones
        ann.get_by_role("button", name="Delete the photo").first.press("Enter")
        expect(tiles).to_have_count(left)
    expect(ann.get_by_text("There are no photos of you here yet.")).to_be_visible()
    expect(bob.locator(".profile-head .avatar")).to_have_text("AI")


def test_without_scripts_the_middle_is_taken(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("422")
    ann = house.page(house.ann, "/settings", java_script_enabled=False)
    ann.get_by_role("link", name="Change photo").click()
    ann.locator("[type=file]").set_input_files(grid())
    ann.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(ann.locator(".toast")).to_contain_text("Your new photo is shown.")
    assert [cell_at(shown(house, house.bob), at, 0.5)[0] for at in (0.08, 0.5, 0.92)] == [1, 3, 4]
    ann.goto("/settings/photos")
    ann.get_by_role("button", name="Hide it from others").click()
    expect(ann.locator(".portrait")).to_contain_text("Only you")
    ann.get_by_role("button", name="Show this photo").click()
    expect(ann.locator(".portrait")).to_contain_text("Shown now")
    bob = house.page(house.bob, "/@ann", java_script_enabled=False)
    bob.locator("a[data-portraits]").click()
    expect(bob.locator("#portraits .picture")).to_have_count(1)
    ann.get_by_role("button", name="Delete the photo").click()
    ann.get_by_role("button", name="Undo").click()
    expect(ann.locator(".portrait")).to_have_count(1)
    ann.goto("/settings/avatar")
    ann.locator("[type=file]").set_input_files({**picture("red"), "buffer": b"no picture"})
    ann.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(ann.locator("#avatar-note")).to_contain_text("is not a picture we can read.")


def test_letters_stand_where_a_photo_does_not_come(house: House, watch: Watch) -> None:  # noqa: F811
    take(house.ann, "teal")
    ann = house.page(house.ann, "/settings")

    def colours() -> int:
        face = ann.locator("#section-profile .avatar").first
        expect(face.locator("img")).to_have_js_property("complete", True)
        image = Image.open(BytesIO(face.screenshot()))
        third = image.width // 3
        return len(image.crop((third, third, 2 * third, 2 * third)).getcolors(10_000) or [])

    assert colours() == 1
    watch.expected.append("404")
    ann.route("**/media/**", lambda route: route.fulfill(status=404))
    ann.reload()
    assert colours() > 5
