"""Writing a post: for whom, with what on its pictures, whom and what it names, and what becomes of mistakes."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.live.pushes import Push
from app.models import Block, Picture, Post, PostMention, PostTag, Tag
from app.models.columns import now
from tests.conftest import Person
from tests.photos import keys_in, photo, waiting_in
from tests.talk import befriend
from tests.test_friendships import at_once, twin
from tests.test_pictures import stage
from tests.test_posts import publish, shown


def one_post(app: Flask) -> Post:
    with app.app_context():
        return db.session.scalars(select(Post)).one()


def pictures(app: Flask) -> list[tuple[int, str]]:
    """Return the ids of the pictures of posts in their order, and what is said to be on them."""
    with app.app_context():
        found = select(Picture).where(Picture.post_id.is_not(None)).order_by(Picture.position)
        return [(picture.id, picture.alt) for picture in db.session.scalars(found)]


def order_in(html: str) -> list[str]:
    return re.findall(r'name="image_order" value="(\d+)"', html)


def body_of(html: str) -> str:
    found = re.search(r'<div class="post-body">(.*?)</div>', html, re.S)
    assert found
    return found[1]


def in_text(app: Flask) -> dict[str, bool]:
    """Return the tags of the only post, and whether each stands in its text alone."""
    with app.app_context():
        rows = select(Tag.name, PostTag.in_text).join(PostTag).order_by(PostTag.position)
        return {name: alone for name, alone in db.session.execute(rows)}


def answers_at_once(*sends: Callable[[], TestResponse]) -> list[TestResponse]:
    answers: list[TestResponse] = []
    at_once(*(lambda send=send: answers.append(send()) for send in sends))  # type: ignore[misc]
    return answers


# --- For whom.


@pytest.mark.parametrize(("audience", "mark"), [("everyone", None), ("friends", "Friends"), ("me", "Only me")])
def test_the_card_tells_everybody_alike_for_whom_it_is(
    app: Flask, ann: Person, bob: Person, eve: Person, audience: str, mark: str | None
) -> None:
    befriend(app, ann, bob)
    post_id = publish(ann, audience=audience)
    page = ann.get("/").text
    assert ("post-audience" in page) == bool(mark) and (not mark or f"</svg>{mark}</span>" in page)
    assert (post_id in shown(bob.get("/").text)) == (audience != "me")
    assert (post_id in shown(eve.get("/").text)) == (audience == "everyone")
    form = ann.get(f"/posts/{post_id}/edit").text
    assert f'value="{audience}" required checked' in form
    ann.post(f"/posts/{post_id}", data={"title": "Bees", "body": "Other words"})
    assert one_post(app).audience == audience, "a form that does not tell changes nothing"


@pytest.mark.parametrize("junk", ["", "all", "everyone\0", "🐝" * 1000, "Друзі"])
def test_an_audience_that_is_none_gets_a_sentence(app: Flask, ann: Person, junk: str) -> None:
    answer = ann.post("/posts", data={"title": "t", "body": "Kept words", "audience": junk})
    assert answer.status_code == 422 and 'id="audience-note"' in answer.text and "Kept words" in answer.text
    with app.app_context():
        assert db.session.scalar(select(Post)) is None


def test_comments_are_allowed_unless_the_box_is_empty(app: Flask, ann: Person, pushed: list[Push]) -> None:
    sent = {"title": "Bees", "body": "Words"}
    post_id = publish(ann)
    assert one_post(app).takes_comments
    pushed.clear()
    ann.post(f"/posts/{post_id}", data={**sent, "takes_comments": ""})
    assert not one_post(app).takes_comments and one_post(app).edited_at is None, "its words are the same"
    shown_now = b"".join(push.renderings["en"] for push in pushed)
    assert b"comments-closed" in shown_now and b"comments-switch" in shown_now
    assert not re.search(r'name="takes_comments" value="1" checked', ann.get(f"/posts/{post_id}/edit").text)
    ann.post(f"/posts/{post_id}", data={**sent, "body": "c"})
    assert not one_post(app).takes_comments
    ann.post(f"/posts/{post_id}", data={**sent, "takes_comments": ["", "1"]})
    assert one_post(app).takes_comments


# --- Pictures.


def test_pictures_come_in_the_order_and_with_the_words_that_were_given(app: Flask, ann: Person, bob: Person) -> None:
    (red, red_key), (green, green_key), (blue, _) = (stage(ann, colour) for colour in ("red", "green", "blue"))
    words = {f"alt-{green}": "  A “green”\r\nfield ", f"alt-{red}": "", "image_order": ["", blue, green, red]}
    post_id = publish(ann, image_ids=[red, green, blue], remove_images=blue, **words)
    page = bob.get(f"/posts/{post_id}").text
    assert keys_in(page) == [green_key, red_key]
    assert 'alt="A “green” field"' in page and 'alt="Picture 2 of 2 by Ann Ivanenko"' in page

    # Editing: turned round, described anew, one more; nothing that is there is uploaded again.
    form = ann.get(f"/posts/{post_id}/edit").text
    assert order_in(form) == [green, red] and waiting_in(form) == [] and ">A “green” field</textarea>" in form
    gold, gold_key = stage(ann, "gold")
    words = {f"alt-{red}": "Red", f"alt-{green}": "Green", f"alt-{gold}": "Gold"}
    changed = {"title": "Bees", "body": "Words", "image_order": ["", red, gold, green], "image_ids": gold, **words}
    ann.post(f"/posts/{post_id}", data=changed)
    assert keys_in(bob.get("/").text) == [red_key, gold_key, green_key]
    assert pictures(app) == [(int(red), "Red"), (int(gold), "Gold"), (int(green), "Green")]
    ann.post(f"/posts/{post_id}", data={**changed, "remove_images": [red, gold]})
    assert keys_in(bob.get("/").text) == [green_key] and ann.get(f"/media/{red_key}/320").status_code == 404


def test_without_a_script_buttons_change_the_order_and_keep_everything(app: Flask, ann: Person) -> None:
    post_id = publish(ann, images=[(photo("red"), "r.png"), (photo("green"), "g.png")])
    red, green = order_in(ann.get(f"/posts/{post_id}/edit").text)
    sent: dict[str, Any] = {"title": "", "body": "New **words**", "tags": "wasps", "links": "one.example"}
    sent |= {"image_order": ["", red, green], f"alt-{red}": "Red", "remove_images": green, "audience": "me"}
    for send in (ann.post, partial(ann.htmx, "POST")):
        answer = send(
            f"/posts/{post_id}",
            data={**sent, "move": f"{red}:1", "images": (photo("blue"), "b.png"), "takes_comments": ""},
        )
        html = answer.text
        assert answer.status_code == 200 and ("<html" in html) == (send == ann.post)
        assert order_in(html)[:2] == [green, red] and order_in(html)[2:] == waiting_in(html)
        assert ">Red</textarea>" in html and "New **words**" in html and "#wasps" in html and "one.example" in html
        assert f'value="{green}" checked' in html and 'value="me" required checked' in html
        assert "field-error" not in re.sub(r"field-error[^>]*hidden", "", html), "nothing is wrong yet"
    assert one_post(app).title == "Bees" and pictures(app) == [(int(red), ""), (int(green), "")]
    for junk in ("", "x", f"{red}:-1", f"{green}:1", f"{red}:7", "999999999:1", "9" * 40 + ":1"):
        assert order_in(ann.post(f"/posts/{post_id}", data={**sent, "move": junk}).text) == [red, green]
    new = ann.post("/posts", data={"title": "n", "image_ids": [stage(ann)[0], stage(ann, "navy")[0]], "move": ""}).text
    first, second = order_in(new)
    moved = ann.post(
        "/posts", data={"image_ids": [first, second], "image_order": [first, second], "move": f"{second}:-1"}
    )
    assert order_in(moved.text) == [second, first]


def test_a_mistake_loses_no_order_words_or_removals(app: Flask, ann: Person) -> None:
    post_id = publish(ann, images=[(photo("red"), "r.png"), (photo("green"), "g.png")])
    red, green = order_in(ann.get(f"/posts/{post_id}/edit").text)
    gold, _ = stage(ann, "gold")
    sent = {"title": "", "body": "b", "image_order": ["", gold, green, red], "image_ids": gold, "remove_images": red}
    html = ann.htmx("POST", f"/posts/{post_id}", data={**sent, f"alt-{gold}": "g" * 501, f"alt-{green}": "Green"}).text
    assert order_in(html) == [gold, green, red] and waiting_in(html) == [gold]
    assert f'id="alt-{gold}-note"' in html and "g" * 501 in html and ">Green</textarea>" in html
    assert f'value="{red}" checked' in html and f'value="{green}" checked' not in html
    assert pictures(app) == [(int(red), ""), (int(green), "")]
    answer = ann.post(f"/posts/{post_id}", data={**sent, "title": "t", f"alt-{gold}": "ж" * 500})
    assert answer.status_code == 303 and pictures(app) == [(int(gold), "ж" * 500), (int(green), "")]


def test_nobody_describes_or_takes_the_picture_of_another(app: Flask, ann: Person, eve: Person) -> None:
    hers = publish(ann, images=(photo("red"), "r.png"))
    (red,) = order_in(ann.get(f"/posts/{hers}/edit").text)
    staged, _ = stage(ann, "gold")
    for ids in ([red], [staged]):
        publish(eve, f"Mine {ids}", image_ids=ids, image_order=["", *ids], **{f"alt-{ids[0]}": "Eve's"})
    mine = publish(eve, "Another")
    eve.post(f"/posts/{mine}", data={"title": "t", "body": "b", "image_order": [red, staged], "remove_images": red})
    assert pictures(app) == [(int(red), "")]


# --- Tags and people in the text.


def test_tags_in_the_text_are_tags_of_the_post(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann, body="On #Бджоли, `#code` and #calm: #honey #honey", tags=["honey", "music"])
    assert in_text(app) == {"honey": False, "music": False, "бджоли": True, "calm": True}
    page = bob.get(f"/posts/{post_id}").text
    assert body_of(page).count('class="tag"') == 4 and '<a class="tag" href="/tags/calm">#calm</a>' in page
    assert re.findall(r"<li><a href=\"/tags/[^\"]+\">#(\w+)</a></li>", page) == ["honey", "music"]
    for name in ("бджоли", "calm", "спокій", "honey", "music"):
        assert shown(bob.get(f"/tags/{quote(name)}").text) == [post_id]
    assert bob.get("/tags/code").status_code == 404
    ann.post(f"/posts/{post_id}", data={"title": "Bees", "body": "On #honey", "tags": ""})
    assert in_text(app) == {"honey": True}
    assert "post-tags" not in bob.get(f"/posts/{post_id}").text


def test_a_text_has_so_many_tags_and_no_more(app: Flask, ann: Person) -> None:
    publish(ann, body=" ".join(f"#a{n}" for n in range(30)))
    assert len(in_text(app)) == 30
    answer = ann.post("/posts", data={"title": "t", "body": " ".join(f"#a{n}" for n in range(31))})
    assert answer.status_code == 422 and "Use 30 different #tags in the text at most." in answer.text


def test_the_same_new_tags_at_once(app: Flask, ann: Person, bob: Person) -> None:
    orders = [("one", "two", "three"), ("three", "two", "one"), ("two", "three", "one")]
    browsers = [twin(app, who) for who in (ann, bob, ann)]
    sends = [
        partial(browser.post, "/posts", data={"title": "t", "body": "b", "tags": " ".join(names)})
        for browser, names in zip(browsers, orders, strict=True)
    ]
    assert [answer.status_code for answer in answers_at_once(*sends)] == [303] * 3
    assert len(shown(ann.get("/tags/two").text)) == 3


def test_people_in_the_text_are_named_wherever_they_go(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    with app.app_context():
        db.session.add(Block(blocker_id=eve.user_id, blocked_id=ann.user_id, created_at=now()))
        db.session.commit()
    post_id = publish(ann, body="With @BOB, @eve, @nobody and `@bob` (ann@bob.example) **@bob**")
    with app.app_context():
        assert list(db.session.scalars(select(PostMention.user_id))) == [bob.user_id]
    text = body_of(ann.get("/").text)
    assert text.count('class="mention"') == 2 and '<a class="mention" href="/@bob">@BOB</a>' in text
    assert '<strong><a class="mention" href="/@bob">@bob</a></strong>' in text
    bob.post("/settings/profile", data={"first_name": "B", "last_name": "G", "username": "bobby"})
    assert '<a class="mention" href="/@bobby">@BOB</a>' in body_of(ann.get(f"/posts/{post_id}").text)
    ann.post(f"/posts/{post_id}", data={"title": "Bees", "body": "Alone"})
    with app.app_context():
        assert list(db.session.scalars(select(PostMention.user_id))) == []


def test_people_are_offered_by_the_beginning_of_a_name(
    app: Flask, join: Any, ann: Person, bob: Person, eve: Person, queries: list[str]
) -> None:
    befriend(app, ann, bob)
    join("bohdana", "Богдана", "А")
    apart = join("boris", "Борис", "Б")
    with app.app_context():
        db.session.add(Block(blocker_id=apart.user_id, blocked_id=ann.user_id, created_at=now()))
        db.session.commit()

    def offered(who: Person, typed: str) -> list[str]:
        return re.findall(r'data-name="([^"]+)"', who.get(f"/users/mentions?q={quote(typed)}").text)

    assert offered(ann, "бо") == offered(ann, "BO") == ["bob", "bohdana"], "the friend first"
    assert offered(ann, "ґонта") == ["bob"] and offered(ann, "") == ["bob"] and offered(eve, "") == []
    assert offered(apart, "an") == [] and offered(ann, "ann") == []
    for junk in ("%", "_", "\0", "x" * 500, "🐝", "\u202e"):
        assert offered(ann, junk) == []
    for n in range(12):
        join(f"bo{n:02}", "Бо", f"Ні{n}")
    queries.clear()
    assert len(offered(ann, "bo")) == 8
    many = len(queries)
    queries.clear()
    offered(ann, "ґонта")
    assert len(queries) == many


def test_a_post_is_shown_formatted(ann: Person) -> None:
    publish(ann, body="**Bold** <b>\n> quote\n- item\n```\n<i>\n```\n")
    html = ann.get("/").text
    assert "<strong>Bold</strong> &lt;b&gt;\n<blockquote>quote\n</blockquote><ul><li>item\n</li></ul>" in html
    assert "<pre><code>&lt;i&gt;\n</code></pre>" in html


# --- Long texts, limits.


@pytest.mark.parametrize(
    ("body", "folds"),
    [("a" * 5000, True), ("a\n" * 59 + "a", True), ("word " * 400, True), ("a\n" * 13, False), ("word " * 200, False)],
)
def test_long_texts_are_folded_in_the_feed(ann: Person, body: str, folds: bool) -> None:
    post_id = publish(ann, body=body)
    assert (f'<a href="/posts/{post_id}" data-read-on>Show more</a>' in ann.get("/").text) == folds


def test_too_long_is_told_and_kept(ann: Person) -> None:
    html = ann.post("/posts", data={"title": "ї" * 151, "topic": "t" * 151, "body": "🐝" * 10_001}).text
    assert html.count("Use 150 characters at most.") == 2 and "Use 10000 characters at most." in html
    assert "ї" * 151 in html and "🐝" * 10_001 in html
    assert ann.post("/posts", data={"title": "ї" * 150, "body": "🐝" * 10_000}).status_code == 303


# --- Changing.


def test_a_post_is_edited_only_if_something_changed(app: Flask, ann: Person) -> None:
    fields = {"tags": ["bees", "calm"], "links": "https://one.example", "topic": "Summer"}
    post_id = publish(ann, images=(photo("red"), "r.png"), **fields)
    (red,) = order_in(ann.get(f"/posts/{post_id}/edit").text)
    same = {"title": "Bees", "body": "Words", **fields, "tags": ["calm", "#bees"], "image_order": ["", red]}
    same |= {"audience": "everyone", "takes_comments": ["", "1"], f"alt-{red}": ""}
    assert ann.post(f"/posts/{post_id}", data=same).status_code == 303
    assert one_post(app).edited_at is None and "edited" not in ann.get("/").text
    for change in ({"topic": "Autumn"}, {"audience": "me"}, {"tags": "bees"}, {f"alt-{red}": "Red"}, {"links": ""}):
        with app.app_context():
            db.session.get_one(Post, post_id).edited_at = None
            db.session.commit()
        ann.post(f"/posts/{post_id}", data={**same, **change})
        assert one_post(app).edited_at, change
        same |= change
    assert "Autumn" in ann.get("/").text and one_post(app).topic_folded == "autumn"


def test_of_two_who_edit_the_last_one_wins_and_nothing_mixes(app: Flask, ann: Person) -> None:
    post_id = publish(ann, images=(photo("red"), "r.png"))
    (red,) = order_in(ann.get(f"/posts/{post_id}/edit").text)
    staged = stage(ann, "gold")[0]
    one = {"title": "One", "body": "#one", "tags": "first", "image_order": ["", red, staged], "image_ids": staged}
    other = {"title": "Other", "body": "#other", "tags": "second", "image_order": ["", red], f"alt-{red}": "Red"}
    ann.post(f"/posts/{post_id}", data=one)
    ann.post(f"/posts/{post_id}", data=other)
    assert in_text(app) == {"second": False, "other": True} and pictures(app) == [(int(red), "Red")]
    browsers = [twin(app, ann) for _ in range(4)]
    sends = [
        partial(browser.post, f"/posts/{post_id}", data={"title": f"T{n}", "body": f"#b{n} @ann", "tags": f"c{n}"})
        for n, browser in enumerate(browsers)
    ]
    assert {answer.status_code for answer in answers_at_once(*sends)} == {303}
    won = one_post(app).title[1:]
    assert one_post(app).body == f"#b{won} @ann" and in_text(app) == {f"c{won}": False, f"b{won}": True}


def test_an_edit_after_the_deletion_says_so_and_keeps_the_words(app: Flask, ann: Person, eve: Person) -> None:
    post_id = publish(ann)
    ann.post(f"/posts/{post_id}/delete")
    for send in (ann.post, partial(ann.htmx, "POST")):
        answer = send(f"/posts/{post_id}", data={"title": "New", "body": "Late words"})
        assert answer.status_code == 422 and "This post has been deleted." in answer.text
        assert "Late words" in answer.text
    assert eve.post(f"/posts/{post_id}", data={"title": "New", "body": "x"}).status_code == 404
    assert ann.get(f"/posts/{post_id}/edit").status_code == 404
    assert one_post(app).body == "Words"
    ann.post(f"/posts/{post_id}/restore")
    assert "Words" in ann.get(f"/posts/{post_id}").text


def test_a_form_sent_again_for_other_people_is_not_passed_over(app: Flask, ann: Person, eve: Person) -> None:
    sent = {"title": "Once", "body": "Words", "client_id": "same"}
    first = ann.post("/posts", data=sent).location
    assert ann.post("/posts", data=sent).location == first
    second = ann.post("/posts", data={**sent, "audience": "me"}).location
    assert second != first and eve.get(second).status_code == 404


def test_more_tags_than_anybody_means_cost_nothing(ann: Person) -> None:
    words = [" ".join(f"w{line}x{number}" for number in range(150)) for line in range(200)]
    answer = ann.post("/posts", data={"title": "t", "body": "b", "tags": words, "links": ["x"] * 5_000})
    assert answer.status_code == 422 and "Choose 20 tags at most." in answer.text and len(answer.text) < 200_000


def test_a_form_sent_twice_at_once_leads_to_one_post_both_times(app: Flask, ann: Person) -> None:
    staged = stage(ann)[0]
    sent = {"title": "Once", "body": "#b @ann", "tags": "t", "image_ids": staged, "client_id": "same"}
    answers = answers_at_once(*(partial(twin(app, ann).post, "/posts", data=sent) for _ in range(3)))
    post = one_post(app)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/posts/{post.id}")}
    assert len(keys_in(ann.get("/").text)) == 1 and in_text(app) == {"t": False, "b": True}


def test_a_form_of_pictures_alone_sent_again_leads_to_its_post(app: Flask, ann: Person) -> None:
    staged = stage(ann)[0]
    sent = {"title": "Look", "image_ids": staged, "image_order": ["", staged], "client_id": "same"}
    answers = [ann.post("/posts", data=sent) for _ in range(2)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/posts/{one_post(app).id}")}


def test_new_words_in_a_form_that_was_sent_are_another_post(app: Flask, ann: Person) -> None:
    first = publish(ann, "One", client_id="same")
    second = publish(ann, "Two", client_id="same")
    assert shown(ann.get("/").text) == [second, first]
    ann.post(f"/posts/{second}/delete")
    ann.post(f"/posts/{first}/delete")
    again = publish(ann, "One", client_id="same")
    assert shown(ann.get("/").text) == [again] and again != first


def test_a_change_sent_twice_at_once_keeps_its_new_picture(app: Flask, ann: Person) -> None:
    post_id = publish(ann)
    staged = stage(ann)[0]
    sent = {"title": "Bees", "body": "With one", "image_ids": staged, "image_order": ["", staged]}
    answers_at_once(*(partial(twin(app, ann).post, f"/posts/{post_id}", data=sent) for _ in range(4)))
    ann.post(f"/posts/{post_id}", data=sent)
    assert pictures(app) == [(int(staged), "")]


JUNK = [
    "\0",
    "🐝" * 600,
    "\u202eтекст\u202c",
    "a" * 10_000,
    "'; DROP TABLE posts; --",
    "#" * 3000,
    "@" * 3000,
    "*_`" * 3000,
]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_any_field_breaks_nothing(ann: Person, junk: str) -> None:
    picture = stage(ann)[0]
    fields = {f"alt-{picture}": junk, "image_order": ["", junk, picture], "image_ids": [junk, picture], "tags": junk}
    fields |= {"takes_comments": junk, "remove_images": junk, "links": junk, "client_id": junk[:50]}
    assert ann.post("/posts", data={"title": "t", "topic": junk, "body": junk, **fields}).status_code in (303, 422)
    post_id = publish(ann, "Plain", body=junk if junk.strip("\0") else "b")
    assert ann.post(f"/posts/{post_id}", data={"title": "t", "body": junk, **fields}).status_code in (303, 422)
    assert ann.get("/").status_code == 200 and ann.get(f"/posts/{post_id}").status_code == 200
