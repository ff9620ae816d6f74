"""Searching as people do it: while they type, with keys, on a phone, and without a script."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, house  # noqa: F401 -- a fixture
from tests.browser.test_screens import found_by_axe
from tests.talk import said_in, say
from tests.test_posts import publish

SHEET, OPTION, FIELD = "#search-suggestions", "#search-suggestions [role=option]", "#finder [name=q]"


@pytest.fixture
def found(house: House) -> dict[str, int]:  # noqa: F811
    """The ids of what there is to be found."""
    post = publish(house.bob, "Кішка на даху", body="Зняли кішку драбиною", tags="кішки")
    say(house.bob, house.chat, "Погодуй мою кішку")
    return {"post": post, "message": said_in(house.app, house.chat)[-1].id}


def test_what_is_typed_is_found_at_once_and_chosen_with_keys(
    house: House,  # noqa: F811
    found: dict[str, int],
) -> None:
    ann = house.page(house.ann, "/")
    ann.keyboard.press("Control+k")
    field = ann.locator(FIELD)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    ann.keyboard.type("кішко")
    expect(ann.locator(f"{SHEET} mark").first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert found_by_axe(ann) == []
    options = ann.locator(OPTION)
    expect(options).to_have_count(4)  # a post, a tag, a message, and everything
    ann.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    ann.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", f"found-post-{found['post']}")
    ann.keyboard.press("Escape")
    expect(ann.locator(SHEET)).to_be_hidden()
    expect(field).to_have_value("кішко")
    ann.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    for _ in range(3):
        ann.keyboard.press("ArrowDown")
    ann.keyboard.press("Enter")
    ann.wait_for_url(f"**/chats/{house.chat}?at=*#message-{found['message']}")
    expect(ann.locator(f"#message-{found['message']}")).to_be_in_viewport()


def test_enter_leads_to_the_page_of_everything(house: House, found: dict[str, int]) -> None:  # noqa: F811
    ann = house.page(house.ann, "/")
    ann.locator(FIELD).fill("кішка")
    ann.locator(FIELD).press("Enter")
    ann.wait_for_url("**/search?q=*")
    expect(ann.get_by_role("heading", name="Posts", exact=True)).to_be_visible()
    ann.get_by_role("link", name="Messages", exact=True).click()
    ann.wait_for_url("**kind=messages**")
    expect(ann.locator(f"#found-message-{found['message']}")).to_be_visible()
    expect(ann.locator("#found-posts")).to_have_count(0)


def test_an_answer_that_comes_late_is_not_shown(house: House, found: dict[str, int]) -> None:  # noqa: F811
    ann = house.page(house.ann, "/")
    held: list[Route] = []
    ann.route("**/search/suggestions?q=xyz", lambda route: held.append(route))
    with ann.expect_request("**/search/suggestions?q=xyz"):
        ann.locator(FIELD).fill("xyz")
    ann.locator(FIELD).fill("кішка")
    expect(ann.locator(OPTION)).to_have_count(4)
    held[0].continue_()
    ann.wait_for_timeout(400)
    expect(ann.locator(OPTION)).to_have_count(4)
    ann.locator("h2").first.click()
    expect(ann.locator(SHEET)).to_be_hidden()


def test_a_lost_network_leaves_the_box_as_it_is(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    ann = house.page(house.ann, "/")
    ann.route("**/search/suggestions*", lambda route: route.abort())
    ann.locator(FIELD).fill("anything")
    ann.wait_for_timeout(500)
    expect(ann.locator(SHEET)).to_be_hidden()
    expect(ann.locator(FIELD)).to_have_value("anything")


def test_the_page_finds_while_one_types_and_its_filters_narrow(
    house: House,  # noqa: F811
    found: dict[str, int],
    watch: Watch,
) -> None:
    watch.expected.append("422")
    ann = house.page(house.ann, "/search")
    expect(ann.locator("#search-words")).to_be_focused()
    ann.keyboard.type("кішкою")
    expect(ann.locator(f"#found-post-{found['post']}")).to_be_visible()
    expect(ann.locator("#search-words")).to_be_focused()
    ann.wait_for_url("**q=%D0%BA%D1%96%D1%88%D0%BA%D0%BE%D1%8E**")
    ann.get_by_text("Filters").click()
    ann.get_by_label("In the chat").select_option(str(house.chat))
    ann.get_by_role("button", name="Apply").click()
    expect(ann.locator(f"#found-message-{found['message']}")).to_be_visible()
    expect(ann.locator(f"#found-post-{found['post']}")).to_have_count(0)
    ann.get_by_label("Written by").fill("nobody")
    ann.get_by_role("button", name="Apply").click()
    expect(ann.locator("#from-note")).to_contain_text("Nobody is called that.")
    expect(ann.locator("#search-words")).to_have_value("кішкою")
    expect(ann.get_by_label("In the chat")).to_have_value(str(house.chat))
    ann.get_by_role("link", name="Without filters").click()
    expect(ann.locator(f"#found-post-{found['post']}")).to_be_visible()


def test_on_a_phone_a_button_leads_to_the_page(
    house: House,  # noqa: F811
    found: dict[str, int],
) -> None:
    ann = house.page(house.ann, "/")
    ann.set_viewport_size({"width": 390, "height": 844})
    expect(ann.locator(FIELD)).to_be_hidden()
    ann.locator("[data-to-search]").click()
    ann.wait_for_url("**/search")
    ann.keyboard.type("драбина")
    expect(ann.locator(f"#found-post-{found['post']} mark")).to_have_text("драбиною")
    ann.locator(f"#found-post-{found['post']}").click()
    ann.wait_for_url(f"**/posts/{found['post']}")


def test_everything_is_found_without_a_script(
    house: House,  # noqa: F811
    found: dict[str, int],
) -> None:
    page = house.page(house.ann, "/", java_script_enabled=False)
    page.locator(FIELD).fill("кішка")
    page.locator(FIELD).press("Enter")
    expect(page.locator(f"#found-post-{found['post']}")).to_be_visible()
    page.get_by_text("Filters").click()
    page.get_by_label("Written by").fill("bob")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(f"#found-message-{found['message']}")).to_be_visible()
