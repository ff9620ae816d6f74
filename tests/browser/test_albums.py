"""Albums in a browser: many photos at once and what befalls them, their order, the lightbox, and no scripts at all."""

import re
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect
from sqlalchemy import delete

from app.extensions import db
from app.models.session import LoginSession
from tests.browser.conftest import PATIENCE, Watch
from tests.browser.test_chat import House, house  # noqa: F401 -- a fixture
from tests.browser.test_messenger import PHONE
from tests.photos import photo
from tests.test_albums import fill, make

# Files for the page, told apart by their widths, as the page's own scripts would meet them.
GIVE = """async ({kind, widths, extra}) => {
  const files = [];
  for (const width of widths) {
    const canvas = Object.assign(document.createElement("canvas"), {width, height: 20});
    canvas.getContext("2d").fillRect(0, 0, width, 20);
    files.push(new File([await new Promise((done) => canvas.toBlob(done))], `${width}.png`, {type: "image/png"}));
  }
  for (const [name, type, size] of extra) files.push(new File([new Uint8Array(size)], name, {type}));
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  const event = kind === "paste" ? new ClipboardEvent(kind, {clipboardData: carried, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true});
  document.querySelector("main h1").dispatchEvent(event);
}"""


def file(width: int) -> FilePayload:
    """Return a picture to upload that its width tells apart."""
    content = photo("teal", (width, 20)).read()
    return {"name": f"{width}.png", "mimeType": "image/png", "buffer": content}


def filled(house: House, count: int, **fields: str) -> int:  # noqa: F811
    """Make an album of Ann's with photos that are 100, 101, 102 and so on wide."""
    album_id = make(house.ann, **fields)
    for width in range(100, 100 + count):
        answer = house.ann.htmx(
            "POST", f"/albums/{album_id}/photos", data={"images": (photo("teal", (width, 80)), f"{width}.png")}
        )
        assert answer.status_code == 200
    return album_id


def widths(page: Page) -> list[int]:
    """Return what tells the photos apart, in the order they stand in."""
    return page.locator(".photo img").evaluate_all("all => all.map(one => +one.getAttribute('width'))")  # type: ignore[no-any-return]


def expect_widths(page: Page, wanted: Sequence[int]) -> None:
    """Wait until the photos stand so."""
    for _ in range(PATIENCE // 50):
        if widths(page) == list(wanted):
            break
        page.wait_for_timeout(50)
    assert widths(page) == list(wanted)


def expect_order(page: Page, wanted: Sequence[int]) -> None:
    """Wait until the photos stand so for good, after a reload as well."""
    expect_widths(page, wanted)
    expect(page.locator("[data-moving]")).to_have_count(0)
    expect_widths(page, wanted)
    page.reload()
    expect_widths(page, wanted)


def rows(page: Page) -> Locator:
    return page.locator(".upload")


def said(page: Page) -> Locator:
    return page.locator(".uploads-said")


def choose(page: Page, files: list[FilePayload]) -> None:
    page.locator("[data-uploads] input[type=file]").set_input_files(files)


def test_forty_photos_go_up_at_once_with_a_broken_one_a_cancelled_one_and_a_lost_connection(
    house: House,  # noqa: F811
    watch: Watch,
) -> None:
    watch.expected += ["422", "ERR_FAILED", "ERR_INTERNET_DISCONNECTED"]
    album_id = make(house.ann)
    ann, bob = house.page(house.ann, f"/albums/{album_id}"), house.page(house.bob, f"/albums/{album_id}")
    lost, most = [0], [0]

    def cut(route: Route) -> None:
        most[0] = max(most[0], ann.locator(".upload:is([data-state=uploading], [data-state=preparing])").count())
        lost[0] += 1
        route.abort() if lost[0] in (5, 6) else route.continue_()

    ann.route("**/photos", cut)
    files = [file(width) for width in range(20, 60)]
    files[3]["buffer"] = b"\x89PNG and nothing more"
    choose(ann, files)
    expect(rows(ann).last.locator(".upload-note")).to_have_text("Waiting")
    expect(ann.get_by_text("Cancel everything")).to_be_visible()
    rows(ann).last.get_by_role("button", name="Cancel the upload").click()
    expect(said(ann)).to_contain_text("of 39 photos added")
    expect(ann.locator(".photo")).to_have_count(36, timeout=60_000)
    expect(said(ann)).to_have_text("36 of 39 photos added")
    expect(ann.locator("#announcements")).to_contain_text("36 of 39 photos added")
    assert most[0] <= 3
    assert ann.locator("#announcements p").count() <= 5

    expect(rows(ann)).to_have_count(3)
    expect(ann.get_by_text("Cancel everything")).to_be_hidden()
    broken = rows(ann).filter(has_text="23.png")
    expect(broken.locator(".upload-note")).to_contain_text("“23.png”")
    expect(broken.get_by_role("button", name="Try again")).to_be_hidden()
    broken.get_by_role("button", name="Cancel the upload").click()
    expect(rows(ann).first.locator(".upload-note")).to_have_text("The upload broke off.")
    rows(ann).first.get_by_role("button", name="Try again").click()
    expect(rows(ann)).to_have_count(1)
    ann.context.set_offline(True)
    rows(ann).first.get_by_role("button", name="Try again").click()
    choose(ann, [file(70)])
    ann.wait_for_timeout(200)
    expect(rows(ann)).to_have_count(2)
    ann.context.set_offline(False)  # then what failed goes again by itself
    expect(ann.locator(".photo")).to_have_count(39)
    expect(ann.locator(".uploads-panel")).to_be_hidden()
    expect(ann.locator(".photo-count").first).to_have_text("39 photos")
    wanted = [width for width in (*range(20, 59), 70) if width != 23]
    expect_order(ann, wanted)
    expect_order(bob, wanted)


def test_photos_are_dropped_and_pasted_and_what_is_none_is_refused_here(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, f"/albums/{make(house.ann)}")
    uploads: list[str] = []
    ann.on("request", lambda request: request.url.endswith("/photos") and uploads.append(request.url))
    ann.evaluate(GIVE, {"kind": "dragover", "widths": [30], "extra": []})
    expect(ann.locator("body.dropping-photos")).to_have_count(1)
    extra = [["notes.txt", "text/plain", 10], ["huge.jpg", "image/jpeg", 15 * 2**20 + 1]]
    ann.evaluate(GIVE, {"kind": "drop", "widths": [30, 31], "extra": extra})
    expect(ann.locator("body.dropping-photos")).to_have_count(0)
    expect(ann.locator(".photo")).to_have_count(2)
    expect(rows(ann).locator(".upload-note")).to_have_text(
        [
            "“notes.txt” is not a picture we can read. Use JPEG, PNG, WebP, GIF or AVIF.",
            "“huge.jpg” is larger than 15 MB.",
        ]
    )
    ann.get_by_role("button", name="Cancel everything").click()
    expect(ann.locator(".uploads-panel")).to_be_hidden()
    ann.evaluate(GIVE, {"kind": "paste", "widths": [32], "extra": []})
    expect(ann.locator(".photo")).to_have_count(3)
    expect(said(ann)).to_have_text("1 of 1 photos added")
    assert len(uploads) == 3
    expect_order(ann, [30, 31, 32])


@pytest.mark.parametrize("told_late", [False, True])
def test_photos_that_overtake_one_another_stand_as_they_were_chosen(house: House, told_late: bool) -> None:  # noqa: F811
    ann = house.page(house.ann, f"/albums/{make(house.ann)}")
    held: list[Route] = []
    ann.route("**/photos", lambda route: held.append(route))
    choose(ann, [file(width) for width in (30, 31, 32)])
    expect(rows(ann)).to_have_count(3)
    while len(held) < 3:
        ann.wait_for_timeout(20)
    answers = [(held[place], held[place].fetch()) for place in (1, 2, 0)]
    expect(ann.locator(".photo")).to_have_count(3)  # told of by the socket
    for route, answer in reversed(answers) if told_late else answers:
        route.fulfill(response=answer)
    expect(said(ann)).to_have_text("3 of 3 photos added")
    expect_order(ann, [30, 31, 32])


def test_one_is_asked_before_leaving_and_the_rest_goes_no_further_when_there_is_no_room(
    house: House,  # noqa: F811
    watch: Watch,
) -> None:
    watch.expected.append("422")
    ann = house.page(house.ann, f"/albums/{make(house.ann)}")
    full = '<hx-partial hx-target="#toasts"><div class="toast"><p>There is no room.</p></div></hx-partial>'
    held: list[Route] = []
    ann.route("**/photos", lambda route: held.append(route))
    choose(ann, [file(width) for width in range(20, 30)])
    expect(rows(ann)).to_have_count(10)
    asked: list[str] = []
    ann.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    ann.evaluate("setTimeout(() => location.reload())")
    ann.wait_for_timeout(300)
    assert asked == ["beforeunload"] and len(held) == 3
    held[0].fulfill(status=422, body=full, content_type="text/html")
    expect(rows(ann)).to_have_count(1)
    expect(rows(ann).locator(".upload-note")).to_have_text("There is no room.")
    expect(said(ann)).to_have_text("0 of 10 photos added")


@pytest.mark.parametrize(
    "name",
    ['my "best".png', "\u200esee-through\u202fname.png", "🏔" * 50 + ".png", " $& {name}.png"],
    ids=["quotes", "marks", "emoji", "places"],
)
def test_a_bad_file_of_any_name_keeps_none_of_the_others_from_going_up(
    house: House,  # noqa: F811
    watch: Watch,
    name: str,
) -> None:
    watch.expected.append("422")
    ann = house.page(house.ann, f"/albums/{make(house.ann)}")
    bad = file(10) | {"name": name, "buffer": b"\x89PNG and nothing more"}
    choose(ann, [bad, *(file(width) for width in range(30, 38))])  # type: ignore[list-item]
    expect(ann.locator(".photo")).to_have_count(8)
    expect(said(ann)).to_have_text("8 of 9 photos added")
    expect(rows(ann)).to_have_count(1)
    beginning, end = ("🏔" * 24 + "…", ".png") if len(name) > 40 else (name.split()[0], name[-5:])
    expect(rows(ann).locator(".upload-note")).to_contain_text(f"“{' ' * name.startswith(' ')}{beginning}")
    expect(rows(ann).locator(".upload-note")).to_contain_text(f"{end}” is not a picture")


def test_whose_session_has_ended_is_led_to_the_sign_in_page(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("WebSocket.*Authentication failed")  # if the page asks for one only now
    ann = house.page(house.ann, f"/albums/{make(house.ann)}")
    with house.app.app_context():
        db.session.execute(delete(LoginSession).where(LoginSession.user_id == house.ann.user_id))
        db.session.commit()
    choose(ann, [file(width) for width in range(20, 30)])
    expect(ann).to_have_url(re.compile("/login"))


def test_photos_are_put_in_order_by_keyboard_by_button_and_by_mouse(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected += ["ERR_FAILED"]
    album_id = filled(house, 5)
    ann, bob = house.page(house.ann, f"/albums/{album_id}"), house.page(house.bob, f"/albums/{album_id}")
    grip = ann.locator(".photo [data-grip]")
    place = ann.locator(".album [data-place-said]")
    grip.nth(0).focus()
    for _ in range(2):  # quickly: one goes after another
        ann.keyboard.press("ArrowRight")
    expect(place).to_have_text("Photo 3 of 5")
    expect(grip.nth(2)).to_be_focused()
    ann.keyboard.press("End")
    ann.keyboard.press("ArrowRight")  # there is nowhere further to go
    expect_order(ann, [101, 102, 103, 104, 100])

    last = ann.locator(".photo").last
    last.locator(".photo-menu summary").click()
    last.get_by_role("button", name="Earlier").click()
    expect(place).to_have_text("Photo 4 of 5")
    expect_order(ann, [101, 102, 103, 100, 104])

    picture = ann.locator(".photo img")
    picture.nth(0).drag_to(picture.nth(2), target_position={"x": 240, "y": 60})
    expect(place).to_have_text("Photo 3 of 5")
    expect(ann.locator("#lightbox")).to_be_hidden()
    expect_order(ann, [102, 103, 101, 100, 104])
    expect_order(bob, [102, 103, 101, 100, 104])
    assert bob.locator("[data-grip]").count() == 0

    # Without a connection the order of before comes back.
    ann.route("**/place", lambda route: route.abort())
    grip.nth(0).focus()
    for _ in range(3):
        ann.keyboard.press("ArrowRight")
    expect(ann.locator(".toast").last).to_contain_text("Nothing has been changed.")
    expect_order(ann, [102, 103, 101, 100, 104])


def finger(page: Page) -> Callable[..., None]:
    """Return what touches the screen as a finger does."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    return touch


def test_a_finger_that_rests_on_a_photo_takes_it_along(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, f"/albums/{filled(house, 4)}", **PHONE)
    first, third = ann.locator(".photo").nth(0).bounding_box(), ann.locator(".photo").nth(2).bounding_box()
    assert first and third
    touch = finger(ann)
    x, y = third["x"] + 30, third["y"] + 60
    touch("touchStart", (x, y))
    expect(ann.locator(".dragged")).to_have_count(1)
    for step in range(1, 9):
        touch("touchMove", (x + (first["x"] + 10 - x) * step / 8, y + (first["y"] + 40 - y) * step / 8))
    touch("touchEnd")
    expect(ann.locator(".album [data-place-said]")).to_have_text("Photo 1 of 4")
    expect(ann.locator("#lightbox")).to_be_hidden()
    expect_order(ann, [102, 100, 101, 103])


def test_the_lightbox_by_keyboard_with_captions_and_addresses(house: House) -> None:  # noqa: F811
    album_id = filled(house, 5)
    ann = house.page(house.ann, f"/albums/{album_id}")
    ids = ann.locator(".photo").evaluate_all("all => all.map(one => one.dataset.photo)")
    house.ann.post(f"/photos/{ids[1]}", data={"caption": "Above the clouds", "alt": "Clouds from above"})
    bob = house.page(house.bob, f"/albums/{album_id}")
    large: list[str] = []
    bob.on("request", lambda request: request.url.endswith("/1920") and large.append(request.url))
    photos = bob.locator(".photo .picture")
    addresses = photos.evaluate_all("all => all.map(one => one.dataset.full)")
    photos.nth(1).focus()
    bob.keyboard.press("Enter")
    lightbox, count = bob.locator("#lightbox"), bob.locator(".lightbox-count")
    shown = lightbox.locator("[class=lightbox-strip] > :not([inert]) > img")
    expect(count).to_have_text("2 / 5")
    expect(shown).to_have_attribute("alt", "Clouds from above")
    expect(bob.locator(".lightbox-caption")).to_have_text("Above the clouds")
    expect(shown).to_have_attribute("src", re.compile("/1920$"))
    bob.wait_for_timeout(100)
    assert [address for address in addresses if any(one.endswith(address) for one in large)] == addresses[:3]
    expect(bob).to_have_url(f"{house.url}/photos/{ids[1]}")
    for key, place in (
        ("ArrowRight", 3),
        ("End", 5),
        ("ArrowRight", 1),
        ("ArrowLeft", 5),
        ("Home", 1),
        ("ArrowRight", 2),
    ):
        bob.keyboard.press(key)
        expect(count).to_have_text(f"{place} / 5")
        expect(bob).to_have_url(f"{house.url}/photos/{ids[place - 1]}")
    box, window = shown.bounding_box(), bob.viewport_size
    assert box and window and box["x"] >= 0 and box["x"] + box["width"] <= window["width"]
    shown.dblclick()
    zoomed = shown.bounding_box()
    assert zoomed and zoomed["width"] > 2 * box["width"]
    bob.keyboard.press("ArrowRight")
    expect(bob.locator(".zoomed")).to_have_count(0)
    bob.keyboard.press("Escape")
    expect(lightbox).to_be_hidden()
    expect(bob).to_have_url(f"{house.url}/albums/{album_id}")
    expect(photos.nth(2)).to_be_focused()

    # The address leads to the page of the photo, and the way back to the album.
    photos.nth(1).click()
    bob.reload()
    expect(bob).to_have_url(f"{house.url}/photos/{ids[1]}")
    expect(bob.locator("main figcaption")).to_have_text("Above the clouds")
    bob.go_back()
    expect(photos).to_have_count(5)
    expect(lightbox).to_be_hidden()
    bob.go_forward()
    expect(bob.locator("main figcaption")).to_have_text(["Above the clouds"])


def test_a_photo_that_is_told_of_anew_is_in_the_lightbox_once(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("404")  # they are rows without pictures
    (album_id,) = fill(house.app, house.ann, 1, 62)
    ann, bob = house.page(house.ann, "/"), house.page(house.bob, "/")
    held: list[Route] = []
    bob.route("**/albums/*?after=*", lambda route: held.append(route))
    bob.goto(f"/albums/{album_id}")
    first = bob.locator(".photo").first
    first.locator(".picture").click()
    ask(ann, f"/photos/{first.get_attribute('data-photo')}", caption="Anew")
    expect(first.locator("figcaption")).to_have_text("Anew")
    bob.keyboard.press("End")
    while not held:
        bob.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(bob.locator(".photo")).to_have_count(62)
    expect(bob.locator(".lightbox-strip > *")).to_have_count(62)
    bob.keyboard.press("Home")
    expect(bob.locator(".lightbox-caption")).to_have_text("Anew")
    bob.keyboard.press("Escape")
    expect(first.locator(".picture")).to_be_focused()


def test_what_is_told_of_a_photo_waits_while_it_is_dragged(house: House) -> None:  # noqa: F811
    album_id = filled(house, 4)
    ann, elsewhere = house.page(house.ann, f"/albums/{album_id}"), house.page(house.ann, "/")
    drag(ann, 0)
    dragged = ann.locator(".dragged")
    photo_id = dragged.get_attribute("data-photo")
    ask(elsewhere, f"/photos/{photo_id}", caption="Anew")
    ann.wait_for_timeout(300)
    expect(dragged).to_have_count(1)
    ann.mouse.up()
    expect(ann.locator(f"#photo-{photo_id} figcaption")).to_have_text("Anew")
    expect_order(ann, [101, 102, 100, 103])

    drag(ann, 1)
    ask(elsewhere, f"/photos/{dragged.get_attribute('data-photo')}/delete")
    expect(ann.locator(".photo")).to_have_count(3)
    ann.mouse.up()
    expect_order(ann, [101, 100, 103])


def ask(page: Page, address: str, **fields: str) -> None:
    """Do something as another tab would."""
    own = {"Sec-Fetch-Site": "same-origin"}
    assert page.request.post(address, form=fields, headers=own, max_redirects=0).status == 303


def drag(page: Page, number: int) -> None:
    """Take a photo to the place of the third one, and hold it there."""
    source, target = (page.locator(".photo img").nth(at).bounding_box() for at in (number, 2))
    assert source and target
    page.mouse.move(source["x"] + 20, source["y"] + 40)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] - 10, target["y"] + 40, steps=12)


def test_pictures_follow_the_finger(house: House) -> None:  # noqa: F811
    bob = house.page(house.bob, f"/albums/{filled(house, 3)}", **PHONE)
    bob.locator(".photo .picture").first.tap()
    count = bob.locator(".lightbox-count")
    expect(count).to_have_text("1 / 3")
    strip, touch = bob.locator(".lightbox-strip"), finger(bob)
    expect(strip.locator("img").first).to_have_attribute("src", re.compile("/1920$"))
    bob.wait_for_timeout(400)  # until what lies over the page is also what a finger meets
    touch("touchStart", (350, 250))
    for x in (320, 270, 220):
        touch("touchMove", (x, 250))
    expect(strip).not_to_have_js_property("scrollLeft", 0)
    assert strip.evaluate("one => one.scrollLeft") < 390
    for x in (160, 90, 20):
        touch("touchMove", (x, 250))
    touch("touchEnd")
    expect(count).to_have_text("2 / 3")
    bob.go_back()
    expect(bob.locator("#lightbox")).to_be_hidden()
    expect(bob).to_have_url(re.compile(r"/albums/\d+$"))


def test_an_album_without_scripts(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected += ["404"]
    ann = house.page(house.ann, "/albums/new", java_script_enabled=False)
    ann.get_by_label("Album name").fill("Гори")
    ann.locator("main").get_by_text("Friends", exact=True).click()
    ann.locator("main").get_by_role("button", name=re.compile("Create|Save")).click()
    ann.wait_for_url(re.compile(r"/albums/\d+$"))
    album = ann.url
    choose(ann, [file(40), file(41), file(42)])
    chosen = ann.locator("[data-uploads] [type=file]").bounding_box()
    assert chosen and chosen["width"] > 100 and chosen["height"] > 10  # it tells how many are chosen
    ann.get_by_role("button", name="Add them").click()
    expect_widths(ann, [40, 41, 42])
    assert ann.locator("[data-grip]:visible, .uploads-panel:visible").count() == 0

    deeds = ann.locator(".photo").first
    deeds.locator(".photo-menu summary").click()
    deeds.get_by_role("button", name="Later").click()
    expect_widths(ann, [41, 40, 42])
    ann.locator(".photo .picture").nth(1).click()
    ann.get_by_role("link", name="Next photo").click()
    ann.locator(".photo-menu summary").click()
    ann.get_by_role("link", name="Edit or move photo").click()
    ann.get_by_label("Caption").fill("Рівно о шостій")
    ann.get_by_role("button", name="Save").click()
    expect(ann.locator("main figcaption")).to_have_text("Рівно о шостій")
    ann.locator(".photo-menu summary").click()
    ann.get_by_role("button", name="Delete photo").click()
    ann.wait_for_url(album)
    expect_widths(ann, [41, 40])
    ann.get_by_role("button", name="Undo").click()
    expect_widths(ann, [41, 40, 42])

    # Friends see it; when it is for its owner alone, nobody else finds anything.
    bob = house.page(house.bob, "/@ann/albums", java_script_enabled=False)
    bob.get_by_role("link", name="Гори").click()
    expect(bob).to_have_url(album)
    expect_widths(bob, [41, 40, 42])
    assert bob.locator(".photo-menu, [data-uploads]").count() == 0
    ann.goto(album)
    ann.locator("[id^=album-audience] summary").click()
    ann.get_by_role("button", name="Only me").click()
    assert bob.goto(album).status == 404  # type: ignore[union-attr]
    bob.goto("/@ann/albums")
    expect(bob.get_by_text("Гори")).to_have_count(0)


def test_attention_goes_to_the_next_photo_when_one_is_deleted(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, f"/albums/{filled(house, 3)}")
    for place, left in ((1, [100, 102]), (1, [100]), (0, [])):
        summaries = ann.locator(".photo-menu summary")
        summaries.nth(place).press("Enter")
        ann.get_by_role("button", name="Delete photo").press("Enter")
        expect_widths(ann, left)
        if left:
            expect(summaries.nth(min(place, len(left) - 1))).to_be_focused()


def test_friends_and_strangers_see_what_is_for_them(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected += ["404"]
    albums = {
        audience: filled(house, 1, name=audience, audience=audience) for audience in ("everyone", "friends", "me")
    }
    bob = house.page(house.bob, "/@ann/albums")

    def seen() -> list[str]:
        bob.goto("/@ann/albums")
        listed = bob.locator(".album-name").all_text_contents()
        opened = [name for name, album_id in albums.items() if bob.goto(f"/albums/{album_id}").ok]  # type: ignore[union-attr]
        assert sorted(listed) == opened
        return opened

    assert seen() == ["everyone", "friends"]
    house.ann.post(f"/users/{house.bob.user_id}/friendship/delete")
    assert seen() == ["everyone"]


def test_menus_are_in_sight_on_a_phone_and_give_attention_back(house: House) -> None:  # noqa: F811
    album_id = filled(house, 2)
    page = house.page(house.ann, "/albums", **PHONE)
    menu = page.locator(f"#album-audience-{album_id}")
    menu.locator("summary").click()
    place = menu.locator(".menu-sheet").bounding_box()
    assert place and place["x"] >= 0 and place["x"] + place["width"] <= 390
    menu.get_by_role("button", name="Only me").click()
    expect(menu.locator("summary")).to_have_accessible_name("Only you can see this album")
    expect(menu.locator("summary")).to_be_focused()
    page.goto(f"/albums/{album_id}")
    more = page.locator(".photo-menu summary").first
    more.click()
    page.get_by_role("link", name="Edit or move photo").click()
    page.locator("#photo-dialog textarea").first.fill("The sea")
    page.locator("#photo-dialog").get_by_role("button", name="Save").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("button", name="Set as cover").click()
    expect(page.locator(".menu[open]")).to_have_count(0)
    expect(more).to_be_focused()
