"""What each member makes of a chat: muted, pinned to the top, put away, or marked to come back to."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.live.pushes import Push
from tests.conftest import Person
from tests.tabs import Elements
from tests.talk import befriend, open_chat, pushed_html, said_in, say
from tests.test_chats import badge

pytestmark = pytest.mark.usefixtures("app")


def arrange(who: Person, chat: int, wish: str) -> None:
    answer = who.post(f"/chats/{chat}/{wish}")
    assert answer.status_code == 303


def element(html: str, wanted: str) -> str:
    return next(source for key, source, _ in Elements(html).found if key == wanted)


def listed(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="chat-(\d+)" href', html)]


def archived(who: Person) -> list[int]:
    page = who.get("/chats/archive").text
    return listed(page[page.index('data-inbox="archive"') :].split("</section>")[0])


def test_a_muted_chat_does_not_count(ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat)
    assert badge(bob.get("/").text) == 1
    arrange(bob, chat, "mute")
    page = bob.get("/chats").text
    assert badge(page) == 0 and f'data-muted="{chat}"' in page and "Unread messages: 1" in element(page, f"chat-{chat}")
    say(ann, chat)
    assert badge(bob.get("/chats").text) == 0
    arrange(bob, chat, "mute/delete")
    assert badge(bob.get("/chats").text) == 2


def test_marked_to_come_back_to(ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat)
    bob.get(f"/chats/{chat}")
    arrange(bob, chat, "unread")
    page = bob.get("/chats").text
    assert badge(page) == 1 and "Marked as unread" in element(page, f"chat-{chat}")
    bob.get(f"/chats/{chat}")
    assert badge(bob.get("/chats").text) == 0


def test_put_away_until_something_is_said(ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat)
    arrange(bob, chat, "archive")
    page = bob.get("/chats").text
    assert listed(page) == [] and "(<span data-archived>1</span>)" in page
    assert badge(page) == 0 and archived(bob) == [chat]
    assert listed(ann.get("/chats").text) == [chat]
    say(ann, chat)
    assert listed(bob.get("/chats").text) == [chat] and archived(bob) == []
    for wish in ("mute", "archive"):
        arrange(bob, chat, wish)
    say(ann, chat)
    assert listed(bob.get("/chats").text) == [] and archived(bob) == [chat]
    arrange(bob, chat, "archive/delete")
    assert listed(bob.get("/chats").text) == [chat]


def test_pinned_to_the_top_ten_at_most(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    chats = []
    for number in range(11):
        other = join(f"friend{number:02}")
        befriend(app, ann, other)
        chats.append(open_chat(ann, other))
        say(ann, chats[-1])
    assert listed(ann.get("/chats").text) == chats[::-1]
    arrange(ann, chats[0], "pin")
    assert listed(ann.get("/chats").text) == [chats[0], *chats[:0:-1]]
    for chat in chats[1:10]:
        arrange(ann, chat, "pin")
    refused = ann.htmx("POST", f"/chats/{chats[10]}/pin")
    assert refused.status_code == 422 and "10 chats at most" in refused.text
    arrange(ann, chats[0], "pin/delete")
    arrange(ann, chats[10], "pin")


@pytest.mark.parametrize("wish", ["mute", "pin", "unread", "archive"])
def test_ones_other_tabs_hear_of_it(ann: Person, bob: Person, chat: int, pushed: list[Push], wish: str) -> None:
    say(ann, chat)
    pushed.clear()
    arrange(bob, chat, wish)
    assert {push.people for push in pushed} == {frozenset([bob.user_id])}
    told = "".join(map(pushed_html, pushed))
    page = bob.get("/chats/archive" if wish == "archive" else "/chats").text
    for wanted in (f"chat-{chat}", "badge-chats"):
        assert element(told, wanted) == element(page, wanted)


def test_a_mention_shows_in_the_row(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat, "Ask @BOB.")
    assert "You are mentioned" in bob.get("/chats").text
    said = said_in(app, chat)[0]
    assert f'data-mentions="{bob.user_id}"' in bob.get(f"/chats/{chat}").text
    assert "You are mentioned" not in bob.get("/chats").text and said.body == "Ask @BOB."
    assert 'class="mention" href="/@bob">@BOB</a>.' in bob.get(f"/chats/{chat}").text


def test_nobody_elses(eve: Person, chat: int) -> None:
    for wish in ("mute", "pin", "unread", "archive"):
        assert eve.post(f"/chats/{chat}/{wish}").status_code == 404
        assert eve.post(f"/chats/{chat}/{wish}/delete").status_code == 404


def test_a_chat_that_has_come_back_is_not_put_away_by_muting_it(ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat)
    arrange(bob, chat, "archive")
    say(ann, chat)
    arrange(bob, chat, "mute")
    assert listed(bob.get("/chats").text) == [chat] and archived(bob) == []


def test_a_chat_in_which_nothing_was_said_counts_nowhere(
    ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    arrange(bob, chat, "unread")
    assert badge(bob.get("/chats").text) == 0 and listed(bob.get("/chats").text) == []
    assert not [push for push in pushed if "chat-row" in pushed_html(push)]


def test_a_mention_that_comes_or_goes_with_a_change_shows_in_the_row(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Who comes?")
    (message,) = said_in(app, chat)
    for body, named in (("@bob comes", True), ("Nobody comes", False), ("@bob comes", True)):
        pushed.clear()
        ann.htmx("POST", f"/messages/{message.id}", data={"body": body})
        (row,) = [html for push in pushed if "chat-row" in (html := pushed_html(push))]
        assert ("You are mentioned" in row) is named
        assert element(row, f"chat-{chat}") == element(bob.get("/chats").text, f"chat-{chat}")
    pushed.clear()
    ann.htmx("POST", f"/messages/{message.id}/delete")
    (row,) = [html for push in pushed if "chat-row" in (html := pushed_html(push))]
    assert "mentioned" not in row


def test_a_row_empties_when_all_that_was_said_is_deleted_for_oneself(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Unwanted")
    (message,) = said_in(app, chat)
    pushed.clear()
    bob.htmx("POST", f"/messages/{message.id}/hide")
    (row,) = [html for push in pushed if "chat-row" in (html := pushed_html(push))]
    assert "Unwanted" not in row
    assert element(row, f"chat-{chat}") == element(bob.get("/chats").text, f"chat-{chat}")
