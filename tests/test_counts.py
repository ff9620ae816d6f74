"""Counts can be made again from the rows they count."""

from collections.abc import Callable

from flask import Flask

from app.actions.counts import recount
from app.extensions import db
from app.models import Album, Chat, Friendship, Like, Membership, Picture, Post, PostView, User
from app.models.columns import now
from tests.conftest import Person


def test_counts_gone_wrong_are_made_right(app: Flask, ann: Person, bob: Person, join: Callable[..., Person]) -> None:
    carl = join("carl")
    with app.app_context():
        post = Post(author_id=ann.user_id, client_id="1", title="t", topic="", body="b", like_count=99, view_count=0)
        db.session.add(post)
        db.session.flush()
        db.session.add(Like(post_id=post.id, user_id=bob.user_id))
        db.session.add_all(PostView(post_id=post.id, user_id=person.user_id) for person in (bob, carl))
        low, high = sorted((ann.user_id or 0, bob.user_id or 0))
        db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
        db.session.add(Friendship(low_id=low, high_id=carl.user_id, requester_id=low))
        db.session.commit()

        group = Chat(kind="group", name="g", member_count=77, last_seq=0, last_revision=0)
        db.session.add(group)
        db.session.flush()
        db.session.add(Membership(chat_id=group.id, user_id=bob.user_id))
        db.session.commit()

        album = Album(owner_id=ann.user_id, name="a", photo_count=5)
        db.session.add_all([album, Album(owner_id=ann.user_id, name="b", photo_count=5)])
        db.session.flush()
        facts = {"key": "0" * 32, "owner_id": ann.user_id, "width": 1, "height": 1, "colour": "#000000", "size": 1}
        gone = Picture(album_id=album.id, deleted_at=now(), **facts)
        db.session.add_all([Picture(album_id=album.id, **facts), Picture(album_id=album.id, **facts), gone])
        db.session.commit()

        recount()

        assert db.session.scalars(db.select(Album.photo_count).order_by(Album.id)).all() == [2, 0]

        assert db.session.scalars(db.select(Chat.member_count)).all() == [1]
        assert db.session.execute(db.select(Post.like_count, Post.view_count)).one() == (1, 2)
        counts = db.select(User.post_count, User.reader_count, User.friend_count).order_by(User.id)
        assert db.session.execute(counts).all() == [(1, 2, 1), (0, 0, 1), (0, 0, 0)]
