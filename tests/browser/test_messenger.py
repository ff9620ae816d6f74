"""What people do with messages and groups, two and three of them at once, by mouse, by keyboard and without scripts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import insert, update

from app.extensions import db
from app.models import Chat, Message, User
from app.models.columns import now
from tests.browser.conftest import Watch
from tests.browser.test_chat import House, expect_said, house, write  # noqa: F401 -- a fixture
from tests.conftest import PASSWORD_HASH, Person, sign_in
from tests.photos import photo
from tests.talk import befriend, fill, gather, said_in


@pytest.fixture
def olena(house: House) -> Iterator[Person]:  # noqa: F811
    """A third one, a friend of both."""
    app = house.app
    with app.app_context():
        user = User(email="olena@example.com", password_hash=PASSWORD_HASH, language="uk")
        user.name_themselves("Олена", "Коваль", "olena")
        db.session.add(user)
        db.session.commit()
        client = app.test_client()
        assert isinstance(client, Person)
        client.user_id = user.id
    sign_in(app, client, client.user_id)
    befriend(app, house.ann, client)
    befriend(app, house.bob, client)
    yield client


def message(page: Page, words: str) -> Locator:
    return page.locator(".log .message[data-seq]", has_text=words)


Size = dict[str, Any]
PHONE: Size = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def hold(page: Page, one: Locator) -> None:
    """Lay a finger on a message and keep it there, once the page has come to rest."""
    page.wait_for_timeout(300)
    one.locator(".bubble").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})


def menu(page: Page, words: str) -> None:
    """Open a message's menu: as a mouse does, or as a finger that is held on it."""
    one = page.locator(".log .message[data-seq]", has_text=words).first
    if page.evaluate("matchMedia('(hover: none)').matches"):
        hold(page, one)
    else:
        one.hover()
        one.locator(".message-more").click()
    expect(page.locator("#message-menu")).to_be_visible()
    page.evaluate("document.dispatchEvent(new PointerEvent('pointerdown'))")  # another touch begins


def picture(name: str, colour: str = "teal") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": photo(colour).read()}


@SIZES
def test_a_message_is_answered_changed_reacted_to_pinned_and_deleted(house: House, size: Size) -> None:  # noqa: F811
    ann, bob = house.page(house.ann, **size), house.page(house.bob, **size)
    write(ann, "Shall we meet at five?")
    expect(message(bob, "five")).to_be_visible()
    menu(bob, "five")
    bob.locator("#message-menu [data-reply]").click()
    expect(bob.locator("[data-answered]")).to_contain_text("Shall we meet")
    write(bob, "Yes, gladly")
    expect(message(ann, "gladly").locator(".quote")).to_contain_text("Shall we meet at five?")
    expect(bob.locator("[data-answered]")).to_be_hidden()
    menu(ann, "Shall we meet")
    ann.locator("#message-menu [data-edit-message]").click()
    expect(ann.locator("#message-body")).to_have_value("Shall we meet at five?")
    write(ann, "Shall we meet at six?")
    expect(ann.locator("#message-body")).to_have_value("")
    for page in (ann, bob):
        expect(message(page, "gladly").locator(".quote")).to_contain_text("at six?")
        expect(page.locator(".message[data-seq='1']")).to_contain_text("edited")
    menu(bob, "six?")
    bob.get_by_role("button", name="React with 👍").click()
    for page in (ann, bob):
        expect(page.locator(".reaction")).to_have_text(re.compile("👍 1"))
    expect(bob.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    expect(ann.locator(".reaction")).to_have_attribute("aria-pressed", "false")
    ann.locator(".reaction").click()
    expect(bob.locator(".reaction")).to_have_text(re.compile("👍 2"))
    bob.locator(".reaction").click()  # one's own is taken away
    expect(ann.locator(".reaction")).to_have_text(re.compile("👍 1"))
    menu(ann, "gladly")
    ann.get_by_role("button", name="Pin", exact=True).click()
    expect(bob.locator(".pins")).to_contain_text("gladly")
    expect(bob.locator(".message[data-face=system]")).to_contain_text("pinned a message")
    menu(bob, "Yes, gladly")
    bob.get_by_text("Delete…").click()
    bob.get_by_role("button", name="Delete for everyone").click()
    for page in (ann, bob):
        expect(page.locator(".message[data-seq='2']")).to_contain_text("Message deleted")
        expect(page.locator(".pins")).to_be_hidden()
    menu(bob, "six?")
    bob.get_by_text("Delete…").click()
    bob.get_by_role("button", name="Delete for me").click()
    expect(bob.locator(".message[data-seq='1']")).to_have_count(0)
    expect(ann.locator(".message[data-seq='1']")).to_be_visible()
    bob.reload()
    expect(bob.locator(".message[data-seq='1']")).to_have_count(0)


def test_escape_and_arrow_up_in_the_composer(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann)
    write(ann, "The first")
    expect_said(ann, ["The first"])
    ann.press("#message-body", "ArrowUp")
    expect(ann.locator("#message-body")).to_have_value("The first")
    ann.press("#message-body", "Escape")
    expect(ann.locator("#message-body")).to_have_value("")
    ann.fill("#message-body", "half written")
    menu(ann, "The first")
    ann.locator("#message-menu [data-edit-message]").click()
    ann.press("#message-body", "Escape")
    expect(ann.locator("#message-body")).to_have_value("half written")
    ann.reload()
    expect(ann.locator("#message-body")).to_have_value("half written")
    inbox = house.page(house.ann, "/")  # another browser: drafts stay in the one they were written in
    expect(inbox.locator(".row-draft")).to_have_count(0)
    ann.goto("/chats")
    expect(ann.locator(".row-draft")).to_contain_text("half written")


def test_pictures_go_one_by_one_and_wait_without_network(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    ann, bob = house.page(house.ann), house.page(house.bob)
    files = ann.locator("[data-composer] [name=images]")
    files.set_input_files([picture("a.png", "red"), picture("b.png", "green"), picture("c.png", "blue")])
    expect(ann.locator(".preview[data-local]")).to_have_count(3)
    ann.locator(".preview[data-local] [data-remove]").nth(1).click()
    ann.get_by_role("button", name="Send").click()
    expect(bob.locator(".message .picture")).to_have_count(2)
    ann.context.set_offline(True)
    files.set_input_files([picture("d.png", "plum")])
    write(ann, "With a picture")
    write(ann, "And words")
    expect(ann.locator(".pending")).to_have_count(2)
    expect(ann.locator(".pending").get_by_role("button", name="Not sent")).to_have_count(2)
    ann.context.set_offline(False)
    expect_said(bob, ["With a picture", "And words"])
    expect(message(bob, "With a picture").locator(".picture")).to_have_count(1)
    assert [len(one.client_id) for one in said_in(house.app, house.chat)] == [32, 32, 32]


def test_the_line_at_what_is_unread(house: House) -> None:  # noqa: F811
    fill(house.app, house.chat, house.bob, 200)
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": 100})
    ann, elsewhere = house.page(house.ann), house.page(house.ann, "/")
    expect(ann.locator(".unread-line")).to_be_in_viewport()
    expect(ann.locator("[data-to-newest]")).to_be_visible()

    def unread() -> int:
        return int(elsewhere.locator("#badge-chats").get_attribute("data-count") or 0)

    expect(elsewhere.locator("#badge-chats")).not_to_have_attribute("data-count", "100")
    before = unread()
    assert 70 < before < 100  # what has come into view is read, and nothing else
    ann.mouse.move(*middle(ann))
    ann.mouse.wheel(0, 1500)
    expect(elsewhere.locator("#badge-chats")).not_to_have_attribute("data-count", str(before))
    elsewhere.wait_for_timeout(1500)
    told = unread()
    elsewhere.reload()
    assert unread() == told < before
    ann.locator("[data-to-newest]").click()
    expect(ann.locator(".message[data-seq='200']")).to_be_in_viewport()
    expect(elsewhere.locator("#badge-chats")).to_be_hidden()


LONG = 100_000


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".log").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_long_history_is_read_in_both_directions(house: House) -> None:  # noqa: F811
    with house.app.app_context():
        place = {"chat_id": house.chat, "kind": "said", "sent_at": now()}
        rows = [
            {**place, "seq": seq, "revision": seq, "author_id": (house.ann, house.bob)[seq % 2].user_id}
            | {"client_id": f"long-{seq}", "body": f"Line {seq} " + "word " * (seq % 40)}
            for seq in range(1, LONG + 1)
        ]
        db.session.execute(insert(Message), rows)
        db.session.execute(update(Chat).where(Chat.id == house.chat).values(last_seq=LONG, last_revision=LONG))
        db.session.commit()
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": LONG})
    ann = house.page(house.ann)
    expect(ann.locator(f".message[data-seq='{LONG}']")).to_be_in_viewport()
    ann.mouse.move(*middle(ann))

    def places() -> list[int]:
        seqs = "all => all.map(one => Number(one.dataset.seq))"
        found: list[int] = ann.eval_on_selector_all(".message[data-seq]", seqs)
        assert found == list(range(found[0], found[-1] + 1)) and len(found) <= 350
        return found

    for _ in range(30):
        ann.mouse.wheel(0, -2500)
        ann.wait_for_timeout(60)
        places()
    expect(ann.locator(".newer")).to_have_count(1)
    top = places()[0]
    assert top < LONG - 400
    for _ in range(12):
        ann.mouse.wheel(0, 2500)
        ann.wait_for_timeout(60)
        places()
    ann.wait_for_timeout(600)  # the address follows when the scrolling rests
    assert re.search(r"\?at=\d+$", ann.url)
    first = "document.elementFromPoint(innerWidth / 2, 200).closest('.message')?.dataset.seq"
    here = ann.evaluate(first)
    ann.reload()
    expect(ann.locator(f".message[data-seq='{here}']")).to_be_in_viewport()
    ann.goto("/friends")
    ann.go_back()
    expect(ann.locator(f".message[data-seq='{here}']")).to_be_in_viewport()
    ann.goto(f"/chats/{house.chat}?at=50000")
    expect(ann.locator(".message[data-seq='50000']")).to_be_in_viewport()
    ann.goto(f"/chats/{house.chat}/search?q=line+98765")
    ann.get_by_role("link", name="Show in the chat").first.click()
    expect(ann.locator(".message[data-seq='98765']")).to_be_in_viewport()
    expect(ann.locator(".message[data-seq='98765']")).to_have_class(re.compile("pointed"))
    write(house.page(house.bob), "Something new")
    expect(ann.locator("[data-to-newest] .badge")).to_have_text("1")
    ann.locator("[data-to-newest]").click()
    expect(message(ann, "Something new")).to_be_in_viewport()


@SIZES
def test_who_is_here_types_and_has_read(house: House, size: Size) -> None:  # noqa: F811
    ann = house.page(house.ann, **size)
    face = ann.locator(f".chat-head [data-person='{house.bob.user_id}']")
    expect(face).not_to_have_attribute("data-online", "")
    bob = house.page(house.bob, **size)
    expect(face).to_have_attribute("data-online", "")
    expect(ann.locator(".last-seen")).to_have_text("online")
    bob.locator("#message-body").press_sequentially("Wri")
    expect(ann.locator("[data-typing-note]")).to_have_text("Богдан is typing…")
    write(ann, "Read this")
    expect(ann.locator(".message.read")).to_have_count(1)
    bob.context.close()
    expect(ann.locator(".last-seen")).to_contain_text("last seen")
    expect(face).not_to_have_attribute("data-online", "")
    write(ann, "And this")
    expect_said(ann, ["Read this", "And this"])
    expect(ann.locator(".message.read")).to_have_count(1)


def test_members_are_named_by_keyboard(house: House, olena: Person) -> None:  # noqa: F811
    group = gather(house.app, house.ann, house.bob, olena)
    ann = house.page(house.ann, f"/chats/{group}")
    ann.locator("#message-body").press_sequentially("Ask @ол")
    expect(ann.locator(".mention-list [role=option]")).to_have_count(1)
    ann.keyboard.press("Enter")
    expect(ann.locator("#message-body")).to_have_value("Ask @olena ")
    ann.keyboard.type("or @")
    expect(ann.locator(".mention-list [role=option]")).to_have_count(2)
    ann.locator(".mention-list [role=option]", has_text="Ґонта").click()
    expect(ann.locator("#message-body")).to_have_value("Ask @olena or @bob ")
    ann.keyboard.press("Enter")
    expect(message(ann, "Ask").locator(".mention")).to_have_count(2)


@SIZES
def test_a_group_from_its_making_to_its_end(house: House, olena: Person, size: Size) -> None:  # noqa: F811
    ann = house.page(house.ann, "/chats/new", **size)
    bob, third = (house.page(one, "/chats", **size) for one in (house.bob, olena))
    ann.get_by_label("Search friends").press_sequentially("ол")
    expect(ann.locator(".friend-choices label")).to_have_count(1)
    ann.locator(".friend-choices input").check()
    ann.get_by_label("Search friends").fill("")
    expect(ann.locator(".friend-choices label")).to_have_count(2)
    expect(ann.locator(".friend-choices input:checked")).to_have_count(1)
    ann.locator(".friend-choices label", has_text="Ґонта").locator("input").check()
    expect(ann.locator("[data-chosen] .chip")).to_have_count(2)
    ann.get_by_role("button", name="Next").click()
    ann.get_by_label("Name", exact=True).fill("Похід 🏔")
    ann.get_by_role("button", name="Create group").click()
    expect(ann.locator("#chat-title")).to_have_text("Похід 🏔")
    for page in (bob, third):
        page.locator(".chat-row", has_text="Похід").click()
        expect(page.locator("#chat-title")).to_have_text("Похід 🏔")
    group = re.findall(r"\d+", ann.url.rsplit("/", 1)[1])[0]
    ann.goto(f"/chats/{group}/edit")
    ann.get_by_label("Name", exact=True).fill("Вершина")
    ann.locator("[name=avatar]").set_input_files([picture("peak.png")])
    ann.get_by_role("button", name="Save").click()
    for page in (bob, third):
        expect(page.locator("#chat-title")).to_have_text("Вершина")
        expect(page.locator(f"#chat-{group} .row-name")).to_contain_text("Вершина")
        expect(page.locator(".chat-head .group-avatar img")).to_be_visible()
        expect(page).to_have_title(re.compile("Вершина"))
    ann.goto(f"/chats/{group}/members/{olena.user_id}")
    ann.get_by_text("Remove from the group").click()
    ann.get_by_role("button", name="Remove member").click()
    expect(third.locator(f"#composer-{group}")).to_have_attribute("data-closed", "")
    ann.goto(f"/chats/{group}")
    write(ann, "Only between us")
    expect(message(bob, "Only between us")).to_be_visible()
    assert "Only between us" not in third.content()
    ann.goto(f"/chats/{group}/leave")
    ann.get_by_role("button", name="Delete group").click()
    expect(ann.locator("#toasts")).to_contain_text("The group is deleted.")
    expect(bob.locator(f"#composer-{group}")).to_have_attribute("data-closed", "")
    expect(bob.locator(f"#chat-{group}.chat-row")).to_have_count(0)


@SIZES
def test_a_chat_is_put_in_its_place_in_all_ones_tabs(house: House, size: Size) -> None:  # noqa: F811
    write(house.page(house.ann), "Hello")
    bob, other = house.page(house.bob, **size), house.page(house.bob, "/chats", **size)
    row = other.locator(f"#chat-{house.chat}")
    expect(row).to_be_visible()

    def choose(name: str) -> None:
        bob.goto(f"/chats/{house.chat}")
        bob.locator("#chat-options > summary").click()
        with bob.expect_response(lambda answer: answer.request.method == "POST"):
            bob.locator("#chat-options").get_by_role("button", name=name, exact=True).click()
        if name in ("Mark as unread", "Archive chat"):
            bob.wait_for_url("**/chats")

    choose("Pin to the top")
    expect(row).to_have_attribute("data-pinned", "")
    choose("Mute")
    expect(row).to_have_attribute("data-muted", "")
    choose("Unmute")
    choose("Mark as unread")
    expect(other.locator("#badge-chats")).to_have_attribute("data-count", "1")
    choose("Archive chat")
    expect(row).to_have_count(0)
    write(house.page(house.ann), "Come back")
    expect(row).to_contain_text("Come back")


def test_enter_and_what_others_see_are_settings(house: House) -> None:  # noqa: F811
    ann = house.page(house.ann, "/settings")
    ann.get_by_label("Enter sends a message").uncheck()
    ann.locator("#chat-habits").get_by_role("button", name="Save").click()
    expect(ann.locator("#toasts")).to_contain_text("Your choice is saved.")
    ann.goto(f"/chats/{house.chat}")
    ann.fill("#message-body", "one")
    ann.press("#message-body", "Enter")
    ann.keyboard.type("two")
    expect(ann.locator("#message-body")).to_have_value("one\ntwo")
    ann.press("#message-body", "Control+Enter")
    expect_said(ann, ["one\ntwo"])


def test_the_log_is_one_stop_for_the_tab_key(house: House) -> None:  # noqa: F811
    for words in ("https://example.com/first", "second", "third"):
        house.ann.post(f"/chats/{house.chat}/messages", data={"body": words})
    bob = house.page(house.bob)
    bob.locator(".log").focus()
    bob.keyboard.press("ArrowUp")
    expect(message(bob, "third")).to_be_focused()
    expect(message(bob, "third")).to_have_attribute("aria-label", re.compile(r"^Ann Ivanenko, third, \d\d:\d\d$"))
    for _ in range(2):
        bob.keyboard.press("ArrowUp")
    expect(message(bob, "first")).to_be_focused()
    bob.keyboard.press("Tab")
    expect(bob.get_by_role("link", name="https://example.com/first")).to_be_focused()
    bob.keyboard.press("Shift+Tab")
    expect(bob.locator(".log")).to_be_focused()
    bob.keyboard.press("ArrowUp")
    bob.keyboard.press("Enter")
    expect(bob.locator("#message-menu")).to_be_visible()
    bob.keyboard.press("Escape")
    expect(bob.locator("#announcements")).to_be_empty()
    bob.locator("#message-body").focus()
    bob.keyboard.press("Shift+Tab")
    assert bob.evaluate("Boolean(document.activeElement.closest('.log, .log-frame'))")


def test_a_finger_held_on_a_message_opens_its_menu(house: House) -> None:  # noqa: F811
    house.ann.post(f"/chats/{house.chat}/messages", data={"body": "Hold me"})
    bob = house.page(house.bob, viewport={"width": 390, "height": 780}, has_touch=True)
    hold(bob, message(bob, "Hold me"))
    expect(bob.locator("#message-menu")).to_be_visible()
    box = bob.locator("#message-menu").bounding_box()
    assert box and round(box["y"] + box["height"]) == 780 and box["width"] == 390
    bob.locator("#message-menu [data-reply]").click()
    expect(bob.locator("[data-answered]")).to_contain_text("Hold me")


def test_everything_works_without_scripts(house: House, olena: Person) -> None:  # noqa: F811
    ann, bob = (house.page(person, java_script_enabled=False) for person in (house.ann, house.bob))
    ann.fill("#message-body", "Plain words")
    ann.get_by_role("button", name="Send").click()
    bob.goto(f"/chats/{house.chat}")
    bob.get_by_role("link", name="Message options").click()
    bob.get_by_role("button", name="React with ❤️").click()
    expect(bob.locator(".reaction")).to_contain_text("❤️")
    bob.get_by_role("link", name="Message options").click()
    bob.get_by_role("link", name="Reply").click()
    expect(bob.locator("[data-answered]")).to_contain_text("Plain words")
    bob.fill("#message-body", "Understood")
    bob.get_by_role("button", name="Send").click()
    expect(bob.locator(".message[data-seq='2'] .quote")).to_contain_text("Plain words")
    bob.locator(".message[data-seq='2'] .message-more").click()
    bob.locator("#edit-body").fill("I understand")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator(".message[data-seq='2']")).to_contain_text("I understand")
    bob.locator(".message[data-seq='1'] .message-more").click()
    bob.get_by_role("button", name="Pin", exact=True).click()
    expect(bob.locator(".pins")).to_contain_text("Plain words")
    bob.locator(".message[data-seq='1'] .message-more").click()
    bob.get_by_text("Delete…").click()
    bob.get_by_role("button", name="Delete for me").click()
    expect(bob.locator(".message[data-seq='1']")).to_have_count(0)
    bob.locator("#chat-options > summary").click()
    bob.get_by_role("button", name="Mute", exact=True).click()
    expect(bob.locator("#inbox .chat-row")).to_have_attribute("data-muted", "")
    ann.goto("/chats/new")
    ann.locator("label.row", has_text="Ґонта").locator("input").check()
    ann.get_by_label("Search friends").fill("ол")
    ann.get_by_role("button", name="Search").click()
    expect(ann.locator("[data-chosen] input:checked")).to_have_count(1)
    ann.locator("label.row", has_text="Коваль").locator("input").check()
    ann.get_by_label("Name", exact=True).fill("Plain group")
    ann.get_by_role("button", name="Create group").click()
    expect(ann.locator(".member-count")).to_have_text("3 members")
    ann.get_by_role("link", name="Search in this chat").click()
    expect(ann.get_by_role("heading", name="Search in this chat")).to_be_visible()
