"""An account that is being deleted while everything is killed: in the end it is gone, and what others have is whole."""

import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.actions import groups, leaving
from app.actions.counts import recount
from app.extensions import db, writing
from app.models import Chat, Job, Like, Membership, Message, Post, PostView, Reader, User
from app.models.columns import now
from app.models.user import KEPT
from tests.faults.test_letters import HastyWorker
from tests.residents import application, befriend, settle
from tests.servers import postgres
from tests.test_leaving import kept_counts

POSTS, GROUPS = 240, 12


def live(app: Flask, leaver: int, others: list[int], chat: int) -> None:
    """Have somebody write, like, read, talk in groups and in a chat, so that taking it away takes many stretches."""
    with app.app_context(), writing():
        facts = {"title": "T", "topic": "", "body": "B"}
        for author in (leaver, others[0]):
            db.session.add_all(Post(author_id=author, client_id=str(number), **facts) for number in range(POSTS))
        db.session.flush()
        for post_id in db.session.scalars(select(Post.id).where(Post.author_id == others[0])):
            db.session.add_all((Like(post_id=post_id, user_id=leaver), PostView(post_id=post_id, user_id=leaver)))
        db.session.add(Reader(author_id=others[0], reader_id=leaver, post_count=POSTS))
        places = range(1, 1201)
        said = {"chat_id": chat, "author_id": leaver, "kind": "said", "body": "Words"}
        db.session.add_all(Message(client_id=str(n), seq=n, revision=n, **said) for n in places)
        db.session.execute(update(Chat).where(Chat.id == chat).values(last_seq=len(places), last_revision=len(places)))
        db.session.commit()
    for number in range(GROUPS):
        with app.test_request_context():
            groups.create(db.session.get_one(User, leaver), f"Group {number}", others)
    with app.app_context():
        recount()


def leave(app: Flask, leaver: int) -> None:
    """Have somebody leave, so long ago that their time to come back is over."""
    long_ago = now() - KEPT - timedelta(hours=1)
    with app.test_request_context():
        leaving.leave(db.session.get_one(User, leaver))
        with writing():
            db.session.execute(update(User).where(User.id == leaver).values(deleted_at=long_ago))
            db.session.execute(update(Job).where(Job.kind == "bury_person").values(run_at=long_ago))
            db.session.commit()


def left_of(app: Flask, leaver: int) -> list[int]:
    """Count what is there of somebody, the job that takes it away last."""
    columns = (User.id, Post.author_id, Like.user_id, PostView.user_id, Membership.user_id, Message.author_id)
    counts = (select(func.count()).where(column == leaver) for column in columns)
    job = select(func.count(Job.id)).where(Job.kind == "bury_person")
    with app.app_context():
        left = [db.session.scalar(count) or 0 for count in (*counts, job)]
        db.session.remove()
    return left


@pytest.mark.parametrize("runners", [1, 2])
def test_a_burial_whose_workers_are_killed_is_finished(tmp_path: Path, runners: int) -> None:
    """On SQLite by one, on PostgreSQL by two at once."""
    if runners == 1:
        bury_and_kill(tmp_path, 1)
    else:
        with postgres() as database:
            bury_and_kill(tmp_path, 2, DATABASE_URL=database)


def bury_and_kill(folder: Path, runners: int, **settings: str) -> None:
    workers = [HastyWorker(folder / "instance", **settings) for _ in range(runners)]
    for worker in workers:
        worker.start()
    app = application(workers[0])
    leaver, *others = settle(app, 3)
    [chat, _] = befriend(app, [(leaver, others[0]), (leaver, others[1])])
    live(app, leaver, others, chat)
    before = left_of(app, leaver)
    leave(app, leaver)
    kills, deadline = 0, time.monotonic() + 90
    while (left := left_of(app, leaver))[0] or left[-1]:
        assert time.monotonic() < deadline, (kills, left)
        if kills < 3 and left[0] and left[:-1] != before[:-1]:
            for worker in workers:
                worker.stop(signal.SIGKILL)
            kills, before = kills + 1, left_of(app, leaver)
            for worker in workers:
                worker.start()
    for worker in workers:
        worker.stop()
    assert kills >= 2
    assert left == [0] * len(left)
    with app.app_context():
        words = select(Message.author_id, func.count()).where(Message.chat_id == chat).group_by(Message.author_id)
        assert [tuple(row) for row in db.session.execute(words)] == [(None, 1200)]
        led = select(func.count()).where(Membership.role == "owner", Membership.user_id.in_(others))
        assert db.session.scalar(led) == GROUPS
        counts = kept_counts()
        recount()
        assert kept_counts() == counts
        db.session.remove()
        db.engine.dispose()
    assert "Traceback" not in (folder / "instance" / "console.log").read_text()
