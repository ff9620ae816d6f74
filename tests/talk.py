"""Friends, their chats and what they say in them."""

import re
import threading
from collections.abc import Callable
from typing import cast

from flask import Flask
from sqlalchemy import select

from app.actions import groups
from app.extensions import db
from app.live.hub import Push
from app.models import Chat, Friendship, Membership, Message, User
from app.models.columns import now
from app.models.friendship import pair
from tests.conftest import Person


def befriend(app: Flask, one: Person, other: Person) -> None:
    """Make two people friends."""
    assert one.user_id and other.user_id
    low, high = pair(one.user_id, other.user_id)
    with app.app_context():
        db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
        db.session.commit()


def open_chat(one: Person, other: Person) -> int:
    """Open the chat of two friends through its door."""
    answer = one.post(f"/users/{other.user_id}/chat")
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1])


def gather(app: Flask, owner: Person, *members: Person, name: str = "Hikers") -> int:
    """Make a group of somebody and their friends, with the verb: its door comes with the managing of groups."""
    with app.test_request_context():
        return groups.create(user(owner), name, [one.user_id for one in members])


def user(person: Person) -> User:
    """Return who is signed in, within an application's context, as verbs are handed them."""
    return db.session.get_one(User, person.user_id)


def say(who: Person, chat: int, body: str = "Hello", client_id: str = "", **more: object) -> str:
    """Say something as the page's script does, and return the message's fragment."""
    data = {"body": body, "client_id": client_id, **more}
    answer = who.htmx("POST", f"/chats/{chat}/messages", data=data)
    assert answer.status_code == 200, answer.text
    return answer.text


def fill(app: Flask, chat: int, author: Person, count: int) -> None:
    """Put many messages into a chat without saying them one by one."""
    with app.app_context():
        row = db.session.get_one(Chat, chat)
        for _ in range(count):
            row.last_seq, row.last_revision = row.last_seq + 1, row.last_revision + 1
            place = {"chat_id": chat, "seq": row.last_seq, "revision": row.last_revision}
            db.session.add(Message(**place, author_id=author.user_id, client_id=f"{chat}-{row.last_seq}", body="Words"))
        db.session.commit()


def said_in(app: Flask, chat: int) -> list[Message]:
    """Return a chat's messages in order."""
    with app.app_context():
        return list(db.session.scalars(select(Message).where(Message.chat_id == chat).order_by(Message.seq)))


def read_seq(app: Flask, chat: int, who: Person) -> int:
    """Return how far somebody has read."""
    with app.app_context():
        return db.session.get_one(Membership, (chat, who.user_id)).read_seq


def fragment(html: str, element: str) -> str:
    """Cut a message, with its line breaks evened, out of a page or a push."""
    found = re.search(rf'<article class="message" id="{element}".*?</article>', html, re.DOTALL)
    assert found, element
    return re.sub(r"\s+", " ", found[0])


def pushed_html(push: Push, language: str = "en") -> str:
    """Return what a push shows in a language, without the frame around it."""
    frame = push.renderings[language]
    return frame[frame.index(b"<") :].decode()


def shown(html: str) -> list[int]:
    """Return the places of the messages that a page or fragment shows, in its order."""
    return [int(seq) for seq in re.findall(r'<article class="message"[^>]* data-seq="(\d+)"', html)]


def twin(app: Flask, person: Person) -> Person:
    """Return another browser with the same cookie: one browser is not made for two threads."""
    client = cast(Person, app.test_client())
    cookie = person.get_cookie("worldit")
    assert cookie
    client.set_cookie("worldit", cookie.value)
    client.user_id = person.user_id
    return client


def at_once(*deeds: Callable[[], object]) -> None:
    """Do all of this in threads that begin at the same moment."""
    start, failures = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
