"""The main job, by two people at once: sign up, meet, post and talk."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph of 12 megapixels, as phones make them."""
    path = tmp_path / "Фото з відпустки 🌊.jpg"
    noise = Image.effect_noise((504, 378), 60).resize((4032, 3024))
    Image.merge("RGB", [noise, noise.rotate(180), noise]).save(path, quality=85)
    return path


def test_two_people_sign_up_meet_post_and_talk(join: Callable[..., Page], photo: Path) -> None:
    ann = join("ann", "Ann", "Ivanenko")
    bob = join("bob", "Богдан", "Ґонта-Їжак")

    # Ann asks, and Bob's open page tells him; he answers, and Ann's tells her.
    ann.goto("/friends")
    ann.locator(".person", has_text="Богдан").get_by_role("button", name="Add").click()
    expect(bob.locator("#badge-requests")).to_be_visible()
    bob.goto("/friends")
    bob.locator(".person", has_text="Ann Ivanenko").get_by_role("button", name="Accept").click()
    expect(bob.locator("#badge-requests")).to_be_hidden()

    # Ann begins a post in the feed and finishes it in the form, with a photo that is uploaded at once.
    ann.goto("/")
    ann.get_by_label("What's on your mind?").fill("By the sea at last. See https://example.com/sea")
    ann.get_by_role("button", name="Continue to post").click()
    form = ann.locator("#post-form")
    expect(form.get_by_label("Text", exact=True)).to_have_value(re.compile("By the sea"))
    form.get_by_label("Title", exact=True).fill("Море <3")
    form.get_by_label("#nature").check(force=True)
    form.locator("#own-tags").fill("#Чорне_Море, summer")
    form.locator("input[type=file]").set_input_files(photo)
    expect(form.locator(".preview [name=image_ids]")).to_have_count(1)
    form.get_by_role("button", name="Publish").click()
    post = ann.locator(".post", has_text="Море <3")
    expect(post.locator("img")).to_be_visible()
    expect(post).to_contain_text("#чорне_море")

    # Bob sees it and likes it; Ann's page counts it at once. Having been seen, it counts his view.
    bob.goto("/")
    liked = bob.locator(".post", has_text="Море <3")
    liked.get_by_role("button", name="Like").click()
    expect(liked.get_by_role("button", name="Like", pressed=True)).to_be_visible()
    expect(liked.locator("[id^=like-count]")).to_have_text("1 like")
    expect(post.locator("[id^=like-count]")).to_have_text("1 like")
    expect(liked.locator("[id^=view-count]")).to_contain_text("2 views")
    liked.locator("a.picture").click()
    expect(bob.locator("#lightbox img")).to_be_visible()
    bob.keyboard.press("Escape")
    bob.wait_for_timeout(300)  # closing it is a step back

    # They talk, and each sees the other's words at once.
    bob.goto("/chats")
    bob.get_by_role("button", name="Ann Ivanenko").click()
    bob.wait_for_url(re.compile(r"/chats/\d+$"))
    bob.get_by_role("textbox", name="Message", exact=True).fill("Привіт! 🌊")
    bob.keyboard.press("Enter")
    expect(ann.locator("#badge-chats")).to_be_visible()
    ann.goto(bob.url)
    expect(ann.locator(".message", has_text="Привіт! 🌊")).to_be_visible()
    ann.get_by_role("textbox", name="Message", exact=True).fill("Hello yourself")
    ann.keyboard.press("Enter")
    expect(bob.locator(".message", has_text="Hello yourself")).to_be_visible()
    expect(ann.locator(".pending")).to_have_count(0)


def test_all_of_it_works_without_javascript(join: Callable[..., Page], photo: Path, watch: Watch) -> None:
    plain = {"java_script_enabled": False}
    ann = join("ann", "Ann", "Ivanenko", **plain)
    bob = join("bob", "Bob", "Marsh", **plain)

    ann.goto("/@bob")
    ann.get_by_role("button", name="Add").click()
    bob.goto("/friends/requests")
    bob.get_by_role("button", name="Accept").first.click()

    ann.goto("/")
    ann.fill("#composer-body", "Plain words")
    ann.get_by_role("button", name="Continue to post").click()
    ann.fill("[name=topic]", "No scripts")
    broken = photo.with_name("broken.png")
    broken.write_bytes(b"not a picture")
    ann.set_input_files("[name=images]", [photo, broken])
    ann.fill("[name=title]", "A post")
    watch.expected.append("422")
    ann.get_by_role("button", name="Publish").click()
    expect(ann.locator("#post-form")).to_contain_text("“broken.png” is not a picture we can read")
    expect(ann.locator("[name=body]")).to_have_value("Plain words")
    ann.get_by_role("button", name="Publish").click()
    expect(ann.locator(".post", has_text="A post").locator("img")).to_have_count(1)

    bob.goto("/")
    bob.get_by_role("button", name="Like").click()
    expect(bob.get_by_role("button", name="Like", pressed=True)).to_be_visible()
    expect(bob.get_by_role("link", name="1 like")).to_be_visible()
    expect(bob.locator(".post")).to_contain_text("2 views")  # Ann has seen it, too

    bob.goto("/chats")
    bob.get_by_role("button", name="Ann Ivanenko").click()
    bob.get_by_role("textbox", name="Message", exact=True).fill("Hello without scripts")
    bob.get_by_role("button", name="Send").click()
    ann.goto("/chats")
    expect(ann.locator(".chat-row")).to_contain_text("Hello without scripts")
    ann.locator(".chat-row").click()
    ann.fill("[name=body]", "Hello back")
    ann.get_by_role("button", name="Send").click()
    bob.get_by_role("link", name="Refresh").click()
    expect(bob.locator(".message", has_text="Hello back")).to_be_visible()
    bob.get_by_role("button", name="Log out").click()
    bob.wait_for_url(re.compile("/login"))
