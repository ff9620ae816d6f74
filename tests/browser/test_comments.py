"""Two people under one post: at once, cut off, while somebody writes or reads, by keyboard and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, house  # noqa: F401 -- a fixture
from tests.browser.test_messenger import SIZES
from tests.test_comments import comment, fill
from tests.test_posts import publish


@pytest.fixture
def post(house: House) -> int:  # noqa: F811
    """A post of ann's."""
    return publish(house.ann, "Bees", body="Words\n" * 15)


def write(page: Page, words: str) -> None:
    page.fill("#comment-body", words)
    page.locator("#comment-form .circle-button.filled").click()
    expect(page.locator("#comment-body")).to_have_value("")


def said(page: Page, words: str) -> Locator:
    return page.locator(".comment-said", has_text=words)


def expect_said(page: Page, words: list[str]) -> None:
    expect(page.locator(".comments .comment-body")).to_have_text(words)


def open_menu(page: Page, words: str) -> Locator:
    menu = said(page, words).locator(".menu").locator("visible=true")
    menu.locator("summary").first.click()
    return menu


def delete(page: Page, words: str) -> None:
    menu = open_menu(page, words)
    menu.get_by_text("Delete comment").click()
    menu.get_by_role("button", name="Delete").click()


@SIZES
def test_what_one_does_the_other_sees(house: House, post: int, size: dict[str, Any]) -> None:  # noqa: F811
    ann, bob = (house.page(who, f"/posts/{post}", **size) for who in (house.ann, house.bob))
    feed = house.page(house.bob, "/")
    write(bob, "First of bob")
    expect_said(ann, ["First of bob"])
    expect(ann.locator("#announcements")).to_contain_text("First of bob")
    expect(bob.locator("#announcements")).to_be_empty()
    for page in (ann, bob, feed):
        expect(page.locator(f"#comment-count-{post}")).to_contain_text("1")

    said(ann, "First of bob").get_by_text("Reply").click()
    expect(ann.locator("[data-answered]")).to_contain_text("Богдан Ґонта")
    expect(ann.locator("#comment-body")).to_be_focused()
    write(ann, "Reply of ann")
    expect(ann.locator("[data-answered]")).to_be_hidden()
    expect(bob.locator(".replies .comment-body")).to_have_text(["Reply of ann"])
    said(bob, "Reply of ann").get_by_text("Reply", exact=True).click()
    expect(bob.locator("#comment-body")).to_have_value("@ann ")
    write(bob, "@ann Reply to it")
    write(ann, "Second")
    for page in (ann, bob):
        expect_said(page, ["First of bob", "Reply of ann", "@ann Reply to it", "Second"])
    expect(ann.locator(".replies .mention")).to_have_attribute("href", "/@ann")

    said(ann, "First of bob").get_by_role("button", name="Like").click()
    expect(said(ann, "First of bob").get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(said(bob, "First of bob").locator(".comment-likes")).to_contain_text("1")
    expect(said(bob, "First of bob").get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "false")

    open_menu(bob, "First of bob").get_by_text("Edit").click()
    expect(bob.locator(".comment-edit textarea")).to_be_focused()
    bob.fill(".comment-edit textarea", "Changed by bob")
    bob.press(".comment-edit textarea", "Control+Enter")
    for page in (ann, bob):
        expect(said(page, "Changed by bob")).to_contain_text("edited")
    expect(bob.locator(".comment-edit")).to_have_count(0)

    delete(bob, "Changed by bob")
    for page in (ann, bob):
        expect(page.locator(".comment-deleted")).to_have_text("Comment deleted")
    bob.get_by_role("button", name="Undo").click()
    for page in (ann, bob):
        expect(said(page, "Changed by bob")).to_be_visible()
    like = said(ann, "Changed by bob").get_by_role("button", name="Like")
    expect(like).to_have_attribute("aria-pressed", "true")
    delete(ann, "Reply to it")
    delete(ann, "Reply of ann")
    for page in (ann, bob):
        expect_said(page, ["Changed by bob edited", "Second"])
    expect(feed.locator(f"#comment-count-{post}")).to_contain_text("2")


def test_a_switched_off_form_keeps_its_words(house: House, post: int) -> None:  # noqa: F811
    ann, bob = (house.page(who, f"/posts/{post}") for who in (house.ann, house.bob))
    write(bob, "Before")
    bob.fill("#comment-body", "Half a tho")
    menu = ann.locator(f"#post-{post} .post-head .menu")
    menu.locator("summary").first.click()
    menu.get_by_role("button", name="Switch comments off").click()
    expect(menu.get_by_role("button", name="Switch comments on")).to_be_visible()
    for page in (ann, bob):
        expect(page.get_by_text("Comments are switched off.").first).to_be_visible()
        expect(page.locator("#comment-form")).to_be_hidden()
        expect(said(page, "Before")).to_be_visible()
        expect(said(page, "Before").get_by_text("Reply")).to_be_hidden()
    menu.get_by_role("button", name="Switch comments on").click()
    expect(bob.locator("#comment-body")).to_have_value("Half a tho")
    expect(bob.locator("#comment-form")).to_be_visible()


def test_words_in_the_making_are_left_alone(house: House, post: int, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("422")
    ann, bob = (house.page(who, f"/posts/{post}") for who in (house.ann, house.bob))
    write(bob, "Of bob")
    bob.fill("#comment-body", "Half a tho")
    bob.locator("#comment-body").focus()
    bob.evaluate("document.querySelector('#comment-body').setSelectionRange(4, 4)")
    write(ann, "Meanwhile")
    expect_said(bob, ["Of bob", "Meanwhile"])
    expect(bob.locator("#comment-body")).to_be_focused()
    bob.keyboard.type("!")
    expect(bob.locator("#comment-body")).to_have_value("Half! a tho")

    open_menu(bob, "Of bob").get_by_text("Edit").click()
    bob.fill(".comment-edit textarea", "Changing it")
    said(ann, "Of bob").get_by_role("button", name="Like").click()
    delete(ann, "Of bob")
    expect_said(ann, ["Meanwhile"])
    expect(bob.locator(".comment-edit textarea")).to_have_value("Changing it")
    bob.locator(".comment-edit").get_by_text("Cancel").click()
    expect(bob.locator(".comment-edit")).to_have_count(0)

    bob.fill("#comment-body", "x" * 1950)
    expect(bob.locator("#comment-body-left")).to_have_text("50 left")
    bob.fill("#comment-body", "x" * 2001)
    bob.press("#comment-body", "Control+Enter")
    expect(bob.locator("#comment-note")).to_have_text("Use 2000 characters at most.")
    expect(bob.locator("#comment-body")).to_have_value("x" * 2001)
    write(bob, "Short")
    expect(bob.locator("#comment-note")).to_be_hidden()


def test_words_are_kept_where_there_is_no_network(house: House, post: int, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    bob = house.page(house.bob, f"/posts/{post}")
    bob.context.set_offline(True)
    bob.fill("#comment-body", "Kept")
    bob.press("#comment-body", "Control+Enter")
    expect(bob.locator(".toast")).to_contain_text("There is no connection.")
    expect(bob.locator("#comment-body")).to_have_value("Kept")
    bob.context.set_offline(False)
    bob.press("#comment-body", "Control+Enter")
    expect_said(bob, ["Kept"])


def on_page(page: Page) -> Any:
    """Return what stands under the post, with what each comment offers."""
    return page.eval_on_selector_all(
        ".comments li",
        """all => all.map((one) => [one.id, one.className, one.parentElement.id,
            one.matches(".comment") ? one.firstElementChild.innerText : one.innerText,
            one.firstElementChild.querySelector("[aria-pressed]")?.ariaPressed ?? ""])""",
    )


def test_after_an_absence_the_page_is_what_a_reload_would_show(house: House, post: int) -> None:  # noqa: F811
    ids = fill(house.app, post, house.bob, 30)
    many = fill(house.app, post, house.bob, 9, parent_id=ids[20])
    ann = house.page(house.ann, f"/posts/{post}")
    ann.locator(".replies .earlier a").click()
    expect(ann.locator(".replies .comment")).to_have_count(9)
    ann.fill("#comment-body", "Half a tho")
    # What is done here reaches no tab: it is done past the server that they listen to.
    comment(house.bob, post, "New")
    comment(house.bob, post, "Reply", parent_id=ids[12])
    house.bob.post(f"/comments/{ids[15]}", data={"body": "Changed"})
    house.bob.post(f"/comments/{ids[14]}/like")
    house.ann.post(f"/comments/{ids[16]}/like")
    for gone in (ids[10], ids[18], ids[20], many[0], many[8]):
        house.bob.post(f"/comments/{gone}/delete")
    ann.evaluate("dispatchEvent(new Event('online'))")
    expect(said(ann, "New")).to_be_visible()
    expect(ann.locator(f"#comment-{many[0]}")).to_have_count(0)
    expect(ann.locator("#comment-body")).to_have_value("Half a tho")
    expect(ann.locator(".replies .earlier")).to_have_count(0)
    assert ann.locator(f"#replies-{ids[20]} > .comment").count() == 7, "what was asked for stays"
    renewed = on_page(ann)
    ann.goto(f"/posts/{post}")
    ann.locator(".replies .earlier a").click()
    expect(ann.locator(f"#replies-{ids[20]} > .comment")).to_have_count(7)
    fresh = on_page(ann)
    own = [one for one in renewed if one[1] != "earlier"]
    assert len(own) > 20 and fresh[-len(own) :] == own
    assert [one[1] for one in renewed if one[1] == "earlier"] == ["earlier"]

    house.ann.post(f"/posts/{post}/comments/close")
    ann.evaluate("dispatchEvent(new Event('online'))")
    expect(ann.locator("#comment-form")).to_be_hidden()


def test_what_is_read_stays_where_it_is(house: House, post: int) -> None:  # noqa: F811
    ids = fill(house.app, post, house.ann, 45)
    ann, bob = (house.page(who, f"/posts/{post}") for who in (house.ann, house.bob))
    bob.get_by_text("Show earlier comments").click()
    expect(bob.locator(".comment")).to_have_count(40)
    bob.locator(f"#comment-{ids[30]}").scroll_into_view_if_needed()
    top = f"document.querySelector('#comment-{ids[30]}').getBoundingClientRect().top"
    bob.evaluate(f"scrollBy(0, {top} - 200)")
    before = bob.evaluate(top)
    said_by = said(ann, "b").first
    said_by.get_by_text("Reply").click()
    write(ann, "Above")
    write(ann, "At the end")
    expect(said(bob, "Above")).to_have_count(1)
    expect(said(bob, "At the end")).to_have_count(1)
    bob.wait_for_timeout(200)
    assert abs(bob.evaluate(top) - before) < 2
    assert bob.evaluate("[...document.querySelectorAll('.comments > .comment')].map((one) => one.id)") == [
        *(f"comment-{one}" for one in ids[5:]),
        bob.evaluate("document.querySelector('.comments > .comment:last-child').id"),
    ]


def test_by_keyboard_alone(house: House, post: int) -> None:  # noqa: F811
    comment(house.ann, post, "Of ann")
    bob = house.page(house.bob, f"/posts/{post}")
    bob.locator(".comment-author").focus()
    bob.keyboard.press("Tab")  # the time
    bob.keyboard.press("Tab")
    bob.keyboard.press("Space")
    expect(bob.get_by_role("button", name="Like").last).to_have_attribute("aria-pressed", "true")
    bob.locator(".comment .comment-like button").focus()
    bob.keyboard.press("Tab")
    bob.keyboard.press("Enter")
    bob.keyboard.type("By keyboard")
    bob.keyboard.press("Control+Enter")
    expect(bob.locator(".replies .comment-body")).to_have_text(["By keyboard"])
    expect(bob.locator("#comment-body")).to_be_focused()
    summary = said(bob, "By keyboard").locator(".menu > summary").locator("visible=true")
    summary.focus()
    bob.keyboard.press("Enter")
    for key in ("Tab", "Tab", "Enter", "Tab", "Enter"):  # past changing it, open what asks, and say yes
        bob.keyboard.press(key)
    expect(bob.locator(".replies .comment-body")).to_have_count(0)


def test_without_scripts(house: House, post: int, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("422")
    first = comment(house.ann, post, "Of ann")
    ids = fill(house.app, post, house.ann, 25)
    bob = house.page(house.bob, f"/posts/{post}", java_script_enabled=False)
    bob.get_by_text("Show earlier comments").click()
    said(bob, "Of ann").get_by_text("Reply").click()
    bob.fill("#comment-body", "My reply")
    bob.locator("#comment-form .circle-button.filled").click()
    expect(bob).to_have_url(re.compile(rf"/posts/{post}\?at=\d+#comment-\d+$"))
    expect(said(bob, "My reply")).to_be_in_viewport()
    said(bob, "Of ann").get_by_role("button", name="Like").click()
    expect(said(bob, "Of ann").get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    open_menu(bob, "My reply").get_by_text("Edit").click()
    bob.locator(".comment-edit textarea").fill("My changed reply")
    bob.get_by_role("button", name="Save").click()
    expect(said(bob, "My changed reply")).to_contain_text("edited")
    bob.fill("#comment-body", " ")
    bob.locator("#comment-form .circle-button.filled").click()
    expect(bob.locator("#comment-note")).to_have_text("Write something.")
    bob.goto(f"/posts/{post}?at={first}")
    delete(bob, "My changed reply")
    expect(bob.locator(".toast")).to_contain_text("The comment has been deleted.")
    bob.get_by_role("button", name="Undo").click()
    expect(said(bob, "My changed reply")).to_be_in_viewport()
    bob.get_by_text("Show later comments").click()
    expect(bob.locator(f"#comment-{ids[24]}")).to_be_visible()


def test_screen_readers_find_articles_in_lists(house: House, post: int) -> None:  # noqa: F811
    first = comment(house.ann, post, "Of ann")
    comment(house.bob, post, "Of bob", parent_id=first)
    bob = house.page(house.bob, f"/posts/{post}")
    expect(bob.get_by_role("heading", name="Comments")).to_be_visible()
    expect(bob.get_by_role("region", name="Comments").get_by_role("article")).to_have_count(2)
    expect(
        bob.get_by_role("article", name="Ann Ivanenko").get_by_role("link", name="Reply to Ann Ivanenko")
    ).to_be_visible()
    expect(bob.get_by_role("list", name="Replies").get_by_role("article", name="Богдан Ґонта")).to_be_visible()
    expect(bob.get_by_role("textbox", name="Your comment")).to_be_visible()
