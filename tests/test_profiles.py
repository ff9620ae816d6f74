"""A person's page: its head, and the tabs for posts, pictures, friends and what they tell about themselves."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from app.models import Picture, Post, PostTag, Tag, User
from app.models.columns import now
from tests.conftest import Person
from tests.talk import befriend, user
from tests.test_friends import people, relate

TABS = ("", "/albums", "/friends", "/about")
JUNK = ("", "x", "-1", "9" * 30, "%F0%9F%98%80", "%E2%80%AE", "їжак", "a" * 5000)


def publish(app: Flask, author: Person, *audiences: str, pictures: int = 0, tag: str = "") -> list[int]:
    """Publish a post for each audience, with pictures and a tag; return their ids."""
    ids = []
    with app.app_context():
        if tag and not db.session.query(Tag).filter_by(name=tag).count():
            db.session.add(Tag(name=tag))
            db.session.flush()
        for audience in audiences:
            post = Post(author_id=author.user_id, title=f"For {audience}", topic="", body="Words", audience=audience)
            post.client_id = str(db.session.query(Post).count())
            db.session.add(post)
            db.session.flush()
            ids.append(post.id)
            facts = {"key": "0" * 32, "owner_id": author.user_id, "width": 9, "height": 9, "colour": "#000000"}
            db.session.add_all(Picture(post_id=post.id, size=1, **facts) for _ in range(pictures))
            if tag:
                tag_id = db.session.query(Tag).filter_by(name=tag).one().id
                db.session.add(PostTag(post_id=post.id, tag_id=tag_id, position=0))
        db.session.commit()
    return ids


def count_of_posts(text: str) -> int:
    return int(re.findall(r'id="post-count-\d+"><b>(\d+)', text)[0])


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_an_address_and_says_which_it_is(ann: Person, bob: Person, visitor: Person, tab: str) -> None:
    for name in ("bob", "BOB"):
        text = ann.get(f"/@{name}{tab}").text
        current = re.findall(r'<a href="/@bob([^"]*)" aria-current="page">', text)
        assert current == [tab]
        assert re.search(r'<h1 class="name">Богдан Ґонта-Їжак</h1>', text) and 'class="signature"' in text
    assert ann.get(f"/@nobody{tab}").status_code == 404
    assert visitor.get(f"/@bob{tab}").location.startswith("/login")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_an_address_breaks_nothing(ann: Person, bob: Person, tab: str, junk: str) -> None:
    for field in ("before", "after", "q", "mutual"):
        assert ann.get(f"/@bob{tab}?{field}={junk}").status_code == 200


def test_everything_counted_and_shown_is_what_the_viewer_may_see(
    app: Flask, ann: Person, bob: Person, eve: Person
) -> None:
    befriend(app, ann, bob)
    everyone, friends, me = publish(app, bob, "everyone", "friends", "me", pictures=2, tag="hiking")
    for looker, seen in ((bob, {everyone, friends, me}), (ann, {everyone, friends}), (eve, {everyone})):
        assert count_of_posts(looker.get("/@bob").text) == len(seen)
        tiles = looker.get("/@bob/albums").text
        assert {int(post) for post in re.findall(r'data-from="/posts/(\d+)"', tiles)} == seen
        assert len(re.findall('class="tile"', tiles)) == 2 * len(seen)
        assert re.search(rf"#hiking <span class=\"soft\">{len(seen)}<", looker.get("/@bob/about").text)
    with app.app_context():
        db.session.get_one(Post, everyone).deleted_at = now()
        db.session.commit()
    assert "There are no pictures in these posts yet." in eve.get("/@bob/albums").text
    assert "#hiking" not in eve.get("/@bob/about").text


def test_pictures_go_on_the_newest_first(app: Flask, ann: Person, bob: Person) -> None:
    publish(app, bob, *["everyone"] * 10, pictures=8)
    found, path = [], "/@bob/albums"
    while path:
        text = ann.get(path).text
        found += [int(number) for number in re.findall(r'id="tile-(\d+)"', text)]
        more = re.search(r'href="(/@bob/albums\?before=\d+)"', text)
        path = more[1] if more else ""
    assert len(found) == 80 and found == sorted(found, reverse=True) and len(set(found)) == 80


def test_friends_of_a_person_are_found_and_mutual_ones_told(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person]
) -> None:
    olena = join("olena", "Олена", "Коваль")
    for one, other in ((bob, ann), (bob, eve), (bob, olena), (ann, olena), (eve, olena)):
        befriend(app, one, other)

    def rows(path: str) -> list[int]:
        return [int(number) for number in re.findall(r'<a class="row" id="person-(\d+)"', ann.get(path).text)]

    assert rows("/@bob/friends") == [ann.user_id, eve.user_id, olena.user_id]
    assert rows("/@bob/friends?mutual=1") == [olena.user_id]
    assert rows("/@bob/friends?q=КОВ оле") == [olena.user_id]
    assert rows("/@bob/friends?q=nobody") == rows("/@eve/friends?mutual=1&q=x") == []
    text = ann.get("/@bob/friends").text
    assert "@eve · 2 friends in common" in text  # bob and olena
    assert "@ann ·" not in text  # nobody has friends in common with themselves
    join("taras")
    assert "You have no friends in common yet." in ann.get("/@taras/friends?mutual=1").text
    assert "Nobody among these friends is called that." in ann.get("/@bob/friends?q=nobody").text


def test_friends_of_a_person_go_on(app: Flask, ann: Person, bob: Person) -> None:
    ids = people(app, 60)
    assert bob.user_id
    relate(app, bob.user_id, *ids)
    found, path = [], "/@bob/friends?q=person"
    while path:
        text = ann.get(path).text
        found += [int(number) for number in re.findall(r'<a class="row" id="person-(\d+)"', text)]
        more = re.search(r'href="(/@bob/friends\?[^"]*after=[^"]*)"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert found == ids


@pytest.mark.parametrize("tab", TABS)
def test_long_tabs_ask_no_more_than_short_ones(
    app: Flask, ann: Person, bob: Person, queries: list[str], tab: str
) -> None:
    assert bob.user_id and ann.user_id
    counted = []
    for some in (ids := people(app, 60))[:5], ids[5:]:
        publish(app, bob, *["everyone"] * (len(some) // 3), pictures=2, tag=f"tag{len(some)}")
        relate(app, bob.user_id, *some)
        relate(app, ann.user_id, *some[::2])
        queries.clear()
        assert ann.get(f"/@bob{tab}").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 10


def test_a_bio_is_told_with_its_links_and_names(app: Flask, ann: Person, bob: Person) -> None:
    bio = "Гори й кава 🏔\r\nhttps://example.com — @ann, @nobody <b>\u202e"
    sent = {"first_name": "Богдан", "last_name": "Ґонта", "username": "bob", "bio": bio}
    assert bob.post("/settings/profile", data=sent).status_code == 303
    for path in ("/@bob", "/@bob/about"):
        text = ann.get(path).text
        assert '<a class="mention" href="/@ann">@ann</a>, @nobody &lt;b&gt;' in text
        assert 'href="https://example.com"' in text and "\u202e" not in text
    assert "Гори й кава 🏔\nhttps://example.com" in bob.get("/settings").text
    with app.app_context():
        assert "\r" not in db.session.get_one(User, bob.user_id).bio


def test_a_bio_that_is_too_long_comes_back(app: Flask, bob: Person) -> None:
    names = {"first_name": "Богдан", "last_name": "Ґонта", "username": "bob"}
    for ask in (bob.post, lambda path, **sent: bob.htmx("POST", path, **sent)):
        answer = ask("/settings/profile", data=names | {"bio": "ї" * 501})
        assert answer.status_code == 422
        assert "Use 500 characters at most." in answer.text and "ї" * 501 in answer.text
    assert bob.post("/settings/profile", data=names | {"bio": "\r\n".join(["ї"] * 250) + "!"}).status_code == 303
    with app.test_request_context():
        assert len(user(bob).bio) == 500
    assert bob.post("/settings/profile", data=names | {"bio": ""}).status_code == 303
    assert "has not told anything about themselves yet." not in bob.get("/@bob/about").text


def test_own_posts_are_told_apart_by_their_readers(app: Flask, ann: Person) -> None:
    publish(app, ann, "everyone", "friends", "me")
    for audience, titles in (("friends", {"For friends"}), ("me", {"For me"}), ("x", {"For everyone", "For me"})):
        text = ann.get(f"/publications?audience={audience}").text
        assert titles <= set(re.findall(r'class="post-title"[^>]*>([^<]+)<', text))
        assert ("For everyone" in re.findall(r'class="post-title"[^>]*>([^<]+)<', text)) == (audience == "x")
    publish(app, ann, *["me"] * 30)
    assert 'href="/publications?before=' in ann.get("/publications").text
    more = re.search(r'href="(/publications\?[^"]*before=[^"]*)"', ann.get("/publications?audience=me").text)
    assert more and "audience=me" in more[1]


def test_the_number_of_readers_says_what_it_counts(app: Flask, ann: Person, bob: Person) -> None:
    (post,) = publish(app, bob, "everyone")
    ann.post("/posts/views", data={"post_ids": post})
    text = ann.get("/@bob").text
    assert "<b>1</b><span>reader" in text and "1 person has seen at least one of these posts." in text
