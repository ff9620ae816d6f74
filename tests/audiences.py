"""Who may see a post: whom it is for, and who is kept apart."""

from datetime import datetime

from flask import Flask

from app.extensions import db
from app.models import Block, Friendship, Post
from app.models.columns import now
from app.models.friendship import pair
from tests.conftest import Person


def set_audience(app: Flask, post_id: int, audience: str, deleted_at: datetime | None = None) -> None:
    """Have a post be for somebody else; ``deleted_at`` has it be deleted."""
    with app.app_context():
        post = db.session.get_one(Post, post_id)
        post.audience, post.deleted_at = audience, deleted_at
        db.session.commit()


def block(app: Flask, blocker: Person, blocked: Person) -> None:
    """Keep two people apart."""
    with app.app_context():
        db.session.add(Block(blocker_id=blocker.user_id, blocked_id=blocked.user_id, created_at=now()))
        db.session.commit()


def ask(app: Flask, one: Person, other: Person) -> None:
    """Let somebody ask to be a friend, and get no answer."""
    assert one.user_id and other.user_id
    low, high = pair(one.user_id, other.user_id)
    with app.app_context():
        db.session.add(Friendship(low_id=low, high_id=high, requester_id=one.user_id, requested_at=now()))
        db.session.commit()
