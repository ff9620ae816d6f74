"""Who may do what: every address, tried by everybody. An address without a row here fails."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import (
    Album,
    Avatar,
    Chat,
    Comment,
    Friendship,
    Job,
    LoginSession,
    Membership,
    Message,
    PasswordReset,
    Picture,
    Post,
    PostTag,
    Tag,
)
from app.models.columns import now
from app.models.session import hash_token
from tests.conftest import Person

ROLES = ("nobody", "stranger", "friend", "owner", "administrator")

# Each row: method, address, what is sent, and the answer each role gets. Things in addresses are ann's, who is the
# owner; bob is her friend and talks with her; 303 for nobody leads to the sign-in page.
SIGNED_IN = (303, 200, 200, 200, 200)
GOES_ON = (303, 303, 303, 303, 303)
ANYBODY = (200, 200, 200, 200, 200)
VISITORS = (200, 303, 303, 303, 303)
HERS = (303, 404, 404, 200, 404)
HERS_GOES_ON = (303, 404, 404, 303, 404)
THEIRS = (303, 404, 200, 200, 404)
THEIRS_GOES_ON = (303, 404, 303, 303, 404)
NO_HANDSHAKE = (400, 400, 400, 400, 400)

Row = tuple[str, dict[str, str], tuple[int, ...]]
MATRIX: dict[str, Row] = {
    "posts.index": ("/", {}, SIGNED_IN),
    "posts.mine": ("/publications", {}, SIGNED_IN),
    "posts.new": ("/posts/new", {}, SIGNED_IN),
    "posts.create": ("/posts", {"title": "A title", "body": "Words"}, GOES_ON),
    "posts.show": ("/posts/{post}", {}, SIGNED_IN),
    "posts.edit": ("/posts/{post}/edit", {}, HERS),
    "posts.update": ("/posts/{post}", {"title": "Changed", "body": "Words"}, HERS_GOES_ON),
    "posts.delete": ("/posts/{post}/delete", {}, HERS_GOES_ON),
    "posts.restore": ("/posts/{post}/restore", {}, (303, 422, 422, 422, 422)),
    "likes.create": ("/posts/{post}/like", {}, GOES_ON),
    "likes.delete": ("/posts/{post}/like/delete", {}, GOES_ON),
    "comments.index": ("/posts/{post}/comments", {}, SIGNED_IN),
    "comments.create": ("/posts/{post}/comments", {"body": "Words"}, GOES_ON),
    "comments.replies": ("/comments/{comment}/replies", {}, SIGNED_IN),
    "comments.show": ("/comments/{comment}", {}, SIGNED_IN),
    "comments.edit": ("/comments/{comment}/edit", {}, HERS),
    "comments.update": ("/comments/{comment}", {"body": "Changed"}, HERS_GOES_ON),
    "comments.delete": ("/comments/{comment}/delete", {}, HERS_GOES_ON),
    "comments.restore": ("/comments/{comment}/restore", {}, (303, 422, 422, 422, 422)),
    "comments.close": ("/posts/{post}/comments/close", {}, HERS_GOES_ON),
    "comments.reopen": ("/posts/{post}/comments/open", {}, HERS_GOES_ON),
    "comment_likes.create": ("/comments/{comment}/like", {}, GOES_ON),
    "comment_likes.delete": ("/comments/{comment}/like/delete", {}, GOES_ON),
    "views.create": ("/posts/views", {"post_ids": "{post}"}, GOES_ON),
    "likes.index": ("/posts/{post}/likes", {}, SIGNED_IN),
    "posts.news": ("/posts/news?after=0", {}, SIGNED_IN),
    "tags.index": ("/tags?q=n", {}, SIGNED_IN),
    "tags.show": ("/tags/nothing-has-this", {}, (303, 404, 404, 404, 404)),
    "tags.follow": ("/tags/bees/follow", {}, GOES_ON),
    "tags.unfollow": ("/tags/bees/follow/delete", {}, GOES_ON),
    "tags.update": ("/tags/bees", {"name": "wasps"}, (303, 404, 404, 404, 303)),
    "topics.show": ("/topics/Summer", {}, SIGNED_IN),
    "pictures.create": ("/pictures", {}, GOES_ON),
    "pictures.delete": ("/pictures/{picture}/delete", {}, GOES_ON),
    "albums.index": ("/albums", {}, SIGNED_IN),
    "albums.new": ("/albums/new", {}, SIGNED_IN),
    "albums.create": ("/albums", {"name": "Autumn", "audience": "me"}, GOES_ON),
    "albums.show": ("/albums/{album}", {}, THEIRS),  # it is for friends
    "albums.edit": ("/albums/{album}/edit", {}, HERS),
    "albums.update": ("/albums/{album}", {"name": "Winter", "audience": "me"}, HERS_GOES_ON),
    "albums.audience": ("/albums/{album}/audience", {"audience": "me"}, HERS_GOES_ON),
    "albums.cover": ("/albums/{album}/cover", {"photo_id": "{photo}"}, HERS_GOES_ON),
    "albums.delete": ("/albums/{album}/delete", {}, HERS_GOES_ON),
    "albums.restore": ("/albums/{album}/restore", {}, (303, 422, 422, 422, 422)),
    "photos.create": ("/albums/{album}/photos", {}, (303, 404, 404, 422, 404)),  # without a file; see test_photos
    "photos.show": ("/photos/{photo}", {}, THEIRS),
    "photos.edit": ("/photos/{photo}/edit", {}, HERS),
    "photos.update": ("/photos/{photo}", {"caption": "Words"}, HERS_GOES_ON),
    "photos.place": ("/photos/{photo}/place", {"before": "{photo}"}, HERS_GOES_ON),
    "photos.move": ("/photos/{photo}/move", {"album_id": "{album}"}, HERS_GOES_ON),
    "photos.delete": ("/photos/{photo}/delete", {}, HERS_GOES_ON),
    "photos.restore": ("/photos/{photo}/restore", {}, (303, 422, 422, 422, 422)),
    "photos.share": ("/photos/post", {"photo_ids": "{photo}"}, HERS_GOES_ON),
    # The bytes are not there in this test: 404 either way, told apart in test_media_door and below by may_see.
    "media.show": ("/media/{key}/320", {}, (303, 404, 404, 404, 404)),
    "users.show": ("/@ann", {}, SIGNED_IN),
    "mentions.index": ("/users/mentions?q=a", {}, SIGNED_IN),
    "users.albums": ("/@ann/albums", {}, SIGNED_IN),
    "users.photos": ("/@ann/photos", {}, SIGNED_IN),
    "users.friends": ("/@ann/friends", {}, SIGNED_IN),
    "users.about": ("/@ann/about", {}, SIGNED_IN),
    "blocks.index": ("/settings/blocks", {}, SIGNED_IN),
    "blocks.create": ("/users/{ann}/block", {}, (303, 303, 303, 422, 303)),
    "blocks.delete": ("/users/{ann}/block/delete", {}, GOES_ON),
    "friends.index": ("/friends", {}, SIGNED_IN),
    "friends.requests": ("/friends/requests", {}, SIGNED_IN),
    "friends.suggestions": ("/friends/suggestions", {}, SIGNED_IN),
    "friends.all": ("/friends/all", {}, SIGNED_IN),
    "friends.sent": ("/friends/sent", {}, SIGNED_IN),
    "friendships.create": ("/users/{ann}/friendship", {}, (303, 303, 303, 422, 303)),
    "friendships.accept": ("/users/{ann}/friendship/accept", {}, (303, 422, 303, 422, 422)),
    "friendships.decline": ("/users/{ann}/friendship/decline", {}, (303, 303, 422, 303, 303)),
    "friendships.delete": ("/users/{ann}/friendship/delete", {}, (303, 303, 303, 303, 303)),
    "friendships.restore": ("/users/{ann}/friendship/restore", {}, (303, 422, 422, 422, 422)),
    "friendships.hide": ("/users/{ann}/suggestion/delete", {}, (303, 303, 303, 303, 303)),
    "friendships.unhide": ("/users/{ann}/suggestion", {}, (303, 303, 303, 303, 303)),
    "chats.index": ("/chats", {}, SIGNED_IN),
    "chats.contacts": ("/chats/contacts", {}, SIGNED_IN),
    "chats.create": ("/users/{ann}/chat", {}, (303, 422, 303, 422, 422)),
    "chats.show": ("/chats/{chat}", {}, THEIRS),
    "chats.read": ("/chats/{chat}/read", {"seq": "1"}, THEIRS_GOES_ON),
    "chats.archive": ("/chats/archive", {}, SIGNED_IN),
    "chats.row": ("/chats/{chat}/row", {}, THEIRS),
    "chats.mentions": ("/chats/{chat}/mentions?q=b", {}, THEIRS),
    "chats.day": ("/chats/{chat}/day?date=2026-11-21", {}, THEIRS_GOES_ON),
    "chats.search": ("/chats/{chat}/search?q=words", {}, THEIRS),
    "chats.gallery": ("/chats/{chat}/gallery", {}, THEIRS),
    "memberships.create": ("/chats/{chat}/mute", {}, THEIRS_GOES_ON),
    "memberships.delete": ("/chats/{chat}/mute/delete", {}, THEIRS_GOES_ON),
    "pins.index": ("/chats/{chat}/pins", {}, THEIRS),
    "pins.create": ("/messages/{message}/pin", {}, THEIRS_GOES_ON),
    "pins.delete": ("/messages/{message}/pin/delete", {}, THEIRS_GOES_ON),
    "reactions.create": ("/messages/{message}/reactions", {"emoji": "👍"}, THEIRS_GOES_ON),
    "reactions.delete": ("/messages/{message}/reactions/delete", {"emoji": "👍"}, THEIRS_GOES_ON),
    "messages.show": ("/messages/{message}", {}, THEIRS),
    "messages.menu": ("/messages/{message}/menu", {}, THEIRS),
    "messages.hide": ("/messages/{message}/hide", {}, THEIRS_GOES_ON),
    "groups.new": ("/chats/new", {}, SIGNED_IN),
    "groups.friends": ("/chats/friends", {}, SIGNED_IN),
    "groups.create": ("/chats", {"name": "Hikers"}, GOES_ON),
    "groups.edit": ("/chats/{group}/edit", {}, (303, 404, 403, 200, 404)),
    "groups.update": ("/chats/{group}", {"name": "Climbers"}, (303, 404, 403, 303, 404)),
    "members.new": ("/chats/{group}/members/new", {}, THEIRS),
    "members.create": ("/chats/{group}/members", {}, THEIRS_GOES_ON),
    "members.show": ("/chats/{group}/members/{ann}", {}, THEIRS),
    "members.delete": ("/chats/{group}/members/{bob}/delete", {}, (303, 404, 403, 303, 404)),
    "members.update": ("/chats/{group}/members/{bob}/role", {"role": "admin"}, (303, 404, 403, 303, 404)),
    "members.bans": ("/chats/{group}/bans", {}, (303, 404, 403, 200, 404)),
    "members.lift_ban": ("/chats/{group}/bans/{bob}/delete", {}, (303, 404, 403, 303, 404)),
    "groups.leaving": ("/chats/{group}/leave", {}, THEIRS),
    "groups.delete": ("/chats/{group}/delete", {}, (303, 404, 403, 303, 404)),
    "settings.chats": ("/settings/chats", {"enter_sends": "1"}, GOES_ON),
    "members.index": ("/chats/{group}/members", {}, THEIRS),
    "groups.leave": ("/chats/{group}/leave", {}, (303, 404, 303, 422, 404)),
    "groups.photo": ("/chats/{group}/photo/{key}", {}, (303, 404, 404, 404, 404)),  # not there; see test_groups
    "messages.index": ("/chats/{chat}/messages", {}, THEIRS),
    "messages.create": ("/chats/{chat}/messages", {"body": "Words"}, THEIRS_GOES_ON),
    "messages.update": ("/messages/{message}", {"body": "Changed"}, (303, 404, 403, 303, 404)),
    "messages.delete": ("/messages/{message}/delete", {}, (303, 404, 403, 303, 404)),
    # A plain request is no handshake; who may listen is tried in test_live_door.
    "live.connect": ("/live?chat={chat}", {}, NO_HANDSHAKE),
    "search.index": ("/search?q=words", {}, SIGNED_IN),
    "search.suggestions": ("/search/suggestions?q=words", {}, SIGNED_IN),
    "avatars.new": ("/settings/avatar", {}, SIGNED_IN),
    "avatars.create": ("/settings/avatar", {}, (303, 422, 422, 422, 422)),  # without a file; see test_avatars
    "avatars.delete_current": ("/settings/avatar/delete", {}, GOES_ON),
    "avatars.index": ("/settings/photos", {}, SIGNED_IN),
    "avatars.choose": ("/avatars/{avatar}/current", {}, HERS_GOES_ON),
    "avatars.hide": ("/avatars/{avatar}/hide", {}, HERS_GOES_ON),
    "avatars.show": ("/avatars/{avatar}/show", {}, HERS_GOES_ON),
    "avatars.delete": ("/avatars/{avatar}/delete", {}, HERS_GOES_ON),
    "avatars.restore": ("/avatars/{avatar}/restore", {}, (303, 422, 422, 422, 422)),
    "settings.show": ("/settings", {}, SIGNED_IN),
    "settings.open": ("/settings/profile", {}, SIGNED_IN),
    "settings.text_size": ("/settings/text-size", {"text_size": "large"}, GOES_ON),
    "privacy.update": ("/settings/privacy", {"name_shown_to": "friends", "requests_from": "mutual"}, GOES_ON),
    "profile.card": ("/settings/profile", {"first_name": "A", "last_name": "B", "username": "free_one"}, GOES_ON),
    "profile.personal": ("/settings/personal", {"first_name": "A", "birth_date": "1990-02-03"}, GOES_ON),
    "signatures.update": ("/settings/signature", {"signs_by": "name"}, GOES_ON),
    "emails.begin": ("/settings/email", {"email": "x@example.org"}, (303, 422, 422, 422, 422)),
    "passwords.begin": ("/settings/password", {"password": "x"}, (303, 422, 422, 422, 422)),
    "confirmations.confirm": ("/settings/email/code", {"code": "123456"}, GOES_ON),
    "confirmations.resend": ("/settings/password/code/resend", {}, GOES_ON),
    "confirmations.cancel": ("/settings/email/cancel", {}, GOES_ON),
    "sessions.delete": ("/settings/sessions/{session}/delete", {}, HERS_GOES_ON),
    "sessions.delete_others": ("/settings/sessions/delete", {}, GOES_ON),
    "password_resets.forgot": ("/password/forgot", {}, ANYBODY),
    "password_resets.create": ("/password/forgot", {"email": "ann@example.com"}, GOES_ON),
    "password_resets.sent": ("/password/forgot/sent", {}, ANYBODY),
    # Whoever has the link may use it, and each link works once: who used one is tried in test_passwords.
    "password_resets.edit": ("/password/reset/{token}", {}, ANYBODY),
    "password_resets.update": ("/password/reset/{token}", {"password": "x"}, (422,) * 5),
    "settings.theme": ("/settings/theme", {"theme": "dark"}, GOES_ON),
    "settings.language": ("/settings/language", {"language": "uk"}, GOES_ON),
    "leaving.show": ("/leaving", {}, GOES_ON),
    "leaving.stay": ("/leaving/stay", {}, GOES_ON),
    "leaving.leave": ("/settings/leaving", {"password": "wrong"}, (303, 422, 422, 422, 422)),
    "jobs.index": ("/admin/jobs", {}, (303, 404, 404, 404, 200)),
    "jobs.retry": ("/admin/jobs/{job}/retry", {}, (303, 404, 404, 404, 303)),
    "jobs.delete": ("/admin/jobs/{job}/delete", {}, (303, 404, 404, 404, 303)),
    "welcome.show": ("/welcome", {}, GOES_ON),
    "welcome.introduce": ("/welcome", {"first_name": "A", "last_name": "B", "username": "free_one"}, GOES_ON),
    "welcome.suggestions": ("/welcome/suggestions", {}, SIGNED_IN),
    "accounts.signup": ("/signup", {}, VISITORS),
    "accounts.begin": ("/signup", {}, (422, 303, 303, 303, 303)),
    "accounts.login": ("/login", {}, VISITORS),
    "accounts.enter": ("/login", {"email": "ann@example.com", "password": "wrong"}, (422, 303, 303, 303, 303)),
    "accounts.verify": ("/verify", {}, GOES_ON),
    "accounts.confirm": ("/verify", {"code": "123456"}, GOES_ON),
    "accounts.resend": ("/verify/resend", {}, GOES_ON),
    "accounts.logout": ("/logout", {}, GOES_ON),
    "pages.viewer_css": ("/viewer.css", {}, SIGNED_IN),
    "operators.live": ("/healthz/live", {}, ANYBODY),
    "operators.ready": ("/healthz", {}, (503,) * 5),  # the tables of tests are made without migrations
    "operators.show": ("/metrics", {}, ANYBODY),  # who asks from elsewhere is told apart in test_operators
    "assets.show": ("/static/any/css/base.css", {}, ANYBODY),
    "assets.favicon": ("/favicon.ico", {}, ANYBODY),
}

RULES = {rule.endpoint: rule for rule in create_app().url_map.iter_rules()}


@dataclass
class World:
    """Ann's things, and everybody's browser."""

    things: dict[str, object]
    people: dict[str, Person]


@pytest.fixture
def world(app: Flask, visitor: Person, join: Callable[..., Person]) -> World:
    people = {"nobody": visitor, "stranger": join("eve"), "friend": join("bob"), "owner": join("ann")}
    people["administrator"] = join("admin", is_admin=True)
    bob, ann = people["friend"].user_id, people["owner"].user_id
    assert bob is not None
    assert ann is not None
    with app.app_context():
        post = Post(author_id=ann, client_id="1", title="t", topic="Summer", topic_folded="summer", body="b")
        picture = Picture(key="0" * 32, owner_id=ann, width=1, height=1, colour="#000000", size=1)
        chat = Chat(kind="direct", low_id=bob, high_id=ann, last_seq=1, last_revision=1, last_message_at=now())
        group = Chat(kind="group", name="Hikers", member_count=2, last_message_at=now())
        avatar = Avatar(user_id=ann, key="1" * 32, size=1)
        db.session.add_all([post, picture, chat, group, avatar])
        db.session.add(Friendship(low_id=bob, high_id=ann, requester_id=ann, accepted_at=now()))
        db.session.flush()
        for place, owned in ((chat.id, False), (group.id, True)):
            db.session.add(Membership(chat_id=place, user_id=bob))
            db.session.add(Membership(chat_id=place, user_id=ann, role="owner" if owned else "member"))
        album = Album(owner_id=ann, name="Summer", audience="friends", photo_count=1)
        db.session.add(album)
        db.session.flush()
        photo = Picture(key="1" * 32, owner_id=ann, album_id=album.id, width=1, height=1, colour="#000000", size=1)
        db.session.add(photo)
        tag = Tag(name="bees")
        db.session.add(tag)
        db.session.flush()
        db.session.add(PostTag(post_id=post.id, tag_id=tag.id, position=0))
        message = Message(chat_id=chat.id, seq=1, revision=1, author_id=ann, client_id="1", body="Hello", sent_at=now())
        comment = Comment(post_id=post.id, author_id=ann, client_id="1", body="Words")
        job = Job(kind="letter", payload={}, run_at=now(), attempts=1, last_error="refused")
        db.session.add_all([message, comment, job])
        login = select(LoginSession.id).where(LoginSession.user_id == ann)
        db.session.add(PasswordReset(token_hash=hash_token("token"), user_id=ann))
        db.session.commit()
        things = {"post": post.id, "picture": picture.id, "key": picture.key, "chat": chat.id, "ann": ann, "bob": bob}
        things |= {"group": group.id, "message": message.id, "comment": comment.id, "avatar": avatar.id, "job": job.id}
        things |= {"album": album.id, "photo": photo.id, "session": db.session.scalars(login).one(), "token": "token"}
    return World(things, people)


def test_every_address_has_its_row() -> None:
    assert RULES.keys() == MATRIX.keys()


WRITES = [endpoint for endpoint in MATRIX if "POST" in (RULES[endpoint].methods or ())]


def ask(world: World, endpoint: str, role: str) -> int:
    """Return what somebody is answered at an address."""
    address, sent, answers = MATRIX[endpoint]
    person, path = world.people[role], address.format(**world.things)
    if endpoint in WRITES:
        answer = person.post(path, data={name: text.format(**world.things) for name, text in sent.items()})
    else:
        answer = person.get(path)
    if role == "nobody" and answers[1] != 303 and answer.status_code == 303:
        assert "/login" in answer.headers["Location"]
    return answer.status_code


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_what_they_should(world: World, role: str) -> None:
    reads = [endpoint for endpoint in MATRIX if endpoint not in WRITES]
    wanted = {endpoint: MATRIX[endpoint][2][ROLES.index(role)] for endpoint in reads}
    assert {endpoint: ask(world, endpoint, role) for endpoint in reads} == wanted


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", WRITES)
def test_everybody_writes_what_they_should(world: World, endpoint: str, role: str) -> None:
    assert ask(world, endpoint, role) == MATRIX[endpoint][2][ROLES.index(role)]


FROM_ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
)


def test_no_write_is_taken_from_another_site(world: World) -> None:
    ann = world.people["owner"]
    for endpoint in WRITES:
        address, sent, _answers = MATRIX[endpoint]
        for headers in FROM_ELSEWHERE:
            answer = ann.post(address.format(**world.things), data=sent, headers=headers)
            assert answer.status_code == 403, endpoint
