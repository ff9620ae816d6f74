"""Reactions: made and unmade, counted, shown to everybody who looks, and refused where they have no place."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete

from app.emoji import ALL
from app.extensions import db
from app.live.pushes import Push
from app.models import Friendship
from tests.conftest import Person
from tests.talk import at_once, befriend, fragment, gather, pushed_html, said_in, say, twin

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def message(app: Flask, ann: Person, chat: int) -> int:
    """What ann said."""
    say(ann, chat, "Look 🌊")
    return said_in(app, chat)[0].id


def react(who: Person, message: int, emoji: str, away: bool = False) -> str:
    answer = who.htmx("POST", f"/messages/{message}/reactions{'/delete' if away else ''}", data={"emoji": emoji})
    assert answer.status_code == 200, answer.text
    return answer.text


def tally(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="emoji" value="([^"]+)" data-users="([^"]*)"', html))


def test_a_reaction_is_counted_once_for_each_person(
    app: Flask, ann: Person, bob: Person, chat: int, message: int
) -> None:
    assert tally(react(bob, message, "👍")) == {"👍": f"{bob.user_id}"}
    assert tally(react(bob, message, "👍")) == {"👍": f"{bob.user_id}"}
    html = react(ann, message, "👍")
    assert tally(html) == {"👍": f"{bob.user_id} {ann.user_id}"}
    assert 'title="Богдан Ґонта-Їжак, Ann Ivanenko"' in html and "</span> 2<" in html
    assert said_in(app, chat)[0].revision == 3  # what changed nothing is no change
    assert tally(react(bob, message, "👍", away=True)) == {"👍": f"{ann.user_id}"}
    assert tally(react(bob, message, "👍", away=True)) == {"👍": f"{ann.user_id}"}
    assert "reaction" not in fragment(react(ann, message, "👍", away=True), f"message-{message}")


def test_without_a_script(ann: Person, chat: int, message: int) -> None:
    answer = ann.post(f"/messages/{message}/reactions", data={"emoji": "❤️"})
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat}?at=1#message-{message}")
    page = ann.get(f"/messages/{message}").text
    assert "❤️" in page and f'action="/messages/{message}/reactions/delete"' in page


def test_who_else_reacted_is_counted(app: Flask, ann: Person, join: Callable[..., Person], bob: Person) -> None:
    people = [bob, *(join(name) for name in ("cleo", "dan", "olha"))]
    for person in people:
        befriend(app, ann, person)
    group = gather(app, ann, *people)
    say(ann, group)
    message = said_in(app, group)[-1].id
    for person in people:
        html = react(person, message, "🎉")
    assert "Cleo Example, Dan Example and 1 other" in html


@pytest.mark.parametrize("emoji", ["", "x", "👍👍", "<b>", "🌊🌊", "\0"])
def test_junk_is_no_reaction(app: Flask, ann: Person, chat: int, message: int, emoji: str) -> None:
    answer = ann.htmx("POST", f"/messages/{message}/reactions", data={"emoji": emoji})
    assert answer.status_code == 422 and "cannot be chosen" in answer.text
    assert said_in(app, chat)[0].revision == 1


def test_three_from_each_and_twenty_in_all(
    app: Flask, ann: Person, bob: Person, join: Callable[..., Person], message: int, chat: int
) -> None:
    first, second, third, fourth = sorted(ALL)[:4]
    for emoji in (first, second, third):
        react(ann, message, emoji)
    answer = ann.htmx("POST", f"/messages/{message}/reactions", data={"emoji": fourth})
    assert answer.status_code == 422 and "enough reactions" in answer.text
    react(ann, message, first, away=True)
    react(ann, message, fourth)


def test_nobody_else_reacts(app: Flask, ann: Person, bob: Person, eve: Person, chat: int, message: int) -> None:
    assert eve.htmx("POST", f"/messages/{message}/reactions", data={"emoji": "👍"}).status_code == 404
    with app.app_context():
        db.session.execute(delete(Friendship))
        db.session.commit()
    answer = bob.htmx("POST", f"/messages/{message}/reactions", data={"emoji": "👍"})
    assert answer.status_code == 422 and "not friends any more" in answer.text


def test_what_is_deleted_or_told_by_the_group_has_none(
    app: Flask, ann: Person, bob: Person, chat: int, message: int
) -> None:
    react(bob, message, "👍")
    gone = ann.htmx("POST", f"/messages/{message}/delete").text
    assert tally(gone) == {} and tally(bob.get(f"/chats/{chat}").text) == {}
    assert bob.htmx("POST", f"/messages/{message}/reactions", data={"emoji": "👍"}).status_code == 422
    line = said_in(app, gather(app, ann, bob))[0].id
    assert ann.htmx("POST", f"/messages/{line}/reactions", data={"emoji": "👍"}).status_code == 422


def test_what_is_pushed_is_what_a_reloaded_page_shows(
    app: Flask, ann: Person, bob: Person, chat: int, message: int, pushed: list[Push]
) -> None:
    react(bob, message, "👍")
    watching, _preview = pushed
    assert (watching.people, watching.revision) == ({ann.user_id, bob.user_id}, 2)
    element = f"message-{message}"
    assert fragment(pushed_html(watching), element) == fragment(ann.get(f"/chats/{chat}").text, element)


def test_reactions_at_once_are_all_there(app: Flask, ann: Person, bob: Person, chat: int, message: int) -> None:
    browsers = [(twin(app, who), emoji) for who in (ann, bob) for emoji in ("👍", "❤️", "👍")]
    at_once(*(lambda who=who, emoji=emoji: react(who, message, emoji) for who, emoji in browsers))
    found = tally(ann.get(f"/chats/{chat}").text)
    assert {emoji: set(users.split()) for emoji, users in found.items()} == {
        emoji: {f"{ann.user_id}", f"{bob.user_id}"} for emoji in ("👍", "❤️")
    }
    assert said_in(app, chat)[0].revision == 5
