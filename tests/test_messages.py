"""Messages: said once, shown to those who are in the chat, kept in order."""

import re
import threading
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.actions import messages
from app.extensions import db
from app.live.hub import Push
from app.models import Chat, Message, User
from tests.conftest import Person
from tests.test_chats import befriend, chat, pushes, say

__all__ = ["befriend", "chat", "pushes"]


def said_in(app: Flask, chat_id: int) -> list[tuple[int, int, str]]:
    with app.app_context():
        rows = (
            select(Message.seq, Message.revision, Message.body).where(Message.chat_id == chat_id).order_by(Message.seq)
        )
        return [tuple(row) for row in db.session.execute(rows)]


def photo(size: tuple[int, int] = (64, 48)) -> BytesIO:
    file = BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(file, "JPEG")
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "words",
    [
        "Hello",
        "Привіт, ґаво! 🌊👩‍👩‍👧",
        "<b>bold?</b> & 'quotes'",
        "two\nlines",
        "שלום עולם",
        "a" * 4000,
        "x" * 300 + "." * 300,
    ],
)
def test_what_is_said_is_on_both_pages(ann: Person, bob: Person, chat: int, words: str) -> None:
    answer = ann.post(f"/chats/{chat}/messages", data={"body": words})
    assert answer.status_code == 303
    for person in (ann, bob):
        page = person.get(f"/chats/{chat}").text
        shown = re.findall(r'<p class="message-body">(.+?)</p>', page.split('id="composer"')[0], re.DOTALL)
        assert len(shown) == 1
        assert "<b>" not in shown[0]
        assert re.sub(r"\s+", "", words[:20].split("<")[0]) in re.sub(r"\s+", "", shown[0])


def test_links_can_be_followed_and_scripts_cannot(ann: Person, chat: int) -> None:
    say(ann, chat, "see https://example.com/a?b=1&c=2 and javascript:alert(1) <script>alert(1)</script>")
    page = ann.get(f"/chats/{chat}").text
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="noopener nofollow ugc" target="_blank">' in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("", "Write something"), ("  \n\t ", "Write something"), ("\x00\x07", "Write something"), ("a" * 4001, "4000")],
)
def test_what_cannot_be_said_gets_a_sentence_and_loses_nothing(
    app: Flask, ann: Person, chat: int, words: str, sentence: str
) -> None:
    for answer in (
        ann.post(f"/chats/{chat}/messages", data={"body": words}),
        ann.htmx("POST", f"/chats/{chat}/messages", data={"body": words}),
    ):
        assert answer.status_code == 422
        assert sentence in answer.text
    assert words.strip("\x00\x07 \n\t") in ann.post(f"/chats/{chat}/messages", data={"body": words}).text
    assert said_in(app, chat) == []


def test_the_same_message_sent_again_is_said_once(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    first = ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "Once", "client_id": "abc"})
    again = ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "Once", "client_id": "abc"})
    assert first.status_code == again.status_code == 200
    assert first.text == again.text
    say(bob, chat, "Mine", client_id="abc")  # another author's ids are their own
    assert said_in(app, chat) == [(1, 1, "Once"), (2, 2, "Mine")]


def test_at_once_from_everywhere_everything_is_said_once_and_in_order(
    app: Flask, ann: Person, bob: Person, chat: int
) -> None:
    barrier = threading.Barrier(4)

    def talk(user_id: int, name: str) -> None:
        barrier.wait()
        for number in range(12):
            with app.test_request_context():
                author = db.session.get(User, user_id)
                assert author is not None
                messages.send(chat, author, f"{name} {number}", f"{name}-{number}")

    # Two of ann's tabs send the same messages with the same ids.
    who = [(ann.user_id, "ann"), (ann.user_id, "ann"), (bob.user_id, "bob"), (bob.user_id, "bobs phone")]
    threads = [threading.Thread(target=talk, args=one) for one in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = said_in(app, chat)
    assert [seq for seq, _, _ in said] == list(range(1, 37))
    assert [revision for _, revision, _ in said] == list(range(1, 37))
    for name in ("ann", "bob", "bobs phone"):
        assert [body for _, _, body in said if body.startswith(f"{name} ")] == [f"{name} {n}" for n in range(12)]
    with app.app_context():
        assert db.session.get(Chat, chat).last_seq == 36  # type: ignore[union-attr]


def test_a_message_is_pushed_to_those_who_look_and_previewed_to_the_others(
    ann: Person, bob: Person, chat: int, pushes: list[Push]
) -> None:
    say(ann, chat, "First")
    pushes.clear()
    say(bob, chat, "Second")
    watching, elsewhere = pushes
    assert watching.people == elsewhere.people == {ann.user_id, bob.user_id}
    assert (watching.audience, watching.chat, watching.revision) == ("watching", chat, 2)
    assert elsewhere.audience == "elsewhere"
    assert b'class="message"' in watching.renderings["uk"]
    assert b'class="message"' not in elsewhere.renderings["uk"]
    assert f'id="chat-preview-{chat}"'.encode() in elsewhere.renderings["en"]


def test_the_first_message_brings_each_their_own_row(ann: Person, bob: Person, chat: int, pushes: list[Push]) -> None:
    say(ann, chat, "First")
    rows = {
        next(iter(push.people)): push.renderings["en"].decode(errors="ignore")
        for push in pushes
        if len(push.people) == 1
    }
    assert "Ґонта-Їжак" in rows[ann.user_id]  # type: ignore[index]
    assert "Ann Ivanenko" in rows[bob.user_id]  # type: ignore[index]
    assert "1 unread message" in rows[bob.user_id]  # type: ignore[index]


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_pushed_message_equals_the_one_on_the_reloaded_page(
    ann: Person, bob: Person, chat: int, pushes: list[Push], language: str
) -> None:
    answer = ann.post(
        f"/chats/{chat}/messages", data={"body": "Дивись https://example.com", "images": (photo(), "фото.jpg")}
    )
    assert answer.status_code == 303
    (push,) = [push for push in pushes if push.audience == "watching"]
    frame = push.renderings[language]
    article = re.search(rb"<article.*?</article>", frame, re.DOTALL)
    assert article
    bob.post("/settings/language", data={"language": language})
    page = bob.get(f"/chats/{chat}").text
    on_page = re.search(r"<article.*?</article>", page, re.DOTALL)
    assert on_page
    assert squeezed(article[0].decode()) == squeezed(on_page[0])


def squeezed(html: str) -> str:
    return re.sub(r"\s+", " ", html)


def test_pictures_come_along_and_a_broken_one_costs_nothing_else(
    app: Flask, ann: Person, bob: Person, eve: Person, chat: int
) -> None:
    files = {"body": "Look", "images": [(photo(), "good.jpg"), (BytesIO(b"hello"), "broken.jpg")]}
    answer = ann.post(f"/chats/{chat}/messages", data=files)
    assert answer.status_code == 422
    assert "“broken.jpg” is not a picture we can read" in answer.text
    assert ">Look</textarea>" in answer.text
    (waiting,) = re.findall(r'name="image_ids" value="(\d+)"', answer.text)
    say(ann, chat, "Look", image_ids=waiting)
    page = bob.get(f"/chats/{chat}").text
    (address,) = set(re.findall(r'src="(/media/[0-9a-f]+/960)"', page))
    assert bob.get(address).status_code == 200
    assert eve.get(address).status_code == 404

    assert ann.post(f"/chats/{chat}/messages", data={"images": (photo((50, 50)), "only.png")}).status_code == 303
    assert "Picture" in bob.get("/chats").text


def test_older_messages_come_page_by_page_each_once(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    with app.test_request_context():
        author = db.session.get(User, bob.user_id)
        assert author is not None
        for number in range(1, 121):
            messages.send(chat, author, f"Words {number}", str(number))
    page = ann.get(f"/chats/{chat}").text
    seen = re.findall(r'data-seq="(\d+)" data-revision', page)
    while match := re.search(rf'hx-get="(/chats/{chat}/messages\?before=\d+)"', page):
        page = ann.get(match[1]).text
        seen = re.findall(r'data-seq="(\d+)" data-revision', page) + seen
    assert seen == [str(number) for number in range(1, 121)]
    assert "Words 20<" in ann.get(f"/chats/{chat}?before=60").text


def test_a_chat_asks_no_more_for_sixty_messages_than_for_three(
    app: Flask, ann: Person, bob: Person, chat: int, queries: list[str]
) -> None:
    say(bob, chat, "One")
    ann.post(f"/chats/{chat}/messages", data={"images": (photo(), "a.jpg")})
    ann.get(f"/chats/{chat}")
    queries.clear()
    ann.get(f"/chats/{chat}")
    few = len(queries)
    with app.test_request_context():
        author = db.session.get(User, bob.user_id)
        assert author is not None
        for number in range(60):
            messages.send(chat, author, "More", str(number))
    ann.get(f"/chats/{chat}")
    queries.clear()
    ann.get(f"/chats/{chat}")
    assert len(queries) == few


def test_days_are_told_apart(app: Flask, ann: Person, chat: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    for day, hour in ((21, 12), (21, 21), (21, 23)):  # 23:00 UTC is the next day in Kyiv
        monkeypatch.setattr(messages, "now", lambda day=day, hour=hour: datetime(2026, 11, day, hour, tzinfo=UTC))
        say(ann, chat, "Words")
    page = ann.get(f"/chats/{chat}").text
    assert re.findall(r'day-chip"><time[^>]*>([^<]+)', page) == ["21 November 2026", "22 November 2026"]
    ann.post("/settings/language", data={"language": "uk"})
    assert "21 листопада 2026" in ann.get(f"/chats/{chat}").text
