"""Groups and the chats of two, as their members see them come, change and end; with pictures, and with what waits."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, expect_said, house, write  # noqa: F401 -- a fixture
from tests.browser.test_messenger import PHONE, SIZES, Size, message, olena, picture  # noqa: F401 -- a fixture
from tests.conftest import Person
from tests.talk import gather

FILE = """async ({selector, kind, count}) => {
  const carried = new DataTransfer();
  for (let number = 0; number < count; number++) {
    const canvas = Object.assign(document.createElement("canvas"), {width: 30 + number, height: 20});
    canvas.getContext("2d").fillRect(0, 0, 30, 20);
    const blob = await new Promise(done => canvas.toBlob(done));
    carried.items.add(new File([blob], `${number}.png`, {type: "image/png"}));
  }
  const what = kind === "paste" ? {clipboardData: carried} : {dataTransfer: carried};
  const event = kind === "paste" ? new ClipboardEvent(kind, {...what, bubbles: true, cancelable: true})
    : new DragEvent(kind, {...what, bubbles: true, cancelable: true});
  document.querySelector(selector).dispatchEvent(event);
}"""


def give(page: Page, kind: str, selector: str, count: int) -> None:
    """Drop or paste pictures."""
    page.evaluate(FILE, {"selector": selector, "kind": kind, "count": count})


def test_pictures_are_dropped_pasted_and_looked_at(house: House) -> None:  # noqa: F811
    ann, bob = house.page(house.ann), house.page(house.bob, **PHONE)
    give(ann, "dragover", ".log", 1)
    expect(ann.locator(".chat-pane.dropping")).to_have_count(1)
    give(ann, "drop", ".log", 4)
    give(ann, "paste", "#message-body", 3)
    expect(ann.locator(".preview[data-local]")).to_have_count(7)
    expect(ann.locator(".chat-pane.dropping")).to_have_count(0)
    give(ann, "drop", ".log", 5)
    expect(ann.locator(".preview[data-local]")).to_have_count(10)
    expect(ann.locator(".composer .message-note")).to_have_text("A message has ten pictures at most.")
    ann.get_by_role("button", name="Send").click()
    album = bob.locator(".message .gallery-10 .picture")
    expect(album).to_have_count(10)
    expect(ann.locator(".pending")).to_have_count(0)
    album.nth(2).tap()
    expect(bob.locator("#lightbox")).to_be_visible()
    expect(bob.locator(".lightbox-count")).to_have_text("3 / 10")
    bob.go_back()  # as one does on a phone
    expect(bob.locator("#lightbox")).to_be_hidden()
    expect(bob).to_have_url(re.compile(f"/chats/{house.chat}"))
    ann.locator(".message .picture").first.click()
    ann.keyboard.press("ArrowLeft")
    expect(ann.locator(".lightbox-count")).to_have_text("10 / 10")
    ann.keyboard.press("Escape")
    expect(ann.locator("#lightbox")).to_be_hidden()
    ann.wait_for_timeout(300)  # closing it is a step back
    ann.goto(f"/chats/{house.chat}/gallery")
    expect(ann.locator(".chat-gallery .picture")).to_have_count(10)


@SIZES
def test_a_chat_closes_and_opens_with_the_friendship(house: House, size: Size) -> None:  # noqa: F811
    ann, bob = house.page(house.ann, **size), house.page(house.bob, "/@ann", **size)
    ann.fill("#message-body", "half written")
    bob.get_by_role("button", name="Remove").click()
    place = ann.locator(f"#composer-{house.chat}")
    expect(place).to_contain_text("You are not friends any more, so you cannot write here.")
    expect(ann.locator(".chat-head [data-person]")).not_to_have_attribute("data-online", "")
    bob.get_by_role("button", name="Undo").click()
    expect(ann.locator("#message-body")).to_have_value("half written")
    write(ann, "half written")
    expect(message(ann, "half written")).to_be_visible()


@SIZES
def test_who_is_removed_and_added_again_goes_on_where_they_are(
    house: House,  # noqa: F811
    olena: Person,  # noqa: F811
    watch: Watch,
    size: Size,
) -> None:
    watch.expected.append("422")
    group = gather(house.app, house.ann, house.bob, olena)
    ann = house.page(house.ann, f"/chats/{group}/members/{olena.user_id}", **size)
    third = house.page(olena, f"/chats/{group}", **size)
    ann.get_by_text("Remove from the group").click()
    ann.get_by_label("Ban from the group").check()
    ann.get_by_role("button", name="Remove member").click()
    expect(third.locator(f"#composer-{group}")).to_have_attribute("data-closed", "")
    expect(third.locator(".chat-head .menu")).to_be_hidden()
    ann.goto(f"/chats/{group}")
    write(ann, "Not for everybody")
    expect_said(ann, ["Not for everybody"])
    ann.goto(f"/chats/{group}/members/new")
    ann.locator(".friend-choices label", has_text="Коваль").locator("input").check()
    ann.get_by_role("button", name="Add", exact=True).click()
    expect(ann.get_by_role("alert")).to_contain_text("Олена Коваль was banned from this group.")
    ann.goto(f"/chats/{group}/bans")
    ann.get_by_role("button", name="Lift the ban").click()
    ann.goto(f"/chats/{group}/members/new")
    ann.locator(".friend-choices label", has_text="Коваль").locator("input").check()
    ann.get_by_role("button", name="Add", exact=True).click()
    expect(third.locator("#message-body")).to_be_visible()
    ann.goto(f"/chats/{group}")
    write(ann, "Welcome back")
    expect(message(third, "Welcome back")).to_be_visible()
    write(third, "Дякую")
    expect(message(ann, "Дякую")).to_be_visible()


def test_a_mention_stands_in_the_row_at_once_and_a_screen_reader_hears_who_spoke(
    house: House,  # noqa: F811
    olena: Person,  # noqa: F811
) -> None:
    group = gather(house.app, house.ann, house.bob, olena)
    ann, bob, third = (
        house.page(house.ann, f"/chats/{group}"),
        house.page(house.bob, "/chats"),
        house.page(olena, f"/chats/{group}"),
    )
    expect(third.locator("#announcements")).to_be_empty()
    write(ann, "Ask @bob about it")
    expect(bob.locator(f"#chat-{group} .pill-named")).to_have_text("@")
    expect(bob.locator(f"#chat-{group} .pill .unseen")).to_have_text("Unread messages: 2")
    expect(third.locator("#announcements")).to_have_text("Ann Ivanenko: Ask @bob about it")
    expect(third.locator(f"#chat-{group} .pill-named")).to_have_count(0)


def test_what_waits_in_a_composer_outlives_the_tab(house: House) -> None:  # noqa: F811
    house.bob.post(f"/chats/{house.chat}/messages", data={"body": "A question"})
    ann = house.page(house.ann)
    message(ann, "A question").hover()
    message(ann, "A question").locator(".message-more").click()
    ann.locator("#message-menu [data-reply]").click()
    ann.keyboard.type("An answ")
    again = ann.context.new_page()
    ann.close(run_before_unload=False)
    again.goto(f"/chats/{house.chat}")
    expect(again.locator("[data-answered]")).to_contain_text("A question")
    expect(again.locator("#message-body")).to_have_value("An answ")
    again.keyboard.type("er")
    again.keyboard.press("Enter")
    expect(message(again, "An answer").locator(".quote")).to_contain_text("A question")
    again.reload()
    expect(again.locator("[data-answered]")).to_be_hidden()
    again.fill("#message-body", "x" * 4000)
    expect(again.locator("[data-counter]")).to_have_text("96")


def test_groups_are_lived_with_without_scripts(house: House, olena: Person) -> None:  # noqa: F811
    group = gather(house.app, house.ann, house.bob, olena)
    ann, bob = (house.page(one, f"/chats/{group}", java_script_enabled=False) for one in (house.ann, house.bob))
    bob.locator("[name=images]").set_input_files([picture("one.png"), picture("two.png", "plum")])
    bob.get_by_role("button", name="Send").click()
    expect(bob.locator(".message .picture")).to_have_count(2)
    ann.goto(f"/chats/{group}/members/{house.bob.user_id}")
    ann.get_by_role("button", name="Make an admin").click()
    expect(ann.locator(f"#member-{house.bob.user_id}")).to_contain_text("Admin")
    bob.goto(f"/chats/{group}/members/{olena.user_id}")
    bob.get_by_text("Remove from the group").click()
    bob.get_by_role("button", name="Remove member").click()
    expect(bob.locator(".member-count").first).to_have_text("2 members")
    ann.goto(f"/chats/{group}/leave")
    expect(ann.get_by_text("Hand it over to another member")).to_be_visible()
    ann.goto(f"/chats/{group}/members/{house.bob.user_id}")
    ann.get_by_text("Transfer ownership").first.click()
    ann.get_by_role("button", name="Transfer ownership").click()
    ann.goto(f"/chats/{group}")
    ann.locator("#chat-options > summary").click()
    for name in ("Mark as unread", "Archive chat"):
        ann.goto(f"/chats/{group}")
        ann.locator("#chat-options > summary").click()
        ann.get_by_role("button", name=name, exact=True).click()
    ann.get_by_role("link", name="Archive (1)").click()
    ann.locator(f"[data-inbox=archive] #chat-{group}").click()
    ann.locator("#chat-options > summary").click()
    ann.locator("#jump-day").fill("2020-01-01")
    ann.get_by_role("button", name="Go").click()
    expect(ann).to_have_url(re.compile(r"\?at=1#place$"))
    ann.goto(f"/chats/{group}/leave")
    ann.get_by_role("button", name="Leave the group").click()
    expect(ann.locator("#toasts, .flash, main").first).to_be_visible()
    expect(ann.locator(f"#chat-{group}")).to_have_count(0)
    bob.goto(f"/chats/{group}/leave")
    bob.get_by_role("button", name="Delete group").click()
    expect(bob.locator(f"#chat-{group}")).to_have_count(0)
