"""Comments under posts, through the doors: who sees which, what is counted, and what others are shown of it."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.actions.counts import recount
from app.actions.undo import UNDO_WITHIN
from app.extensions import db
from app.jobs import run_due
from app.live.pushes import Push
from app.models import Block, Comment, CommentLike, CommentMention, Job, Post
from app.models.columns import now
from tests.conftest import Person
from tests.talk import befriend, pushed_html
from tests.test_friendships import at_once, twin
from tests.test_posts import publish


def comment(who: Person, post_id: int, body: str = "Well said", **fields: Any) -> int:
    """Comment on a post as the page's script does, and return the comment's id."""
    answer = who.htmx("POST", f"/posts/{post_id}/comments", data={"body": body, **fields})
    assert answer.status_code == 200, answer.text
    found = re.search(r'id="comment-(\d+)"', answer.text)
    assert found
    return int(found[1])


def shown(html: str) -> list[int]:
    """Return the comments of a page or fragment, in its order."""
    return [int(one) for one in re.findall(r'<li class="comment" id="comment-(\d+)"', html)]


def flat(html: str) -> str:
    return " ".join(html.split())


def element(html: str, tag: str, name: str) -> str:
    """Cut an element that holds none of its own kind out of a page or a push."""
    found = re.search(rf'<{tag} [^>]*id="{name}".*?</{tag}>', html, re.DOTALL)
    assert found, name
    return flat(found[0])


def fill(app: Flask, post_id: int, author: Person, count: int, parent_id: int | None = None) -> list[int]:
    """Put comments under a post without writing them one by one."""
    with app.app_context():
        rows = [
            Comment(post_id=post_id, author_id=author.user_id, parent_id=parent_id, client_id=str(uuid4()), body="b")
            for _ in range(count)
        ]
        db.session.add_all(rows)
        db.session.get_one(Post, post_id).comment_count += count
        if parent_id:
            db.session.get_one(Comment, parent_id).reply_count += count
        db.session.commit()
        return [row.id for row in rows]


def stored(app: Flask) -> list[Comment]:
    with app.app_context():
        return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def counts(app: Flask) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Return what is counted, and hold it against the rows."""

    def kept() -> tuple[list[int], list[tuple[int, int, int]]]:
        posts = list(db.session.scalars(select(Post.comment_count).order_by(Post.id)))
        rows = select(Comment.id, Comment.reply_count, Comment.like_count).order_by(Comment.id)
        return posts, [tuple(row) for row in db.session.execute(rows)]

    with app.app_context():
        before = kept()
        recount()
        db.session.expire_all()
        assert kept() == before
        return before


def block(app: Flask, blocker: Person, blocked: Person) -> None:
    with app.app_context():
        db.session.add(Block(blocker_id=blocker.user_id, blocked_id=blocked.user_id, created_at=now()))
        db.session.commit()


def to(pushes: Iterable[Push], who: Person, topic: str) -> str:
    """Return what a tab of somebody that looks at a topic is shown."""
    return "".join(
        pushed_html(push)
        for push in pushes
        if push.topic == topic and (who.user_id in push.people) != push.everybody_but
    )


WORD = '</span> <span class="post-comments-word">'


# --- Written and read.


def test_a_comment_stands_under_its_post_and_is_counted(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "Гарно! <b>&</b> https://example.com @ann @nobody")
    second = comment(ann, post_id, "Thank you 🐝")
    page = bob.get(f"/posts/{post_id}").text
    assert shown(page) == [first, second]
    assert "Гарно! &lt;b&gt;&amp;&lt;/b&gt;" in page and '<a href="https://example.com"' in page
    assert '<a class="mention" href="/@ann">@ann</a>' in page and "@nobody" in page and "/@nobody" not in page
    assert "Богдан Ґонта-Їжак" in page and f'href="/comments/{first}"' in page
    for path in ("/", f"/posts/{post_id}"):
        assert f">2{WORD}comments<" in element(ann.get(path).text, "a", f"comment-count-{post_id}")
    assert counts(app)[0] == [2]


def test_a_reply_to_a_reply_stands_beside_it_and_names_whom_it_answers(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "First")
    reply = comment(ann, post_id, "Reply", parent_id=first)
    form = bob.get(f"/posts/{post_id}?reply_to={reply}").text
    assert ">@ann </textarea>" in form and f'name="parent_id" value="{reply}"' in form and "Replying to" in form
    assert "></textarea>" in ann.get(f"/posts/{post_id}?reply_to={first}").text, "of the first level: no name needed"
    assert "></textarea>" in ann.get(f"/posts/{post_id}?reply_to={reply}").text, "nor for oneself"
    other = comment(bob, post_id, "@ann Indeed", parent_id=reply)
    after = comment(bob, post_id, "Second")
    assert [row.parent_id for row in stored(app)] == [None, first, first, None]
    page = ann.get(f"/posts/{post_id}").text
    assert shown(page) == [first, reply, other, after]
    assert counts(app) == ([4], [(first, 2, 0), (reply, 0, 0), (other, 0, 0), (after, 0, 0)])


def test_without_a_script_everything_is_reached(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    answer = bob.post(f"/posts/{post_id}/comments", data={"body": "First"})
    (first,) = [row.id for row in stored(app)]
    assert (answer.status_code, answer.location) == (303, f"/posts/{post_id}?at={first}#comment-{first}")
    page = bob.get(f"/posts/{post_id}").text
    assert f'href="/posts/{post_id}?reply_to={first}#comment-form"' in page
    assert f'href="/comments/{first}#edit"' in page and f'action="/comments/{first}/like"' in page
    alone = bob.get(f"/comments/{first}").text
    assert f'action="/comments/{first}"' in alone and f'action="/comments/{first}/delete"' in alone
    assert f'href="/posts/{post_id}?at={first}#comment-{first}"' in alone
    answer = bob.post(f"/comments/{first}", data={"body": "Changed"})
    assert answer.location == f"/posts/{post_id}?at={first}#comment-{first}"
    assert "Changed" in (page := ann.get(f"/posts/{post_id}").text) and "edited" in page
    assert bob.post(f"/comments/{first}/like").location == answer.location
    assert 'aria-pressed="true"' in element(bob.get(f"/posts/{post_id}").text, "form", f"comment-like-{first}")
    assert bob.post(f"/comments/{first}/like/delete").location == answer.location
    answer = bob.post(f"/comments/{first}/delete")
    assert answer.location == f"/posts/{post_id}#comments"
    page = bob.get(f"/posts/{post_id}").text
    assert shown(page) == [] and f'action="/comments/{first}/restore"' in page and "No comments yet." in page
    assert bob.post(f"/comments/{first}/restore").location == f"/posts/{post_id}?at={first}#comment-{first}"
    assert shown(bob.get(f"/posts/{post_id}").text) == [first]


def test_refused_words_are_kept_beside_their_reason(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id)
    for send in (bob.post, lambda path, **sent: bob.htmx("POST", path, **sent)):
        for words, sentence in ((" \n ", "Write something."), ("ї" * 2001, "Use 2000 characters at most.")):
            answer = send(f"/posts/{post_id}/comments", data={"body": words, "client_id": "c", "parent_id": first})
            assert answer.status_code == 422 and sentence in answer.text and 'aria-invalid="true"' in answer.text
            assert words.strip() in answer.text and f'name="parent_id" value="{first}"' in answer.text
            assert 'name="client_id" value="c"' in answer.text
            assert ("<html" in answer.text) == (send == bob.post)
    mine = comment(bob, post_id, "ї" * 2000)
    for send in (bob.post, lambda path, **sent: bob.htmx("POST", path, **sent)):
        for words, sentence in (("", "Write something."), ("й" * 2001, "Use 2000 characters at most.")):
            answer = send(f"/comments/{mine}", data={"body": words})
            assert answer.status_code == 422 and sentence in answer.text and words in answer.text
            assert f'action="/comments/{mine}"' in answer.text
    assert [row.body for row in stored(app)] == ["Well said", "ї" * 2000]


JUNK = [
    "🐝" * 900,
    "שלום\u202eעולם",
    "a\x00b",
    "x " * 990,
    "\ud83d!",
    "&amp;<blink>",
    "a\r\nb",
    "@" * 2000,
    "@a.b " * 400,
]


@pytest.mark.parametrize("words", JUNK)
def test_any_words_can_be_said(ann: Person, words: str) -> None:
    post_id = publish(ann)
    body = words.encode("utf-8", "surrogatepass")
    answer = ann.post(f"/posts/{post_id}/comments", data={"body": body, "client_id": body, "parent_id": body[:50]})
    assert answer.status_code == 303
    page = ann.get(f"/posts/{post_id}")
    assert page.status_code == 200 and "<blink>" not in page.text and not set("\x00\u202e\r") & set(page.text)


@pytest.mark.parametrize("query", ["before=x", "after=-1", "since=9999999999", "at=0", "at=999999", "reply_to=999999"])
def test_nonsense_in_addresses_is_passed_over(app: Flask, ann: Person, query: str) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id)
    for path in (f"/posts/{post_id}", f"/posts/{post_id}/comments", f"/comments/{first}", f"/comments/{first}/replies"):
        assert ann.get(f"{path}?{query}").status_code == 200
    assert shown(ann.get(f"/posts/{post_id}?at=999999").text) == [first]


def test_a_form_sent_twice_makes_one_comment(app: Flask, ann: Person, bob: Person) -> None:
    post_id, other = publish(ann), publish(ann, "Another")
    assert comment(bob, post_id, client_id="same") == comment(bob, post_id, client_id="same")
    sent = {"body": "Twice", "client_id": "one"}
    at_once(*(partial(twin(app, bob).post, f"/posts/{post_id}/comments", data=sent) for _ in range(4)))
    assert len(stored(app)) == 2 and counts(app)[0] == [2, 0]
    answer = bob.htmx("POST", f"/posts/{other}/comments", data={"body": "b", "client_id": "same"})
    assert answer.status_code == 422 and "sent under another post" in answer.text
    bob.post(f"/comments/{stored(app)[0].id}/delete")
    answer = bob.htmx("POST", f"/posts/{post_id}/comments", data={"body": "b", "client_id": "same"})
    assert answer.status_code == 422 and "This comment has been deleted." in answer.text
    comment(ann, post_id, client_id="same")
    assert counts(app)[0] == [2, 0]


# --- Stretches.


def test_the_newest_comments_are_shown_and_the_way_back_to_the_first_has_no_gaps(
    app: Flask, ann: Person, bob: Person
) -> None:
    post_id = publish(ann)
    ids = fill(app, post_id, bob, 45)
    html = ann.get(f"/posts/{post_id}").text
    assert shown(html) == ids[25:]
    seen = shown(html)
    while earlier := re.search(rf'hx-get="(/posts/{post_id}/comments\?before=\d+)"', html):
        comment(ann, post_id, f"Meanwhile {len(seen)}")
        html = ann.htmx("GET", earlier[1]).text
        assert "<html" not in html and "?after=" not in html
        seen = shown(html) + seen
    assert seen == ids
    page = ann.get(f"/posts/{post_id}?before={ids[25]}").text
    assert shown(page) == ids[5:25] and f'href="/posts/{post_id}?after={ids[24]}#comments"' in page
    later = ann.htmx("GET", f"/posts/{post_id}/comments?after={ids[24]}").text
    assert shown(later) == ids[25:45] and "?before=" not in later and "?after=" in later


def test_a_comment_is_found_in_its_place(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    ids = fill(app, post_id, bob, 45)
    replies = fill(app, post_id, bob, 40, parent_id=ids[3])
    page = ann.get(f"/posts/{post_id}?at={ids[10]}").text
    assert shown(page) == ids[10:30] and "?before=" in page and "?after=" in page
    assert shown(ann.get(f"/posts/{post_id}?at={ids[44]}").text) == ids[25:]
    found = shown(ann.get(f"/posts/{post_id}?at={replies[5]}").text)
    assert found[0] == ids[3] and found[1:21] == replies[5:25] and found[21] == ids[4]
    assert shown(ann.get(f"/posts/{post_id}?at={replies[-1]}").text)[:4] == [ids[3], *replies[-3:]]
    assert shown(ann.get(f"/comments/{replies[5]}").text) == [ids[3], *replies[5:25]]


def test_under_each_comment_stand_its_newest_replies(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first, second = comment(bob, post_id), comment(bob, post_id, "Second")
    replies = fill(app, post_id, ann, 30, parent_id=first)
    page = ann.get(f"/posts/{post_id}").text
    assert shown(page) == [first, *replies[27:], second] and "Show 27 earlier replies" in page
    html = ann.htmx("GET", f"/comments/{first}/replies?before={replies[27]}").text
    assert shown(html) == replies[7:27] and "Show 7 earlier replies" in html and "?after=" not in html
    assert shown(ann.htmx("GET", f"/comments/{first}/replies?before={replies[7]}").text) == replies[:7]
    assert shown(ann.htmx("GET", f"/comments/{first}/replies?after={replies[27]}").text) == replies[28:]
    assert shown(ann.get(f"/comments/{first}?before={replies[27]}").text) == [first, *replies[7:27]]


def test_a_page_that_was_away_asks_for_all_since_what_it_shows_first(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    ids = fill(app, post_id, bob, 60)
    html = ann.htmx("GET", f"/posts/{post_id}/comments?since={ids[5]}").text
    assert shown(html) == ids[5:]
    assert f'id="comments-closed-{post_id}"' in html and '<span class="number">60</span>' in html
    replies = fill(app, post_id, bob, 60, parent_id=ids[0])
    assert shown(ann.htmx("GET", f"/comments/{ids[0]}/replies?since={replies[7]}").text) == replies[7:]


@pytest.mark.parametrize("path", ["/posts/{post}", "/posts/{post}?at={at}", "/posts/{post}/comments?since=1", "/"])
def test_a_page_costs_the_same_for_any_number_of_comments(
    app: Flask, ann: Person, bob: Person, queries: list[str], path: str
) -> None:
    post_id = publish(ann)

    def more(count: int) -> list[int]:
        firsts = [comment(bob, post_id, f"{count} {n} @ann") for n in range(count)]
        replies = [comment(ann, post_id, f"{n} @bob", parent_id=first) for n, first in enumerate(firsts)]
        for one in (*firsts, *replies):
            ann.post(f"/comments/{one}/like")
        return firsts

    address = path.format(post=post_id, at=more(22 if "at=" in path else 2)[0])
    ann.get(address)
    queries.clear()
    ann.get(address)
    few = list(queries)
    more(24)
    queries.clear()
    assert path == "/" or len(shown(ann.get(address).text)) >= 40
    if path == "/":
        ann.get(address)
    assert len(queries) == len(few), "\n".join(queries)


# --- Changed and deleted.


def test_only_who_wrote_a_comment_changes_it(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "Mine @eve")
    for who in (ann, eve):
        assert who.post(f"/comments/{first}", data={"body": "Changed"}).status_code == 404
        assert who.get(f"/comments/{first}/edit").status_code == 404
        assert "#edit" in bob.get(f"/comments/{first}").text and 'id="edit"' not in who.get(f"/comments/{first}").text
    assert "Mine @eve</textarea>" in bob.htmx("GET", f"/comments/{first}/edit").text
    answer = bob.htmx("POST", f"/comments/{first}", data={"body": "Yours @ann"})
    assert f'hx-target="#comment-body-{first}"' in answer.text and 'href="/@ann"' in answer.text
    with app.app_context():
        assert [one.name for one in db.session.scalars(select(CommentMention))] == ["ann"]
    edited = stored(app)[0].edited_at
    bob.post(f"/comments/{first}", data={"body": "Yours @ann"})
    assert edited and stored(app)[0].edited_at == edited, "the same words are no change"


def test_deleting_takes_a_comment_away_and_undoing_brings_it_back(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "Mine @ann")
    ann.post(f"/comments/{first}/like")
    answer = bob.htmx("POST", f"/comments/{first}/delete")
    assert f'hx-target="#comment-{first}" hx-swap="delete"' in answer.text
    assert f'action="/comments/{first}/restore"' in answer.text and '<span class="number">0</span>' in answer.text
    assert counts(app)[0] == [0] and shown(ann.get(f"/posts/{post_id}").text) == []
    for path in ("", "/like", "/like/delete", "/delete"):
        assert bob.post(f"/comments/{first}{path}", data={"body": "x"}).status_code == 404
    assert bob.get(f"/comments/{first}").status_code == 404
    assert ann.post(f"/comments/{first}/restore").status_code == 422
    assert bob.htmx("POST", f"/comments/{first}/restore").status_code == 200
    assert bob.post(f"/comments/{first}/restore").status_code == 422
    assert counts(app) == ([1], [(first, 0, 1)])
    page = ann.get(f"/posts/{post_id}").text
    assert "Mine" in page and 'href="/@ann">@ann' in page and 'aria-pressed="true"' in page
    bury_all(app)
    assert len(stored(app)) == 1, "the job leaves alone what was restored"


def bury_all(app: Flask) -> None:
    """Let the time for taking deletions back pass, and do the jobs that wait for it."""
    with app.app_context():
        deleted = update(Comment).where(Comment.deleted_at.is_not(None))
        db.session.execute(deleted.values(deleted_at=now() - UNDO_WITHIN))
        db.session.execute(update(Job).values(run_at=now()))
        db.session.commit()
    run_due(app)


def test_what_was_deleted_long_ago_stays_deleted(app: Flask, ann: Person) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id)
    ann.post(f"/comments/{first}/delete")
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert ann.post(f"/comments/{first}/restore").status_code == 422


def test_a_deleted_comment_keeps_its_place_while_there_are_replies(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "Secret words")
    reply, other = comment(ann, post_id, "r", parent_id=first), comment(bob, post_id, "o", parent_id=first)
    html = bob.htmx("POST", f"/comments/{first}/delete").text
    assert f'hx-target="#comment-said-{first}"' in html and "Comment deleted" in html and "Secret" not in html
    page = ann.get(f"/posts/{post_id}").text
    assert shown(page) == [first, reply, other] and "Comment deleted" in page and "Secret words" not in page
    assert counts(app) == ([2], [(first, 2, 0), (reply, 0, 0), (other, 0, 0)])
    assert ann.get(f"/comments/{first}").status_code == 404
    assert shown(ann.get(f"/comments/{reply}").text) == [first, reply, other]
    assert ann.htmx("POST", f"/posts/{post_id}/comments", data={"body": "x", "parent_id": first}).status_code == 422
    assert comment(ann, post_id, "to the reply", parent_id=other)
    bury_all(app)
    assert stored(app)[0].body == ""
    for one in stored(app)[1:3]:
        (ann if one.author_id == ann.user_id else bob).post(f"/comments/{one.id}/delete")
    last = stored(app)[3].id
    html = ann.htmx("POST", f"/comments/{last}/delete").text
    assert f'hx-target="#comment-{first}" hx-swap="delete"' in html, "with its last reply it goes too"
    assert shown(ann.get(f"/posts/{post_id}").text) == []
    ann.post(f"/comments/{last}/restore")
    assert shown(ann.get(f"/posts/{post_id}").text) == [first, last]
    ann.post(f"/comments/{last}/delete")
    bury_all(app)
    assert stored(app) == [] and counts(app)[0] == [0]


def test_burying_waits_for_replies_that_may_come_back(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id)
    reply = comment(bob, post_id, "r", parent_id=first)
    bob.post(f"/comments/{reply}/delete")
    ann.post(f"/comments/{first}/delete")
    with app.app_context():
        over = update(Comment).where(Comment.id == first).values(deleted_at=now() - UNDO_WITHIN)
        db.session.execute(over)
        db.session.execute(update(Job).values(run_at=now()))
        db.session.commit()
    run_due(app)
    assert bob.post(f"/comments/{reply}/restore").status_code == 303
    assert shown(bob.get(f"/posts/{post_id}").text) == [first, reply]
    assert counts(app) == ([1], [(first, 1, 0), (reply, 0, 0)])


def test_the_posts_author_removes_any_comment_for_good(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    post_id = publish(ann)
    first, second = comment(bob, post_id, "Rude words @ann"), comment(bob, post_id, "Second")
    reply = comment(eve, post_id, "r", parent_id=first)
    eve.post(f"/comments/{first}/like")
    assert eve.post(f"/comments/{first}/delete").status_code == 404
    answer = ann.htmx("POST", f"/comments/{first}/delete")
    assert "Comment deleted" in answer.text and "restore" not in answer.text
    assert ann.post(f"/comments/{second}/delete").status_code == 303
    assert bob.post(f"/comments/{first}/restore").status_code == 422
    assert [(row.id, row.body) for row in stored(app)] == [(first, ""), (reply, "r")]
    assert counts(app) == ([1], [(first, 1, 0), (reply, 0, 0)])
    ann.post(f"/comments/{reply}/delete")
    assert stored(app) == [] and counts(app)[0] == [0]
    with app.app_context():
        for table in (CommentLike, CommentMention):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_a_deleted_post_hides_its_comments(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id)
    reply = comment(bob, post_id, "r", parent_id=first)
    bob.post(f"/comments/{reply}/delete")
    ann.post(f"/posts/{post_id}/delete")
    nothing_is_there(bob, post_id, first)
    assert bob.post(f"/comments/{reply}/restore").status_code == 404
    ann.post(f"/posts/{post_id}/restore")
    assert shown(bob.get(f"/posts/{post_id}").text) == [first]


def nothing_is_there(who: Person, post_id: int, comment_id: int) -> None:
    """Try every address of a comment and find none."""
    for path in (f"/posts/{post_id}/comments", f"/comments/{comment_id}/replies", f"/comments/{comment_id}"):
        assert who.get(path).status_code == 404, path
    assert who.get(f"/comments/{comment_id}/edit").status_code == 404
    for path in (f"/posts/{post_id}/comments", f"/posts/{post_id}/comments/close", f"/posts/{post_id}/comments/open"):
        assert who.post(path, data={"body": "b"}).status_code == 404, path
    for path in ("", "/delete", "/like", "/like/delete"):
        assert who.post(f"/comments/{comment_id}{path}", data={"body": "b"}).status_code == 404, path


# --- For whom.


def test_who_may_not_see_a_post_finds_none_of_its_comments(
    app: Flask, ann: Person, bob: Person, eve: Person, visitor: Person
) -> None:
    befriend(app, ann, bob)
    post_id = publish(ann)
    with app.app_context():
        db.session.get_one(Post, post_id).audience = "friends"
        db.session.commit()
    first = comment(bob, post_id, "@eve @ann look")
    with app.app_context():
        assert list(db.session.scalars(select(CommentMention.user_id))) == [ann.user_id], "eve does not see it"
    nothing_is_there(eve, post_id, first)
    assert eve.post(f"/comments/{first}/restore").status_code == 422
    for path in (f"/posts/{post_id}/comments", f"/comments/{first}", f"/comments/{first}/replies"):
        assert visitor.get(path).location.startswith("/login")
    assert visitor.post(f"/posts/{post_id}/comments").location.startswith("/login")
    assert [row.body for row in stored(app)] == ["@eve @ann look"]


def test_comments_of_people_apart_are_not_there_nor_is_what_answers_them(
    app: Flask, ann: Person, bob: Person, eve: Person
) -> None:
    post_id = publish(ann)
    his, hers = comment(bob, post_id, "His"), comment(ann, post_id, "Hers")
    beneath = comment(ann, post_id, "Beneath his", parent_id=his)
    reply, eves = comment(bob, post_id, "r", parent_id=hers), comment(eve, post_id, "@bob, you", parent_id=hers)
    block(app, eve, bob)
    assert shown(eve.get(f"/posts/{post_id}").text) == [hers, eves]
    assert shown(bob.get(f"/posts/{post_id}").text) == [his, beneath, hers, reply]
    assert shown(ann.get(f"/posts/{post_id}").text) == [his, beneath, hers, reply, eves]
    for one in (his, beneath, reply):
        for path in ("", "/like", "/delete"):
            assert eve.post(f"/comments/{one}{path}", data={"body": "b"}).status_code == 404
        assert eve.get(f"/comments/{one}").status_code == 404
        assert eve.htmx("POST", f"/posts/{post_id}/comments", data={"body": "b", "parent_id": one}).status_code == 422
    assert eve.get(f"/comments/{his}/replies").status_code == 404
    assert shown(eve.get(f"/comments/{hers}/replies").text) == [eves]
    mine = comment(bob, post_id, "@eve, hello")
    with app.app_context():
        named = select(CommentMention.user_id).where(CommentMention.comment_id == mine)
        assert list(db.session.scalars(named)) == []


def test_what_people_apart_answered_is_not_counted_among_earlier_replies(
    app: Flask, ann: Person, bob: Person, eve: Person
) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id)
    fill(app, post_id, bob, 5, parent_id=first)
    fill(app, post_id, ann, 5, parent_id=first)
    assert "Show 7 earlier replies" in eve.get(f"/posts/{post_id}").text
    block(app, bob, eve)
    assert "Show 2 earlier replies" in eve.get(f"/posts/{post_id}").text


def test_nobody_is_shown_the_name_of_whom_they_are_apart_from(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id, "Ask @bob and @eve")
    block(app, eve, bob)
    pushed.clear()
    second = comment(ann, post_id, "@bob again", parent_id=first)
    for who, linked in ((eve, ["/@eve"]), (bob, ["/@bob", "/@bob"]), (ann, ["/@bob", "/@eve", "/@bob"])):
        assert re.findall(r'class="mention" href="([^"]+)"', who.get(f"/posts/{post_id}").text) == linked
    named = f'id="comment-{second}"'
    topic = f"comments-{post_id}"
    assert (named in to(pushed, bob, topic), named in to(pushed, eve, topic)) == (True, False)


# --- Likes.


def test_a_comment_is_liked_and_no_longer_liked(app: Flask, ann: Person, bob: Person) -> None:
    first = comment(bob, publish(ann))
    for path, count in (("like", 1), ("like", 1), ("like/delete", 0), ("like/delete", 0), ("like", 1)):
        html = ann.htmx("POST", f"/comments/{first}/{path}").text
        assert f'aria-pressed="{"true" if count else "false"}"' in html
        assert f'<span class="number">{count}</span>' in html
        assert counts(app)[1] == [(first, 0, count)]
    bob.post(f"/comments/{first}/like")
    assert counts(app)[1] == [(first, 0, 2)]
    assert ann.post("/comments/999999/like").status_code == 404


# --- Switched off.


def test_the_author_switches_comments_off_and_on(app: Flask, ann: Person, bob: Person, pushed: list[Push]) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id)
    for path in ("close", "open"):
        assert bob.post(f"/posts/{post_id}/comments/{path}").status_code == 404
    assert f'action="/posts/{post_id}/comments/close"' in ann.get("/").text
    pushed.clear()
    html = ann.htmx("POST", f"/posts/{post_id}/comments/close").text
    assert f'action="/posts/{post_id}/comments/open"' in html
    closed = element(bob.get(f"/posts/{post_id}").text, "p", f"comments-closed-{post_id}")
    assert " hidden>" not in closed and "Comments are switched off." in closed
    assert flat(to(pushed, bob, f"comments-{post_id}")) == closed
    switch = [push for push in pushed if push.people == {ann.user_id} and push.topic is None]
    assert flat(pushed_html(switch[0])) == element(ann.get("/").text, "form", f"comments-switch-{post_id}")
    for who in (ann, bob):
        answer = who.htmx("POST", f"/posts/{post_id}/comments", data={"body": "Kept words"})
        assert answer.status_code == 422 and "Comments are switched off." in answer.text
        assert "Kept words</textarea>" in answer.text
    assert bob.post(f"/posts/{post_id}/comments", data={"body": "Kept words"}).status_code == 422
    assert bob.post(f"/comments/{first}", data={"body": "Changed"}).status_code == 303, "what is there stays one's own"
    pushed.clear()
    answer = ann.post(f"/posts/{post_id}/comments/open")
    assert (answer.status_code, answer.location) == (303, f"/posts/{post_id}#comments")
    opened = element(bob.get(f"/posts/{post_id}").text, "p", f"comments-closed-{post_id}")
    assert " hidden>" in opened and flat(to(pushed, bob, f"comments-{post_id}")) == opened
    comment(bob, post_id, "Again")


# --- What others are shown.


def test_what_is_pushed_is_what_a_reloaded_page_shows(app: Flask, ann: Person, bob: Person, pushed: list[Push]) -> None:
    post_id = publish(ann)

    def told(tag: str, name: str) -> None:
        html = flat(to(pushed, ann, f"comments-{post_id}"))
        page = ann.get(f"/posts/{post_id}").text
        if tag == "li":
            assert html in flat(page) and f'id="{name}"' in html
        else:
            assert element(html, tag, name) == element(page, tag, name) == html
        pushed.clear()

    pushed.clear()
    first = comment(bob, post_id, "First @ann")
    told("li", f"comment-{first}")
    reply = comment(bob, post_id, "Reply", parent_id=first)
    told("li", f"comment-{reply}")
    bob.post(f"/comments/{first}", data={"body": "Changed"})
    told("div", f"comment-body-{first}")
    bob.post(f"/comments/{first}/delete")
    told("article", f"comment-said-{first}")
    bob.post(f"/comments/{reply}/delete")
    assert flat(to(pushed, ann, f"comments-{post_id}")) == f'<i class="comment" id="comment-{first}" hidden></i>'
    pushed.clear()
    bob.post(f"/comments/{reply}/restore")
    told("li", f"comment-{first}")
    bob.post(f"/comments/{first}/restore")
    told("article", f"comment-said-{first}")


def test_who_likes_a_comment_sees_it_liked_when_it_comes_back(
    app: Flask, ann: Person, bob: Person, pushed: list[Push]
) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id)
    pushed.clear()
    ann.post(f"/comments/{first}/like")
    liked = to(pushed, bob, f"comments-{post_id}")
    assert flat(liked) in flat(bob.get(f"/posts/{post_id}").text) and '<span class="number">1</span>' in liked
    bob.post(f"/comments/{first}/delete")
    pushed.clear()
    bob.post(f"/comments/{first}/restore")
    (push,) = [one for one in pushed if one.people == {ann.user_id} and one.topic is None]
    form = element(ann.get(f"/posts/{post_id}").text, "form", f"comment-like-{first}")
    assert flat(pushed_html(push)) == form and 'aria-pressed="true"' in form


def test_the_count_changes_wherever_the_post_is_looked_at(ann: Person, bob: Person, pushed: list[Push]) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id)
    for deed, words in (
        (None, f"1{WORD}comment"),
        ("delete", f"0{WORD}comments"),
        ("restore", f"1{WORD}comment"),
    ):
        if deed:
            pushed.clear()
            bob.post(f"/comments/{first}/{deed}")
        told = flat("".join(pushed_html(push) for push in pushed if push.topic == f"post-{post_id}"))
        assert f">{words}</span>" in told and told == element(ann.get("/").text, "a", f"comment-count-{post_id}")


def test_nobody_is_shown_what_they_may_not_see(
    app: Flask, ann: Person, bob: Person, eve: Person, join: Callable[..., Person], pushed: list[Push]
) -> None:
    carl = join("carl")
    post_id = publish(ann)
    hers = comment(ann, post_id, "Hers")
    block(app, eve, bob)
    pushed.clear()

    def hears(who: Person) -> bool:
        return bool(to(pushed, who, f"comments-{post_id}"))

    def all_deeds() -> None:
        first = comment(bob, post_id, "Of bob")
        under = comment(carl, post_id, "Under bob", parent_id=first)
        for one, who in ((first, bob), (under, carl)):
            carl.post(f"/comments/{one}/like")
            who.post(f"/comments/{one}", data={"body": "Changed"})
            who.post(f"/comments/{one}/delete")
            who.post(f"/comments/{one}/restore")
        reply = comment(bob, post_id, "Reply", parent_id=hers)
        ann.post(f"/comments/{reply}/delete")

    all_deeds()
    assert hears(ann) and hears(bob) and hears(carl) and not hears(eve)
    pushed.clear()
    comment(carl, post_id, "Of carl", parent_id=hers)
    assert hears(eve) and hears(bob)
    with app.app_context():
        db.session.get_one(Post, post_id).audience = "friends"
        db.session.commit()
    befriend(app, ann, bob)
    pushed.clear()
    comment(ann, post_id, "For friends")
    assert hears(ann) and hears(bob) and not hears(carl) and not hears(eve)
    assert not to(pushed, carl, f"post-{post_id}")


def test_nothing_is_pushed_when_nothing_happened(app: Flask, ann: Person, bob: Person, pushed: list[Push]) -> None:
    post_id = publish(ann)
    first = comment(bob, post_id, "Once", client_id="one")
    ann.post(f"/comments/{first}/like")
    pushed.clear()
    comment(bob, post_id, "Once", client_id="one")
    ann.post(f"/comments/{first}/like")
    bob.post(f"/comments/{first}/like/delete")
    bob.post(f"/comments/{first}", data={"body": "Once"})
    bob.post(f"/comments/{first}", data={"body": ""})
    ann.post(f"/comments/{first}", data={"body": "x"})
    bob.post(f"/comments/{first}/restore")
    assert pushed == []


# --- At once.


def test_counts_stay_true_whatever_happens_at_once(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    post_id = publish(ann)
    first = comment(ann, post_id, "First")
    replies = [comment(who, post_id, "r", parent_id=first) for who in (bob, eve, bob)]

    def deeds(who: Person, seed: int) -> Callable[[], None]:
        def do() -> None:
            for turn in range(6):
                mine = twin(app, who)
                one = (first, *replies)[(turn + seed) % 4]
                mine.post(f"/comments/{one}/like")
                mine.post(f"/posts/{post_id}/comments", data={"body": f"{turn}", "parent_id": one if turn % 2 else ""})
                mine.post(f"/comments/{one}/delete")
                mine.post(f"/comments/{one}/restore")
                mine.post(f"/comments/{one}/like/delete" if turn % 2 else f"/comments/{one}/like")

        return do

    at_once(*(deeds(who, seed) for seed, who in enumerate((ann, bob, eve, bob))))
    counts(app)
    bury_all(app)
    counts(app)


def test_the_same_comment_deleted_at_once_is_counted_once(app: Flask, ann: Person, bob: Person) -> None:
    post_id = publish(ann)
    first, _ = comment(bob, post_id), comment(bob, post_id, "Stays")
    both = [twin(app, bob), twin(app, ann), twin(app, bob)]
    at_once(*(partial(one.post, f"/comments/{first}/delete") for one in both))
    assert counts(app)[0] == [1]
