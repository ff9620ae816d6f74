"""Somebody deletes their account, is not there any more, changes their mind, and is back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Watch, make_friends
from tests.servers import Server


def test_leaving_and_coming_back(join: Callable[..., Page], server: Server, watch: Watch) -> None:
    watch.expected.append("settings/leaving|422")
    watch.expected.append("@ann|404")
    bob = join("bob", "Bob", "Petrenko")  # the first one, who looks after the instance and could not leave
    ann = join("ann", "Ann", "Ivanenko")
    make_friends(ann, bob, "bob")
    ann.goto("/friends")
    ann.get_by_role("button", name="Message").first.click()
    ann.wait_for_url(re.compile(r"/chats/\d+$"))
    ann.get_by_role("textbox", name="Message", exact=True).fill("See you")
    ann.keyboard.press("Enter")
    bob.goto(ann.url)
    expect(bob.locator(".message", has_text="See you")).to_be_visible()

    ann.goto("/settings")
    section = ann.locator("#section-leaving")
    section.get_by_role("link", name="Delete my account").click()
    section.get_by_label("Password").fill("not mine at all")
    section.get_by_role("button", name="Delete my account").click()
    expect(section).to_contain_text("This is not your password.")
    section.get_by_label("Password").fill(PASSWORD)
    section.get_by_role("button", name="Delete my account").click()
    ann.wait_for_url(re.compile(r"/login(\?|$)"))
    expect(ann.locator("body")).to_contain_text("Your account is going to be deleted on")

    # Bob's open page knows at once.
    expect(bob.locator(".composer-closed")).to_contain_text("This person has deleted their account")
    there = bob.url
    bob.goto("/@ann")
    expect(bob.locator("body")).to_contain_text("Nothing here")
    bob.goto(there)

    ann.get_by_label("E-mail").fill("ann@example.com")
    ann.get_by_label("Password").fill(PASSWORD)
    ann.get_by_role("button", name="Log in").click()
    ann.wait_for_url("**/leaving")
    ann.goto("/friends")
    ann.wait_for_url("**/leaving")
    ann.get_by_role("button", name="Keep my account").click()
    ann.wait_for_url(f"{server.url}/")
    expect(ann.locator("body")).to_contain_text("Everything is as it was.")
    expect(bob.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    bob.get_by_role("textbox", name="Message", exact=True).fill("Welcome back")
    bob.keyboard.press("Enter")
    ann.goto(there)
    expect(ann.locator(".message", has_text="Welcome back")).to_be_visible()
