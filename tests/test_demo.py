"""The demonstration is believable, consistent, and the same for the same seed."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import media
from app.actions.counts import recount
from app.cli import demo
from app.demo import PASSWORD, pictures, settle
from app.demo.oneself import FACES
from app.errors import Refused
from app.extensions import db
from app.models import (
    Album,
    Avatar,
    Chat,
    Comment,
    CommentLike,
    Friendship,
    Like,
    Membership,
    Message,
    Picture,
    Post,
    PostView,
    Tag,
    TagFollow,
    User,
)
from app.models.user import ASKERS, AUDIENCES, BIO, STATUS
from app.queries.posts import visible_to
from tests.conftest import Person, empty_tables

UNTIL = datetime(2026, 11, 23, 18, tzinfo=UTC)


def everything() -> list[tuple[object, ...]]:
    """Return what the pages show, row by row; password hashes are salted and left out."""
    rows: list[tuple[object, ...]] = []
    models = (User, Post, Comment, CommentLike, Friendship, Chat, Membership, Message, Picture, Tag, TagFollow)
    models += (Avatar, Album)
    for model in models:
        columns = [column for column in model.__table__.columns if column.name != "password_hash"]
        rows += [tuple(row) for row in db.session.execute(select(*columns).order_by(*model.__table__.primary_key))]
    return rows


def test_the_same_seed_makes_the_same_community_with_true_counts(
    app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SIZE", (160, 106))
    with app.app_context():
        settle(users=20, posts=120, messages=400, seed=7, until=UNTIL)
        first = everything()
        empty_tables()
        settle(users=20, posts=120, messages=400, seed=7, until=UNTIL)
        assert everything() == first
        counts = select(func.count()).select_from
        assert [db.session.scalar(counts(model)) for model in (User, Post, Message)] == [20, 120, 400]
        talked_about = db.session.scalars(select(Post.comment_count).order_by(Post.comment_count.desc())).all()
        assert talked_about[0] > 200 and 1 <= talked_about[20] <= 12 and talked_about[-1] == 0
        assert db.session.scalar(select(func.max(Comment.created_at))) <= UNTIL
        recount()
        db.session.expire_all()
        assert everything() == first

    answer = visitor.post("/login", data={"email": "user1@example.com", "password": PASSWORD})
    assert answer.status_code == 303
    for path in ("/", "/friends", "/chats"):
        assert visitor.get(path).status_code == 200


def test_a_group_of_any_size(app: Flask, visitor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SIZE", (160, 106))
    for users, size in ((8, 40), (50, 40)):  # with everybody in it, and with people outside
        with app.app_context():
            empty_tables()
            large = settle(users=users, posts=2, messages=60, seed=7, until=UNTIL, group=size)
            rows = [group_is_true(chat) for chat in db.session.scalars(select(Chat).where(Chat.kind == "group"))]
            assert len(rows) == 2
            chat = db.session.get_one(Chat, large)
            assert chat.member_count == size and db.session.scalar(select(func.count(User.id))) == max(users, size)
            events = set(db.session.scalars(select(Message.event).where(Message.chat_id == large)))
            assert {"created", "left", "added"} <= events
            owner = db.session.get_one(Membership, (large, 1))
            assert owner.role == "owner" and all(db.session.get(Membership, (large, one)) for one in (2, 3))
    visitor.post("/login", data={"email": "user1@example.com", "password": PASSWORD})
    page = visitor.get(f"/chats/{large}").text
    assert "40 " in page and f"/chats/{large}/photo/" in page
    photo = page[page.index(f"/chats/{large}/photo/") :].split('"')[0]
    assert visitor.get(photo).mimetype == "image/webp"
    assert visitor.get(f"/chats/{large}/members").status_code == 200


def test_posts_are_for_everyone_for_friends_or_for_oneself(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SIZE", (160, 106))
    with app.app_context():
        settle(users=30, posts=300, messages=0, seed=7, until=UNTIL)
        found = select(Post.audience, func.count()).group_by(Post.audience)
        by_audience = {audience: count for audience, count in db.session.execute(found)}
        assert by_audience.keys() == {"everyone", "friends", "me"}
        assert by_audience["everyone"] > by_audience["friends"] > by_audience["me"]
        assert db.session.scalar(select(func.count(TagFollow.user_id.distinct()))) > 15
        # Nobody has seen or liked what is not for them.
        for row in (PostView, Like):
            for user in db.session.scalars(select(User)):
                seen = select(row.post_id).where(row.user_id == user.id)
                hidden = select(Post.id).where(Post.id.in_(seen), ~visible_to(user))
                assert db.session.scalars(hidden).all() == []


def test_people_tell_and_show_something_of_themselves(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SIZE", (160, 106))
    with app.app_context():
        settle(users=120, posts=5, messages=0, seed=7, until=UNTIL)
        people = db.session.scalars(select(User).order_by(User.id)).all()
        assert 0.5 < sum(one.photo_key is not None for one in people) / len(people) < 0.8
        assert 0.15 < sum(one.drawing is not None for one in people) / len(people) < 0.5
        faces = {one.photo_key for one in people} - {None}
        assert 8 < len(faces) <= FACES  # few are developed, and shared
        for one in people:
            shown = db.session.scalars(select(Avatar.key).where(Avatar.user_id == one.id, ~Avatar.hidden)).all()
            assert one.photo_key in shown if one.photo_key else not shown
            assert one.signs_by == "name" or one.signature_key
            choices = {one.name_shown_to, one.birth_date_shown_to, one.email_shown_to, one.friends_shown_to}
            assert choices <= set(AUDIENCES) and one.requests_from in ASKERS
            assert len(one.bio) <= BIO and len(one.status) <= STATUS
        for column in (User.birth_date, User.status, User.bio, User.birth_date_shown_to, User.shows_birth_year):
            assert db.session.scalar(select(func.count(column.distinct()))) > 1
        for key, variant in ((people[0].photo_key, "96"), (people[0].signature_key, "480")):
            with media.open_variant(key, variant) as file:
                assert file.read(4) == b"RIFF"

        albums = db.session.scalars(select(Album)).all()
        photos = {
            album.id: db.session.scalars(select(Picture).where(Picture.album_id == album.id)).all() for album in albums
        }
        assert set(range(1, 11)) < {album.owner_id for album in albums}
        assert {album.audience for album in albums} == {"everyone", "friends", "me"}
        assert any(album.tag_id for album in albums) and any(album.year for album in albums)
        assert any(photo.caption for album in albums for photo in photos[album.id])
        for album in albums:
            assert album.photo_count == len(photos[album.id]) >= 3
            assert album.cover_id in {None, *(photo.id for photo in photos[album.id])}
            assert {photo.owner_id for photo in photos[album.id]} == {album.owner_id}
            assert album.created_at <= UNTIL


def group_is_true(chat: Chat) -> None:
    """Check what is kept of a group in columns, and that nobody speaks who is not in it."""
    members = set(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == chat.id)))
    assert chat.member_count == len(members)
    lines = db.session.scalars(select(Message).where(Message.chat_id == chat.id).order_by(Message.seq)).all()
    assert [line.seq for line in lines] == list(range(1, chat.last_seq + 1))
    assert max(line.revision for line in lines) == chat.last_revision
    assert len({line.revision for line in lines}) == len(lines)
    assert lines == sorted(lines, key=lambda line: line.sent_at) and lines[-1].sent_at == chat.last_message_at <= UNTIL
    came = {line.subject_id for line in lines if line.event in ("added", "joined")}
    left = {line.subject_id for line in lines if line.event == "left"}
    present = {one for one in members | left if one not in came or one in left}
    for line in lines:
        if line.event in ("added", "joined"):
            assert line.subject_id not in present
            present.add(line.subject_id)
        assert line.author_id in present
        if line.event == "left":
            present.remove(line.subject_id)
    assert present == members


def test_people_who_are_there_already_are_left_alone(app: Flask, ann: Person) -> None:
    with app.app_context(), pytest.raises(Refused):
        settle(users=5, posts=5, messages=5, seed=1, until=UNTIL)


def test_the_command_needs_no_options() -> None:
    chosen = demo.make_context("demo", []).params
    assert chosen == {"users": 60, "posts": 300, "messages": 3000, "group": None, "seed": 1}
