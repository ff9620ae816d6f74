"""The feed, and publishing, changing and deleting posts, through the doors."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.actions.undo import UNDO_WITHIN
from app.extensions import db
from app.jobs import run_due
from app.live import bus
from app.live.hub import Push
from app.models import Friendship, Job, Like, Picture, Post, PostTag, PostView, Tag, User
from app.models.columns import now
from tests.conftest import Person
from tests.photos import keys_in, photo, waiting_in
from tests.talk import befriend
from tests.test_friendships import at_once, twin


def publish(who: Person, title: str = "Bees", **fields: Any) -> int:
    """Publish a post as the form does, and return its id."""
    answer = who.post("/posts", data={"title": title, "body": "Words", "client_id": title, **fields})
    assert answer.status_code == 303, answer.text
    with who.application.app_context():
        return db.session.scalars(select(func.max(Post.id))).one()


def fill(app: Flask, author: Person, count: int, with_parts: bool = False) -> list[int]:
    """Put posts into the table; with a tag, a picture and a like each, if wanted."""
    with app.app_context():
        tag = db.session.scalar(select(Tag)) or Tag(name="bees")
        db.session.add(tag)
        posts = [
            Post(
                author_id=author.user_id,
                client_id=str(uuid4()),
                title=f"No. {n}",
                topic="",
                body="b",
            )
            for n in range(count)
        ]
        db.session.add_all(posts)
        db.session.flush()
        for post in posts if with_parts else ():
            db.session.add(PostTag(post_id=post.id, tag_id=tag.id, position=0))
            db.session.add(Like(post_id=post.id, user_id=author.user_id))
            facts = {"width": 4, "height": 3, "colour": "#aabbcc", "size": 1}
            db.session.add(Picture(key="0" * 32, owner_id=author.user_id, post_id=post.id, **facts))
        db.session.commit()
        return [post.id for post in posts]


def shown(html: str) -> list[int]:
    return [int(post_id) for post_id in re.findall(r'<article class="card post" id="post-(\d+)"', html)]


def posts(app: Flask) -> list[Post]:
    with app.app_context():
        return list(db.session.scalars(select(Post).order_by(Post.id)))


def user(app: Flask, who: Person) -> User:
    with app.app_context():
        found = db.session.get(User, who.user_id)
        assert found
        return found


def test_a_post_shows_everything_that_was_put_into_it(ann: Person, bob: Person) -> None:
    post_id = publish(
        ann,
        "Bees & blossoms",
        topic="Summer",
        body="First line\n<script>alert(1)</script> https://example.com/a?b=1&c=2 @bob #bees",
        tags=["nature", "#My_Garden, #мед"],
        links=["example.org/honey", "", "http://bees.example"],
        images=[(photo("gold"), "gold.png"), (photo("green"), "green.png")],
    )
    for page in (bob.get("/").text, bob.get(f"/posts/{post_id}").text, ann.get("/publications").text):
        assert "Bees &amp; blossoms" in page and ">Summer<" in page
        assert "First line\n&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
        assert '<a href="https://example.com/a?b=1&amp;c=2" rel="noopener nofollow ugc"' in page
        assert [name for name in ("#nature", "#my_garden", "#мед") if f">{name}</a>" in page] == [
            "#nature",
            "#my_garden",
            "#мед",
        ]
        assert 'href="https://example.org/honey"' in page and 'href="http://bees.example"' in page
        assert len(keys_in(page)) == 2 and "Picture 2 of 2 by Ann Ivanenko" in page
        assert 'href="/@ann"' in page and f'href="/posts/{post_id}"' in page
    assert shown(bob.get("/publications").text) == []


def test_the_form_is_lost_by_no_mistake(app: Flask, ann: Person) -> None:
    wrong = {
        "title": " ",
        "topic": "t" * 151,
        "body": "These words stay",
        "tags": ["calm", "#good #b@d"],
        "links": ["javascript:alert(1)", "fine.example", "no spaces allowed"],
        "client_id": "one",
    }
    for send in (ann.post, lambda path, **sent: ann.htmx("POST", path, **sent)):
        broken, words = BytesIO(photo().getvalue()[:60]), BytesIO(b"words")
        images = [(photo("gold"), "gold.png"), (broken, "broken.png"), (words, "words.txt")]
        answer = send("/posts", data={**wrong, "images": images})
        html = answer.text
        assert answer.status_code == 422
        assert "Give the post a title." in html and "Use 150 characters at most." in html
        assert "These words stay" in html and "t" * 151 in html and 'value="calm" checked' in html
        assert "“b@d” is not." in html and "#good #b@d" in html
        assert html.count("This is not a web address.") == 2
        assert all(f'value="{link}"' in html for link in wrong["links"])
        assert "“broken.png” is damaged" in html and "“words.txt” is not a picture" in html
        assert len(waiting_in(html)) == 1
        assert ("<html" in html) == (send == ann.post)
    assert posts(app) == []
    sent = ann.post("/posts", data={"title": "Now", "image_ids": waiting_in(html), "client_id": "one"})
    assert sent.status_code == 303 and len(keys_in(ann.get("/").text)) == 1


def test_a_post_needs_a_title_and_something_under_it(app: Flask, ann: Person) -> None:
    assert "Write something or add a picture." in ann.post("/posts", data={"title": "Only a title"}).text
    assert ann.post("/posts", data={"title": "A picture", "images": (photo(), "a.png")}).status_code == 303
    assert ann.post("/posts", data={"title": "t" * 150, "body": "b" * 10_000}).status_code == 303
    assert ann.post("/posts", data={"title": "t", "body": "b" * 10_001}).status_code == 422
    assert ann.post("/posts", data={}).status_code == 422
    assert len(posts(app)) == 2 and user(app, ann).post_count == 2


JUNK = ["🐝" * 500, "שלום\u202eעולם", "a\x00b", "x " * 4_990, "\ud83d", "&amp;<blink>", "a\r\nb"]


@pytest.mark.parametrize("words", JUNK)
def test_any_words_can_be_published(ann: Person, words: str) -> None:
    body = words.encode("utf-8", "surrogatepass")
    answer = ann.post("/posts", data={"title": body[:100], "body": body, "tags": body[:40], "client_id": body[:30]})
    assert answer.status_code in (303, 422)
    page = ann.get("/")
    assert page.status_code == 200 and "<blink>" not in page.text and not set("\x00\u202e\r") & set(page.text)


def test_a_form_sent_twice_makes_one_post(app: Flask, ann: Person, bob: Person) -> None:
    answers = [ann.post("/posts", data={"title": "Once", "body": "b", "client_id": "same"}) for _ in range(2)]
    (post,) = posts(app)
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/posts/{post.id}")] * 2
    assert len(posts(app)) == 1 and user(app, ann).post_count == 1
    publish(bob, "His own", client_id="same")
    assert len(posts(app)) == 2


def test_a_form_sent_twice_at_once_makes_one_post(app: Flask, ann: Person) -> None:
    browsers = [twin(app, ann) for _ in range(4)]
    sent = {"title": "Once", "body": "b", "client_id": "same"}
    at_once(*(partial(browser.post, "/posts", data=sent) for browser in browsers))
    assert len(posts(app)) == 1 and user(app, ann).post_count == 1


def test_a_post_takes_ten_pictures_and_not_eleven(app: Flask, ann: Person) -> None:
    ids: list[str] = []
    for number in range(11):
        image = (photo(f"hsl({number * 30}, 80%, 50%)"), "a.png")
        ids += waiting_in(ann.htmx("POST", "/pictures", data={"images": image}).text)
    answer = ann.post("/posts", data={"title": "Many", "image_ids": ids})
    assert answer.status_code == 422 and "ten pictures at most" in answer.text and waiting_in(answer.text) == ids
    assert ann.post("/posts", data={"title": "Ten", "image_ids": ids[:10]}).status_code == 303
    html = ann.get("/").text
    assert len(keys_in(html)) == 10 and "gallery-10" in html


def test_editing_changes_what_it_says_and_keeps_the_rest(app: Flask, ann: Person, bob: Person) -> None:
    pictures = [(photo(colour), f"{colour}.png") for colour in ("red", "green", "blue")]
    post_id = publish(ann, tags=["calm", "bees"], links=["one.example", "two.example"], images=pictures)
    bob.post(f"/posts/{post_id}/like")
    red, green, blue = keys_in(ann.get("/").text)
    form = ann.get(f"/posts/{post_id}/edit").text
    assert 'value="Bees"' in form and 'value="calm" checked' in form and 'value="https://two.example"' in form
    red_id = re.findall(r'name="remove_images" value="(\d+)"', form)[0]
    staged = waiting_in(ann.htmx("POST", "/pictures", data={"images": (photo("white"), "white.png")}).text)
    changed = {"title": "Wasps", "body": "New", "tags": "wasps", "links": "https://two.example", "image_ids": staged}
    answer = ann.post(f"/posts/{post_id}", data={**changed, "remove_images": red_id})
    assert (answer.status_code, answer.location) == (303, f"/posts/{post_id}")
    page = bob.get(f"/posts/{post_id}").text
    assert "Wasps" in page and "#wasps" in page and "#calm" not in page and "one.example" not in page
    assert "edited" in page and re.search(r'<span class="number">1</span> like<', page)
    assert keys_in(page)[:2] == [green, blue] and len(keys_in(page)) == 3 and red not in page
    assert bob.get(f"/media/{red}/320").status_code == 404
    mistaken = ann.htmx("POST", f"/posts/{post_id}", data={"title": "", "body": "Newer"})
    assert mistaken.status_code == 422 and "Newer" in mistaken.text and f'action="/posts/{post_id}"' in mistaken.text
    assert posts(app)[0].title == "Wasps"
    assert ann.htmx("POST", f"/posts/{post_id}", data={"title": "A", "body": "b"}).headers["HX-Redirect"]


def test_only_the_author_changes_or_deletes_a_post(app: Flask, ann: Person, eve: Person, visitor: Person) -> None:
    post_id = publish(ann)
    for path in (f"/posts/{post_id}/edit", "/posts/999999/edit", "/posts/999999"):
        assert eve.get(path).status_code == 404
    for path in (f"/posts/{post_id}", f"/posts/{post_id}/delete", "/posts/999999/delete"):
        for send in (eve.post, lambda path, **sent: eve.htmx("POST", path, **sent)):
            assert send(path, data={"title": "Eve was here", "body": "x"}).status_code == 404
    assert eve.get(f"/posts/{post_id}").status_code == 200
    assert [post.title for post in posts(app)] == ["Bees"]
    for path in ("/", "/publications", "/posts/new", f"/posts/{post_id}", f"/posts/{post_id}/edit"):
        assert visitor.get(path).location.startswith("/login")
    assert visitor.post("/posts", data={"title": "x", "body": "y"}).location.startswith("/login")
    assert len(posts(app)) == 1


def test_deleting_a_post_takes_everything_with_it(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann, tags="bees", links="one.example", images=(photo("red"), "red.png"))
    (key,) = keys_in(ann.get("/").text)
    bob.post(f"/posts/{post_id}/like")
    bob.get(f"/posts/{post_id}")
    assert (user(app, ann).post_count, user(app, ann).reader_count) == (1, 1)
    first, second = (ann.post(f"/posts/{post_id}/delete") for _ in range(2))
    assert (first.status_code, first.location, second.status_code) == (303, "/publications", 404)
    assert (user(app, ann).post_count, user(app, ann).reader_count) == (0, 0)
    assert ann.get(f"/posts/{post_id}").status_code == 404
    with app.app_context():
        post = db.session.get_one(Post, post_id)
        post.deleted_at = now() - UNDO_WITHIN
        db.session.execute(update(Job).values(run_at=now()))
        db.session.commit()
    run_due(app)
    with app.app_context():
        for table in (Post, Like, PostView, Picture, PostTag):
            assert db.session.scalars(select(func.count()).select_from(table)).one() == 0
    assert ann.get(f"/media/{key}/320").status_code == 404
    again = publish(ann)
    answer = ann.htmx("POST", f"/posts/{again}/delete")
    assert answer.status_code == 200 and "The post has been deleted." in answer.text


def test_a_deletion_can_be_undone_for_a_while_by_its_author_alone(app: Flask, ann: Person, bob: Person) -> None:
    post_id, other = publish(ann), publish(ann, "Another")
    bob.get(f"/posts/{post_id}")
    before = user(app, ann).reader_count
    ann.get(f"/posts/{other}")
    undo = f"/posts/{post_id}/restore"
    assert undo in ann.htmx("POST", f"/posts/{post_id}/delete").text
    assert (user(app, ann).post_count, user(app, ann).reader_count) == (1, 1)
    assert bob.post(undo).status_code == 422
    assert ann.post(undo).location == f"/posts/{post_id}"
    assert ann.post(undo).status_code == 422
    assert bob.get(f"/posts/{post_id}").status_code == 200
    assert (user(app, ann).post_count, user(app, ann).reader_count) == (2, before + 1)
    with app.app_context():
        db.session.execute(update(Job).values(run_at=now()))
        db.session.commit()
    run_due(app)
    assert bob.get(f"/posts/{post_id}").status_code == 200, "the job leaves alone what was restored"


def test_the_feed_goes_back_to_the_first_post_without_gaps(app: Flask, ann: Person, bob: Person) -> None:
    ids = fill(app, bob, 43)
    seen: list[int] = []
    path = "/"
    for _ in range(5):
        html = ann.get(path).text
        seen += shown(html)
        older = re.search(r'href="(/\?before=\d+)"[^>]*hx-get="\1"', html)
        if not older:
            break
        publish(bob, f"Meanwhile {len(seen)}")
        path = older[1]
    assert seen == ids[::-1]
    assert len(shown(ann.get("/").text)) == 20
    for junk in ("x", "-1", "0", "9" * 30, "1;drop"):
        assert ann.get(f"/?before={junk}").status_code == 200


def test_a_feed_of_exactly_one_page_ends(app: Flask, ann: Person, bob: Person) -> None:
    assert "Nothing has been published yet" in ann.get("/").text
    fill(app, bob, 20)
    html = ann.get("/").text
    assert len(shown(html)) == 20 and "?before=" not in html and "That is everything so far." in html


@pytest.mark.parametrize("path", ["/", "/publications", "/tags/bees"])
def test_a_page_costs_the_same_for_any_number_of_posts(app: Flask, ann: Person, queries: list[str], path: str) -> None:
    fill(app, ann, 3, with_parts=True)
    ann.get(path)
    queries.clear()
    assert len(shown(ann.get(path).text)) == 3
    few = list(queries)
    fill(app, ann, 30, with_parts=True)
    queries.clear()
    assert len(shown(ann.get(path).text)) == 20
    assert len(queries) == len(few), "\n".join(queries)


def test_beside_the_feed_stands_what_waits(app: Flask, join: Callable[..., Person], ann: Person, bob: Person) -> None:
    html = ann.get("/").text
    assert "No requests now." in html and "No messages yet." in html
    with app.app_context():
        low, high = sorted((ann.user_id or 0, bob.user_id or 0))
        db.session.add(Friendship(low_id=low, high_id=high, requester_id=bob.user_id))
        me = db.session.get(User, ann.user_id)
        assert me
        me.post_count, me.reader_count, me.friend_count = 1, 12_149, 2
        db.session.commit()
    html = ann.get("/").text
    assert 'href="/@bob"' in html and "<b>12.1K</b>" in html
    assert re.search(r"<b[^>]*>1</b>post\b(?!s)", html) and re.search(r"<b[^>]*>2</b>friends", html)


def test_words_begun_in_the_feed_stand_in_the_form(ann: Person) -> None:
    html = ann.get("/posts/new?body=Half+a+thought+%26+%3Cmore%3E").text
    assert "Half a thought &amp; &lt;more&gt;" in html
    ids = [re.search(r'name="client_id" value="([^"]{36})"', ann.get("/posts/new").text) for _ in range(2)]
    assert ids[0] and ids[1] and ids[0][1] != ids[1][1]


def test_a_post_says_when_it_was_published(ann: Person) -> None:
    post_id = publish(ann)
    with ann.application.app_context():
        db.session.execute(update(Post).values(created_at=now() - timedelta(hours=2)))
        db.session.commit()
    html = ann.get(f"/posts/{post_id}").text
    assert "2 hours ago" in html and "edited" not in html


def test_only_the_author_finds_how_to_change_it(ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    for path in ("/", f"/posts/{post_id}", "/@ann"):
        for deed in ("edit", "delete", "comments/close"):
            address = f'"/posts/{post_id}/{deed}"'
            assert address in ann.get(path).text and address not in bob.get(path).text


def test_the_authors_tabs_show_how_many_posts_there_are(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    pushes: list[Push] = []
    monkeypatch.setattr(bus, "publish", pushes.append)
    post_id = publish(ann)
    ann.post(f"/posts/{post_id}/delete")
    counts = [f'<span id="post-count-{ann.user_id}"><b>{words}</span>' for words in ("1</b>post", "0</b>posts")]
    pushes = [push for push in pushes if push.audience == "everyone"]
    assert [push.people for push in pushes] == [{ann.user_id}] * 2
    assert all(count.encode() in push.renderings["en"] for count, push in zip(counts, pushes, strict=True))
    assert counts[1] in ann.get("/").text


def test_open_pages_lose_a_post_that_is_not_for_their_people_any_more(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    befriend(app, ann, bob)
    people = {who.user_id for who in (ann, bob, eve)}
    post_id = publish(ann)

    def gone() -> set[int | None]:
        pushes = [push for push in pushed if f'<i id="post-{post_id}"'.encode() in push.frame("en")]
        pushed.clear()
        return {person for push in pushes for person in people if (person in push.people) != push.everybody_but}

    lost: list[tuple[str, set[int | None]]] = [
        ("friends", {eve.user_id}),
        ("everyone", set()),
        ("me", {bob.user_id, eve.user_id}),
        ("friends", set()),
        ("me", {bob.user_id}),
        ("everyone", set()),
    ]
    for audience, losers in lost:
        data = {"title": "Bees", "body": "Words", "audience": audience}
        assert ann.post(f"/posts/{post_id}", data=data).status_code == 303
        assert gone() == losers
    ann.post(f"/posts/{post_id}/delete")
    assert gone() == {bob.user_id, eve.user_id}
