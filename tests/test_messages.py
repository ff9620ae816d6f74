"""Saying things and reading them back, through the doors."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select

from app.actions import messages
from app.blueprints.live import missed_in
from app.extensions import db
from app.language import force_locale
from app.live import bus
from app.live.hub import Push
from app.models import Chat, Friendship, Message, Picture
from app.models.columns import now
from app.queries.chats import chat_for
from app.queries.messages import hidden_since, messages_changed_after
from tests.conftest import Person
from tests.photos import keys_in, photo, waiting_in
from tests.tabs import Elements
from tests.talk import (
    at_once,
    befriend,
    fill,
    fragment,
    open_chat,
    pushed_html,
    read_seq,
    said_in,
    say,
    shown,
    twin,
    user,
)

pytestmark = pytest.mark.usefixtures("app")


def test_what_is_said_is_there_for_both(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    said = say(ann, chat, "Привіт <b>Bob</b> 🌊 https://example.com/sea", "first")
    (message,) = said_in(app, chat)
    assert (message.seq, message.revision, message.author_id) == (1, 1, ann.user_id)
    assert f'id="message-{message.id}"' in said and f'data-author="{ann.user_id}"' in said
    for who in (ann, bob):
        page = who.get(f"/chats/{chat}").text
        assert "Привіт &lt;b&gt;Bob&lt;/b&gt; 🌊" in page and 'href="https://example.com/sea"' in page


def test_without_a_script(ann: Person, bob: Person, chat: int) -> None:
    answer = ann.post(f"/chats/{chat}/messages", data={"body": "Plain words", "client_id": "form"})
    assert answer.status_code == 303
    assert re.fullmatch(rf"/chats/{chat}\?at=1#message-\d+", answer.location)
    assert "Plain words" in ann.get(f"/chats/{chat}").text
    assert "Plain words" in bob.get("/chats").text
    ids = {re.search(r'name="client_id" value="([^"]+)"', ann.get(f"/chats/{chat}").text)[1] for _ in range(2)}  # type: ignore[index]
    assert len(ids) == 2


def test_links_can_be_followed_and_scripts_cannot(ann: Person, chat: int) -> None:
    said = say(ann, chat, "see https://example.com/a?b=1&c=2 and javascript:alert(1) <script>alert(1)</script>")
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="noopener nofollow ugc" target="_blank">' in said
    assert "<script" not in said and 'href="javascript' not in said


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  spaces around \n", "spaces around"),
        ("two\r\nlines", "two\nlines"),
        ("е\u0301", "е\u0301"),
        ("i\u0308", "ï"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("مرحبا שלום", "مرحبا שלום"),
        ("turned \u202egnp.exe", "turned gnp.exe"),
        ("bell\u0007", "bell"),
        ("*" * 4096, "*" * 4096),
        ("🌊" * 4096, "🌊" * 4096),
    ],
)
def test_words_are_cleaned_and_otherwise_kept(app: Flask, ann: Person, chat: int, written: str, kept: str) -> None:
    say(ann, chat, written)
    assert [message.body for message in said_in(app, chat)] == [kept]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "Write something or add a picture."),
        (" \n\t ", "Write something or add a picture."),
        ("*" * 4097, "Use 4096 characters at most."),
    ],
)
def test_what_cannot_be_sent_comes_back(
    app: Flask, ann: Person, chat: int, written: str, reason: str, pushed: list[Push]
) -> None:
    data = {"body": written, "client_id": "form"}
    answer = ann.htmx("POST", f"/chats/{chat}/messages", data=data)
    assert answer.status_code == 422 and reason in answer.text and "<html" not in answer.text
    page = ann.post(f"/chats/{chat}/messages", data=data)
    assert page.status_code == 422 and reason in page.text and "<html" in page.text
    assert f">{written.strip()}</textarea>" in page.text
    assert 'name="client_id" value="form"' in page.text
    assert said_in(app, chat) == [] and pushed == []


def test_nul_does_no_harm(app: Flask, ann: Person, chat: int) -> None:
    say(ann, chat, "a\0b", "x\0")
    say(ann, chat, "ab", "x")
    assert [message.body for message in said_in(app, chat)] == ["ab"]


def test_sent_again_it_is_said_once(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    first = say(ann, chat, "Once", "same")
    at_first, _elsewhere, *_rows = pushed
    pushed.clear()
    assert say(ann, chat, "Once", "same") == first
    assert ann.post(f"/chats/{chat}/messages", data={"body": "Once", "client_id": "same"}).status_code == 303
    assert len(said_in(app, chat)) == 1
    # Shown again, for it may have been stored by a process that died before it could show it; and no news.
    for again in pushed[::2]:
        assert (again.people, again.audience, again.revision) == (at_first.people, "watching", 1)
        quote = re.search(r'<a class="quote".*?</a>', pushed_html(again), re.DOTALL)
        assert quote
        assert pushed_html(again).replace(quote[0], "") == pushed_html(at_first).replace(" data-new", "")
    assert len(pushed) == 4 and " data-new" in pushed_html(at_first)
    say(bob, chat, "Another's id is another id", "same")
    assert [message.seq for message in said_in(app, chat)] == [1, 2]


def test_sent_again_at_once_it_is_said_once(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for number in range(4):
        browsers = [twin(app, ann) for _ in range(4)]
        at_once(*(lambda who=who, number=number: say(who, chat, "Once", f"id-{number}") for who in browsers))
    say(bob, chat, "After")
    assert [(message.seq, message.revision) for message in said_in(app, chat)] == [(n, n) for n in range(1, 6)]


def test_an_id_used_in_another_chat_is_refused(app: Flask, ann: Person, eve: Person, chat: int) -> None:
    befriend(app, ann, eve)
    other = open_chat(ann, eve)
    say(ann, chat, "For Bob alone", "same")
    answer = ann.htmx("POST", f"/chats/{other}/messages", data={"body": "For Eve", "client_id": "same"})
    assert answer.status_code == 422 and "For Bob" not in answer.text
    assert said_in(app, other) == []


def test_ids_of_any_length_work(app: Flask, ann: Person, chat: int) -> None:
    for _ in range(2):
        say(ann, chat, "Long id", "x" * 100)
    assert len(said_in(app, chat)) == 1
    say(ann, chat, "No id")
    say(ann, chat, "No id")
    assert len(said_in(app, chat)) == 3


def test_places_have_no_gaps_whoever_talks_at_once(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    def talk(who: Person, name: str) -> Callable[[], None]:
        def deed() -> None:
            for number in range(8):
                say(who, chat, f"{name} {number}", f"{name}-{number}")

        return deed

    at_once(*(talk(twin(app, who), f"{at}") for at, who in enumerate((ann, bob, ann, bob))))
    said = said_in(app, chat)
    assert [(message.seq, message.revision) for message in said] == [(n, n) for n in range(1, 33)]
    for name in "0123":
        assert [m.body for m in said if m.body.startswith(name)] == [f"{name} {number}" for number in range(8)]


def test_who_answers_has_read(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    say(ann, chat)
    say(ann, chat)
    pushed.clear()
    say(bob, chat, "Answer")
    assert read_seq(app, chat, bob) == 3 and read_seq(app, chat, ann) == 2
    (counts,) = [push for push in pushed if push.people == {bob.user_id} and push.chat is None]
    assert 'id="badge-chats" data-count="0"' in pushed_html(counts)  # in bob's other tabs
    pushed.clear()
    say(bob, chat, "And more")
    assert not [push for push in pushed if push.people == {bob.user_id}]


def test_pictures_come_along(app: Flask, ann: Person, bob: Person, eve: Person, chat: int) -> None:
    said = say(ann, chat, "", images=[(photo("teal"), "teal.png"), (photo("red"), "red.png")])
    keys = keys_in(said)
    assert len(keys) == 2 and keys_in(bob.get(f"/chats/{chat}").text) == keys
    assert "Picture" in bob.get("/chats").text
    assert bob.get(f"/media/{keys[0]}/320").status_code == 200
    assert eve.get(f"/media/{keys[0]}/320").status_code == 404


def test_a_broken_picture_keeps_the_others_and_the_words(app: Flask, ann: Person, chat: int) -> None:
    images = [(photo("teal"), "good.png"), (BytesIO(b"nothing"), "broken.png")]
    page = ann.post(f"/chats/{chat}/messages", data={"body": "With two", "client_id": "form", "images": images})
    assert page.status_code == 422 and "“broken.png” is not a picture" in page.text
    assert ">With two</textarea>" in page.text and said_in(app, chat) == []
    (waiting,) = waiting_in(page.text)
    assert len(keys_in(say(ann, chat, "With two", "form", image_ids=[waiting]))) == 1
    with app.app_context():
        assert db.session.scalars(select(Picture)).one().message_id is not None


def test_ten_pictures_at_most(app: Flask, ann: Person, chat: int) -> None:
    images = [(photo("teal", (8 + number, 8)), f"{number}.png") for number in range(11)]
    page = ann.post(f"/chats/{chat}/messages", data={"body": "", "client_id": "form", "images": images})
    assert page.status_code == 422 and "ten pictures at most" in page.text
    waiting = waiting_in(page.text)
    assert len(waiting) == 11
    assert len(keys_in(say(ann, chat, "", "form", image_ids=waiting[:10]))) == 10


def test_anothers_pictures_are_not_taken(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    images = [(photo("teal"), "good.png"), (BytesIO(b"nothing"), "broken.png")]
    (waiting,) = waiting_in(ann.post(f"/chats/{chat}/messages", data={"images": images}).text)
    for ids in ([waiting], ["999999"], [waiting, "x", "9" * 30]):
        answer = bob.htmx("POST", f"/chats/{chat}/messages", data={"body": "Mine?", "image_ids": ids})
        assert answer.status_code == 422 and "no longer here" in answer.text
    assert keys_in(say(bob, chat, "Mine?", image_ids=["x", "9" * 30])) == []


def test_an_ended_friendship_gives_the_words_back(app: Flask, ann: Person, chat: int) -> None:
    with app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
    answer = ann.post(f"/chats/{chat}/messages", data={"body": "Too late, alas", "client_id": "form"})
    assert answer.status_code == 422 and "You are not friends any more" in answer.text
    assert "Too late, alas" in answer.text
    assert said_in(app, chat) == []


def test_who_is_shown_what(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    both = {ann.user_id, bob.user_id}
    say(ann, chat, "First")
    message, preview, *new_rows = pushed
    assert (message.people, message.audience, message.chat, message.revision) == (both, "watching", chat, 1)
    assert (preview.people, preview.audience, preview.chat) == (both, "elsewhere", chat)
    assert "message-body" in pushed_html(message) and "message-body" not in pushed_html(preview)
    assert f'id="chat-preview-{chat}"' in pushed_html(message) and "First" in pushed_html(preview)
    to_ann, to_bob = sorted(new_rows, key=lambda push: push.people != {ann.user_id})
    assert (to_ann.people, to_bob.people) == ({ann.user_id}, {bob.user_id})
    assert "Богдан" in pushed_html(to_ann) and "Unread messages: 1<" in pushed_html(to_bob)
    pushed.clear()
    say(bob, chat, "Second")
    shown_to_both = [push for push in pushed if push.people == both]
    assert [push.revision for push in shown_to_both] == [2, None]


@pytest.mark.parametrize("language", ["en", "uk"])
def test_what_is_pushed_is_what_a_reloaded_page_shows(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push], language: str
) -> None:
    bob.set_cookie("language", language)
    bob.post("/settings/language", data={"language": language})
    answer = say(ann, chat, "Привіт\nhttps://example.com", images=[(photo("teal"), "teal.png")])
    (message,) = said_in(app, chat)
    element = f"message-{message.id}"
    page = bob.get(f"/chats/{chat}").text
    assert f'<html lang="{language}"' in page
    assert fragment(pushed_html(pushed[0], language), element) == fragment(page, element)
    assert fragment(answer, element) == fragment(ann.get(f"/chats/{chat}").text, element)


def test_older_messages_come_once_each(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 117)
    assert shown(bob.get(f"/chats/{chat}").text) == list(range(1, 51))  # what is unread
    bob.post(f"/chats/{chat}/read", data={"seq": 117})
    html, found = bob.get(f"/chats/{chat}").text, []
    while True:
        found = shown(html) + found
        more = re.search(r'data-load="(/chats/\d+/messages\?before=\d+)"', html)
        if not more:
            break
        html = bob.htmx("GET", more[1]).text
        assert "<html" not in html
    assert found == list(range(1, 118))
    plain = re.search(r'href="(/chats/\d+\?before=\d+)"', bob.get(f"/chats/{chat}").text)
    assert plain and shown(bob.get(plain[1]).text) == list(range(18, 68))
    for junk in ("x", "-1", "9" * 30):
        assert shown(bob.htmx("GET", f"/chats/{chat}/messages?before={junk}").text) == list(range(68, 118))


def test_days_are_set_apart(ann: Person, chat: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, hour in ((21, 12), (21, 21), (21, 23)):  # 23:00 UTC is the next day in Kyiv
        monkeypatch.setattr(messages, "now", lambda day=day, hour=hour: datetime(2026, 11, day, hour, tzinfo=UTC))
        say(ann, chat)
    page = ann.get(f"/chats/{chat}").text
    assert re.findall(r'day-chip"><time[^>]*>([^<]+)', page) == ["21 November 2026", "22 November 2026"]
    ann.post("/settings/language", data={"language": "uk"})
    assert "21 листопада 2026" in ann.get(f"/chats/{chat}").text


def test_more_messages_cost_no_more_queries(
    app: Flask, ann: Person, bob: Person, chat: int, queries: list[str]
) -> None:
    costs = []
    for number in range(60):
        say((ann, bob)[number % 2], chat, "Words", images=[(photo("teal"), "teal.png")] if number % 9 == 0 else [])
        if number in (4, 59):
            ann.get(f"/chats/{chat}")  # read now, so that the second look only asks
            queries.clear()
            assert keys_in(ann.get(f"/chats/{chat}").text)
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 13


def change(who: Person, message: int, body: str) -> str:
    """Change a message as the page's script does, and return its fragment."""
    answer = who.htmx("POST", f"/messages/{message}", data={"body": body})
    assert answer.status_code == 200, answer.text
    return answer.text


def take_back(who: Person, message: int) -> str:
    """Delete a message as the page's script does, and return what stays of it."""
    answer = who.htmx("POST", f"/messages/{message}/delete")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_ones_own_words_can_be_changed(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    say(ann, chat, "Frist")
    say(bob, chat, "What?")
    (message, _answer) = said_in(app, chat)
    changed = change(ann, message.id, "  First\r\n ")
    assert "First" in changed and "edited" in changed
    message, answer = said_in(app, chat)
    assert (message.seq, message.revision, message.body, answer.revision) == (1, 3, "First", 2)
    assert message.edited_at and message.edited_at > message.sent_at
    page = bob.get(f"/chats/{chat}").text
    assert "First" in page and "Frist" not in page and shown(page) == [1, 2]
    assert change(ann, message.id, "First") == change(ann, message.id, "First")
    assert said_in(app, chat)[0].revision == 3  # nothing changed
    answered = ann.post(f"/messages/{message.id}", data={"body": "The first"})
    assert (answered.status_code, answered.location) == (303, f"/chats/{chat}?at=1#message-{message.id}")


def test_what_is_deleted_leaves_its_place_and_nothing_else(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Better unsaid", "unsaid", images=[(photo("teal"), "teal.png")])
    (message,) = said_in(app, chat)
    (key,) = keys_in(ann.get(f"/chats/{chat}").text)
    assert bob.get(f"/media/{key}/320").status_code == 200
    pushed.clear()
    tombstone = take_back(ann, message.id)
    (kept,) = said_in(app, chat)
    assert (kept.id, kept.seq, kept.client_id, kept.body, kept.revision) == (message.id, 1, "unsaid", "", 2)
    with app.app_context():
        assert db.session.scalars(select(Picture)).all() == []
        (replayed,) = messages_changed_after(user(ann), db.session.get_one(Chat, chat), 1) or []
    assert replayed.face == "deleted"
    everything = [tombstone, *(pushed_html(push, language) for push in pushed for language in ("en", "uk"))]
    everything += [who.get(path).text for who in (ann, bob) for path in (f"/chats/{chat}", "/chats", "/")]
    everything.append(bob.htmx("GET", f"/chats/{chat}/messages").text)
    assert not [html for html in everything if "unsaid<" in html or "Better" in html or key in html]
    assert all("Message deleted" in html or "Повідомлення видалено" in html for html in everything)
    assert bob.get(f"/media/{key}/320").status_code == 404
    assert take_back(ann, message.id) == tombstone and said_in(app, chat)[0].revision == 2
    answer = ann.htmx("POST", f"/messages/{message.id}", data={"body": "Again"})
    assert answer.status_code == 422 and "has been deleted" in answer.text
    # The page that said it, and had no answer, says it again: it stays unsaid.
    assert fragment(say(ann, chat, "Better unsaid", "unsaid"), f"message-{message.id}") == fragment(
        tombstone, f"message-{message.id}"
    )
    answered = ann.post(f"/messages/{message.id}/delete")
    assert (answered.status_code, answered.location) == (303, f"/chats/{chat}?at=1#message-{message.id}")


def test_pictures_alone_are_enough_for_an_edit(app: Flask, ann: Person, chat: int) -> None:
    say(ann, chat, "With words", images=[(photo("teal"), "teal.png")])
    (message,) = said_in(app, chat)
    assert len(keys_in(change(ann, message.id, ""))) == 1


@pytest.mark.parametrize(
    ("written", "reason"),
    [(" \n", "Write something or add a picture."), ("*" * 4097, "Use 4096 characters at most.")],
)
def test_an_edit_follows_the_rules_of_sending(
    app: Flask, ann: Person, chat: int, pushed: list[Push], written: str, reason: str
) -> None:
    say(ann, chat, "Words")
    (message,) = said_in(app, chat)
    pushed.clear()
    for answer in (
        ann.htmx("POST", f"/messages/{message.id}", data={"body": written}),
        ann.post(f"/messages/{message.id}", data={"body": written}),
    ):
        assert answer.status_code == 422 and reason in answer.text
    assert said_in(app, chat)[0].body == "Words" and pushed == []


def test_nobody_changes_anothers_words(app: Flask, ann: Person, bob: Person, eve: Person, chat: int) -> None:
    say(ann, chat, "Words")
    (message,) = said_in(app, chat)
    for path in ("", "/delete"):
        for answer in (
            bob.htmx("POST", f"/messages/{message.id}{path}", data={"body": "Others"}),
            bob.post(f"/messages/{message.id}{path}", data={"body": "Others"}),
        ):
            assert answer.status_code == 403 and "Only the person who wrote" in answer.text
        assert eve.post(f"/messages/{message.id}{path}", data={"body": "Others"}).status_code == 404
        assert ann.post(f"/messages/999999{path}", data={"body": "Others"}).status_code == 404
    (kept,) = said_in(app, chat)
    assert (kept.body, kept.revision, kept.face) == ("Words", 1, "said")


def test_after_a_friendship_words_can_be_taken_back_but_not_changed(app: Flask, ann: Person, chat: int) -> None:
    say(ann, chat, "Words")
    (message,) = said_in(app, chat)
    with app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
    answer = ann.htmx("POST", f"/messages/{message.id}", data={"body": "Other words"})
    assert answer.status_code == 422 and "You are not friends any more" in answer.text
    assert "Message deleted" in take_back(ann, message.id)


@pytest.mark.parametrize("deed", [lambda who, message: change(who, message, "Changed"), take_back])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_change_is_shown_as_a_reloaded_page_shows_it(
    app: Flask,
    ann: Person,
    bob: Person,
    chat: int,
    pushed: list[Push],
    language: str,
    deed: Callable[[Person, int], str],
) -> None:
    bob.post("/settings/language", data={"language": language})
    say(ann, chat, "First")
    say(ann, chat, "Second")
    first, second = said_in(app, chat)
    for message, pushes in ((first, 1), (second, 2)):
        pushed.clear()
        deed(ann, message.id)
        assert [(push.audience, push.revision) for push in pushed] == [
            ("watching", message.seq + 2),
            ("elsewhere", None),
        ][:pushes]
        assert all(push.people == {ann.user_id, bob.user_id} and push.chat == chat for push in pushed)
        assert " data-new" not in "".join(map(pushed_html, pushed))  # it counts nowhere as unread
        element = f"message-{message.id}"
        page = bob.get(f"/chats/{chat}").text
        assert fragment(pushed_html(pushed[0], language), element) == fragment(page, element)


def test_changes_leave_what_is_unread_alone(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for _ in range(3):
        say(ann, chat)
    first, second, _third = said_in(app, chat)
    change(ann, first.id, "Changed")
    take_back(ann, second.id)
    assert 'id="badge-chats" data-count="3"' in bob.get("/chats").text
    with app.app_context():
        row = db.session.get_one(Chat, chat)
        assert (row.last_seq, row.last_revision) == (3, 5)
        changed = messages_changed_after(user(ann), row, 3) or []
    assert [(one.seq, one.revision, one.face) for one in changed] == [(1, 4, "said"), (2, 5, "deleted")]


def test_changes_at_once_take_a_revision_each(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for who in (ann, bob) * 4:
        say(who, chat)
    said = said_in(app, chat)
    browsers = [twin(app, who) for who in (ann, bob) * 4]

    def deed(number: int) -> Callable[[], str]:
        who, message = browsers[number], said[number].id
        return lambda: take_back(who, message) if number > 4 else change(who, message, f"Changed {number}")

    at_once(*(deed(number) for number in range(8)))
    assert sorted(message.revision for message in said_in(app, chat)) == list(range(9, 17))


def test_a_clock_that_jumps_changes_no_place(app: Flask, ann: Person, bob: Person) -> None:
    """Places and revisions come from the table; only the times shown are the clock's."""
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    moment = now()
    for number, hours in enumerate((0, 5, -48, 1000, 0)):
        with time_machine.travel(moment + timedelta(hours=hours)):
            say(ann, chat, f"word {number}")
    assert [message.body for message in said_in(app, chat)] == [f"word {number}" for number in range(5)]
    assert shown(bob.get(f"/chats/{chat}").text) == [1, 2, 3, 4, 5]
    assert bob.get("/chats").status_code == 200
    wires = Path(messages.__file__).parent.parent / "live"
    assert not [path.name for path in wires.glob("*.py") if "time.time(" in path.read_text()]  # timeouts cannot jump


def test_an_answer_quotes_what_it_answers(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    say(ann, chat, "Shall we meet? " + "x" * 300)
    (question,) = said_in(app, chat)
    pushed.clear()
    answer = say(bob, chat, "Yes", reply_to=question.id)
    jump = f'href="/chats/{chat}?at=1#message-{question.id}"'
    assert jump in answer and "Shall we meet?" in answer and "x" * 200 not in answer
    element = f"message-{said_in(app, chat)[1].id}"
    shown_live = next(pushed_html(push) for push in pushed if "<article" in pushed_html(push))
    assert fragment(shown_live, element) == fragment(ann.get(f"/chats/{chat}").text, element)
    for deed, words in ((lambda: change(ann, question.id, "Shall we?"), "Shall we?"), (None, "Message deleted")):
        pushed.clear()
        deed() if deed else take_back(ann, question.id)
        told = next(source for key, source, _ in Elements(pushed_html(pushed[0])).found if key.startswith("quote-"))
        assert words in told and told in " ".join(bob.get(f"/chats/{chat}").text.split())
    page = bob.get(f"/chats/{chat}?reply_to={said_in(app, chat)[1].id}").text
    assert f'name="reply_to" value="{said_in(app, chat)[1].id}"' in page


def test_an_answer_to_something_elsewhere_is_refused(
    app: Flask, ann: Person, bob: Person, eve: Person, chat: int
) -> None:
    befriend(app, ann, eve)
    say(eve, open_chat(eve, ann), "Elsewhere")
    other = said_in(app, open_chat(eve, ann))[0].id
    for junk in (other, 999999):
        page = bob.post(f"/chats/{chat}/messages", data={"body": "Words", "reply_to": junk})
        assert page.status_code == 422 and "not in this chat" in page.text and ">Words</textarea>" in page.text
        assert "Elsewhere" not in page.text
    assert said_in(app, chat) == []
    say(bob, chat, "Words", reply_to="junk")  # what is no number answers nothing


def test_who_is_named_is_linked(app: Flask, ann: Person, bob: Person, eve: Person, chat: int) -> None:
    html = say(ann, chat, "@Bob, @eve and bob@bob.example; @bob... see https://example.com/@bob")
    assert html.count('class="mention"') == 2 and html.count('href="/@bob"') == 2 and '"/@eve"' not in html
    assert f'data-mentions="{bob.user_id}"' in html
    with app.app_context():
        user(bob).name_themselves("Bob", "B", "bobby")
        db.session.commit()
    page = ann.get(f"/chats/{chat}").text
    assert 'href="/@bobby">@Bob</a>' in page
    message = said_in(app, chat)[0].id
    assert "data-mentions" not in change(ann, message, "Nobody")


def test_deleted_for_oneself_it_is_there_for_the_others(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Before")
    say(ann, chat, "Unwanted", images=[(photo("teal"), "teal.png")])
    hidden = said_in(app, chat)[1]
    (key,) = keys_in(bob.get(f"/chats/{chat}").text)
    pushed.clear()
    assert bob.htmx("POST", f"/messages/{hidden.id}/hide").status_code == 200
    assert [push.people for push in pushed if push.people != {bob.user_id}] == [{ann.user_id, bob.user_id}]
    first, readers, pins, row, counts = map(pushed_html, pushed)
    assert f'id="readers-{chat}"' in readers
    assert f'<i id="message-{hidden.id}" hidden>' in first and "Before" in row
    assert f'id="pins-{chat}"' in pins and 'id="badge-chats"' in counts
    for path in ("", "/messages?before=9", "/search?q=unwanted", "/gallery", "/pins"):
        mine, anns = bob.get(f"/chats/{chat}{path}").text, ann.get(f"/chats/{chat}{path}").text
        assert "Unwanted" not in mine.replace('value="unwanted"', "") and key not in mine
        assert path == "/pins" or "Unwanted" in anns or key in anns
    assert "Unwanted" not in bob.get("/chats").text and "Unwanted" in ann.get("/chats").text
    assert bob.get(f"/messages/{hidden.id}").status_code == 404
    assert bob.htmx("POST", f"/messages/{hidden.id}/hide").status_code == 404
    pushed.clear()
    change(ann, hidden.id, "Unwanted again")
    assert all(push.people == {ann.user_id} for push in pushed if "article" in pushed_html(push))
    with app.app_context():
        row_of_bob = db.session.get_one(Chat, chat)
        assert [one.seq for one in messages_changed_after(user(bob), row_of_bob, 0) or []] == [1]
        assert list(hidden_since(user(bob), row_of_bob, 2)) == [hidden.id] and not hidden_since(
            user(ann), row_of_bob, 0
        )


def test_a_change_that_cannot_be_keeps_the_words(app: Flask, ann: Person, chat: int) -> None:
    say(ann, chat, "First")
    message = said_in(app, chat)[0].id
    assert ">First</textarea>" in ann.get(f"/messages/{message}").text
    page = ann.post(f"/messages/{message}", data={"body": "*" * 4097})
    assert page.status_code == 422 and "Use 4096 characters at most." in page.text
    assert f">{'*' * 4097}</textarea>" in page.text and 'aria-invalid="true"' in page.text
    short = ann.htmx("POST", f"/messages/{message}", data={"body": "*" * 4097})
    assert short.status_code == 422 and "<html" not in short.text and "4096" in short.text


def test_any_stretch_of_a_chat_can_be_read(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 300)
    assert shown(bob.htmx("GET", f"/chats/{chat}/messages?after=100").text) == list(range(101, 151))
    around = bob.htmx("GET", f"/chats/{chat}/messages?at=200").text
    assert shown(around) == list(range(175, 225)) and f'id="messages-{chat}"' in around
    assert f"/chats/{chat}/messages?before=175" in around and f"/chats/{chat}/messages?after=224" in around
    assert shown(bob.htmx("GET", f"/chats/{chat}/messages?at=1").text) == list(range(1, 51))
    assert shown(bob.htmx("GET", f"/chats/{chat}/messages").text) == list(range(251, 301))
    assert shown(bob.get(f"/chats/{chat}?at=999").text) == list(range(251, 301))
    assert "newer" not in bob.htmx("GET", f"/chats/{chat}/messages").text


def test_a_line_stands_before_what_is_unread(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 10)
    bob.post(f"/chats/{chat}/read", data={"seq": 7})
    page = bob.get(f"/chats/{chat}").text
    line = page.index('class="unread-line"')
    assert page.index('data-seq="7"') < line < page.index('data-seq="8"')
    assert 'id="unread"' not in bob.get(f"/chats/{chat}").text


def test_a_day_leads_to_its_first_message(ann: Person, chat: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, hour in ((20, 12), (21, 21), (21, 23)):  # 23:00 UTC is the next day in Kyiv
        monkeypatch.setattr(messages, "now", lambda day=day, hour=hour: datetime(2026, 11, day, hour, tzinfo=UTC))
        say(ann, chat)
    places = {"2026-11-19": "?at=1#place", "2026-11-21": "?at=2#place", "2026-11-22": "?at=3#place", "2026-12-24": ""}
    for asked, place in places.items():
        assert ann.get(f"/chats/{chat}/day?date={asked}").location == f"/chats/{chat}{place}"
    assert ann.get(f"/chats/{chat}/day?date=junk").status_code == 422


def test_what_was_said_is_found_whatever_its_case(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    for words in ("Зустріч у Львові о п’ятій", "ЗУСТРІЧ скасовано", "100% sure_thing", "Inside"):
        say(ann, chat, words)

    def found(words: str) -> list[int]:
        return shown(bob.get(f"/chats/{chat}/search", query_string={"q": words}).text)

    assert found("зустріч") == [2, 1] and found("львові ЗУСТРІЧ") == [1]
    assert found("%") == [3] and found("_") == [3] and found("side") == [4] and found("nothing") == []
    assert "Nothing was found." in bob.get(f"/chats/{chat}/search?q=nothing").text
    fill(app, chat, ann, 60)
    page = bob.get(f"/chats/{chat}/search?q=WORDS").text
    assert shown(page) == list(range(64, 14, -1)) and "before=15" in page
    assert shown(bob.get(f"/chats/{chat}/search?q=words&before=15").text) == list(range(14, 4, -1))


def test_pictures_that_waited_too_long_are_missed(app: Flask, ann: Person, chat: int) -> None:
    answer = ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "", "image_ids": "12345", "client_id": "x"})
    assert answer.status_code == 422 and "no longer here" in answer.text
    assert said_in(app, chat) == []


def test_who_deleted_it_for_themselves_hears_of_a_change_and_not_of_the_message(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(ann, chat, "Unwanted", "same")
    (message,) = said_in(app, chat)
    bob.post(f"/messages/{message.id}/hide")
    for deed in (lambda: change(ann, message.id, "Changed"), lambda: say(ann, chat, "Unwanted", "same")):
        pushed.clear()
        deed()
        told = [pushed_html(push) for push in pushed if bob.user_id in push.people]
        assert not any("<article" in html for html in told)
        assert any(f'<i id="revised" data-chat="{chat}" data-revision="2" hidden>' in html for html in told)


def test_a_push_that_fails_does_not_fail_what_was_said(
    app: Flask, ann: Person, chat: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bus, "publish", lambda _push: 1 / 0)
    say(ann, chat, "Said all the same")
    assert [one.body for one in said_in(app, chat)] == ["Said all the same"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x", ""])
def test_days_that_are_none_or_far_away(ann: Person, chat: int, day: str) -> None:
    say(ann, chat)
    answer = ann.get(f"/chats/{chat}/day?date={day}")
    assert answer.status_code in (303, 422)


def test_a_day_is_found_in_a_long_chat(app: Flask, ann: Person, bob: Person, chat: int, queries: list[str]) -> None:
    fill(app, chat, ann, 100)
    with app.app_context():
        begin = datetime(2026, 3, 1, 9, tzinfo=UTC)
        for number, message in enumerate(db.session.scalars(select(Message).order_by(Message.seq))):
            message.sent_at = begin + timedelta(days=number // 7)
        db.session.commit()
    for day, place in (("2026-03-01", 1), ("2026-03-02", 8), ("2026-03-10", 64), ("2026-03-15", 99), ("2020-01-01", 1)):
        queries.clear()
        assert bob.get(f"/chats/{chat}/day?date={day}").location == f"/chats/{chat}?at={place}#place"
        assert len(queries) < 5
    assert bob.get(f"/chats/{chat}/day?date=2026-03-16").location == f"/chats/{chat}"


@pytest.mark.parametrize("words", ["Straße", "STRASSE straße", "ﬁnale", "КАВА"])
def test_a_search_knows_no_case_on_any_database(ann: Person, chat: int, words: str) -> None:
    say(ann, chat, f"Here: {words.split()[-1].lower()}, кава")
    assert "Here:" in ann.get(f"/chats/{chat}/search?q={words.split()[-1]}").text


def test_a_search_goes_through_a_long_chat_in_stretches(
    app: Flask, ann: Person, bob: Person, chat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.finding.REACHES", (5, 20))
    say(ann, chat, "The needle")
    fill(app, chat, ann, 60)
    say(ann, chat, "another Needle, 100% sure_")
    page = bob.get(f"/chats/{chat}/search?q=NEEDLE").text
    assert "another Needle" in page and "The needle" not in page
    before = re.findall(r"before=(\d+)", page)[-1]
    page = bob.get(f"/chats/{chat}/search?q=NEEDLE&before={before}").text
    before = re.findall(r"before=(\d+)", page)[-1]
    assert "The needle" in bob.get(f"/chats/{chat}/search?q=NEEDLE&before={before}").text
    assert "another Needle" in bob.get(f"/chats/{chat}/search?q=100%25+sure_").text
    assert "Nothing was found" not in bob.get(f"/chats/{chat}/search?q=nowhere").text  # yet


def test_a_pushed_beginning_is_what_a_reloaded_inbox_shows(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    wanted = f"chat-preview-{chat}"

    def element(html: str) -> str:
        source = next(source for key, source, _ in Elements(html).found if key == wanted)
        return re.sub(r' data-(new|mentions="[0-9 ]*")', "", source)

    for deed in (
        lambda: say(ann, chat, "Перше 🌊 @bob"),
        lambda: say(bob, chat, "", images=[(photo("teal"), "teal.png")]),
        lambda: change(bob, said_in(app, chat)[-1].id, "Changed"),
        lambda: bob.post(f"/messages/{said_in(app, chat)[-1].id}/pin"),
        lambda: say(ann, chat, "x" * 300),
        lambda: ann.post(f"/messages/{said_in(app, chat)[-1].id}/delete"),
    ):
        pushed.clear()
        deed()
        told = [html for push in pushed if push.audience == "elsewhere" and wanted in (html := pushed_html(push))]
        assert element(told[-1]) == element(bob.get("/chats").text)


def test_a_fresh_log_is_what_a_reloaded_page_shows(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    fill(app, chat, ann, 260)
    bob.post(f"/chats/{chat}/read", data={"seq": 260})
    with app.test_request_context(), force_locale("en"):
        row = chat_for(user(bob), chat)
        assert row
        told = str(missed_in(user(bob), row, 1))
    wanted = f"messages-{chat}"
    fresh, page = (
        next(source for key, source, _ in Elements(html).found if key == wanted)
        for html in (told, bob.get(f"/chats/{chat}").text)
    )
    assert fresh == page
