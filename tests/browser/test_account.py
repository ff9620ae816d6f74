"""Passwords, addresses and devices, in browsers that are open at the same time; with scripts and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Watch, code_for
from tests.servers import Server

NEW = "a fine day in May"


def log_in(page: Page, email: str = "ann@example.com", password: str = PASSWORD) -> None:
    page.goto("/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Log in").click()


def type_code(page: Page, section: str, code: str) -> None:
    """Give the code as its letter is copied, and confirm."""
    box = page.locator(f"{section} .code-boxes input:not([type=hidden])").first
    expect(box).to_be_focused()
    page.keyboard.type(code)
    page.locator(section).get_by_role("button", name="Confirm").click()


def link_for(page: Page, server: Server, email: str) -> str:
    """Return the link of the newest letter to an address."""
    for _ in range(200):
        for letter in reversed(server.letters()):
            if letter.startswith(email) and (match := re.search(r"/password/reset/\S+", letter)):
                return match[0]
        page.wait_for_timeout(50)
    raise AssertionError("no letter came")


def test_who_changes_the_password_stays_and_every_other_browser_is_sent_to_login(
    join: Callable[..., Page], visit: Callable[..., Page], server: Server, watch: Watch
) -> None:
    watch.expected.append("422")
    ann, phone = join("ann", "Ann", "Ivanenko"), visit(viewport={"width": 390, "height": 844})
    log_in(phone)
    phone.wait_for_url(f"{server.url}/")
    phone.goto("/chats")
    ann.goto("/settings")
    section = ann.locator("#section-password")
    section.get_by_role("link", name="Change password").click()
    section.get_by_label("Current password").fill("wrong password")
    section.get_by_label("New password").fill(NEW)
    section.get_by_label("Confirm password").fill(NEW)
    section.get_by_role("button", name="Send the code").click()
    expect(section).to_contain_text("This is not your password.")
    for label, password in (("Current password", PASSWORD), ("New password", NEW), ("Confirm password", NEW)):
        expect(section.get_by_label(label)).to_have_value("")
        section.get_by_label(label).fill(password)
    section.get_by_role("button", name="Send the code").click()
    expect(section).to_contain_text("We sent a 6-digit code to ann@example.com")
    type_code(ann, "#section-password", code_for(ann, server, "ann@example.com"))
    expect(ann.locator("#toasts")).to_contain_text("Your password is changed")
    expect(ann.locator("#section-sessions .row")).to_have_count(1)
    phone.wait_for_url("**/login?next=/chats", timeout=5_000)
    log_in(phone)
    expect(phone.locator("#login-form")).to_contain_text("Wrong e-mail or password")
    log_in(phone, password=NEW)
    phone.wait_for_url(f"{server.url}/")
    ann.reload()
    expect(ann.locator("#section-sessions .row")).to_have_count(2)


def test_a_device_is_ended_from_another_and_its_tab_leaves(
    join: Callable[..., Page], visit: Callable[..., Page], server: Server
) -> None:
    ann, phone, tablet = join("ann", "Ann", "Ivanenko"), visit(), visit()
    for device in (phone, tablet):
        log_in(device)
        device.wait_for_url(f"{server.url}/")
    ann.goto("/settings")
    rows = ann.locator("#section-sessions .row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Chrome on Linux")
    expect(rows.first).to_contain_text("This device")
    rows.nth(1).get_by_role("button", name="End").press("Enter")
    expect(rows).to_have_count(2)
    expect(ann.locator("#section-sessions")).to_be_focused()
    tablet.wait_for_url("**/login?next=/", timeout=5_000)
    ann.get_by_role("button", name="End all others").press("Enter")
    expect(rows).to_have_count(1)
    expect(ann.locator("#section-sessions")).to_be_focused()
    phone.wait_for_url("**/login?next=/", timeout=5_000)
    expect(ann.get_by_role("button", name="End all others")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_who_forgot_the_password_comes_back_in(
    join: Callable[..., Page], visit: Callable[..., Page], server: Server, watch: Watch, scripts: bool
) -> None:
    watch.expected.append("410")
    ann = join("ann", "Ann", "Ivanenko")
    visitor = visit(java_script_enabled=scripts)
    visitor.goto("/login")
    visitor.get_by_role("link", name="Forgot your password?").click()
    visitor.fill("[name=email]", "Ann@example.com")
    visitor.get_by_role("button", name="Send the link").click()
    expect(visitor.locator("h1")).to_have_text("Look into your mailbox")
    link = link_for(visitor, server, "ann@example.com")
    visitor.goto(link)
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.get_by_label("New password").fill(NEW)
    visitor.get_by_label("Confirm password").fill(NEW)
    visitor.get_by_role("button", name="Change password").click()
    visitor.wait_for_url("**/login")
    expect(visitor.locator("#toasts")).to_contain_text("Log in with it.")
    assert all(url.startswith(server.url) for url in asked)
    ann.wait_for_url("**/login**", timeout=5_000)
    log_in(visitor, password=NEW)
    visitor.wait_for_url(f"{server.url}/")
    visitor.goto(link)
    expect(visitor.locator("h1")).to_have_text("This link no longer works")
    visitor.get_by_role("link", name="Ask for a new link").click()
    visitor.wait_for_url("**/password/forgot")


@pytest.mark.parametrize("scripts", [True, False])
def test_another_address_is_taken(
    join: Callable[..., Page], visit: Callable[..., Page], server: Server, watch: Watch, scripts: bool
) -> None:
    watch.expected.append("422")
    join("ann", "Ann", "Ivanenko")
    page = visit(java_script_enabled=scripts)
    log_in(page)
    page.wait_for_url(f"{server.url}/")
    page.goto("/settings")
    section = page.locator("#section-email")
    section.get_by_role("link", name="Change e-mail").click()
    section.get_by_label("New e-mail").fill("mistyped@example.org")
    section.get_by_label("Current password").fill(PASSWORD)
    section.get_by_role("button", name="Send the code").click()
    expect(section).to_contain_text("We sent a 6-digit code to mistyped@example.org")
    section.get_by_role("button", name="Use another address").click()
    section.get_by_label("New e-mail").fill("new@example.org")
    section.get_by_label("Current password").fill("wrong password")
    section.get_by_role("button", name="Send the code").click()
    expect(section).to_contain_text("This is not your password.")
    expect(section.get_by_label("New e-mail")).to_have_value("new@example.org")
    section.get_by_label("Current password").fill(PASSWORD)
    section.get_by_role("button", name="Send the code").click()
    expect(section).to_contain_text("We sent a 6-digit code to new@example.org")
    code = code_for(page, server, "new@example.org")
    if scripts:
        type_code(page, "#section-email", code)
    else:
        section.get_by_label("Confirmation code").fill(code)
        section.get_by_role("button", name="Confirm").click()
    expect(section).to_contain_text("new@example.org")
    expect(section.get_by_role("link", name="Change e-mail")).to_be_visible()
