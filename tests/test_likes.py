"""Liking posts, through the doors."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import likes
from app.errors import Refused
from app.extensions import db
from app.live import bus
from app.live.hub import Push
from app.models import Like, Post, User
from tests.conftest import Person
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
        assert f'id="like-count-{post_id}"><span class="number">{count}</span>' in html
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


def test_the_author_sees_the_count_change(ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    post_id = publish(ann)
    pushes: list[Push] = []
    monkeypatch.setattr(bus, "publish", pushes.append)
    bob.post(f"/posts/{post_id}/like")
    bob.post(f"/posts/{post_id}/like")
    (push,) = pushes
    assert push.people == {ann.user_id}
    page = bob.get("/").text
    for language, words in (("en", "like"), ("uk", "вподобання")):
        assert f'id="like-count-{post_id}"><span class="number">1</span> {words}<'.encode() in push.renderings[language]
    assert f'id="like-count-{post_id}"><span class="number">1</span> like<' in page
