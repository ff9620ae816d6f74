"""Two people in a chat: at once, cut off, restarted, scrolled up, by keyboard and without scripts."""

import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from app import create_app
from app.extensions import db
from app.models import Friendship, User
from app.models.session import LoginSession
from tests.browser.conftest import Watch
from tests.conftest import PASSWORD_HASH, Person, sign_in
from tests.servers import Server
from tests.talk import befriend, fill, open_chat


@dataclass
class House:
    """Ann and Bob, who are friends, and their chat, on the real server's database."""

    app: Flask
    ann: Person
    bob: Person
    chat: int
    visit: Callable[..., Page]
    url: str

    def page(self, person: Person, path: str = "", **options: object) -> Page:
        """Open a browser of somebody's at a path, or at the chat."""
        page = self.visit(**options)
        cookie = person.get_cookie("worldit")
        assert cookie
        page.context.add_cookies([{"name": "worldit", "value": cookie.value, "url": self.url}])
        page.goto(path or f"/chats/{self.chat}")
        return page


@pytest.fixture
def house(server: Server, visit: Callable[..., Page]) -> Iterator[House]:
    app = create_app(
        {
            "TESTING": True,
            "INSTANCE": server.instance,
            "SECRET_KEY": (server.instance / "secret_key").read_text(),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{server.instance / 'world-it.sqlite3'}",
            "MEDIA_URL": f"file:{server.instance / 'media'}",
            "RATELIMIT_ENABLED": False,
            "LANGUAGE": "en",
        }
    )
    app.test_client_class = Person
    people = []
    for name, last_name in (("Ann", "Ivanenko"), ("Богдан", "Ґонта")):
        username = "ann" if name == "Ann" else "bob"
        with app.app_context():
            user = User(email=f"{username}@example.com", password_hash=PASSWORD_HASH, language="en")
            user.name_themselves(name, last_name, username)
            db.session.add(user)
            db.session.commit()
            client = app.test_client()
            assert isinstance(client, Person)
            client.user_id = user.id
        sign_in(app, client, client.user_id)
        people.append(client)
    ann, bob = people
    befriend(app, ann, bob)
    yield House(app, ann, bob, open_chat(ann, bob), visit, server.url)
    with app.app_context():
        db.engine.dispose()


def write(page: Page, words: str) -> None:
    page.fill("#message-body", words)
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):  # where the enter key begins a line
        page.locator("[data-composer] .circle-button.filled").click()
    else:
        page.press("#message-body", "Enter")


def said(page: Page) -> list[str]:
    """Return what the log shows as said, in its order."""
    return page.locator(".log .message[data-seq] .message-body").all_inner_texts()


def expect_said(page: Page, words: list[str]) -> None:
    expect(page.locator(".log .message[data-seq] .message-body")).to_have_text(words)
    expect(page.locator(".pending")).to_have_count(0)


def test_two_talk_at_once(house: House) -> None:
    ann, bob = house.page(house.ann), house.page(house.bob)
    for number in range(8):
        write(ann, f"ann {number}")
        write(bob, f"bob {number}")
    for page in (ann, bob):
        expect(page.locator(".log .message[data-seq]")).to_have_count(16)
        expect(page.locator(".pending")).to_have_count(0)
    assert said(ann) == said(bob)
    for name in ("ann", "bob"):
        assert [words for words in said(ann) if words.startswith(name)] == [f"{name} {n}" for n in range(8)]
    expect(ann.locator(".log-empty")).to_be_hidden()


def test_words_wait_while_there_is_no_network(house: House, watch: Watch) -> None:
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    ann, bob = house.page(house.ann), house.page(house.bob)
    ann.context.set_offline(True)
    write(ann, "written offline")
    write(ann, "and more")
    expect(ann.locator(".pending")).to_have_count(2)
    expect(ann.locator(".pending").get_by_role("button", name="Not sent")).to_have_count(2)
    write(bob, "meanwhile")
    expect_said(bob, ["meanwhile"])
    ann.context.set_offline(False)
    words = ["meanwhile", "written offline", "and more"]
    for page in (ann, bob):
        expect_said(page, words)


def test_a_server_that_dies_loses_nothing_and_says_nothing_twice(house: House, server: Server, watch: Watch) -> None:
    watch.expected += ["ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket", "ERR_SOCKET"]
    ann, bob = house.page(house.ann), house.page(house.bob)
    write(ann, "before")
    expect_said(bob, ["before"])
    server.stop(signal.SIGKILL)
    write(ann, "while it is dead")
    expect(ann.locator(".pending").get_by_role("button", name="Not sent")).to_be_visible()
    expect(bob.locator("#connection")).to_be_visible()
    server.start()
    expect_said(ann, ["before", "while it is dead"])
    expect_said(bob, ["before", "while it is dead"])
    expect(bob.locator("#connection")).to_be_hidden()
    write(bob, "after")
    expect_said(ann, ["before", "while it is dead", "after"])


def test_what_is_being_read_stays_where_it_is(house: House) -> None:
    fill(house.app, house.chat, house.bob, 120)
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": 120})
    ann, bob = house.page(house.ann), house.page(house.bob)
    expect(ann.locator(".message[data-seq='120']")).to_be_in_viewport()
    expect(ann.locator(".message[data-seq]")).to_have_count(50)  # nothing older before it is looked for
    top = "document.querySelector(`.message[data-seq='75']`).getBoundingClientRect().top"
    before = ann.evaluate(f"document.querySelector('.log').scrollTop = 0, {top}")
    expect(ann.locator(".message[data-seq]")).to_have_count(100)
    ann.wait_for_function("document.querySelector('.log').scrollTop > 0")
    assert abs(ann.evaluate(top) - before) < 60  # the button and a line with the day may be gone
    place = ann.evaluate("document.querySelector('.log').scrollTop")
    write(bob, "one")
    write(bob, "two")
    button = ann.locator("[data-to-newest]")
    expect(button.locator(".badge")).to_have_text("2")
    assert ann.evaluate("document.querySelector('.log').scrollTop") == place
    button.click()
    expect(ann.locator(".message", has_text="two")).to_be_in_viewport()
    expect(button).to_be_hidden()
    seqs = ann.eval_on_selector_all(".message[data-seq]", "all => all.map(one => Number(one.dataset.seq))")
    assert seqs == sorted(set(seqs)) and seqs[-1] == 122


def test_other_tabs_count(house: House) -> None:
    ann, feed, inbox = house.page(house.ann), house.page(house.bob, "/"), house.page(house.bob, "/chats")
    write(ann, "one")
    write(ann, "two")
    row = inbox.locator(f"#chat-{house.chat}")
    for page in (feed, inbox):
        expect(page.locator("#badge-chats")).to_have_attribute("data-count", "2")
        expect(page).to_have_title(re.compile(r"^\(2\) "))
    expect(row).to_contain_text("two")
    expect(row.locator(".pill")).to_contain_text("2")
    reading = house.page(house.bob)
    expect(reading.locator(".message")).to_have_count(2)
    for page in (feed, inbox):
        expect(page.locator("#badge-chats")).to_be_hidden()
        expect(page).not_to_have_title(re.compile(r"^\("))
    expect(row.locator(".pill")).to_be_hidden()


def test_by_keyboard_with_drafts_and_refusals(house: House, watch: Watch) -> None:
    ann = house.page(house.ann)
    field = ann.locator("#message-body")
    expect(field).to_be_focused()
    ann.keyboard.type("two")
    ann.keyboard.press("Shift+Enter")
    ann.keyboard.type("lines ")
    ann.keyboard.press("Tab")
    ann.keyboard.press("Tab")
    ann.keyboard.press("Enter")
    emoji = ann.locator("[data-emoji]").first
    expect(emoji).to_be_visible()
    emoji.focus()
    chosen = emoji.get_attribute("data-emoji") or ""
    ann.keyboard.press("Enter")
    expect(field).to_have_value(f"two\nlines {chosen}")
    expect(field).to_be_focused()
    ann.reload()
    expect(field).to_have_value(f"two\nlines {chosen}")
    field.press("Enter")
    expect_said(ann, [f"two\nlines {chosen}"])
    expect(field).to_have_value("")
    ann.reload()
    expect(field).to_have_value("")

    ann.wait_for_timeout(500)  # once it is connected, a page hears of the end of a friendship from who ends it
    with house.app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
    watch.expected.append("422")
    write(ann, "Too late, alas")
    refused = ann.locator(".pending")
    expect(refused).to_contain_text("You are not friends any more")
    expect(refused).to_be_in_viewport()
    refused.get_by_role("button", name="Edit").click()
    expect(refused).to_have_count(0)
    expect(field).to_have_value("Too late, alas")


def test_without_scripts(house: House) -> None:
    fill(house.app, house.chat, house.bob, 60)
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": 60})
    ann, bob = (house.page(person, java_script_enabled=False) for person in (house.ann, house.bob))
    ann.fill("#message-body", "Plain words")
    ann.get_by_role("button", name="Send").click()
    expect(ann.locator(".message", has_text="Plain words")).to_be_in_viewport()
    bob.get_by_role("link", name="Refresh").click()
    expect(bob.locator(".message", has_text="Plain words")).to_be_visible()
    bob.get_by_role("link", name="Older messages").click()
    expect(bob.locator(".message[data-seq='1']")).to_be_visible()


def test_after_a_long_absence_the_log_is_renewed(house: House, watch: Watch) -> None:
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    fill(house.app, house.chat, house.bob, 3)
    ann = house.page(house.ann)
    ann.context.set_offline(True)
    write(ann, "written offline")
    expect(ann.locator(".pending").get_by_role("button", name="Not sent")).to_be_visible()
    fill(house.app, house.chat, house.bob, 230)
    ann.context.set_offline(False)
    expect(ann.locator(".message[data-seq='234']")).to_have_text(re.compile("written offline"))
    expect(ann.locator(".message[data-seq='234']")).to_be_in_viewport()
    expect(ann.locator(".pending")).to_have_count(0)
    expect(ann.locator(".message[data-seq]").nth(49)).to_be_attached()
    assert ann.locator(".message[data-seq]").count() in (50, 51)  # sent before the renewal, or after it
    ann.evaluate("document.querySelector('.log').scrollTop = 400")
    expect(ann.locator("[data-to-newest]")).to_be_visible()  # the new log is listened to as the old one was


def test_the_newest_stay_in_sight_when_there_is_less_room(house: House) -> None:
    fill(house.app, house.chat, house.bob, 40)
    house.ann.post(f"/chats/{house.chat}/read", data={"seq": 40})
    ann = house.page(house.ann)
    newest = ann.locator(".message[data-seq='40']")
    expect(newest).to_be_in_viewport()
    ann.fill("#message-body", "a long\n\n\n\nletter")
    expect(newest).to_be_in_viewport()
    ann.set_viewport_size({"width": 1280, "height": 420})  # as when a phone's keyboard opens
    expect(newest).to_be_in_viewport()


def test_a_refusal_outlives_a_reload(house: House, watch: Watch) -> None:
    watch.expected.append("422")
    ann = house.page(house.ann)
    write(ann, "*" * 4097)
    for _ in range(2):
        refused = ann.locator(".pending")
        expect(refused).to_contain_text("Use 4096 characters at most.")
        ann.reload()
    refused.get_by_role("button", name="Edit").click()
    expect(ann.locator("#message-body")).to_have_value("*" * 4097)


def test_a_session_that_ended_meanwhile_asks_to_log_in(house: House, watch: Watch) -> None:
    watch.expected += ["ERR_INTERNET_DISCONNECTED", "WebSocket", "401"]
    ann = house.page(house.ann)
    expect(ann.locator("#message-body")).to_be_focused()
    ann.context.set_offline(True)
    with house.app.app_context():
        db.session.execute(delete(LoginSession))
        db.session.commit()
    ann.context.set_offline(False)
    ann.wait_for_url(re.compile("/login"))
