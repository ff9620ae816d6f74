"""Somebody who deletes their account vanishes at once, may come back for a while, and then is gone for good."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import jobs
from app.actions import burials, friendships, leaving, users
from app.actions.counts import recount
from app.errors import Refused
from app.extensions import db, limiter
from app.jobs.leases import ATTEMPTS
from app.live import bus, presence
from app.live.hub import Push
from app.models import (
    Album,
    Avatar,
    Chat,
    Comment,
    EndedFriendship,
    Friendship,
    Job,
    LoginSession,
    Membership,
    Picture,
    Post,
    Reader,
    User,
)
from app.models.columns import now
from app.models.user import KEPT
from app.queries.badges import badges_of
from app.queries.people import person_for
from app.queries.pictures import may_see, shown_keys
from tests.conftest import PASSWORD, Person
from tests.photos import keys_in, photo, take, waiting_in
from tests.talk import at_once, gather, open_chat, pushed_html, said_in, say, twin, user
from tests.test_blocks import GONE, SHARED, SILENT, Apart, acquaint, ask, become_friends, traces
from tests.test_posts import publish

# What the other one of a direct chat goes on doing in it.
READABLE = ("chats.", "memberships.", "messages.", "pins.", "reactions.", "media.show")
ANEW = {"email": "ann@example.com", "password": "another password", "password_repeat": "another password"}
HIDDEN = [place for place in GONE if not place.startswith(READABLE)] + ["chats.create"]
HIDDEN += [place for place in GONE if place.startswith("media.show of")]
STANDING = [place for place in GONE if place.startswith(READABLE) and place not in HIDDEN]
# Where the chat is listed, or can be chosen for a search.
INBOX = re.compile(r'<a class="row chat-row.*?</a>|<option .*?</option>', re.DOTALL)
Clock = time_machine.Traveller


@pytest.fixture
def left(app: Flask, ann: Person, bob: Person, eve: Person) -> Apart:
    """Bob has left; ann, who had to do with him, looks."""
    met = acquaint(app, ann, bob, eve, ann, bob)
    leave(bob)
    return met


def leave(who: Person, password: str = PASSWORD) -> None:
    answer = who.post("/settings/leaving", data={"password": password})
    assert (answer.status_code, answer.location) == (303, "/login")


def come_in(app: Flask, name: str) -> Person:
    """Log in as people do."""
    person = app.test_client()
    assert isinstance(person, Person)
    sent = {"email": f"{name}@example.com", "password": PASSWORD}
    assert person.post("/login", data=sent).status_code == 303
    return person


@pytest.fixture
def later() -> Iterator[Clock]:
    """A clock that can be put forward."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def bury(app: Flask, clock: Clock) -> int:
    """Let the time pass in which they might have come back, and return how many jobs that made."""
    clock.shift(KEPT + timedelta(seconds=1))
    done = 0
    while tried := jobs.run_due(app):
        done += tried
    return done


# At once


@pytest.mark.parametrize("place", HIDDEN)
def test_nothing_of_theirs_is_found(left: Apart, place: str) -> None:
    answer = ask(left, place, GONE[place])
    assert answer.status_code == 404
    assert traces(left, answer.text) == []


@pytest.mark.parametrize("place", [place for place in SILENT if place != "search.words"])
def test_they_are_shown_nowhere(left: Apart, place: str) -> None:
    answer = left.looker.get(SILENT[place].format(**left.things))
    assert answer.status_code == 200
    assert traces(left, INBOX.sub("", answer.text)) == []


@pytest.mark.parametrize("place", STANDING)
def test_their_chat_can_still_be_read(left: Apart, place: str) -> None:
    assert ask(left, place, GONE[place]).status_code != 404 or place == "media.show"


@pytest.mark.parametrize("place", SHARED)
def test_groups_go_on(left: Apart, place: str) -> None:
    assert ask(left, place, SHARED[place]).status_code in (200, 303, 403) or place == "groups.photo"


def test_the_chat_says_why_nobody_can_write_in_it(left: Apart) -> None:
    page = left.looker.get(f"/chats/{left.things['chat']}").text
    assert "A secret" in page and "This person has deleted their account" in page
    assert 'href="/@bob"' not in page and "/users/" not in page.split('class="chat-head"')[1].split("</header>")[0]
    answer = left.looker.htmx(
        "POST", f"/chats/{left.things['chat']}/messages", data={"body": "Hello?", "client_id": "x"}
    )
    assert answer.status_code == 422 and "This person has deleted their account" in answer.text


def test_pictures_of_the_chat_stay_and_others_go(app: Flask, left: Apart) -> None:
    with app.app_context():
        looker = user(left.looker)
        assert may_see(looker, str(left.things["key"]))  # it stands in the chat, too
        db.session.execute(db.delete(Picture).where(Picture.message_id.is_not(None)))
        db.session.commit()
        assert not may_see(looker, str(left.things["key"]))
        assert person_for(looker, left.other.user_id or 0) is None


def test_counts_are_as_if_they_were_not_there(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    become_friends(ann, bob)
    bob.post(f"/users/{eve.user_id}/friendship")
    leave(bob)
    assert 'id="badge-requests"' in eve.get("/friends").text
    with app.app_context():
        assert user(ann).friend_count == 0
        assert badges_of(user(eve)).requests == 0
        assert db.session.scalar(select(func.count()).select_from(Friendship)) == 0
        before = kept_counts()
        recount()
        assert kept_counts() == before


def test_sessions_and_sockets_end(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(bus.hub, "close_person", lambda person, code=1008: closed.append(person))
    other_device = come_in(app, "ann")
    leave(ann)
    assert closed == [ann.user_id]
    for device in (ann, other_device):
        assert device.get("/").location.startswith("/login")
    with app.app_context():
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0
    assert "Log in before that if you want to keep it" in ann.get("/login").text


def test_the_letter_says_how_to_come_back(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str]] = []
    monkeypatch.setitem(app.extensions["jobs"], "letter", sent.append)
    with time_machine.travel("2026-11-27 12:00:00+00:00", tick=False):
        leave(ann)
        jobs.run_due(app)
    assert sent == [{"name": "leaving", "to": "ann@example.com", "language": "en", "until": "11 December 2026"}]


def test_open_pages_are_told(
    app: Flask, ann: Person, bob: Person, pushed: list[Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    become_friends(ann, bob)
    chat = open_chat(ann, bob)
    monkeypatch.setattr(presence, "online", set)
    pushed.clear()
    leave(bob)
    told = [pushed_html(push) for push in pushed if push.people == {ann.user_id}]
    assert any(f'id="gone" data-id="{bob.user_id}"' in html and "friends-news" in html for html in told)
    assert any(f'id="composer-{chat}"' in html and "This person has deleted" in html for html in told)
    assert all(f'data-id="{bob.user_id}" data-online' not in html for html in told)
    pushed.clear()
    bob = come_in(app, "bob")
    bob.post("/leaving/stay")
    told = [pushed_html(push) for push in pushed if push.people == {ann.user_id}]
    assert any(f'id="composer-{chat}"' in html and "data-opened" in html for html in told)


def test_pushed_closing_equals_the_reloaded_page(
    app: Flask, ann: Person, bob: Person, pushed: list[Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    become_friends(ann, bob)
    chat = open_chat(ann, bob)
    monkeypatch.setattr(presence, "online", set)
    leave(bob)
    place = re.compile(rf'<div class="composer-place" id="composer-{chat}".*?</div>', re.DOTALL)
    shown = [found[0] for push in pushed if (found := place.search(pushed_html(push)))]
    assert shown == [place.search(ann.get(f"/chats/{chat}").text)[0]]  # type: ignore[index]


# Who may


@pytest.mark.parametrize("password", ["", "wrong", "x" * 100_000, "\0", "🙂", "пароль", "\u202epassword"])
def test_without_the_password_nothing_happens(app: Flask, ann: Person, password: str) -> None:
    answer = ann.post("/settings/leaving", data={"password": password})
    assert answer.status_code == 422
    assert "After 14 days all of it is deleted" in answer.text and 'class="field-error"' in answer.text
    answer = ann.htmx("POST", "/settings/leaving", data={"password": password})
    assert answer.status_code == 422 and answer.text.lstrip().startswith("<section")
    with app.app_context():
        assert user(ann).deleted_at is None
    assert ann.get("/").status_code == 200


def test_passwords_cannot_be_tried_for_ever(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    answers = [ann.post("/settings/leaving", data={"password": f"guess {n}"}).status_code for n in range(11)]
    limiter.reset()
    assert answers == [422] * 10 + [429]


@pytest.mark.usefixtures("eve")
def test_the_only_administrator_makes_another_first(app: Flask, ann: Person, bob: Person) -> None:
    with app.app_context():
        user(ann).is_admin = True
        db.session.commit()
    answer = ann.post("/settings/leaving", data={"password": PASSWORD})
    assert answer.status_code == 422 and "You are the only administrator here." in answer.text
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["admin", "BOB@example.com"])
        assert "administrator now" in done.output
        assert app.test_cli_runner().invoke(args=["admin", "nobody@example.com"]).exit_code == 1
    leave(ann)
    with app.test_request_context(), pytest.raises(Refused):
        leaving.leave(user(bob))
    with app.app_context(), pytest.raises(Refused):
        users.make_administrator("ann@example.com")  # she is not there


def test_who_is_alone_may_leave(app: Flask, ann: Person) -> None:
    with app.app_context():
        user(ann).is_admin = True
        db.session.commit()
    leave(ann)


def test_of_two_last_administrators_who_leave_at_once_one_stays(
    app: Flask, ann: Person, bob: Person, eve: Person
) -> None:
    with app.app_context():
        user(ann).is_admin = user(bob).is_admin = True
        db.session.commit()
    at_once(*(lambda who=who: who.post("/settings/leaving", data={"password": PASSWORD}) for who in (ann, bob)))
    with app.app_context():
        there = (User.is_admin, User.deleted_at.is_(None))
        assert db.session.scalar(select(func.count(User.id)).where(*there)) == 1


def test_leaving_twice_at_once_is_leaving_once(app: Flask, ann: Person, bob: Person) -> None:
    become_friends(ann, bob)
    other = twin(app, ann)
    at_once(*(lambda who=who: who.post("/settings/leaving", data={"password": PASSWORD}) for who in (ann, other)))
    with app.app_context():
        assert user(bob).friend_count == user(ann).friend_count == 0
        assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == "bury_person")) == 1


def test_who_leaves_while_somebody_befriends_them_is_no_friend(app: Flask, ann: Person, bob: Person) -> None:
    bob.post(f"/users/{ann.user_id}/friendship")
    at_once(
        lambda: ann.post("/settings/leaving", data={"password": PASSWORD}),
        lambda: twin(app, ann).post(f"/users/{bob.user_id}/friendship/accept"),
    )
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Friendship)) == 0
        assert user(bob).friend_count == user(ann).friend_count == 0
        assert db.session.scalar(select(func.count()).select_from(EndedFriendship)) == 1


def test_the_other_one_of_their_chat_still_sees_their_face(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    chat = chat_of_friends(ann, bob)
    say(ann, chat, "Goodbye")
    key = take(ann)
    leave(ann)
    for page in ("/chats", f"/chats/{chat}"):
        assert key in keys_in(bob.get(page).text)
    assert bob.get(f"/media/{key}/96").status_code == 200
    assert eve.get(f"/media/{key}/96").status_code == 404


def test_a_friendship_that_was_ended_is_not_taken_back_while_one_of_the_two_leaves(
    app: Flask, ann: Person, bob: Person
) -> None:
    become_friends(ann, bob)
    bob.post(f"/users/{ann.user_id}/friendship/delete")
    leave(ann)
    with app.test_request_context(), pytest.raises(Refused):  # as one who was let in just before
        friendships.restore(user(bob), user(ann))
    with app.app_context():
        assert user(bob).friend_count == db.session.scalar(select(func.count()).select_from(Friendship)) == 0


def test_who_leaves_asks_nobody_from_another_tab(app: Flask, ann: Person, bob: Person) -> None:
    with app.app_context():
        people = user(ann), user(bob)
    leave(ann)
    with app.test_request_context(), pytest.raises(Refused):
        friendships.request(*people)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Friendship)) == 0


# Coming back


def test_who_comes_back_finds_one_page(app: Flask, ann: Person, bob: Person) -> None:
    chat = chat_of_friends(ann, bob)
    leave(ann)
    ann = come_in(app, "ann")
    for address in (
        "/",
        "/settings",
        "/@bob",
        f"/chats/{chat}",
        "/search?q=x",
        "/posts/new",
        "/welcome",
        "/nothing-here",
    ):
        assert ann.get(address).location == "/leaving"
    assert ann.post("/posts", data={"title": "T", "body": "B"}).location == "/leaving"
    assert ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "B", "client_id": "1"}).status_code == 204
    assert ann.get("/live").location == "/leaving"
    page = ann.get("/leaving")
    assert page.status_code == 200 and "Keep my account" in page.text
    assert ann.get("/viewer.css").status_code == 200
    assert ann.post("/settings/leaving", data={"password": PASSWORD}).status_code == 303
    ann = come_in(app, "ann")
    assert ann.post("/logout").location == "/login"
    assert said_in(app, chat) == []


def chat_of_friends(one: Person, other: Person) -> int:
    become_friends(one, other)
    return open_chat(one, other)


def test_staying_brings_everything_back(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    chat = chat_of_friends(ann, bob)
    say(ann, chat, "Still here", "1")
    post = publish(ann, "For friends", audience="friends")
    ann.post(f"/users/{eve.user_id}/friendship")
    with app.app_context():
        before = everything()
    leave(ann)
    assert bob.get(f"/posts/{post}").status_code == 404
    ann = come_in(app, "ann")
    answer = ann.post("/leaving/stay")
    assert answer.location == "/"
    assert "Everything is as it was." in ann.get("/").text
    assert ann.get("/leaving").location == "/settings#section-leaving"
    with app.app_context():
        assert everything() == before
    assert bob.get(f"/posts/{post}").status_code == bob.get("/@ann").status_code == 200
    say(bob, chat, "Welcome back", "2")
    assert ann.post("/leaving/stay").status_code == 303  # twice is once


def everything() -> dict[str, object]:
    """Return what leaving changes, and staying brings back."""
    friendships = select(Friendship.low_id, Friendship.high_id, Friendship.requester_id, Friendship.accepted_at)
    return {
        "friendships": sorted(tuple(row) for row in db.session.execute(friendships)),
        "people": kept_counts(),
        "ended": db.session.scalar(select(func.count()).select_from(EndedFriendship)),
    }


def test_what_was_ended_before_does_not_come_back(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    become_friends(ann, bob)
    become_friends(ann, eve)
    ann.post(f"/users/{bob.user_id}/friendship/delete")
    leave(ann)
    come_in(app, "ann").post("/leaving/stay")
    with app.app_context():
        assert db.session.scalars(select(Friendship.high_id)).all() == [max(ann.user_id or 0, eve.user_id or 0)]
        assert [user(one).friend_count for one in (ann, bob, eve)] == [1, 0, 1]


def test_two_friends_who_leave_and_come_back_are_friends(app: Flask, ann: Person, bob: Person) -> None:
    become_friends(ann, bob)
    leave(ann)
    leave(bob)
    come_in(app, "bob").post("/leaving/stay")
    come_in(app, "ann").post("/leaving/stay")
    with app.app_context():
        assert user(ann).friend_count == user(bob).friend_count == 1


def test_who_comes_back_before_a_friend_does_is_no_friend_yet(app: Flask, ann: Person, bob: Person) -> None:
    become_friends(ann, bob)
    leave(ann)
    leave(bob)
    ann = come_in(app, "ann")
    ann.post("/leaving/stay")
    assert "@bob" not in ann.get("/friends/all").text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Friendship)) == 0
    come_in(app, "bob").post("/leaving/stay")
    assert "@bob" in ann.get("/friends/all").text


def test_signing_up_with_the_address_is_signing_up_with_an_account(app: Flask, ann: Person, visitor: Person) -> None:
    leave(ann)
    visitor.post(
        "/signup",
        data=ANEW,
    )
    with app.app_context():
        letters = db.session.scalars(select(Job.payload).where(Job.kind == "letter").order_by(Job.id)).all()
        assert [letter["name"] for letter in letters] == ["leaving", "already"]


def test_after_two_weeks_it_is_too_late(app: Flask, ann: Person, later: Clock) -> None:
    leave(ann)
    ann = come_in(app, "ann")
    later.shift(KEPT - timedelta(seconds=1))
    jobs.run_due(app)
    assert ann.get("/leaving").status_code == 200
    later.shift(timedelta(seconds=2))
    assert ann.post("/leaving/stay").status_code == 422
    bury(app, later)
    assert ann.get("/").location.startswith("/login")
    sent = {"email": "ann@example.com", "password": PASSWORD}
    assert app.test_client().post("/login", data=sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 422


def test_a_burial_from_before_does_nothing_to_who_came_back(app: Flask, ann: Person, later: Clock) -> None:
    leave(ann)
    later.shift(timedelta(days=7))
    ann = come_in(app, "ann")
    ann.post("/leaving/stay")
    leave(ann)
    later.shift(timedelta(days=8))
    jobs.run_due(app)  # what was put in at first
    ann = come_in(app, "ann")
    assert ann.post("/leaving/stay").status_code == 303


# For good


def kept_counts() -> list[tuple[object, ...]]:
    """Return all counts that are kept."""
    db.session.expire_all()
    kept: list[tuple[object, ...]] = []
    for columns in (
        (User.id, User.post_count, User.reader_count, User.friend_count),
        (Post.id, Post.like_count, Post.view_count, Post.comment_count),
        (Comment.id, Comment.like_count, Comment.reply_count),
        (Chat.id, Chat.member_count),
        (Reader.author_id, Reader.reader_id, Reader.post_count),
    ):
        kept += [(columns[0].table.name, *row) for row in db.session.execute(select(*columns).order_by(*columns))]
    return kept


@pytest.fixture
def full_life(app: Flask, ann: Person, bob: Person, eve: Person) -> dict[str, int]:
    """Bob has done everything one can do, among ann and eve."""
    chat = chat_of_friends(ann, bob)
    become_friends(bob, eve)
    become_friends(ann, eve)
    things = {"chat": chat, "of_bob": publish(bob, "Of bob", tags="life"), "of_ann": publish(ann, "Of ann")}
    waiting, _ = upload(bob, "teal"), upload(bob, "red")
    say(bob, chat, "With a picture", "p", image_ids=waiting)
    for who, post in ((bob, "of_ann"), (ann, "of_bob"), (eve, "of_ann"), (eve, "of_bob")):
        who.post(f"/posts/{things[post]}/like")
        who.post("/posts/views", data={"post_ids": things[post]})
    comment(bob, things["of_ann"], "Answered", "c1")
    comment(bob, things["of_ann"], "Alone", "c2")
    comment(ann, things["of_bob"], "Under bob's", "c3")
    with app.app_context():
        answered = db.session.scalars(select(Comment.id).where(Comment.body == "Answered")).one()
    comment(eve, things["of_ann"], "An answer", "c4", parent_id=answered)
    comment(eve, things["of_ann"], "Of eve", "c5")
    with app.app_context():
        of_eve = db.session.scalars(select(Comment.id).where(Comment.body == "Of eve")).one()
    comment(bob, things["of_ann"], "A reply of bob", "c6", parent_id=of_eve)
    bob.post(f"/comments/{of_eve}/like")
    things |= {"answered": answered, "of_eve": of_eve}
    said = re.findall(r'id="message-(\d+)"', say(ann, chat, "Hello @bob", "h"))[0]
    bob.post(f"/messages/{said}/reactions", data={"emoji": "👍"})
    say(ann, chat, "Quoting", "q", reply_to=re.findall(r'id="message-(\d+)"', say(bob, chat, "Last words", "l"))[0])
    things["own"] = gather(app, bob, ann, eve, name="Of bob")
    things["others"] = gather(app, ann, bob, eve, name="Of ann")
    things["alone"] = gather(app, bob, name="Bob alone")
    say(bob, things["others"], "In a group", "g")
    with app.app_context():
        album = Album(owner_id=bob.user_id, name="Sea")
        db.session.add(album)
        db.session.flush()
        facts = {"owner_id": bob.user_id, "width": 1, "height": 1, "colour": "#000000", "size": 1}
        db.session.add(Picture(key="a" * 32, album_id=album.id, **facts))
        db.session.add(Avatar(user_id=bob.user_id, key="b" * 32, size=1))
        user(bob).photo_key = "b" * 32
        user(bob).signature_key = "c" * 32
        db.session.commit()
        recount()
    return things


def upload(who: Person, colour: str) -> str:
    answer = who.htmx("POST", "/pictures", data={"images": (photo(colour), "picture.png")})
    return waiting_in(answer.text)[0]


def comment(who: Person, post: int, body: str, client_id: str, **more: object) -> None:
    assert who.post(f"/posts/{post}/comments", data={"body": body, "client_id": client_id, **more}).status_code == 303


def test_in_the_end_nothing_of_theirs_is_left(app: Flask, bob: Person, full_life: dict[str, int], later: Clock) -> None:
    with app.app_context():  # what could not be mailed
        db.session.add(Job(kind="forgotten", payload={"email": "bob@example.com"}, run_at=now(), attempts=ATTEMPTS))
        db.session.commit()
    leave(bob)
    bury(app, later)
    with app.app_context():
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if any(key.column.table.name == "users" for key in column.foreign_keys):
                    left = db.session.scalar(select(func.count()).select_from(table).where(column == bob.user_id))
                    assert left == 0, f"{table.name}.{column.name}"
        assert db.session.get(User, bob.user_id) is None
        assert db.session.scalar(select(func.count(Album.id))) == 0
        groups = select(Chat.name).where(Chat.kind == "group").order_by(Chat.id)
        assert db.session.scalars(groups).all() == ["Of bob", "Of ann"]
        tables = [db.text(f"SELECT * FROM {table}") for table in ("jobs", "signups", "person_words")]
        assert "bob" not in " ".join(str(row) for table in tables for row in db.session.execute(table))


def test_in_the_end_counts_are_right(
    app: Flask, ann: Person, bob: Person, full_life: dict[str, int], later: Clock
) -> None:
    leave(bob)
    bury(app, later)
    with app.app_context():
        after = kept_counts()
        recount()
        assert kept_counts() == after
        post = db.session.get_one(Post, full_life["of_ann"])
        assert (post.like_count, post.view_count, post.comment_count) == (1, 1, 2)
        of_eve = db.session.get_one(Comment, full_life["of_eve"])
        assert (of_eve.like_count, of_eve.reply_count) == (0, 0)
        assert (user(ann).friend_count, user(ann).reader_count) == (1, 1)


def test_in_the_end_their_words_in_chats_stay_nobodys(
    app: Flask, ann: Person, bob: Person, full_life: dict[str, int], later: Clock
) -> None:
    leave(bob)
    bury(app, later)
    chat = full_life["chat"]
    page = ann.get(f"/chats/{chat}").text
    assert "Last words" in page and "With a picture" in page and "Deleted user" in page and "Quoting" in page
    assert "This person has deleted their account" in page and "Богдан" not in page and "@bob</a>" not in page
    [key] = keys_in(page)
    assert ann.get(f"/media/{key}/320").status_code == 200
    assert 'class="reaction"' not in page
    places = [f"/chats/{chat}/{place}" for place in ("search?q=words", "gallery", "pins")]
    for address in ("/chats", "/search?q=words", "/friends", *places):
        answer = ann.get(address)
        assert answer.status_code == 200 and "Богдан" not in answer.text
    assert "Deleted user" in ann.get("/chats").text
    answer = ann.htmx("POST", f"/chats/{chat}/messages", data={"body": "Hello?", "client_id": "z"})
    assert answer.status_code == 422
    for message in said_in(app, chat):
        assert ann.get(f"/messages/{message.id}").status_code == 200
        assert ann.get(f"/messages/{message.id}/menu").status_code == 200
    group = ann.get(f"/chats/{full_life['others']}").text
    assert "In a group" in group and "Deleted user left the group" in group
    assert ann.get(f"/chats/{full_life['others']}/members").status_code == 200
    for action in ("mute", "pin", "archive", "unread"):
        assert ann.post(f"/chats/{chat}/{action}").status_code == 303


def test_in_the_end_their_groups_go_to_the_next(
    app: Flask, ann: Person, bob: Person, eve: Person, full_life: dict[str, int], later: Clock
) -> None:
    bob.post(f"/chats/{full_life['own']}/members/{eve.user_id}/role", data={"role": "admin"})
    leave(bob)
    bury(app, later)
    with app.app_context():
        members = select(Membership.user_id, Membership.role).where(Membership.chat_id == full_life["own"])
        roles = {person: role for person, role in db.session.execute(members)}
        assert roles == {ann.user_id: "member", eve.user_id: "owner"}
        assert db.session.get(Chat, full_life["alone"]) is None
    assert "Deleted user handed the group over to Eve Outsider" in ann.get(f"/chats/{full_life['own']}").text


def test_in_the_end_an_answered_comment_keeps_its_place(
    app: Flask, ann: Person, bob: Person, full_life: dict[str, int], later: Clock
) -> None:
    leave(bob)
    bury(app, later)
    page = ann.get(f"/posts/{full_life['of_ann']}").text
    assert "An answer" in page and "Comment deleted" in page and "Of eve" in page
    assert "Answered" not in page and "Alone" not in page and "A reply of bob" not in page
    assert ann.post(f"/comments/{full_life['answered']}/restore").status_code == 422
    assert ann.get(f"/comments/{full_life['answered']}").status_code == 404


def test_in_the_end_nothing_shows_their_bytes_but_chats(
    app: Flask, ann: Person, bob: Person, full_life: dict[str, int], later: Clock
) -> None:
    """What nothing shows the daily sweep takes away."""
    with app.app_context():
        theirs = {"a" * 32, "b" * 32, "c" * 32, *db.session.scalars(select(Picture.key))}
        assert shown_keys(theirs) == theirs and len(theirs) == 5
    leave(bob)
    bury(app, later)
    in_chat = keys_in(ann.get(f"/chats/{full_life['chat']}").text)
    with app.app_context():
        assert shown_keys(theirs) == set(in_chat) and len(in_chat) == 1


def test_in_the_end_address_and_name_are_free(app: Flask, ann: Person, later: Clock, visitor: Person) -> None:
    leave(ann)
    bury(app, later)
    with app.app_context():
        visitor.post(
            "/signup",
            data=ANEW,
        )
        letter = db.session.scalars(select(Job.payload).where(Job.kind == "letter")).one()
        assert letter["name"] == "code"
        db.session.rollback()
        again = User(email="ann@example.com", password_hash="-")
        again.name_themselves("Ann", "Again", "ann")
        db.session.add(again)
        db.session.commit()


def test_two_who_are_gone_leave_no_chat(
    app: Flask, ann: Person, bob: Person, full_life: dict[str, int], later: Clock
) -> None:
    leave(bob)
    leave(ann)
    bury(app, later)
    with app.app_context():
        assert db.session.get(Chat, full_life["chat"]) is None
        assert db.session.scalars(select(Chat.name).order_by(Chat.id)).all() == ["Of bob", "Of ann"]
        after = kept_counts()
        recount()
        assert kept_counts() == after


def test_killed_in_the_middle_it_is_finished(
    app: Flask, bob: Person, full_life: dict[str, int], later: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stretch fails once before its commit, and the job after it is done twice."""
    failed: set[int] = set()

    def fail_once(user: User, number: int, stretch: object) -> bool:
        done = stretch(user)  # type: ignore[operator]
        if done and number not in failed:
            failed.add(number)
            raise OSError("killed")
        return bool(done)

    killed = tuple(
        (lambda user, number=number, stretch=stretch: fail_once(user, number, stretch))
        for number, stretch in enumerate(burials.STRETCHES)
    )
    monkeypatch.setattr(burials, "STRETCHES", killed)
    monkeypatch.setattr(burials, "FEW", 1)
    monkeypatch.setattr(burials, "MANY", 1)
    leave(bob)
    later.shift(KEPT + timedelta(seconds=1))
    while True:
        with app.app_context():
            if db.session.get(User, bob.user_id) is None:
                break
            burials_left = select(func.count(Job.id)).where(Job.kind == "bury_person")
            assert db.session.scalar(burials_left)
        jobs.run_due(app)
        later.shift(timedelta(seconds=11))
    assert len(failed) >= 10
    with app.app_context():
        burials.bury_person({"user_id": str(bob.user_id)})  # and once more
        after = kept_counts()
        recount()
        assert kept_counts() == after


def test_letters_come_in_between(app: Flask, bob: Person, later: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burials, "FEW", 1)
    order: list[str] = []
    monkeypatch.setitem(app.extensions["jobs"], "letter", lambda letter: order.append("letter"))
    stretch = burials.STRETCHES[0]
    monkeypatch.setattr(burials, "STRETCHES", (lambda user: stretch(user) and not order.append("posts"),))
    for number in range(6):
        publish(bob, f"Post {number}", client_id=str(number))
    leave(bob)
    jobs.run_due(app)
    order.clear()
    later.shift(KEPT + timedelta(seconds=1))
    with app.app_context():
        db.session.add(Job(kind="letter", payload={}, run_at=now()))
        db.session.commit()
    jobs.run_due(app)
    assert order.index("letter") <= 1 and order.count("posts") == 6
