"""Who is blocked and who blocked do not find each other anywhere but in groups both are in."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from app.actions import reading, users
from app.actions.chats import show_typing
from app.actions.counts import recount
from app.extensions import db
from app.live import presence
from app.live.hub import Push
from app.models import (
    Album,
    Avatar,
    Block,
    Comment,
    EndedFriendship,
    Friendship,
    Membership,
    Mention,
    Message,
    Picture,
    Post,
    User,
)
from app.queries.badges import badges_of, unread_of
from app.queries.chats import standing_ids
from app.queries.people import person_for
from app.queries.pictures import may_see
from app.queries.presence import shown_to
from tests.conftest import Person
from tests.photos import keys_in, take
from tests.talk import at_once, befriend, fragment, gather, open_chat, pushed_html, say, twin, user

RULES = {rule.endpoint: rule for rule in create_app().url_map.iter_rules()}

# What the one who looks gets of the other one, at every address. Things in it are the other one's, or of the two.
GONE = {  # nothing is there
    "users.show": "/@{name}",
    "users.albums": "/@{name}/albums",
    "users.photos": "/@{name}/photos",
    "users.friends": "/@{name}/friends",
    "users.about": "/@{name}/about",
    "friendships.create": "/users/{other}/friendship",
    "friendships.accept": "/users/{other}/friendship/accept",
    "friendships.decline": "/users/{other}/friendship/decline",
    "friendships.delete": "/users/{other}/friendship/delete",
    "friendships.restore": "/users/{other}/friendship/restore",
    "friendships.hide": "/users/{other}/suggestion/delete",
    "friendships.unhide": "/users/{other}/suggestion",
    "posts.show": "/posts/{post}",
    "posts.edit": "/posts/{post}/edit",
    "posts.update": "/posts/{post}",
    "posts.delete": "/posts/{post}/delete",
    "likes.index": "/posts/{post}/likes",
    "comments.index of theirs": "/posts/{post}/comments",
    "comments.create": "/posts/{post}/comments",
    "comments.close": "/posts/{post}/comments/close",
    "comments.reopen": "/posts/{post}/comments/open",
    "comments.show": "/comments/{comment}",
    "comments.edit": "/comments/{comment}/edit",
    "comments.replies": "/comments/{comment}/replies",
    "comments.update": "/comments/{comment}",
    "comments.delete": "/comments/{comment}/delete",
    "comment_likes.create": "/comments/{comment}/like",
    "comment_likes.delete": "/comments/{comment}/like/delete",
    "likes.create": "/posts/{post}/like",
    "likes.delete": "/posts/{post}/like/delete",
    "media.show": "/media/{key}/320",
    "avatars.choose": "/avatars/{avatar}/current",
    "avatars.hide": "/avatars/{avatar}/hide",
    "avatars.show": "/avatars/{avatar}/show",
    "avatars.delete": "/avatars/{avatar}/delete",
    "media.show of a photo": "/media/{photo_key}/320",
    "albums.show": "/albums/{album}",
    "albums.edit": "/albums/{album}/edit",
    "albums.update": "/albums/{album}",
    "albums.audience": "/albums/{album}/audience",
    "albums.cover": "/albums/{album}/cover",
    "albums.delete": "/albums/{album}/delete",
    "photos.create": "/albums/{album}/photos",
    "photos.show": "/photos/{photo}",
    "photos.edit": "/photos/{photo}/edit",
    "photos.update": "/photos/{photo}",
    "photos.place": "/photos/{photo}/place",
    "photos.move": "/photos/{photo}/move",
    "photos.delete": "/photos/{photo}/delete",
    "photos.share": "/photos/post",
    "chats.create": "/users/{other}/chat",
    "chats.show": "/chats/{chat}",
    "chats.read": "/chats/{chat}/read",
    "chats.row": "/chats/{chat}/row",
    "chats.mentions": "/chats/{chat}/mentions?q=",
    "chats.day": "/chats/{chat}/day?date=2026-11-21",
    "chats.search": "/chats/{chat}/search?q=secret",
    "chats.gallery": "/chats/{chat}/gallery",
    "memberships.create": "/chats/{chat}/mute",
    "memberships.delete": "/chats/{chat}/mute/delete",
    "messages.index": "/chats/{chat}/messages",
    "messages.create": "/chats/{chat}/messages",
    "messages.show": "/messages/{message}",
    "messages.menu": "/messages/{message}/menu",
    "messages.update": "/messages/{message}",
    "messages.delete": "/messages/{message}/delete",
    "messages.hide": "/messages/{message}/hide",
    "pins.index": "/chats/{chat}/pins",
    "pins.create": "/messages/{message}/pin",
    "pins.delete": "/messages/{message}/pin/delete",
    "reactions.create": "/messages/{message}/reactions",
    "reactions.delete": "/messages/{message}/reactions/delete",
}
SILENT = {  # something is there, and nothing of the other one in it
    "posts.index": "/",
    "posts.mine": "/publications",
    "tags.index": "/tags?q=life",
    "tags.show": "/tags/life",
    "topics.show": "/topics/Everything",
    "posts.news": "/posts/news?after=0",
    "posts.show of a friend": "/posts/{post_of_eve}",
    "comments.index": "/posts/{post_of_eve}/comments",
    "likes.index of a friend": "/posts/{post_of_eve}/likes",
    "mentions.index": "/users/mentions?q={name}",
    "search.index": "/search?q={name}",
    "search.words": "/search?q=secret",
    "search.suggestions": "/search/suggestions?q={name}",
    "users.friends of a friend": "/@eve/friends",
    "users.mutual": "/@eve/friends?mutual=1",
    "users.show of a friend": "/@eve",
    "friends.index": "/friends",
    "friends.requests": "/friends/requests",
    "friends.suggestions": "/friends/suggestions",
    "friends.all": "/friends/all",
    "friends.found": "/friends/all?q={name}&by=name",
    "friends.sent": "/friends/sent",
    "chats.index": "/chats",
    "chats.archive": "/chats/archive",
    "chats.contacts": "/chats/contacts?q={name}",
    "groups.new": "/chats/new",
    "groups.friends": "/chats/friends?q={name}",
    "members.new": "/chats/{group}/members/new",
    "members.bans": "/chats/{own_group}/bans",
    "chats.mentions in a group": "/chats/{group}/mentions?q={name}",
    "settings.show": "/settings",
    "avatars.new": "/settings/avatar",
    "avatars.index": "/settings/photos",
    "albums.index": "/albums",
}
SHARED = {  # a group both are in: there they go on
    "members.index": "/chats/{group}/members",
    "members.show": "/chats/{group}/members/{other}",
    "groups.edit": "/chats/{group}/edit",
    "groups.update": "/chats/{group}",
    "groups.leaving": "/chats/{group}/leave",
    "groups.leave": "/chats/{group}/leave",
    "groups.delete": "/chats/{group}/delete",
    "groups.photo": "/chats/{group}/photo/{key}",
    "members.update": "/chats/{group}/members/{other}/role",
    "members.delete": "/chats/{group}/members/{other}/delete",
    "members.lift_ban": "/chats/{group}/bans/{other}/delete",
}
# What is tried by itself below, and what shows nobody and takes nobody.
TRIED = {"blocks.index", "blocks.create", "blocks.delete", "groups.create", "members.create", "live.connect"}
TRIED |= {"views.create"}
# A verb of one's own that names nobody, or a name that belongs to all.
OWN = {"comments.restore", "tags.follow", "tags.unfollow", "tags.update"}
OWN |= {"albums.new", "albums.create", "albums.restore", "photos.restore"}
NOBODY = {"posts.new", "posts.create", "posts.restore", "pictures.create", "pictures.delete", "pages.viewer_css"}
NOBODY |= {"avatars.create", "avatars.delete_current", "avatars.restore"}
OF_NOBODY = {"accounts", "assets", "confirmations", "emails", "jobs", "leaving", "operators", "password_resets"}
OF_NOBODY |= {"passwords", "privacy", "profile", "sessions", "settings", "signatures", "welcome"}
NOBODY |= {name for name in RULES if name.partition(".")[0] in OF_NOBODY}


@dataclass
class Apart:
    """Ann, who blocked bob, or the other way round: who looks, whom they look for, and what there was of the two."""

    looker: Person
    other: Person
    things: dict[str, object]


def acquaint(app: Flask, ann: Person, bob: Person, eve: Person, looker: Person, other: Person) -> Apart:
    """Let ann and bob have as much to do with each other as two people can."""
    for one, another in ((ann, bob), (ann, eve), (bob, eve)):
        befriend(app, one, another)
    chat = open_chat(ann, bob)
    message = int(re.findall(r'id="message-(\d+)"', say(other, chat, "A secret @eve", "1"))[0])
    group = gather(app, eve, ann, bob, name="Hikers")
    own_group = gather(app, looker, eve, name="Climbers")
    say(eve, group, "Hello everybody", "2")
    with app.app_context():
        post = Post(author_id=other.user_id, client_id="1", title="Of the other", topic="", body="b")
        db.session.add(post)
        db.session.flush()
        facts = {"key": "0" * 32, "owner_id": other.user_id, "width": 1, "height": 1, "colour": "#000000", "size": 1}
        db.session.add(Picture(post_id=post.id, **facts))
        db.session.add(Picture(message_id=message, chat_id=chat, **facts))
        avatar = Avatar(user_id=other.user_id, key="2" * 32, size=1)
        album = Album(owner_id=other.user_id, name="Of the other", audience="everyone")
        db.session.add_all([avatar, album])
        db.session.flush()
        photo = Picture(album_id=album.id, **facts | {"key": "1" * 32})
        db.session.add(photo)
        db.session.commit()
        recount()
        things = {"post": post.id, "key": "0" * 32, "chat": chat, "message": message, "group": group}
        things |= {"album": album.id, "photo": photo.id, "photo_key": "1" * 32, "avatar": avatar.id}
        name = db.session.get_one(User, other.user_id).username
    sent = {"title": "Of eve", "topic": "Everything", "body": "Hello", "tags": "life", "client_id": "e"}
    eve.post("/posts", data=sent)
    with app.app_context():
        things["post_of_eve"] = of_eve = db.session.scalars(select(Post.id).where(Post.author_id == eve.user_id)).one()
    other.post(f"/posts/{of_eve}/like")
    other.post(f"/posts/{of_eve}/comments", data={"body": "A secret comment", "client_id": "c"})
    with app.app_context():
        things["comment"] = db.session.scalars(select(Comment.id)).one()
    return Apart(looker, other, things | {"other": other.user_id, "name": name, "own_group": own_group})


@pytest.fixture(params=["the blocker looks", "the blocked one looks"])
def apart(request: pytest.FixtureRequest, app: Flask, ann: Person, bob: Person, eve: Person) -> Apart:
    looker, other = (ann, bob) if request.param == "the blocker looks" else (bob, ann)
    met = acquaint(app, ann, bob, eve, looker, other)
    assert ann.post(f"/users/{bob.user_id}/block").status_code == 303
    ann.get("/friends")  # takes what was flashed with it
    return met


def become_friends(one: Person, other: Person) -> None:
    """Make friends through the doors, so that they are counted."""
    one.post(f"/users/{other.user_id}/friendship")
    other.post(f"/users/{one.user_id}/friendship/accept")


def traces(apart: Apart, text: str) -> list[str]:
    """Return whatever a page shows of the other one."""
    name, number = apart.things["name"], apart.other.user_id
    text = re.sub(r'value="[^"]*"', "", text)  # what was searched for is repeated
    patterns = ("Ґонта", "Богдан") if name == "bob" else ("Ivanenko",)
    marks = (f'data-author="{number}"', f'data-person="{number}"', f'href="/@{name}"', f"/users/{number}/", "A secret")
    return [trace for trace in (*patterns, *marks, f'href="/chats/{apart.things["chat"]}') if trace in text]


def ask(apart: Apart, endpoint: str, address: str) -> TestResponse:
    path = address.format(**apart.things)
    endpoint = endpoint.split(" ")[0]
    if "POST" in (RULES[endpoint].methods or ()):
        sent = {"body": "Words", "emoji": "👍", "title": "T", "seq": "1", "name": "Hikers", "role": "admin"}
        sent |= {"photo_ids": apart.things["photo"]}
        return apart.looker.post(path, data=sent)
    return apart.looker.get(path)


def test_every_address_is_judged() -> None:
    judged = {name.split(" ")[0] for name in (*GONE, *SILENT)} | SHARED.keys() | TRIED | OWN | NOBODY
    assert RULES.keys() - judged == set()


@pytest.mark.parametrize("endpoint", GONE)
def test_neither_finds_the_others_things(apart: Apart, endpoint: str) -> None:
    answer = ask(apart, endpoint, GONE[endpoint])
    assert answer.status_code == 404
    assert traces(apart, answer.text) == []


@pytest.mark.parametrize("place", SILENT)
def test_neither_is_shown_to_the_other(apart: Apart, place: str) -> None:
    answer = apart.looker.get(SILENT[place].format(**apart.things))
    assert answer.status_code == 200
    assert traces(apart, answer.text) == []


@pytest.mark.parametrize("endpoint", SHARED)
def test_in_groups_both_go_on(apart: Apart, endpoint: str) -> None:
    answer = ask(apart, endpoint, SHARED[endpoint])
    assert answer.status_code in (200, 303, 403) or endpoint == "groups.photo"
    assert f'data-person="{apart.other.user_id}" data-online' not in answer.text


def test_in_groups_they_read_each_other(app: Flask, apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    group, name = apart.things["group"], apart.things["name"]
    assert isinstance(group, int)
    monkeypatch.setattr(presence, "online", set)
    said = say(apart.other, group, "To all", "3")
    page = apart.looker.get(f"/chats/{group}").text
    assert "To all" in fragment(page, re.findall(r'id="(message-\d+)"', said)[0])
    member = apart.looker.get(f"/chats/{group}/members").text
    assert re.findall(rf'data-person="{apart.other.user_id}"[^>]*>', member) == [
        f'data-person="{apart.other.user_id}">'
    ]
    say(apart.looker, group, f"Hello @{name}", "4")
    with app.app_context():
        named = select(Mention.user_id).join(Message, Message.id == Mention.message_id).where(Message.chat_id == group)
        assert db.session.scalars(named).all() == []


def test_neither_can_bring_the_other_into_a_group(app: Flask, apart: Apart) -> None:
    sent = {"name": "Together", "member_ids": apart.other.user_id}
    assert apart.looker.post("/chats", data=sent).status_code == 422
    own = apart.things["own_group"]
    answer = apart.looker.post(f"/chats/{own}/members", data={"member_ids": apart.other.user_id})
    assert answer.status_code == 422
    assert traces(apart, answer.text) == []
    with app.app_context():
        assert db.session.get(Membership, (own, apart.other.user_id)) is None


def test_nothing_is_counted_and_no_picture_shown(app: Flask, apart: Apart) -> None:
    with app.app_context():
        looker = db.session.get_one(User, apart.looker.user_id)
        chat = apart.things["chat"]
        unread = badges_of(looker).chats
        assert unread == unread_of([looker.id])[looker.id][0]
        assert chat not in standing_ids(looker)
        assert not may_see(looker, str(apart.things["key"]))
        assert person_for(looker, apart.other.user_id or 0) is None
        assert apart.other.user_id not in shown_to(looker)
        db.session.execute(Block.__table__.delete())
        db.session.commit()
        assert badges_of(looker).chats == unread + 1  # the secret, which waited there
        assert chat in standing_ids(looker)
        assert may_see(looker, str(apart.things["key"]))
    assert "A secret" in apart.looker.get(f"/chats/{chat}").text


def test_views_of_what_is_not_there_are_not_counted(app: Flask, apart: Apart) -> None:
    apart.looker.post("/posts/views", data={"post_ids": apart.things["post"]})
    with app.app_context():
        assert db.session.get_one(Post, apart.things["post"]).view_count == 0


def test_only_who_blocked_is_told(ann: Person, bob: Person) -> None:
    ann.post(f"/users/{bob.user_id}/block")
    assert f'id="blocked-{bob.user_id}"' in ann.get("/settings/blocks").text
    page = bob.get("/settings/blocks").text
    assert "You have blocked nobody." in page and "Ivanenko" not in page
    assert bob.post(f"/users/{ann.user_id}/block/delete").status_code == 404
    assert bob.post(f"/users/{ann.user_id}/block").status_code == 404
    assert "block" not in bob.get("/@ann").text.split("<main")[1].lower()


def test_whom_one_blocked_still_has_a_face_in_the_list(ann: Person, bob: Person) -> None:
    faces = {who: take(who, colour) for who, colour in ((ann, "red"), (bob, "navy"))}
    ann.post(f"/users/{bob.user_id}/block")
    assert keys_in(ann.get("/settings/blocks").text)[-1] == faces[bob]
    assert ann.get(f"/media/{faces[bob]}/96").status_code == 200
    assert bob.get(f"/media/{faces[ann]}/96").status_code == 404


def test_a_block_ends_everything_and_unblocking_brings_the_chat_back(app: Flask, ann: Person, bob: Person) -> None:
    become_friends(ann, bob)
    chat = open_chat(ann, bob)
    say(bob, chat, "Still here")
    answer = ann.post(f"/users/{bob.user_id}/block")
    assert answer.location == "/friends"
    page = ann.get("/friends").text
    assert "is blocked." in page and f'action="/users/{bob.user_id}/block/delete"' in page
    with app.app_context():
        assert db.session.query(Friendship).count() == db.session.query(EndedFriendship).count() == 0
        assert [user.friend_count for user in db.session.scalars(select(User))] == [0, 0]
    answer = ann.htmx("POST", f"/users/{bob.user_id}/block/delete")
    assert answer.status_code == 200 and "is not blocked any more." in answer.text
    for one in (ann, bob):
        page = one.get(f"/chats/{chat}").text
        assert "Still here" in page and "You are not friends any more" in page
    assert ann.get("/@bob").status_code == bob.get("/@ann").status_code == 200
    assert "You have blocked nobody." in ann.get("/settings/blocks").text


def test_what_was_ended_before_cannot_be_put_back(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    bob.post(f"/users/{ann.user_id}/friendship/delete")
    ann.post(f"/users/{bob.user_id}/block")
    ann.post(f"/users/{bob.user_id}/block/delete")
    assert bob.htmx("POST", f"/users/{ann.user_id}/friendship/restore").status_code == 422


def test_doing_it_twice_is_doing_it_once(app: Flask, ann: Person, bob: Person) -> None:
    for _ in range(2):
        assert ann.post(f"/users/{bob.user_id}/block").status_code == 303
    with app.app_context():
        assert db.session.query(Block).count() == 1
    for _ in range(2):
        assert ann.post(f"/users/{bob.user_id}/block/delete").status_code == 303
    with app.app_context():
        assert db.session.query(Block).count() == 0


def test_nobody_blocks_themselves_or_who_is_not_there(app: Flask, ann: Person, visitor: Person) -> None:
    assert ann.post(f"/users/{ann.user_id}/block").status_code == 422
    for nobody in (999999, 2**70, "x"):
        assert ann.post(f"/users/{nobody}/block").status_code == 404
        assert ann.post(f"/users/{nobody}/block/delete").status_code == 404
    assert visitor.post(f"/users/{ann.user_id}/block").location.startswith("/login")
    with app.app_context():
        assert db.session.query(Block).count() == 0


def test_two_who_block_each_other_are_apart_until_both_let_it_be(app: Flask, ann: Person, bob: Person) -> None:
    become_friends(ann, bob)
    at_once(
        lambda: twin(app, ann).post(f"/users/{bob.user_id}/block"),
        lambda: twin(app, bob).post(f"/users/{ann.user_id}/block"),
    )
    with app.app_context():
        blocks = db.session.query(Block).count()
        assert blocks in (1, 2) and db.session.query(Friendship).count() == 0
        assert [user.friend_count for user in db.session.scalars(select(User))] == [0, 0]
        for pair in ((ann.user_id, bob.user_id), (bob.user_id, ann.user_id)):
            if db.session.get(Block, pair) is None:
                db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
        db.session.commit()
    ann.post(f"/users/{bob.user_id}/block/delete")
    assert ann.get("/@bob").status_code == bob.get("/@ann").status_code == 404
    bob.post(f"/users/{ann.user_id}/block/delete")
    assert ann.get("/@bob").status_code == bob.get("/@ann").status_code == 200


def test_who_blocks_and_who_becomes_a_friend_at_once_are_no_friends(app: Flask, ann: Person, bob: Person) -> None:
    for deed in ("friendship", "friendship/accept", "friendship/restore") * 3:
        if deed == "friendship/accept":
            ann.post(f"/users/{bob.user_id}/friendship")
        if deed == "friendship/restore":
            become_friends(ann, bob)
            bob.post(f"/users/{ann.user_id}/friendship/delete")
        at_once(
            lambda: twin(app, ann).post(f"/users/{bob.user_id}/block"),
            lambda deed=deed: twin(app, bob).post(f"/users/{ann.user_id}/{deed}"),  # type: ignore[misc]
        )
        with app.app_context():
            assert db.session.query(Friendship).count() == 0
        ann.post(f"/users/{bob.user_id}/block/delete")
    with app.app_context():
        assert [user.friend_count for user in db.session.scalars(select(User))] == [0, 0]


def test_tabs_of_both_lose_what_they_show(app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]) -> None:
    say(bob, chat, "Hello")
    pushed.clear()
    ann.post(f"/users/{bob.user_id}/block")
    for one, other in ((ann, bob), (bob, ann)):
        told = "".join(pushed_html(push) for push in pushed if one.user_id in push.people)
        assert f'<i id="gone" data-id="{other.user_id}" hidden>' in told
        assert f'<i id="chat-{chat}" hidden>' in told
        assert f'id="composer-{chat}" data-closed data-apart' in told
        assert "This chat is not there any more." in told
        assert 'id="badge-chats" data-count="0"' in told and "friends-news" in told
        assert f'<i id="came" data-id="{other.user_id}" hidden>' in told
    pushed.clear()
    ann.post(f"/users/{bob.user_id}/block/delete")
    for one in (ann, bob):
        told = "".join(pushed_html(push) for push in pushed if one.user_id in push.people)
        assert f'id="chat-{chat}"' in told and f'id="composer-{chat}"' in told and "data-closed" not in told
        assert " ".join(told[told.index('<a class="row chat-row') :].split()[:3]) in one.get("/chats").text


def test_nothing_more_is_pushed_between_the_two(
    app: Flask, ann: Person, bob: Person, chat: int, pushed: list[Push]
) -> None:
    say(bob, chat, "Hello", "same")
    ann.post(f"/users/{bob.user_id}/block")
    pushed.clear()
    for one in (ann, bob):
        assert one.user_id
        assert one.htmx("POST", f"/chats/{chat}/messages", data={"body": "x", "client_id": "new"}).status_code == 404
        with app.test_request_context():
            show_typing(chat, one.user_id)
            reading.read_all([(chat, one.user_id, 1, True)])
    # Sent again, for its answer was lost on the way.
    assert bob.htmx("POST", f"/chats/{chat}/messages", data={"body": "Hello", "client_id": "same"}).status_code == 404
    assert [push for push in pushed if {ann.user_id, bob.user_id} <= push.people] == []
    assert pushed == []


def test_what_is_done_to_the_row_at_the_last_moment_is_refused(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    """The doors look first; where the block comes between look and deed, the verb looks again."""
    from app.actions import chats, friendships, messages
    from app.errors import Refused

    said = int(re.findall(r'id="message-(\d+)"', say(bob, chat, "Hello"))[0])
    ann.post(f"/users/{bob.user_id}/block")
    with app.test_request_context():
        both = user(bob), user(ann)
        for deed in (
            lambda: friendships.request(*both),
            lambda: messages.edit(said, both[0], "Changed"),
            lambda: messages.delete(said, both[0]),
            lambda: messages.hide(said, both[1]),
            lambda: chats.arrange(chat, both[1], pinned=True),
        ):
            with pytest.raises(Refused) as refusal:
                deed()
            assert refusal.value.status == 404


def test_the_list_of_blocked_people_goes_on(app: Flask, ann: Person, join: Callable[..., Person]) -> None:
    with app.app_context():
        people = [User(email=f"p{number}@example.com", password_hash="") for number in range(30)]
        for number, one in enumerate(people):
            one.name_themselves(f"Person{number:02}", "Example", f"p{number:02}")
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(Block(blocker_id=ann.user_id, blocked_id=one.id) for one in people)
        db.session.commit()
    first = ann.get("/settings/blocks").text
    more = re.search(r'href="(/settings/blocks\?after=[^"]+)"', first)
    assert more
    seen = re.findall(r'id="blocked-(\d+)"', first + ann.get(more[1]).text)
    assert len(seen) == len(set(seen)) == 30
    for junk in ("x", "1", "9" * 40 + "-1", "їжак"):
        assert ann.get(f"/settings/blocks?after={junk}").status_code == 200


def test_a_bio_names_nobody_who_is_apart(app: Flask, apart: Apart, eve: Person) -> None:
    with app.test_request_context():
        users.describe(user(eve), bio=f"A friend of @{apart.things['name']}")
    assert f'href="/@{apart.things["name"]}"' not in apart.looker.get("/@eve").text
    assert f'href="/@{apart.things["name"]}"' in eve.get("/@eve").text
