"""Work after the commit: at least once, later each time it fails, and never by two at once."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import jobs
from app.actions import verb
from app.extensions import db
from app.jobs import runner
from app.models import Job
from app.models.columns import now

Deeds = list[dict[str, str]]


@pytest.fixture
def done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Deeds:
    """What a job called "note" was done with; a job called "fail" fails."""
    notes: Deeds = []

    def fail(_payload: dict[str, str]) -> None:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setitem(app.extensions, "jobs", {"note": notes.append, "fail": fail})
    return notes


@verb
def cause(kind: str, then: Callable[[], None] = lambda: None, **payload: str) -> None:
    jobs.enqueue(kind, payload)
    then()


def waiting(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Job.id))) or 0


def test_a_job_is_done_once_and_is_gone(app: Flask, done: Deeds) -> None:
    with app.app_context():
        cause("note", who="ann")
    assert done == []
    assert jobs.run_due(app) == 1
    assert jobs.run_due(app) == 0
    assert done == [{"who": "ann"}]
    assert waiting(app) == 0


def test_what_was_rolled_back_is_never_done(app: Flask, done: Deeds) -> None:
    def change_of_mind() -> None:
        raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        cause("note", change_of_mind)
    assert jobs.run_due(app) == 0
    assert done == []


def test_what_fails_is_tried_again_later_each_time(app: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock, app.app_context():
        cause("fail")
        for delay in (10, 20, 40):
            assert jobs.run_due(app) == 1
            clock.shift(delay - 1)
            assert jobs.run_due(app) == 0
            clock.shift(1)
        job = db.session.scalars(select(Job)).one()
        assert job.attempts == 3
        assert "nobody there" in str(job.last_error)


def test_what_fails_too_often_stays_for_the_operator_to_see(app: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock, app.app_context():
        cause("fail")
        for _ in range(runner.ATTEMPTS):
            assert jobs.run_due(app) == 1
            clock.shift(timedelta(hours=2))
        assert jobs.run_due(app) == 0
    assert waiting(app) == 1


def test_a_failing_job_holds_up_nobody(app: Flask, done: Deeds) -> None:
    with app.app_context():
        cause("fail")
        cause("unheard of")
        cause("note", n="1")
    assert jobs.run_due(app) == 3
    assert done == [{"n": "1"}]


def test_a_job_whose_runner_died_is_done_by_the_next_after_its_lease(app: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock, app.app_context():
        cause("note")
        assert runner._lease() is not None  # and the process is killed
        assert jobs.run_due(app) == 0
        clock.shift(runner.LEASE + timedelta(seconds=1))
        assert jobs.run_due(app) == 1
    assert done == [{}]


def test_several_runners_share_the_work_without_doing_any_twice(app: Flask, done: Deeds) -> None:
    with app.app_context():
        for n in range(24):
            cause("note", n=str(n))
    runners = [threading.Thread(target=jobs.run_due, args=(app,)) for _ in range(4)]
    for thread in runners:
        thread.start()
    for thread in runners:
        thread.join()
    assert sorted(int(note["n"]) for note in done) == list(range(24))
    assert waiting(app) == 0


def test_the_thread_works_at_once_and_stops_quickly(app: Flask, done: Deeds) -> None:
    jobs.start(app)
    try:
        time.sleep(0.1)  # it has looked once and is waiting
        with app.app_context():
            cause("note")
        deadline = time.monotonic() + 2
        while not done and time.monotonic() < deadline:
            time.sleep(0.01)
        assert done == [{}]
    finally:
        began = time.monotonic()
        jobs.stop()
        assert time.monotonic() - began < 0.5
        runner._stopping.clear()


def test_the_thread_outlives_a_database_that_is_away(app: Flask, done: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def broken(_app: Flask) -> int:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("the database is away")
        return 0

    monkeypatch.setattr(runner, "run_due", broken)
    monkeypatch.setattr(runner, "LOOK_EVERY", 0.01)
    jobs.start(app)
    deadline = time.monotonic() + 2
    while len(looks) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    jobs.stop()
    runner._stopping.clear()
    assert len(looks) >= 3
