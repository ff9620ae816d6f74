"""Pins: who may pin, where it shows, and that it goes with what was pinned."""

import re

import pytest
from flask import Flask

from app.live.pushes import Push
from tests.conftest import Person
from tests.tabs import Elements
from tests.talk import befriend, gather, pushed_html, said_in, say

pytestmark = pytest.mark.usefixtures("app")


def pins(html: str) -> str:
    return next(source for key, source, _ in Elements(html).found if key.startswith("pins-"))


def test_a_pinned_message_stands_above_the_chat(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Tickets: https://example.com/t")
    say(bob, chat, "Thanks")
    message, other = (one.id for one in said_in(app, chat))
    pushed.clear()
    assert "pinned" in bob.htmx("POST", f"/messages/{message}/pin").text
    bar = next(push for push in pushed if "pins-" in pushed_html(push))
    page = ann.get(f"/chats/{chat}").text
    assert pins(pushed_html(bar)) == pins(page) and "Tickets" in pins(page)
    line = said_in(app, chat)[-1]
    assert (line.event, line.reply_to_id, line.revision) == ("pinned", message, 4)
    assert "Богдан Ґонта-Їжак pinned a message" in page
    bob.htmx("POST", f"/messages/{message}/pin")
    assert len(said_in(app, chat)) == 3  # it was pinned already
    ann.htmx("POST", f"/messages/{other}/pin")
    assert "Thanks" in pins(bob.get(f"/chats/{chat}").text)
    assert "2 pinned messages" in pins(bob.get(f"/chats/{chat}").text)
    listed = bob.get(f"/chats/{chat}/pins").text
    assert listed.index("Thanks", listed.index("pane-title")) < listed.index("Tickets", listed.index("pane-title"))
    pushed.clear()
    ann.htmx("POST", f"/messages/{other}/pin/delete")
    bar = next(push for push in pushed if "pins-" in pushed_html(push))
    assert pins(pushed_html(bar)) == pins(bob.get(f"/chats/{chat}").text)
    assert ann.post(f"/messages/{other}/pin/delete").status_code == 303


def test_what_is_deleted_is_pinned_no_more(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    say(ann, chat, "Soon gone")
    (message,) = said_in(app, chat)
    ann.htmx("POST", f"/messages/{message.id}/pin")
    ann.htmx("POST", f"/messages/{message.id}", data={"body": "Changed"})
    assert "Changed" in pins(bob.get(f"/chats/{chat}").text)
    pushed.clear()
    ann.htmx("POST", f"/messages/{message.id}/delete")
    bar = next(push for push in pushed if "pins-" in pushed_html(push))
    assert re.search(r"^<div[^>]* hidden>", pins(pushed_html(bar)))
    assert pins(pushed_html(bar)) == pins(bob.get(f"/chats/{chat}").text)
    assert ann.htmx("POST", f"/messages/{message.id}/pin").status_code == 422


def test_in_a_group_who_leads_pins(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob)
    say(bob, group, "Mine")
    line, message = (one.id for one in said_in(app, group))
    assert bob.htmx("POST", f"/messages/{message}/pin").status_code == 403
    assert eve.htmx("POST", f"/messages/{message}/pin").status_code == 404
    ann.post(f"/chats/{group}/members/{bob.user_id}/role", data={"role": "admin"})
    assert bob.htmx("POST", f"/messages/{message}/pin").status_code == 200
    assert ann.htmx("POST", f"/messages/{line}/pin").status_code == 422  # a line of the group's own
