"""People find one another, look at one another's pages, and keep one another away."""

import re

from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import User
from tests.browser.conftest import Watch
from tests.browser.test_chat import House, expect_said, house, write  # noqa: F401 -- a fixture
from tests.browser.test_messenger import SIZES, Size, message, olena, picture  # noqa: F401 -- a fixture
from tests.conftest import PASSWORD_HASH, Person
from tests.talk import befriend, gather


def publish(page: Page, title: str, *pictures: str) -> None:
    """Publish a post with pictures by its form."""
    page.goto("/posts/new")
    page.fill("[name=title]", title)
    page.fill("[name=body]", f"About {title}")
    if pictures:
        page.locator("[name=images]").set_input_files([picture(name) for name in pictures])
        expect(page.locator(".preview [name=image_ids]")).to_have_count(len(pictures))
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile(r"/posts/\d+$"))
    expect(page.locator(".post .picture")).to_have_count(len(pictures))


def newcomers(house: House, *names: str) -> list[Person]:  # noqa: F811
    """Let people join; they return as browsers in which nobody is signed in."""
    people = []
    with house.app.app_context():
        for name in names:
            user = User(email=f"{name}@example.com", password_hash=PASSWORD_HASH, language="en")
            user.name_themselves(name.capitalize(), "Newcomer", name)
            db.session.add(user)
            db.session.commit()
            client = house.app.test_client()
            assert isinstance(client, Person)
            client.user_id = user.id
            people.append(client)
    return people


@SIZES
def test_who_is_blocked_loses_what_is_open_and_gets_it_back(
    house: House,  # noqa: F811
    watch: Watch,
    size: Size,
) -> None:
    watch.expected.append("404")  # the page of somebody who is not there any more asks once for what is new
    post = house.ann.post("/posts", data={"title": "Of ann", "body": "Words", "client_id": "1"})
    assert post.status_code == 303
    bob, beside, feed, page_of_ann = (house.page(house.bob, path, **size) for path in ("", "/chats", "/", "/@ann"))
    ann = house.page(house.ann, "", **size)
    write(ann, "Before")
    expect_said(bob, ["Before"])
    expect(beside.locator(f"#chat-{house.chat}")).to_be_visible()
    expect(feed.locator(".post")).to_have_count(1)
    ann.goto("/@bob")
    ann.locator(".profile-deeds summary").first.click()
    ann.get_by_text("Block…").click()
    ann.get_by_role("button", name="Block").click()
    expect(ann).to_have_url(re.compile("/friends$"))
    expect(ann.locator(".toast")).to_contain_text("Богдан Ґонта is blocked.")
    expect(bob.locator(f"#composer-{house.chat}")).to_contain_text("This chat is not there any more.")
    expect(message(bob, "Before")).to_be_hidden()
    expect(bob.locator("#chat-title")).to_be_hidden()
    expect(beside.locator(f"#chat-{house.chat}")).to_have_count(0)
    expect(beside.locator(f"#contact-{house.ann.user_id}")).to_have_count(0)
    expect(beside.locator("#badge-chats")).to_be_hidden()
    expect(feed.locator(".post")).to_have_count(0)
    expect(page_of_ann.locator(".post")).to_have_count(0)
    page_of_ann.get_by_role("link", name="About").click()
    expect(page_of_ann.get_by_role("heading", name="Nothing here")).to_be_visible()
    ann.get_by_role("button", name="Undo").click()
    expect(beside.locator(f"#chat-{house.chat}")).to_contain_text("Before")
    expect(message(bob, "Before")).to_be_visible()
    expect(bob.locator(f"#composer-{house.chat}")).to_contain_text("You are not friends any more")
    page_of_ann.goto("/@ann")
    with page_of_ann.expect_response(lambda answer: answer.request.method == "POST"):
        page_of_ann.get_by_role("button", name="Add to friends").click()
    ann.goto("/friends/requests")
    ann.get_by_role("button", name="Accept").click()
    expect(bob.locator("#message-body")).to_be_visible()
    write(bob, "After")
    ann.goto(f"/chats/{house.chat}")
    expect_said(ann, ["Before", "After"])
    write(ann, "Welcome back")
    expect_said(bob, ["Before", "After", "Welcome back"])


def test_people_are_suggested_for_a_reason_and_friends_are_found(
    house: House,  # noqa: F811
    olena: Person,  # noqa: F811
) -> None:
    mutual, grouped, _stranger = newcomers(house, "mutual", "grouped", "stranger")
    befriend(house.app, house.bob, mutual)
    befriend(house.app, olena, mutual)
    befriend(house.app, olena, grouped)
    gather(house.app, olena, house.ann, grouped, name="Hikers")
    ann = house.page(house.ann, "/friends/suggestions")
    cards = ann.locator(".person")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("Mutual Newcomer")
    expect(cards.nth(0).locator(".faces .avatar")).to_have_count(2)
    expect(cards.nth(1)).to_contain_text("You are both in Hikers")
    expect(cards.nth(1)).to_contain_text("1 friend in common")
    expect(cards.nth(2)).to_contain_text("Stranger Newcomer")
    ann.get_by_role("link", name="2 friends in common").click()
    expect(ann.locator(".person-rows .row")).to_have_count(2)
    expect(ann.get_by_label("In common with you")).to_be_checked()

    ann.goto("/friends/all")
    expect(cards).to_have_count(2)
    ann.fill("#people-search", "коваль")
    expect(cards).to_have_count(1)
    bob = house.page(house.bob, "/@ann")
    bob.get_by_role("button", name="Remove").click()
    expect(ann.locator("#count-friends")).to_have_text("1")
    expect(cards).to_have_count(1)  # as it was searched for
    bob.get_by_role("button", name="Undo").click()
    expect(ann.locator("#count-friends")).to_have_text("2")
    expect(cards).to_have_count(1)
    ann.fill("#people-search", "nobody at all")
    expect(ann.get_by_text("Nobody among your friends is called that.")).to_be_visible()
    ann.fill("#people-search", "")
    expect(cards).to_have_count(2)
    ann.get_by_text("Online now").click()
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("Ґонта")
    expect(ann.locator(".person [data-online]")).to_have_count(1)
    bob.goto("about:blank")
    expect(ann.locator(".person [data-online]")).to_have_count(0)


@SIZES
def test_the_tabs_of_a_persons_page(house: House, size: Size) -> None:  # noqa: F811
    bob = house.page(house.bob, "/settings/profile", **size)
    bob.fill("#bio", "x" * 450)
    expect(bob.locator("#bio-left")).to_have_text("50 left")
    bob.fill("#bio", "I know @ann, and https://example.com")
    expect(bob.locator("#bio-left")).to_be_hidden()
    bob.locator("#section-profile").get_by_role("button", name="Save").click()
    expect(bob.locator(".toast")).to_contain_text("Your information is saved.")
    publish(bob, "Mountains", "one.png", "two.png")
    publish(bob, "Sea", "three.png")
    ann = house.page(house.ann, "/@bob", **size)
    expect(ann.locator(".profile-head .bio a")).to_have_count(2)
    expect(ann.locator(".signature").first).to_have_text("Богдан Ґонта")
    expect(ann.get_by_role("link", name="Posts", exact=True)).to_have_attribute("aria-current", "page")
    ann.locator(".stats summary").focus()
    ann.keyboard.press("Enter")
    expect(ann.get_by_text("seen at least one of these posts")).to_be_visible()
    ann.keyboard.press("Escape")
    ann.get_by_role("link", name="Albums").click()
    expect(ann.locator(".tile")).to_have_count(3)
    expect(ann.locator(".tile").first).to_contain_text("Sea")
    ann.locator(".tile .picture").nth(1).click()
    expect(ann.locator(".lightbox-count")).to_have_text("2 / 3")
    ann.get_by_role("link", name="Show the post").click()
    expect(ann.locator(".post-title")).to_have_text("Mountains")
    ann.goto("/@bob")
    ann.locator(".person-tabs").get_by_role("link", name="Friends").click()
    expect(ann.locator(".person-rows .row")).to_have_count(1)
    ann.locator(".person-tabs").get_by_role("link", name="About").click()
    expect(ann.locator(".facts")).to_contain_text("Joined")


def test_people_are_lived_with_without_scripts(
    house: House,  # noqa: F811
    olena: Person,  # noqa: F811
    watch: Watch,
) -> None:
    watch.expected.append("404")
    ann = house.page(house.ann, "/friends/all", java_script_enabled=False)
    expect(ann.locator(".person")).to_have_count(2)
    ann.fill("#people-search", "коваль")
    ann.get_by_role("button", name="Show").click()
    expect(ann.locator(".person")).to_have_count(1)
    ann.goto("/@bob")
    for name in ("Albums", "Friends", "About", "Posts"):
        ann.locator(".person-tabs").get_by_role("link", name=name).click()
        expect(ann.locator(".person-tabs [aria-current]")).to_have_text(name)
    ann.locator(".stats summary").click()
    expect(ann.get_by_text("seen at least one of these posts")).to_be_visible()
    ann.goto("/@bob")
    ann.locator(".profile-deeds summary").first.click()
    ann.get_by_text("Block…").click()
    ann.get_by_role("button", name="Block").click()
    expect(ann.locator(".toast")).to_contain_text("is blocked.")
    ann.goto(f"/chats/{house.chat}")
    expect(ann.get_by_role("heading", name="Nothing here")).to_be_visible()
    ann.goto("/settings")
    ann.get_by_role("link", name="Blocked people").first.click()
    ann.get_by_role("button", name="Unblock").click()
    expect(ann.get_by_text("You have blocked nobody.")).to_be_visible()
    ann.goto("/@bob")
    expect(ann.get_by_role("button", name="Add to friends")).to_be_visible()
