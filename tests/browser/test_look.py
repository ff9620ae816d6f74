"""What only a browser can tell of the look: the notice of a lost network, and motion for who wants none."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch, make_friends


def test_a_lost_network_is_told_in_a_chat_and_leaves_the_composer_in_sight(
    join: Callable[..., Page], watch: Watch
) -> None:
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    ann, bob = join("ann", "Ann", "Ivanenko"), join("bob", "Bob", "Petrenko")
    make_friends(ann, bob, "bob")
    ann.goto("/@bob")
    ann.get_by_role("button", name="Message").click()
    ann.wait_for_url("**/chats/*")
    ann.context.set_offline(True)
    for width in (390, 1280):
        ann.set_viewport_size({"width": width, "height": 800})
        expect(ann.locator("#connection")).to_be_visible()
        expect(ann.locator(".chat-head")).to_be_in_viewport(ratio=1)
        expect(ann.locator("#composer")).to_be_in_viewport(ratio=1)


def test_nothing_moves_for_who_wants_no_motion(visit: Callable[..., Page]) -> None:
    durations = "e => getComputedStyle(e).transitionDuration.split(', ')"
    moving, still = visit(), visit(reduced_motion="reduce")
    for page in (moving, still):
        page.goto("/login")
    assert "0s" not in moving.locator("button.filled").evaluate(durations)
    assert still.locator("button.filled").evaluate(durations) == ["0s"]
