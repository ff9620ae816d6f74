"""Where one is in a chat: kept when the network, other windows and pictures would have it otherwise."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_chat import House, expect_said, house, write  # noqa: F401 -- a fixture
from tests.browser.test_messenger import message, middle, picture
from tests.talk import fill


def look_away(page: Page, away: bool) -> None:
    """Have the page believe that somebody looks elsewhere, or is back."""
    page.evaluate(
        "away => { Object.defineProperty(document, 'hidden', {get: () => away, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        away,
    )


def first_in_sight(page: Page) -> int:
    return int(
        page.evaluate(
            "() => { const top = document.querySelector('.log').getBoundingClientRect().top;"
            "return [...document.querySelectorAll('.message[data-seq]')]"
            ".find(one => one.getBoundingClientRect().bottom > top).dataset.seq }"
        )
    )


def read(house: House, seq: int) -> None:  # noqa: F811
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": seq})


def test_words_written_far_back_without_network_are_kept(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    fill(house.app, house.chat, house.bob, 150)
    read(house, 150)
    house.bob.post(f"/chats/{house.chat}/read", data={"seq": 150})
    ann, bob = house.page(house.ann, f"/chats/{house.chat}?at=1"), house.page(house.bob)
    ann.context.set_offline(True)
    write(ann, "From the past")
    expect(ann.locator(".pending")).to_have_count(1)
    expect(ann.locator("#message-body")).to_be_focused()
    ann.context.set_offline(False)
    expect(message(bob, "From the past")).to_be_visible()
    expect(ann.locator(".pending")).to_have_count(0)


def test_who_reads_old_messages_stays_there_though_much_was_missed(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    fill(house.app, house.chat, house.bob, 200)
    read(house, 200)
    back, end = house.page(house.ann, f"/chats/{house.chat}?at=80"), house.page(house.ann)
    expect(back.locator(".message[data-seq='80']")).to_be_in_viewport()
    for page in (back, end):
        page.context.set_offline(True)
    fill(house.app, house.chat, house.bob, 230)
    for page in (back, end):
        page.context.set_offline(False)
    expect(back.locator("[data-to-newest] .badge")).to_have_text("230")
    expect(back.locator(".message[data-seq='80']")).to_be_in_viewport()
    assert abs(first_in_sight(back) - 80) <= 1
    expect(end.locator(".unread-line")).to_be_in_viewport()
    expect(end.locator(".message[data-seq='201']")).to_be_in_viewport()
    expect(end.locator(".message[data-seq='430']")).not_to_be_in_viewport()


def test_what_comes_while_nobody_looks_begins_below_a_line(house: House) -> None:  # noqa: F811
    house.bob.post(f"/chats/{house.chat}/messages", data={"body": "Seen"})
    ann, bob = house.page(house.ann), house.page(house.bob)
    expect(bob.locator(".message")).to_have_count(1)
    look_away(ann, True)
    for number in range(25):
        write(bob, f"Unseen {number}")
    expect(ann.locator(".message[data-seq='26']")).to_be_attached()
    expect(ann.locator(".unread-line")).to_be_in_viewport()
    expect(message(ann, "Unseen 0")).to_be_in_viewport()
    expect(ann.locator("[data-to-newest] .badge")).to_have_text("25")
    look_away(ann, False)
    expect(ann.locator("[data-to-newest] .badge")).not_to_have_text("25")
    assert int(ann.locator("[data-to-newest] .badge").inner_text()) > 5
    write(ann, "I am back")
    expect(ann.locator(".unread-line")).to_have_count(0)
    expect(message(ann, "I am back")).to_be_in_viewport()


def test_nothing_moves_when_pictures_come(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_FAILED")
    bob = house.page(house.bob)
    for number in range(3):
        bob.locator("[data-composer] [name=images]").set_input_files([picture(f"{number}.png")])
        bob.get_by_role("button", name="Send").click()
        expect(bob.locator(".message[data-seq] .picture")).to_have_count(number + 1)
    fill(house.app, house.chat, house.bob, 60)
    read(house, 63)
    ann = house.page(house.ann, f"/chats/{house.chat}?at=20")
    ann.route("**/media/**", lambda route: route.abort())  # they never come
    ann.reload()
    sizes = "all => all.map(one => Math.round(one.getBoundingClientRect().height))"
    without = ann.eval_on_selector_all(".message .picture img", sizes)
    ann.unroute("**/media/**")
    ann.reload()
    ann.wait_for_timeout(500)
    assert without and min(without) > 50
    assert ann.eval_on_selector_all(".message .picture img", sizes) == without


def test_menus_of_two_messages_do_not_mix(house: House) -> None:  # noqa: F811
    for words in ("First words", "Second words"):
        house.bob.post(f"/chats/{house.chat}/messages", data={"body": words})
    ann = house.page(house.ann)
    message(ann, "Second").hover()
    ann.evaluate(
        "() => { for (const one of document.querySelectorAll('.message-more')) one.click(); }"
    )  # both before any answer
    expect(ann.locator("#message-menu")).to_be_visible()
    ann.locator("#message-menu [data-reply]").click()
    answered = ann.locator("[data-answered]").inner_text()
    write(ann, "Answer")
    assert "Second" in answered
    expect(message(ann, "Answer").locator(".quote")).to_contain_text("Second words")


def test_the_counts_stay_true_when_a_message_comes_while_a_chat_opens(house: House) -> None:  # noqa: F811
    fill(house.app, house.chat, house.bob, 3)
    bob = house.page(house.bob)
    ann = house.page(house.ann)
    write(bob, "At that moment")
    expect(message(ann, "At that moment")).to_be_visible()
    expect(ann.locator("#badge-chats")).to_have_attribute("data-count", "0")
    ann.mouse.move(*middle(ann))
    ann.reload()
    expect(ann.locator("#badge-chats")).to_have_attribute("data-count", "0")


def test_muting_moves_nobody_and_says_so_at_once(house: House) -> None:  # noqa: F811
    fill(house.app, house.chat, house.bob, 200)
    read(house, 200)
    ann = house.page(house.ann, f"/chats/{house.chat}?at=30")
    expect(ann.locator(".message[data-seq='30']")).to_be_in_viewport()
    ann.locator("#chat-options > summary").click()
    ann.get_by_role("button", name="Mute", exact=True).click()
    expect(ann.get_by_role("button", name="Unmute", exact=True)).to_be_visible()
    expect(ann.locator(f"#chat-{house.chat}")).to_have_attribute("data-muted", "")
    assert re.search(r"at=\d+", ann.url) and abs(first_in_sight(ann) - 30) <= 1


def test_without_scripts_a_place_is_where_it_is(house: House) -> None:  # noqa: F811
    fill(house.app, house.chat, house.bob, 200)
    read(house, 200)
    ann = house.page(house.ann, f"/chats/{house.chat}?at=100", java_script_enabled=False)
    ann.get_by_role("link", name="Newer messages").click()
    place = re.findall(r"at=(\d+)", ann.url)[0]
    expect(ann.locator(f".message[data-seq='{place}']")).to_be_in_viewport()
    expect_said(ann, ["Words"] * 50)
