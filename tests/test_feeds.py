"""The feeds of everyone, of friends and of tags, and what is new in them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.live.pushes import Push, Reach
from app.models import PostTag, Tag, TagFollow, User
from tests.audiences import ask, block, set_audience
from tests.conftest import Person
from tests.talk import befriend
from tests.test_posts import fill, publish, shown

SHOWS = ("", "friends", "tags")


def test_each_feed_has_its_posts(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    ask(app, eve, ann)
    by_bob, by_eve, own = publish(bob, "One", tags="x"), publish(eve, "Two", tags="bees x"), publish(ann, "3", tags="x")
    ann.post("/tags/bees/follow")
    assert shown(ann.get("/").text) == [own, by_eve, by_bob]
    assert shown(ann.get("/?show=friends").text) == [by_bob]
    assert shown(ann.get("/?show=tags").text) == [by_eve]
    for junk in ("", "x", "everyone", "%2527", "friends'"):
        assert shown(ann.get(f"/?show={junk}").text) == [own, by_eve, by_bob]


@pytest.mark.parametrize("show", SHOWS)
def test_the_chosen_feed_is_marked_and_its_pages_follow_it(app: Flask, ann: Person, bob: Person, show: str) -> None:
    befriend(app, ann, bob)
    ids = fill(app, bob, 45, with_parts=True)
    ann.post("/tags/bees/follow")
    address = f"/?show={show}" if show else "/"
    page = ann.get(address).text
    tabs = page[page.index('id="feed-tabs"') :]
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', tabs) == [address]
    found, older = [], address
    while older:
        page = ann.get(older).text
        found += shown(page)
        older = next(iter(re.findall(r'hx-get="(/\?[^"]*before=\d+[^"]*)"', page)), "").replace("&amp;", "&")
    assert found == ids[::-1]


def test_empty_feeds_say_what_to_do(ann: Person) -> None:
    assert 'href="/friends/suggestions">Find friends' in ann.get("/?show=friends").text
    assert 'href="/tags">Find tags' in ann.get("/?show=tags").text
    assert "Be the first" in ann.get("/").text


def test_a_post_with_several_followed_tags_is_there_once(app: Flask, ann: Person, bob: Person) -> None:
    ids = [publish(bob, f"{n}", tags=" ".join(f"t{(n + k) % 7}" for k in range(3))) for n in range(50)]
    for n in range(6):
        ann.post(f"/tags/t{n}/follow")
    hidden = ids[-10:-5]
    for post_id in hidden:
        set_audience(app, post_id, "friends")
    found, older = [], "/?show=tags"
    while older:
        page = ann.get(older).text
        found += shown(page)
        older = next(iter(re.findall(r'hx-get="(/\?[^"]*before=\d+[^"]*)"', page)), "").replace("&amp;", "&")
    assert found == [post_id for post_id in ids[::-1] if post_id not in hidden]


@pytest.mark.parametrize("show", SHOWS)
def test_a_feed_costs_the_same_for_any_number_of_posts(
    app: Flask, ann: Person, bob: Person, queries: list[str], show: str
) -> None:
    befriend(app, ann, bob)
    fill(app, bob, 2, with_parts=True)
    ann.post("/tags/bees/follow")
    ann.get(f"/?show={show}")
    counts = []
    for more in (0, 30):
        fill(app, bob, more, with_parts=True)
        for path in (f"/?show={show}", f"/posts/news?show={show}&after=1"):
            queries.clear()
            ann.get(path)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def news(who: Person, show: str, after: int) -> int:
    html = who.get(f"/posts/news?show={show}&after={after}").text
    count = int(re.findall(r'data-count="(\d+)"', html)[0])
    assert (" hidden>" in html.split("</a>")[0]) == (count == 0)
    return count


def test_news_are_counted_exactly(app: Flask, ann: Person, bob: Person, eve: Person, visitor: Person) -> None:
    befriend(app, ann, bob)
    first = publish(bob, "First", tags="bees")
    ann.post("/tags/bees/follow")
    assert [news(ann, show, first) for show in SHOWS] == [0, 0, 0]
    publish(ann, "Own", tags="bees")
    publish(bob, "Second")
    publish(eve, "Third", tags="bees wasps")
    assert [news(ann, show, first) for show in SHOWS] == [2, 1, 1]
    last = publish(bob, "Fourth", tags="bees")
    assert [news(ann, show, first) for show in SHOWS] == [3, 2, 2]
    bob.post(f"/posts/{last}/delete")
    assert [news(ann, show, first) for show in SHOWS] == [2, 1, 1]
    block(app, ann, eve)
    assert [news(ann, show, first) for show in SHOWS] == [1, 1, 0]
    assert ">1 new post<" in ann.get(f"/posts/news?after={first}").text
    fill(app, bob, 150)
    assert ">99+ new posts<" in ann.get(f"/posts/news?show=friends&after={first}").text
    for junk in ("", "x", "-1", "9" * 30):
        assert ann.get(f"/posts/news?after={junk}").status_code == 200
    assert visitor.get("/posts/news").location.startswith("/login")


def told(pushed: list[Push]) -> dict[str, Reach]:
    return {push.topic or "": Reach(push.people, push.everybody_but) for push in pushed if push.audience == "looking"}


def test_open_feeds_are_told_within_reach(
    app: Flask, join: Callable[..., Person], ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    dan, zoe = join("dan"), join("zoe")
    befriend(app, ann, bob)
    befriend(app, ann, dan)
    block(app, zoe, ann)
    publish(ann, "Before", tags="bees")
    with app.app_context():
        tag_id = db.session.scalars(select(Tag.id).where(Tag.name == "bees")).one()
        db.session.add_all(TagFollow(user_id=who.user_id, tag_id=tag_id) for who in (ann, bob, eve, zoe))
        db.session.commit()
    pushed.clear()
    post_id = publish(ann, "News", tags="bees wasps")
    people = {name: who.user_id for name, who in {"ann": ann, "bob": bob, "eve": eve, "dan": dan, "zoe": zoe}.items()}
    reached = {
        topic: {name for name, user_id in people.items() if user_id in reach} for topic, reach in told(pushed).items()
    }
    assert reached == {"feed": {"bob", "eve", "dan"}, "feed-friends": {"bob", "dan"}, "feed-tags": {"bob", "eve"}}
    hint = f'<i id="feed-news" hidden data-post="{post_id}" data-by="{ann.user_id}"></i>'.encode()
    assert all(hint in push.renderings["en"] for push in pushed if push.audience == "looking")
    # Neither the same form again nor a change of the post is news.
    pushed.clear()
    publish(ann, "News", tags="bees wasps")
    ann.post(f"/posts/{post_id}", data={"title": "Changed", "body": "Words", "tags": "bees"})
    assert "feed" not in told(pushed)


def test_the_pill_stands_on_the_first_page_of_each_feed(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    fill(app, bob, 30)
    for show, topic in (("", "feed"), ("friends", "feed-friends"), ("tags", "feed-tags")):
        page = ann.get(f"/?show={show}").text
        assert f'data-look="{topic}"' in page
        pill = ann.get(f"/posts/news?show={show}&after=999999").text.strip()
        assert pill in page
    assert 'id="new-posts"' not in ann.get("/?before=20").text


def test_a_long_friendship_list_does_not_hide_posts(app: Flask, join: Callable[..., Person], ann: Person) -> None:
    with app.app_context():
        assert db.session.scalar(select(User.id).limit(1)) and not db.session.scalar(select(PostTag.post_id).limit(1))
    people = [join(f"friend{n}") for n in range(5)]
    for one in people:
        befriend(app, ann, one)
    ids = [publish(one, f"{n}") for n in range(5) for one in people]
    assert shown(ann.get("/?show=friends").text) == ids[::-1][:20]
