"""Who sees a post anywhere: whoever looks, whomever it is for, at every address where one can show.

Whoever adds an address says here what it shows of posts: in ``SHOWS`` if it can show something, or in ``NOTHING``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import comments, likes, news, verb
from app.extensions import db
from app.live.pushes import Push
from app.models import Comment, Post, PostView, Tag, TagFollow
from app.models.columns import now
from tests.audiences import ask, block, set_audience
from tests.conftest import HTMX, Person
from tests.photos import keys_in, photo
from tests.talk import befriend, user
from tests.test_matrix import RULES
from tests.test_posts import publish

VIEWERS = ("author", "friend", "stranger", "administrator", "blocked", "blocker", "asking", "asked", "nobody")
APART = {"blocked", "blocker", "nobody"}
SEES = {
    "everyone": {"author", "friend", "stranger", "administrator", "asking", "asked"},
    "friends": {"author", "friend"},
    "me": {"author"},
    "deleted": set(),
}
# What stands in the post and nowhere else; ``{key}`` is its picture's.
WHOLE = ("heliotrope", "quetzal", "marginalia", "#scholia", "palimpsest.example", "{key}")
TITLE, TAG, PICTURE, COMMENT = ("heliotrope",), ("#scholia",), ("{key}",), ("ibidem",)
MARKS = WHOLE + COMMENT


@dataclass(frozen=True)
class Row:
    """An address where the post can show.

    ``shows`` are the marks that whoever sees the post finds there. At a ``gate`` others find nothing (404), elsewhere a
    page without it. ``only`` are those among whom the post can show there at all; ``count`` is a pattern for a number
    that is 1 for those who see the post and 0 for others. ``status`` is the answer to those who find it.
    """

    address: str
    shows: tuple[str, ...] = ()
    sent: dict[str, str] | None = None  # a form, if it is one
    gate: bool = False
    only: frozenset[str] = frozenset(VIEWERS)
    count: str = ""
    status: int = 200
    htmx: bool = False
    person: bool = False  # it is the author's page, which is not there for those kept apart from them
    kept: bool = False  # who loses the post while they change it is given their words back (422)


def form(address: str, only: frozenset[str] = frozenset(VIEWERS), kept: bool = False, **sent: str) -> Row:
    """Return the row of a form about the post: it works for those who see it, and is not there for others."""
    return Row(address, sent=sent, gate=True, only=only, status=303, kept=kept)


AUTHOR, ADMINISTRATOR = frozenset({"author"}), frozenset({"administrator"})
FRIEND = frozenset({"friend"})
POSTS = r"<b>(\d)</b>posts?<"
SHOWS: dict[str, list[Row]] = {
    "posts.index": [
        Row("/", WHOLE),
        Row("/?show=friends", WHOLE, only=FRIEND),
        Row("/?show=tags", WHOLE),
        Row("/?before=999999999", WHOLE),
    ],
    "posts.news": [
        Row("/posts/news?after=0", count=r'data-count="(\d+)"', only=frozenset(VIEWERS) - AUTHOR),
        Row("/posts/news?show=friends&after=0", count=r'data-count="(\d+)"', only=FRIEND),
        Row("/posts/news?show=tags&after=0", count=r'data-count="(\d+)"', only=frozenset(VIEWERS) - AUTHOR),
    ],
    "posts.mine": [Row("/publications", WHOLE, only=AUTHOR)],
    "posts.show": [Row("/posts/{post}", MARKS, gate=True)],
    "posts.edit": [Row("/posts/{post}/edit", TITLE, gate=True, only=AUTHOR)],
    "users.show": [Row("/@author", WHOLE, person=True, count=POSTS)],
    "users.albums": [Row("/@author/albums", PICTURE, person=True, count=POSTS)],
    "users.friends": [Row("/@author/friends", person=True, count=POSTS)],
    "users.photos": [Row("/@author/photos", person=True, count=POSTS)],
    "users.about": [Row("/@author/about", TAG, person=True, count=POSTS)],
    "search.index": [
        Row("/search?q=quetzal", TITLE),
        Row("/search?q=heliotr", ("quetzal",)),
        Row("/search?q=schol", TITLE + TAG),
        Row("/search?q=marginal", TITLE),
        Row("/search?q=quetzal&kind=posts", TITLE),
        Row("/search?q=schol&kind=tags", TAG),
    ],
    "search.suggestions": [
        Row("/search/suggestions?q=quetzal", TITLE, htmx=True),
        Row("/search/suggestions?q=schol", TAG, htmx=True),
    ],
    "comments.index": [Row("/posts/{post}/comments", COMMENT, gate=True)],
    "comments.replies": [Row("/comments/{comment}/replies", COMMENT, gate=True)],
    "comments.show": [Row("/comments/{comment}", COMMENT, gate=True)],
    "comments.edit": [Row("/comments/{comment}/edit", COMMENT, gate=True, only=AUTHOR)],
    "topics.show": [Row("/topics/marginalia", WHOLE, gate=True, count=r">(\d) posts?<")],
    "tags.show": [
        Row("/tags/scholia", WHOLE, gate=True, count=r">(\d) posts?<"),
        Row("/tags/followed", WHOLE, count=r">(\d) posts?<"),
    ],
    "tags.index": [
        Row("/tags", TAG, count=r'#followed<span class="chip-count"[^>]*>(\d)<'),
        Row("/tags?q=sch", TAG),
        Row("/tags?q=sch", TAG, htmx=True),
        Row("/tags?q=SCHOLIA", TAG, htmx=True),
    ],
    "likes.index": [Row("/posts/{post}/likes", TITLE, gate=True)],
    "media.show": [Row("/media/{key}/320", gate=True), Row("/media/{key}/1920", gate=True)],
    "likes.create": [form("/posts/{post}/like")],
    "likes.delete": [form("/posts/{post}/like/delete")],
    "views.create": [Row("/posts/views", sent={"post_ids": "{post}"}, htmx=True)],
    "tags.follow": [form("/tags/scholia/follow")],
    "tags.unfollow": [form("/tags/scholia/follow/delete")],
    "tags.update": [form("/tags/scholia", only=ADMINISTRATOR, name="scholia2")],
    "comments.create": [form("/posts/{post}/comments", body="Words")],
    "comment_likes.create": [form("/comments/{comment}/like")],
    "comment_likes.delete": [form("/comments/{comment}/like/delete")],
    "comments.update": [form("/comments/{comment}", only=AUTHOR, body="Changed")],
    "comments.delete": [form("/comments/{reply}/delete", only=AUTHOR)],
    "comments.close": [form("/posts/{post}/comments/close", only=AUTHOR)],
    "comments.reopen": [form("/posts/{post}/comments/open", only=AUTHOR)],
    "posts.update": [form("/posts/{post}", only=AUTHOR, kept=True, title="Changed", body="Changed")],
    "posts.delete": [form("/posts/{post}/delete", only=AUTHOR)],
}
# Addresses that show no post and nothing of one.
QUIET = {"accounts", "albums", "assets", "avatars", "blocks", "chats", "confirmations", "emails", "friends"}
QUIET |= {"friendships", "groups", "jobs", "leaving", "members", "memberships", "mentions", "messages", "operators"}
QUIET |= {"password_resets", "passwords", "photos", "pins", "privacy", "profile", "reactions", "sessions", "settings"}
QUIET |= {"signatures", "welcome"}
NOTHING = {endpoint for endpoint in RULES if endpoint.partition(".")[0] in QUIET} | {
    *("comments.restore", "live.connect", "pages.viewer_css", "pictures.create", "pictures.delete"),
    *("posts.create", "posts.new", "posts.restore"),
}


@dataclass
class World:
    """The author's post, and everybody's browser."""

    people: dict[str, Person]
    things: dict[str, object]

    def user_ids(self) -> dict[str, int]:
        """Return who is who."""
        return {name: who.user_id for name, who in self.people.items() if who.user_id}


@pytest.fixture
def world(app: Flask, visitor: Person, join: Callable[..., Person]) -> World:
    people = {name: join(name, is_admin=name == "administrator") for name in VIEWERS if name != "nobody"}
    author = people["author"]
    befriend(app, author, people["friend"])
    ask(app, people["asking"], author)
    ask(app, author, people["asked"])
    block(app, author, people["blocked"])
    block(app, people["blocker"], author)
    post_id = publish(
        author,
        "Heliotrope",
        body="Quetzal",
        topic="Marginalia",
        tags="scholia followed",
        links="palimpsest.example",
        images=(photo(), "a.png"),
    )
    with app.app_context():
        tag_id = db.session.scalars(select(Tag.id).where(Tag.name == "followed")).one()
        db.session.add_all(TagFollow(user_id=who.user_id, tag_id=tag_id) for who in people.values())
        db.session.commit()
    (key,) = keys_in(author.get(f"/posts/{post_id}").text)
    things = {"post": post_id, "key": key}
    for name in ("comment", "reply"):
        sent = {"body": "Ibidem", "client_id": name, "parent_id": things.get("comment", "")}
        assert author.post(f"/posts/{post_id}/comments", data=sent).status_code == 303
        with app.app_context():
            things[name] = db.session.scalars(select(func.max(Comment.id))).one()
    return World(people | {"nobody": visitor}, things)


def test_every_address_is_known_to_show_posts_or_not() -> None:
    assert SHOWS.keys() | NOTHING == RULES.keys()
    assert not SHOWS.keys() & NOTHING


def put(app: Flask, post_id: int, audience: str) -> None:
    """Have the post be for somebody, or deleted."""
    deleted = audience == "deleted"
    set_audience(app, post_id, "everyone" if deleted else audience, now() if deleted else None)


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("audience", SEES)
def test_a_post_shows_to_those_whom_it_is_for_and_nowhere_to_others(
    app: Flask, world: World, audience: str, viewer: str
) -> None:
    post_id = int(str(world.things["post"]))
    put(app, post_id, audience)
    wrong = []
    for endpoint, rows in SHOWS.items():
        for row in rows:
            wrong += [f"{endpoint}: {what}" for what in differences(world, row, viewer, viewer in SEES[audience])]
    assert wrong == []
    with app.app_context():
        seen = select(PostView.user_id).where(PostView.post_id == post_id)
        readers = set(db.session.scalars(seen)) - {world.people["author"].user_id}
    assert readers == ({world.people[viewer].user_id} if viewer in SEES[audience] - {"author"} else set())


def differences(world: World, row: Row, viewer: str, sees: bool) -> list[str]:
    """Ask an address as somebody, and return what is not as it should be."""
    who, address = world.people[viewer], row.address.format(**world.things)
    method = "GET" if row.sent is None else "POST"
    sent = {name: text.format(**world.things) for name, text in (row.sent or {}).items()}
    answer = who.open(address, method=method, data=sent or None, headers=HTMX if row.htmx else None)
    found = sees and viewer in row.only
    text = "" if answer.mimetype.startswith("image/") else re.sub("</?mark>", "", answer.text.lower())
    wrong = []
    if viewer == "nobody":
        expected: tuple[int, ...] = (204,) if row.htmx else (303,)
        if not answer.headers.get("HX-Redirect" if row.htmx else "Location", "").startswith("/login"):
            wrong.append(f"{address} does not lead to the sign-in page")
    else:
        absent = row.gate or (row.person and viewer in APART)
        expected = (row.status,) if found or not absent else (404, 422) if row.kept else (404,)
    if answer.status_code not in expected:
        wrong.append(f"{address} answers {answer.status_code}")
    marks = [mark.format(**world.things) for mark in MARKS]
    shown = [mark for mark in marks if mark in text and mark.strip("#") not in address]
    wanted = [mark.format(**world.things) for mark in row.shows if mark.strip("#") not in address] if found else []
    if not set(wanted) <= set(shown) or (shown and not found and not (row.kept and viewer == "author")):
        wrong.append(f"{address} shows {shown}, not {wanted}")
    if row.count and answer.status_code == 200:
        numbers = re.findall(row.count, answer.text)
        if numbers[:1] != [str(int(found))]:
            wrong.append(f"{address} counts {numbers}")
    return wrong


@pytest.mark.parametrize("audience", ["everyone", "friends", "me"])
def test_a_push_reaches_those_whom_the_post_is_for(app: Flask, world: World, pushed: list[Push], audience: str) -> None:
    post_id = int(str(world.things["post"]))
    put(app, post_id, audience)
    pushed.clear()
    with app.test_request_context():
        likes.like(db.session.get_one(Post, post_id), by=user(world.people["author"]))
        verb(news.tell)(post_id)
        comments.write(post_id, user(world.people["author"]), "Ibidem", "another", None)
    sees = SEES[audience]
    others, friends = sees - {"author"}, sees & {"friend"}
    reached: dict[str, list[set[str]]] = {}
    for push in pushed:
        within = {name for name, user_id in world.user_ids().items() if (user_id in push.people) != push.everybody_but}
        if within:
            reached.setdefault(push.topic or "", []).append(within)
    expected = {"feed": [others], "feed-friends": [friends], "feed-tags": [others]}
    expected |= {f"post-{post_id}": [sees, sees], f"comments-{post_id}": [sees]}  # its likes, comments; the comment
    assert reached == {topic: people for topic, people in expected.items() if people[0]}
