"""Writing a post with everything in it, by keyboard, mouse and finger, and without scripts."""

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, house  # noqa: F401 -- a fixture
from tests.browser.test_messenger import PHONE, picture
from tests.test_posts import publish

COLOURS = ("teal", "gold", "crimson")


def begin(page: Page, words: str = "") -> Locator:
    """Open the form over the feed."""
    page.get_by_label("What's on your mind?").fill(words)
    page.get_by_role("button", name="Continue to post").click()
    form = page.locator("#post-dialog #post-form")
    expect(form.get_by_label("Title", exact=True)).to_be_focused()
    return form


def add_pictures(form: Locator, count: int = 3) -> None:
    files: list[FilePayload] = [picture(f"{colour}.png", colour) for colour in COLOURS[:count]]
    form.locator("input[type=file]").set_input_files(files)
    expect(form.locator(".post-picture")).to_have_count(count)
    for number, colour in enumerate(sorted_by_id(form)):
        form.locator(f"#alt-{colour}").fill(COLOURS[number])


def sorted_by_id(form: Locator) -> list[int]:
    ids = form.locator("[name=image_order][value]:not([value=''])").evaluate_all("all => all.map(one => +one.value)")
    return sorted(ids)


def described(form: Locator) -> list[str]:
    """Return what is said of the pictures, in their order."""
    return form.locator(".post-picture textarea").evaluate_all("all => all.map(one => one.value)")  # type: ignore[no-any-return]


def test_a_post_with_everything_in_it_from_its_first_word_to_its_undone_deletion(
    house: House,  # noqa: F811
    watch: Watch,
) -> None:
    watch.expected.append("422")
    publish(house.bob, "About honey", tags="honey honeycomb")
    ann = house.page(house.ann, "/")
    form = begin(ann, "Words begun in the feed.")
    form.get_by_label("Title", exact=True).fill("A day out")
    form.get_by_label("Topic").fill("Weekends")

    # Tags: suggested, made, and taken away by keyboard.
    tags = form.locator("#own-tags")
    tags.press_sequentially("hon")
    expect(form.locator("#tag-list [role=option]")).to_have_count(2)
    expect(tags).to_have_attribute("aria-expanded", "true")
    ann.keyboard.press("ArrowDown")
    ann.keyboard.press("ArrowDown")
    ann.keyboard.press("Enter")
    ann.keyboard.type("bees")
    ann.keyboard.press("Enter")
    ann.keyboard.type("calm, BEES wasps ")
    expect(form.locator(".tag-entry .chip span")).to_have_text(["#honeycomb", "#bees", "#wasps"])
    expect(form.get_by_label("#calm")).to_be_checked()
    ann.keyboard.press("Backspace")
    form.get_by_role("button", name="Remove #bees").press("Enter")
    expect(form.locator(".tag-entry .chip span")).to_have_text(["#honeycomb"])
    expect(tags).to_be_focused()
    ann.keyboard.type("hon")
    expect(form.locator("#tag-list")).to_be_visible()
    ann.keyboard.press("Escape")
    expect(form.locator("#tag-list")).to_be_hidden()
    tags.fill("")

    # The text: people and tags are completed, signs come by shortcut and by button.
    text = form.get_by_label("Text", exact=True)
    expect(text).to_have_value("Words begun in the feed.")
    text.focus()
    ann.keyboard.press("Control+End")
    ann.keyboard.type(" With @бо")
    expect(form.locator("#post-body-list [role=option]")).to_have_count(1)
    ann.keyboard.press("Tab")
    ann.keyboard.type("and #hon")
    expect(form.locator("#post-body-list [role=option]")).to_have_count(2)
    form.locator("#post-body-list [role=option]").first.click()
    ann.keyboard.press("Control+b")
    ann.keyboard.type("bold")
    for _ in range(2):
        ann.keyboard.press("ArrowRight")
    ann.keyboard.type("\nSaid")
    form.get_by_role("button", name="Quote").click()
    form.locator(".emoji-picker summary").click()
    ann.keyboard.press("Escape")
    expect(form.locator(".emoji-picker")).not_to_have_attribute("open", "")
    form.locator(".emoji-picker summary").click()
    form.get_by_role("button", name="🤗").click()
    expect(text).to_have_value("Words begun in the feed. With @bob and #honey **bold**\n> Said🤗")

    # Pictures: described, put in order by keyboard and by mouse, and one taken out.
    add_pictures(form)
    assert sorted(described(form)) == sorted(COLOURS)
    last = form.locator(".post-picture").nth(2)
    name = last.locator("textarea").input_value()
    last.get_by_role("button", name="Earlier").press("Enter")
    expect(form.locator("[data-place-said]")).to_have_text("Picture 2 of 3")
    expect(form.locator(".post-picture").nth(1).get_by_role("button", name="Earlier")).to_be_focused()
    assert described(form)[1] == name
    before = described(form)
    form.locator(".post-picture img").nth(0).drag_to(
        form.locator(".post-picture img").nth(2), target_position={"x": 150, "y": 60}
    )
    expect(form.locator("[data-place-said]")).to_have_text("Picture 3 of 3")
    assert described(form) == [*before[1:], before[0]]
    form.locator(".post-picture").nth(1).get_by_label("Remove the picture").check(force=True)
    kept = [described(form)[0], described(form)[2]]

    form.get_by_text("Friends", exact=True).click()
    form.get_by_label("Comments are allowed").uncheck()
    form.get_by_role("button", name="Publish").click()
    ann.wait_for_url(re.compile(r"/posts/\d+$"))
    post = ann.locator(".post")
    expect(post.locator(".post-audience")).to_have_text("Friends")
    expect(post.locator(".post-body .mention")).to_have_text("@bob")
    expect(post.locator(".post-body .tag")).to_have_text("#honey")
    expect(post.locator(".post-body strong")).to_have_text("bold")
    expect(post.locator(".post-body blockquote")).to_have_text("Said🤗")
    expect(post.locator(".post-tags a")).to_have_text(["#calm", "#honeycomb"])
    assert post.locator(".picture img").evaluate_all("all => all.map(one => one.alt)") == kept
    post.locator("a.picture").first.click()
    expect(ann.locator("#lightbox :not([inert]) > img")).to_have_attribute("alt", kept[0])
    ann.keyboard.press("Escape")
    ann.wait_for_timeout(300)  # closing it is a step back

    # It is changed without uploading anything again, and a mistake on the way loses nothing.
    uploads: list[str] = []
    ann.on("request", lambda request: request.url.endswith("/pictures") and uploads.append(request.url))
    ann.goto(f"{ann.url}/edit")
    form = ann.locator("#post-form")
    expect(form.locator(".tag-entry .chip span")).to_have_text(["#honeycomb"])
    form.locator(".post-picture").nth(1).get_by_role("button", name="Earlier").click()
    form.locator(".post-picture textarea").first.fill("Described anew")
    form.get_by_text("Everyone here").click()
    form.get_by_label("Topic").fill("t" * 151)
    expect(form.locator("#post-topic-left")).to_have_text("1 too many")
    with ann.expect_response(lambda answer: answer.status == 422):
        form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Topic")).to_be_focused()
    assert described(form) == ["Described anew", kept[0]]
    form.get_by_label("Topic").fill("Outings")
    form.get_by_role("button", name="Save").click()
    ann.wait_for_url(re.compile(r"/posts/\d+$"))
    expect(post).to_contain_text("edited")
    expect(post.locator(".post-topic")).to_have_text("Outings")
    expect(post.locator(".post-audience")).to_have_count(0)
    assert post.locator(".picture img").evaluate_all("all => all.map(one => one.alt)") == ["Described anew", kept[0]]
    assert uploads == []

    # Bob finds himself named; Ann deletes it and takes that back.
    bob = house.page(house.bob, "/tags/honey")
    expect(bob.locator(".post", has_text="A day out").locator(".mention")).to_have_attribute("href", "/@bob")
    ann.goto("/publications")
    post = ann.locator(".post", has_text="A day out")
    post.locator(".menu > summary").click()
    post.get_by_text("Delete post").click()
    post.get_by_role("button", name="Delete", exact=True).click()
    expect(post).to_have_count(0)
    ann.locator(".toast").get_by_role("button", name="Undo").click()
    ann.wait_for_url(re.compile(r"/posts/\d+$"))
    expect(ann.locator(".post")).to_contain_text("A day out")


def test_a_finger_drags_a_picture_by_its_handle(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, "/posts/new", **PHONE)
    form = ann.locator("#post-form")
    add_pictures(form)
    before = described(form)
    form.locator("[data-grip]").nth(2).scroll_into_view_if_needed()
    grip, first = form.locator("[data-grip]").nth(2).bounding_box(), form.locator(".post-picture").nth(0).bounding_box()
    assert grip and first
    finger = ann.context.new_cdp_session(ann)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", (grip["x"] + 10, grip["y"] + 10))
    for step in range(1, 11):
        x = grip["x"] + 10 + (first["x"] + 20 - grip["x"] - 10) * step / 10
        y = grip["y"] + 10 + (first["y"] + 20 - grip["y"] - 10) * step / 10
        touch("touchMove", (x, y))
    touch("touchEnd")
    expect(form.locator("[data-place-said]")).to_have_text("Picture 1 of 3")
    assert described(form) == [before[2], *before[:2]]


def test_long_posts_unfold_where_they_stand(house: House) -> None:  # noqa: F811
    publish(house.bob, "Lines", body="short\n" * 60 + "the end")
    publish(house.bob, "One word", body="a" * 6000)
    publish(house.bob, "Brief", body="a\n" * 10)
    ann = house.page(house.ann, "/", **PHONE)
    for title in ("Lines", "One word"):
        post = ann.locator(".post", has_text=title)
        folded = post.locator(".post-body").evaluate("one => one.clientHeight")
        post.get_by_role("link", name="Show more").click()
        expect(post.get_by_role("link", name="Show more")).to_have_count(0)
        assert post.locator(".post-body").evaluate("one => one.clientHeight") > 2 * folded
        assert post.evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(ann.locator(".post", has_text="Brief").get_by_role("link", name="Show more")).to_have_count(0)


@pytest.mark.parametrize("size", [{"width": 390, "height": 780}, {"width": 1440, "height": 900}])
def test_the_form_fits_and_closing_it_loses_nothing(house: House, size: dict[str, int]) -> None:  # noqa: F811
    ann = house.page(house.ann, "/", viewport=size)
    form = begin(ann, "Half a thought")
    form.get_by_label("Title", exact=True).fill("A title")
    form.locator("#own-tags").press_sequentially("one two ")
    add_pictures(form, 2)
    assert ann.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert ann.locator("#post-dialog").evaluate("one => one.scrollWidth <= one.clientWidth")
    ann.keyboard.press("Escape")
    expect(ann.locator("#post-dialog")).to_be_hidden()
    ann.get_by_role("button", name="Continue to post").click()
    expect(form.get_by_label("Title", exact=True)).to_have_value("A title")
    expect(form.locator(".tag-entry .chip")).to_have_count(2)
    expect(form.locator(".post-picture")).to_have_count(2)


def test_signs_are_put_around_what_is_selected_and_taken_away_again(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, "/posts/new")
    text = ann.locator("#post-body")
    text.fill("one two")
    for keys, value in (
        ("Control+b", "**one two**"),
        ("Control+i", "***one two***"),
        ("Control+i", "**one two**"),
        ("Control+b", "one two"),
    ):
        if keys == "Control+b" and value == "**one two**":
            text.press("Control+a")
        ann.keyboard.press(keys)
        expect(text).to_have_value(value)
    text.fill("one\n\ntwo")
    text.press("Control+a")
    ann.get_by_role("button", name="List").click()
    expect(text).to_have_value("- one\n- \n- two")
    text.press("Control+a")
    ann.get_by_role("button", name="List").click()
    expect(text).to_have_value("one\n\ntwo")
    text.press("Control+a")
    ann.get_by_role("button", name="Code").click()
    expect(text).to_have_value("```\none\n\ntwo\n```")
    text.press("Control+z")
    expect(text).to_have_value("one\n\ntwo")


def test_all_of_it_works_without_scripts(house: House, watch: Watch) -> None:  # noqa: F811
    ann = house.page(house.ann, "/posts/new", java_script_enabled=False)
    form = ann.locator("#post-form")
    form.get_by_label("Title", exact=True).fill("Plain")
    form.locator("#own-tags").fill("bees, wasps")
    form.get_by_label("Text", exact=True).fill("**Bold** with @bob on #honey")
    form.get_by_label("Only me").check(force=True)
    form.locator("input[type=file]").set_input_files([picture("a.png", "teal"), picture("b.png", "gold")])
    form.get_by_label("Topic").fill("t" * 151)
    watch.expected.append("422")
    form.get_by_label("Title", exact=True).press("Enter")
    expect(form.locator(".field-error:visible")).to_contain_text("Use 150 characters at most.")
    first = form.locator("[name=image_ids]").first.get_attribute("value")
    form.locator(f"#alt-{first}").fill("The first one")
    form.locator(f"#preview-{first}").get_by_role("button", name="Later").click()
    expect(form.locator(".post-picture textarea").nth(1)).to_have_value("The first one")
    expect(form.get_by_label("Only me")).to_be_checked()
    expect(form.locator("#own-tags")).to_have_value("#bees #wasps ")
    form.get_by_label("Topic").fill("Short")
    form.get_by_role("button", name="Publish").click()
    post = ann.locator(".post")
    expect(post.locator(".post-body strong")).to_have_text("Bold")
    expect(post.locator(".post-body .mention")).to_have_text("@bob")
    expect(post.locator(".post-audience")).to_have_text("Only me")
    expect(post.locator(".picture img").nth(1)).to_have_attribute("alt", "The first one")
    ann.goto(f"{ann.url}/edit")
    form.locator(".post-picture").nth(0).get_by_label("Remove the picture").check(force=True)
    form.locator("#own-tags").fill("bees")
    form.get_by_role("button", name="Save").click()
    expect(post.locator(".picture img")).to_have_count(1)
    expect(post.locator(".post-tags a")).to_have_text(["#bees"])
    expect(post).to_contain_text("edited")
