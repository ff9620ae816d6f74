"""A username that somebody leaves goes on leading to them for a while, and is nobody else's meanwhile."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.actions.usernames import MOST
from app.extensions import db
from app.models import FormerUsername, User
from app.models.columns import now
from app.queries.users import free_usernames
from tests.conftest import Person
from tests.talk import at_once, befriend, open_chat, said_in, say, twin
from tests.test_posts import publish

TABS = ("", "/albums", "/friends", "/about")


def rename(who: Person, username: str) -> int:
    return who.post("/settings/profile", data={"username": username}).status_code


def left(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {one.name: one.user_id for one in db.session.scalars(select(FormerUsername))}


def age(app: Flask, **by: float) -> None:
    """Let all of this have been so long ago."""
    with app.app_context():
        db.session.execute(update(FormerUsername).values(left_at=now() - timedelta(**by)))
        db.session.commit()


@pytest.mark.parametrize("tab", TABS)
def test_every_old_address_leads_to_the_same_one_of_the_new_name(ann: Person, bob: Person, tab: str) -> None:
    assert rename(bob, "Bohdan") == 303
    for who in (ann, bob):
        for old in ("bob", "BOB"):
            for query in ("", "?q=ї+%26&mutual=1&before=7", "?q=%3Cb%3E"):
                answer = who.get(f"/@{old}{tab}{query}")
                assert answer.status_code in (302, 303)
                path, _, asked = answer.location.partition("?")
                assert path == f"/@Bohdan{tab}"
                assert bool(asked) == bool(query)
                page = who.get(f"/@{old}{tab}{query}", follow_redirects=True)
                assert page.status_code == 200 and page.request.args == who.get(answer.location).request.args


def test_the_words_of_an_address_go_along(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    rename(bob, "bohdan")
    page = ann.get("/@bob/friends?q=ivan", follow_redirects=True)
    assert 'value="ivan"' in page.text and f'id="person-{ann.user_id}"' in page.text
    assert ann.htmx("GET", "/@bob/friends?q=x").location == "/@bohdan/friends?q=x"


def test_it_leads_nobody_who_may_not_find_them(app: Flask, ann: Person, bob: Person, visitor: Person) -> None:
    rename(bob, "bohdan")
    assert visitor.get("/@bob").location == "/login?next=/@bob"
    bob.post(f"/users/{ann.user_id}/block")
    for tab in TABS:
        assert ann.get(f"/@bob{tab}").status_code == 404
        assert ann.get(f"/@bohdan{tab}").status_code == 404
    for junk in ("%00", "x" * 5000, "b%00b", "🐝", "%E2%80%AEbob", "їжак"):
        assert bob.get(f"/@{junk}").status_code == 404


def test_nobody_else_can_take_it_for_ninety_days(
    app: Flask, ann: Person, bob: Person, join: Callable[..., Person]
) -> None:
    rename(bob, "bohdan")
    age(app, days=89, hours=23)
    for name in ("bob", "BOB", "bohdan"):
        answer = ann.post("/settings/profile", data={"username": name})
        assert (
            answer.status_code == 422 and "This username is taken." in answer.text and f'value="{name}"' in answer.text
        )
    newcomer = join("new")
    with app.app_context():
        db.session.execute(update(User).where(User.id == newcomer.user_id).values(username=None, username_folded=None))
        db.session.commit()
        assert free_usernames(["bob", "Bob2"], 4) == ["Bob2"]
    told = {"first_name": "N", "last_name": "N", "username": "bob"}
    assert newcomer.post("/welcome", data=told).status_code == 422
    assert ann.get("/@bob").location == "/@bohdan" and left(app) == {"bob": bob.user_id}
    age(app, days=90)
    assert ann.get("/@bob").status_code == 404
    with app.app_context():
        assert free_usernames(["bob"], 4) == ["bob"]
    assert newcomer.post("/welcome", data=told).status_code == 303
    assert f'id="profile-{newcomer.user_id}"' in ann.get("/@bob").text
    assert left(app) == {}  # what nobody is led by is cleared away when somebody takes a name


def test_who_left_it_can_take_it_back(app: Flask, ann: Person, bob: Person) -> None:
    for name, chain in (
        ("bohdan", {"bob"}),
        ("bob", {"bohdan"}),
        ("bohdan", {"bob"}),
        ("dan", {"bob", "bohdan"}),
        ("BOB", {"bohdan", "dan"}),
        ("bob", {"bohdan", "dan"}),  # only the case is another
    ):
        assert rename(bob, name) == 303
        assert left(app) == dict.fromkeys(chain, bob.user_id)
        for former in chain:
            assert ann.get(f"/@{former}/about").location == f"/@{name}/about"
        assert f'id="profile-{bob.user_id}"' in ann.get(f"/@{name}").text


def test_one_of_two_takes_a_name(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    for number in range(3):
        at_once(*(partial(rename, twin(app, who), f"wanted{number}") for who in (ann, bob, eve)))
        with app.app_context():
            assert db.session.scalar(select(db.func.count()).where(User.username_folded == f"wanted{number}")) == 1
    names = left(app)
    with app.app_context():
        present = set(db.session.scalars(select(User.username_folded)))
    assert not present & names.keys()


def test_a_name_that_is_left_just_now_is_not_taken_just_now(app: Flask, ann: Person, bob: Person) -> None:
    for number in range(4):
        with app.app_context():
            before = db.session.get_one(User, bob.user_id).username
        assert before
        at_once(partial(rename, twin(app, bob), f"bohdan{number}"), partial(rename, twin(app, ann), before))
        with app.app_context():
            assert db.session.get_one(User, ann.user_id).username == "ann"
        assert left(app)[before] == bob.user_id


def test_two_tabs_leave_every_name_they_had(app: Flask, ann: Person, bob: Person) -> None:
    at_once(*(partial(rename, twin(app, bob), name) for name in ("bo", "dan1", "dan2", "dan3")))
    with app.app_context():
        present = db.session.get_one(User, bob.user_id).username_folded
    assert present in {"dan1", "dan2", "dan3"}
    assert left(app) == dict.fromkeys({"bob", "dan1", "dan2", "dan3"} - {present}, bob.user_id)


def test_what_named_them_goes_on_leading_to_them(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    old = publish(ann, "Old", body="With @bob"), say(ann, chat, "To @bob")
    ann.post(f"/posts/{old[0]}/comments", data={"body": "And @Bob", "client_id": "1"})
    ann.post("/settings/profile", data={"bio": "A friend of @bob"})
    rename(bob, "bohdan")
    new = publish(ann, "New", body="Again @bob"), say(ann, chat, "Again @BOB")
    ann.post(f"/posts/{new[0]}/comments", data={"body": "Once more @bob", "client_id": "2"})
    for path in (f"/posts/{old[0]}", f"/posts/{new[0]}", f"/chats/{chat}", "/@ann", "/@ann/about"):
        text = ann.get(path).text
        named = re.findall(r'<a class="mention" href="/@(\w+)">@(?i:bob)</a>', text)
        assert named and set(named) == {"bohdan"}, path
    assert all(len(message.body) for message in said_in(app, chat))
    assert 'data-mentions="' + str(bob.user_id) in ann.get(f"/chats/{chat}").text
    age(app, days=91)
    assert eve.post("/settings/profile", data={"username": "bob"}).status_code == 303
    assert 'href="/@bohdan">@bob</a>' in ann.get(f"/posts/{old[0]}").text  # whom it has always meant


def test_a_text_that_has_both_names_names_one_person(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    rename(bob, "bohdan")
    chat = open_chat(ann, bob)
    post = publish(ann, "Both", body="Both @bob and @bohdan")
    say(ann, chat, "Both @bob and @bohdan")
    assert ann.post(f"/posts/{post}/comments", data={"body": "@bohdan, @bob", "client_id": "1"}).status_code == 303
    assert 'href="/@bohdan">@bohdan</a>' in ann.get(f"/posts/{post}").text


def test_a_name_goes_with_its_owner(app: Flask, ann: Person, bob: Person) -> None:
    rename(bob, "bohdan")
    with app.app_context():
        db.session.delete(db.session.get_one(User, bob.user_id))
        db.session.commit()
    assert ann.get("/@bob").status_code == 404
    assert rename(ann, "bob") == 303


def test_nobody_keeps_names_from_others_without_end(app: Flask, ann: Person, bob: Person) -> None:
    assert [rename(ann, f"ann{number}") for number in range(MOST + 1)] == [303] * MOST + [422]
    assert len(left(app)) == MOST
    answer = ann.htmx("POST", "/settings/profile", data={"username": "another", "bio": "Їжак"})
    assert answer.status_code == 422 and "too often" in answer.text and 'value="another"' in answer.text
    assert rename(bob, "another") == 303  # it was not taken
    assert rename(ann, "ann") == 303  # back to one that is left, there are no more of them
    age(app, days=90)
    assert rename(ann, "anna") == 303
