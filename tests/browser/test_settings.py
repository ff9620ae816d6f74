"""The page of settings: sections open in their place, by hand, by keyboard, and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watch

SIZES = pytest.mark.parametrize("width", [390, 1440])


def section(page: Page, name: str) -> Locator:
    return page.locator(f"#section-{name}")


def opens(page: Page, name: str) -> Locator:
    return section(page, name).locator(".opens")


@SIZES
def test_a_section_is_edited_in_its_place_by_keyboard(join: Callable[..., Page], watch: Watch, width: int) -> None:
    watch.expected.append("422")
    page = join("ann", "Ann", "Ivanenko", viewport={"width": width, "height": 800})
    page.goto("/settings")
    opens(page, "profile").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("On a hike")
    page.keyboard.press("Escape")  # closes it, and takes nothing
    expect(opens(page, "profile")).to_be_focused()
    expect(section(page, "profile")).not_to_contain_text("On a hike")

    page.keyboard.press("Enter")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("On a hike")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+a")
    page.keyboard.type("a!")
    page.keyboard.press("Enter")
    expect(page.locator("#username")).to_be_focused()  # what is wrong
    expect(page.locator("#username-note")).to_contain_text("3 to 30 characters")
    expect(page.locator("#status")).to_have_value("On a hike")
    page.fill("#username", "anna")
    page.keyboard.press("Enter")
    expect(opens(page, "profile")).to_be_focused()
    expect(section(page, "profile")).to_contain_text("On a hike")
    expect(page.locator("#toasts")).to_contain_text("Your information is saved.")
    assert page.url.endswith("/settings")


def test_a_photo_is_asked_for_where_it_is_chosen(join: Callable[..., Page], watch: Watch) -> None:
    watch.expected.append("422")
    page = join("ann", "Ann", "Ivanenko")
    page.goto("/settings")
    section(page, "profile").get_by_role("link", name="Change photo").click()
    chooser = section(page, "profile").locator("[type=file]")
    expect(chooser).to_be_focused()
    section(page, "profile").get_by_role("button", name="Save").click()
    expect(page.locator("#avatar-note")).to_contain_text("Choose a picture first.")
    expect(chooser).to_be_focused()


def test_signing_by_hand_fits_the_smallest_phone(join: Callable[..., Page]) -> None:
    page = join("ann", "Ann", "Ivanenko", viewport={"width": 320, "height": 640})
    page.goto("/settings/signature")
    section(page, "signature").get_by_text("My handwritten signature").click()
    expect(page.locator(".pad canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@SIZES
def test_sections_open_one_beside_another_and_lose_nothing(join: Callable[..., Page], width: int) -> None:
    page = join("ann", "Ann", "Ivanenko", viewport={"width": width, "height": 800})
    page.goto("/settings")
    opens(page, "profile").click()
    page.fill("#bio", "Half a thought")
    opens(page, "personal").click()
    expect(page.locator("#first_name")).to_be_focused()
    page.fill("#birth_date", "1990-02-03")
    section(page, "personal").get_by_role("button", name="Save").click()
    expect(section(page, "personal")).to_contain_text("3 February 1990")
    expect(page.locator("#bio")).to_have_value("Half a thought")
    opens(page, "privacy").click()
    group = page.get_by_role("group", name="Who sees my date of birth")
    expect(page.get_by_role("group", name="Who sees my first and last name").get_by_label("Everyone")).to_be_focused()
    group.get_by_label("Only me").focus()
    page.keyboard.press("ArrowLeft")
    expect(group.get_by_label("Friends")).to_be_checked()
    section(page, "privacy").get_by_role("button", name="Save").click()
    expect(page.locator("#shown-birth_date_shown_to")).to_have_text("Friends")
    expect(page.locator("#shown-my-birth-date")).to_have_text("Friends")
    section(page, "profile").get_by_role("link", name="Cancel").click()
    expect(opens(page, "profile")).to_be_focused()


def test_the_menu_leads_to_sections_and_tells_where_one_is(join: Callable[..., Page]) -> None:
    page = join("ann", "Ann", "Ivanenko", viewport={"width": 1440, "height": 500})
    page.goto("/settings")
    menu = page.get_by_role("navigation", name="Settings")
    expect(menu.locator("[aria-current]")).to_have_text("Profile card")
    menu.get_by_role("link", name="Appearance").click()
    expect(section(page, "appearance")).to_be_in_viewport()
    expect(menu.locator("[aria-current]")).to_have_text("Appearance")


def test_letters_and_themes_are_chosen_by_a_press(join: Callable[..., Page]) -> None:
    page = join("ann", "Ann", "Ivanenko")
    page.goto("/settings")
    page.get_by_role("button", name="Largest").click()
    expect(page.locator("html")).to_have_attribute("data-text", "largest")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    expect(page.get_by_role("button", name="Largest")).to_have_attribute("aria-pressed", "true")
    expect(section(page, "appearance")).to_be_in_viewport()
    section(page, "appearance").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_who_is_still_writing_is_asked_before_the_page_goes(join: Callable[..., Page], watch: Watch) -> None:
    watch.expected.append("422")
    page = join("ann", "Ann", "Ivanenko")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/settings")
    opens(page, "profile").click()
    page.fill("#username", "a!")
    page.fill("#bio", "Written for long")
    page.get_by_role("button", name="Dark").last.click()
    page.wait_for_timeout(300)
    section(page, "profile").get_by_role("button", name="Save").click()
    expect(page.locator("#username-note")).to_contain_text("3 to 30 characters")
    page.get_by_role("button", name="Dark").last.click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] * 2
    page.fill("#username", "anna")
    section(page, "profile").get_by_role("button", name="Save").click()
    expect(section(page, "profile")).to_contain_text("Written for long")
    opens(page, "profile").click()
    page.get_by_role("button", name="Dark").last.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert asked == ["beforeunload"] * 2


def test_everything_is_set_without_scripts(join: Callable[..., Page], visit: Callable[..., Page], watch: Watch) -> None:
    watch.expected.append("422")
    signed_in = join("ann", "Ann", "Ivanenko")
    page = visit(java_script_enabled=False)
    page.context.add_cookies(signed_in.context.cookies())
    page.goto("/settings")
    opens(page, "profile").click()
    page.fill("#username", "x")
    page.fill("#bio", "Kept")
    section(page, "profile").get_by_role("button", name="Save").click()
    expect(page.locator("#username-note")).to_contain_text("3 to 30 characters")
    expect(page.locator("#bio")).to_have_value("Kept")
    page.fill("#username", "anna")
    section(page, "profile").get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Your information is saved.")
    expect(section(page, "profile")).to_contain_text("@anna")
    page.goto("/@ann/about")
    assert page.url.endswith("/@anna/about")
    page.goto("/settings")
    opens(page, "personal").click()
    section(page, "personal").get_by_role("link", name="Cancel").click()
    opens(page, "personal").click()
    page.fill("#birth_date", "1990-02-03")
    section(page, "personal").get_by_role("button", name="Save").click()
    opens(page, "privacy").click()
    page.get_by_role("group", name="Who sees my first and last name").get_by_label("Only me").check(force=True)
    section(page, "privacy").get_by_role("button", name="Save").click()
    expect(section(page, "privacy")).to_contain_text(re.compile("First and last name\\s*Only me"))
    page.get_by_role("button", name="Large", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-text", "large")
