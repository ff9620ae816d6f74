"""Seeing posts, through the doors."""

from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Post, PostView, User
from tests.conftest import Person
from tests.test_friendships import at_once, twin
from tests.test_posts import fill, publish


def report(who: Person, *post_ids: object) -> str:
    answer = who.htmx("POST", "/posts/views", data={"post_ids": [str(post_id) for post_id in post_ids]})
    assert answer.status_code == 200
    return answer.text


def views(app: Flask) -> list[int]:
    """Return each post's count, after comparing them, and their authors' readers, with the rows."""
    with app.app_context():
        rows = db.session.execute(select(PostView.post_id, func.count()).group_by(PostView.post_id))
        seen = {post_id: count for post_id, count in rows}
        posts = db.session.scalars(select(Post).order_by(Post.id)).all()
        assert [post.view_count for post in posts] == [seen.get(post.id, 0) for post in posts]
        for user in db.session.scalars(select(User)):
            theirs = select(PostView.user_id).join(Post).where(Post.author_id == user.id, Post.deleted_at.is_(None))
            assert user.reader_count == len(set(db.session.scalars(theirs)))
        return [post.view_count for post in posts]


def test_a_post_is_seen_once_by_each_person(app: Flask, ann: Person, bob: Person) -> None:
    first, second = publish(ann, "First"), publish(bob, "Second")
    html = report(ann, first, second, first)
    assert f'id="view-count-{first}"' in html and f'hx-target="#view-count-{second}"' in html
    assert views(app) == [1, 1]
    assert report(ann, first, second) == "" and views(app) == [1, 1]
    assert f'id="view-count-{first}"' in report(bob, first) and views(app) == [2, 1]


def test_opening_a_post_counts_without_a_script(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    for _ in range(2):
        assert '<span class="number">1</span> view<' in bob.get(f"/posts/{post_id}").text
    assert views(app) == [1]
    assert '<span class="number">2</span> views<' in ann.get(f"/posts/{post_id}").text
    bob.get("/")
    assert views(app) == [2]


def test_junk_is_not_counted(app: Flask, ann: Person, visitor: Person) -> None:
    post_id = publish(ann)
    assert report(ann, "x", "-1", "", "9" * 30, "1.5", "٣", 999_999) == ""
    assert ann.post("/posts/views", data={"post_ids": [str(post_id)]}).location == "/"
    assert visitor.post("/posts/views", data={"post_ids": str(post_id)}).location.startswith("/login")
    assert ann.get("/posts/views").status_code in (404, 405)
    assert views(app) == [1]


def test_a_batch_has_an_end(app: Flask, ann: Person) -> None:
    ids = fill(app, ann, 60)
    report(ann, *ids)
    assert sum(views(app)) == 50


def test_a_batch_costs_the_same_for_any_number_of_posts_and_authors(
    app: Flask, join: Callable[..., Person], ann: Person, queries: list[str]
) -> None:
    ids = [post_id for number in range(5) for post_id in fill(app, join(f"author{number}"), 6)]
    report(ann, ids[0])
    queries.clear()
    report(ann, ids[1])
    few = len(queries)
    queries.clear()
    report(ann, *ids)
    # One more: authors who were read before are not the ones who are read for the first time.
    assert len(queries) == few + 1, "\n".join(queries)
    assert views(app) == [1] * 30


def test_views_are_exact_whoever_looks_at_once(app: Flask, join: Callable[..., Person], ann: Person) -> None:
    ids = fill(app, ann, 12)
    people = [join(f"reader{number}") for number in range(4)]
    at_once(*(partial(report, twin(app, who), *chosen) for who in people for chosen in (ids, ids[::-1])))
    assert views(app) == [4] * 12
