"""Liking posts, through the doors."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import likes
from app.errors import Refused
from app.extensions import db
from app.live.pushes import Push
from app.models import Like, Post, User
from tests.audiences import block, set_audience
from tests.conftest import Person
from tests.talk import befriend
from tests.test_friendships import at_once, twin
from tests.test_posts import publish


def like_count(app: Flask) -> int:
    """Return the count that stands at the only post, which is as many as there are rows."""
    with app.app_context():
        count = db.session.scalars(select(Post.like_count)).one()
        assert count == db.session.scalars(select(func.count()).select_from(Like)).one()
        return count


def test_a_like_is_made_and_unmade_as_often_as_one_likes(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    for path, count in (("like", 1), ("like", 1), ("like/delete", 0), ("like/delete", 0), ("like", 1)):
        html = bob.htmx("POST", f"/posts/{post_id}/{path}").text
        assert f'id="like-{post_id}"' in html and f'aria-pressed="{"true" if count else "false"}"' in html
        assert f'<span class="number">{count}</span>' in html and (f'href="/posts/{post_id}/likes"' in html) == bool(
            count
        )
        assert f'action="/posts/{post_id}/like{"/delete" if count else ""}"' in html
        assert like_count(app) == count
    ann.post(f"/posts/{post_id}/like")
    assert like_count(app) == 2


def test_the_page_shows_what_the_answer_showed(ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    plain = bob.post(f"/posts/{post_id}/like")
    assert (plain.status_code, plain.location) == (303, f"/posts/{post_id}")
    again = bob.htmx("POST", f"/posts/{post_id}/like").text.strip()
    assert again in bob.get("/").text and again in bob.get(f"/posts/{post_id}").text
    assert again not in ann.get("/").text and 'aria-pressed="false"' in ann.get("/").text


def test_likes_have_plurals(ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    for who, words in ((ann, "1 like"), (bob, "2 likes")):
        button = who.htmx("POST", f"/posts/{post_id}/like").text
        assert re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", button)).strip() == words


def test_nobody_likes_what_is_not_there(app: Flask, ann: Person, bob: Person, visitor: Person) -> None:
    post_id = publish(ann)
    assert bob.post("/posts/999999/like").status_code == 404
    assert bob.post("/posts/x/like/delete").status_code == 404
    assert visitor.post(f"/posts/{post_id}/like").location.startswith("/login")
    assert bob.get(f"/posts/{post_id}/like").status_code == 405
    assert like_count(app) == 0


def test_a_post_deleted_meanwhile_is_said_to_be(app: Flask, ann: Person) -> None:
    post_id = publish(ann)
    for deed in (likes.like, likes.unlike):
        with app.test_request_context():
            post, me = db.session.get(Post, post_id), db.session.get(User, ann.user_id)
            assert me
            ann.post(f"/posts/{post_id}/delete")
            gone = post or Post(id=post_id, author_id=ann.user_id)
            with pytest.raises(Refused, match="deleted"):
                deed(gone, by=me)


def test_the_count_is_exact_whoever_likes_at_once(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    post_id = publish(ann)
    people = [join(f"liker{number}") for number in range(4)]
    for path, count in (("like", 4), ("like/delete", 0), ("like", 4)):
        at_once(*(partial(twin(app, who).post, f"/posts/{post_id}/{path}") for who in people for _ in range(2)))
        assert like_count(app) == count


def test_whoever_looks_at_a_post_sees_its_count_change(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    post_id = publish(ann)
    block(app, ann, eve)
    pushed.clear()
    bob.post(f"/posts/{post_id}/like")
    bob.post(f"/posts/{post_id}/like")
    (push,) = pushed
    assert (push.audience, push.topic, push.everybody_but) == ("looking", f"post-{post_id}", True)
    assert push.people == {eve.user_id}
    for language in ("en", "uk"):
        bob.post("/settings/language", data={"language": language})
        page = bob.get("/").text
        (count,) = re.findall(rf'<span class="like-count" id="like-count-{post_id}">.*?</a></span>', page)
        assert f'href="/posts/{post_id}/likes"' in count and count.encode() in push.renderings[language]


@pytest.mark.parametrize(("audience", "reached"), [("friends", {"ann", "bob"}), ("me", {"ann"})])
def test_a_count_is_shown_to_those_who_may_see_the_post(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push], audience: str, reached: set[str]
) -> None:
    befriend(app, ann, bob)
    post_id = publish(ann)
    set_audience(app, post_id, audience)
    pushed.clear()
    ann.post(f"/posts/{post_id}/like")
    people = {"ann": ann.user_id, "bob": bob.user_id, "eve": eve.user_id}
    assert [(push.people, push.everybody_but) for push in pushed] == [({people[name] for name in reached}, False)]


def likers(html: str) -> list[str]:
    return re.findall(r'<span class="row-note">@([\w.]+)</span>', html[html.index('id="likers"') :])


def test_who_likes_a_post_is_told_the_latest_first(
    app: Flask, ann: Person, bob: Person, eve: Person, visitor: Person
) -> None:
    post_id = publish(ann)
    assert "Nobody yet." in ann.get(f"/posts/{post_id}/likes").text
    for who in (eve, bob, ann):
        who.post(f"/posts/{post_id}/like")
    assert likers(bob.get(f"/posts/{post_id}/likes").text) == ["ann", "bob", "eve"]
    assert f'<a href="/posts/{post_id}/likes"' in bob.get("/").text
    block(app, eve, bob)
    assert likers(bob.get(f"/posts/{post_id}/likes").text) == ["ann", "bob"]
    assert likers(eve.get(f"/posts/{post_id}/likes").text) == ["ann", "eve"]
    assert likers(ann.get(f"/posts/{post_id}/likes").text) == ["ann", "bob", "eve"]
    set_audience(app, post_id, "me")
    assert bob.get(f"/posts/{post_id}/likes").status_code == 404
    assert visitor.get(f"/posts/{post_id}/likes").location.startswith("/login")
    assert ann.get("/posts/999999/likes").status_code == 404


def test_many_who_like_come_in_stretches_without_doubles(app: Flask, ann: Person, queries: list[str]) -> None:
    post_id = publish(ann)
    with app.app_context():
        people = [User(email=f"u{n}@example.com", password_hash="", username=f"u{n}") for n in range(75)]
        db.session.add_all(people)
        db.session.flush()
        # Many within one moment, as when the clock is coarse.
        moments = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(microseconds=n // 40) for n in range(75)]
        likes = zip(people, moments, strict=True)
        db.session.add_all(Like(post_id=post_id, user_id=who.id, created_at=moment) for who, moment in likes)
        db.session.commit()
    found, address, counts = [], f"/posts/{post_id}/likes", []
    while address:
        queries.clear()
        html = ann.get(address).text
        counts.append(len(queries))
        found += likers(html)
        address = next(iter(re.findall(rf'hx-get="(/posts/{post_id}/likes\?after=[^"]+)"', html)), "")
    assert sorted(found) == sorted(f"u{n}" for n in range(75)) and len(set(counts)) == 1 and len(counts) == 3
    for junk in ("", "x", "1-", "9" * 40, "9" * 17 + "-1", "-1-1", "٣-٣"):
        assert ann.get(f"/posts/{post_id}/likes?after={junk}").status_code == 200
