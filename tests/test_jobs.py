"""Work after the commit: at least once, later each time it fails, and never by two at once."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app import jobs
from app.actions import verb
from app.extensions import db
from app.jobs import leases, runner
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
        for _ in range(leases.ATTEMPTS):
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
        assert leases.take() is not None  # and the process is killed
        assert jobs.run_due(app) == 0
        clock.shift(leases.LEASE + timedelta(seconds=1))
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


def test_the_thread_outlives_a_database_that_is_away(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = [OperationalError("SELECT", None, Exception("connection refused")), OSError("something else")]
    looks = []

    def broken(_app: Flask) -> int:
        looks.append(1)
        if troubles:
            raise troubles.pop(0)
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
    told = [(line.getMessage(), bool(line.exc_info)) for line in caplog.records]
    assert told == [("looking for jobs: connection refused", False), ("looking for jobs", True)]


@pytest.fixture
def daily(app: Flask, done: Deeds, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with work to be done every day: a job called "note" and one called "fail"."""
    monkeypatch.setitem(app.extensions, "repeated_jobs", {"note": timedelta(days=1), "fail": timedelta(days=1)})
    return app


def test_what_is_repeated_is_done_at_first_and_then_from_time_to_time(daily: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        jobs.put_repeated(daily)
        jobs.run_due(daily)
        assert done == [{}]
        clock.shift(timedelta(hours=23, minutes=59))
        jobs.put_repeated(daily)  # as when the server is started again
        jobs.run_due(daily)
        assert done == [{}]
        clock.shift(timedelta(minutes=1))
        jobs.run_due(daily)
        assert done == [{}, {}]
    assert waiting(daily) == 2


def test_what_is_repeated_is_never_given_up(daily: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock, daily.app_context():
        jobs.put_repeated(daily)
        for _ in range(leases.ATTEMPTS + 40):
            assert jobs.run_due(daily)
            clock.shift(leases.LONGEST_DELAY)
        assert db.session.scalars(select(Job.attempts).filter_by(kind="fail")).one() == leases.ATTEMPTS + 40
        daily.extensions["jobs"]["fail"] = done.append
        jobs.run_due(daily)
        job = db.session.scalars(select(Job).filter_by(kind="fail")).one()
        assert (job.attempts, job.last_error, job.run_at) == (0, None, now() + timedelta(days=1))


def test_several_processes_make_one_row_of_what_is_repeated(daily: Flask) -> None:
    starters = [threading.Thread(target=jobs.put_repeated, args=(daily,)) for _ in range(6)]
    for thread in starters:
        thread.start()
    for thread in starters:
        thread.join()
    assert waiting(daily) == 2


def test_a_single_job_of_a_repeated_kind_is_done_once(daily: Flask, done: Deeds) -> None:
    with daily.app_context():
        cause("note", n="1")
    jobs.run_due(daily)
    assert done == [{"n": "1"}]
    assert waiting(daily) == 0


def test_a_lease_is_prolonged_while_its_job_takes_long(
    app: Flask, done: Deeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.3))
    others: list[int] = []

    def slow(_payload: dict[str, str]) -> None:
        time.sleep(0.5)
        others.append(jobs.run_due(app))
        time.sleep(0.5)
        others.append(jobs.run_due(app))

    monkeypatch.setitem(app.extensions["jobs"], "slow", slow)
    with app.app_context():
        cause("slow")
    assert jobs.run_due(app) == 1
    assert others == [0, 0]
    assert waiting(app) == 0


def test_who_lost_a_lease_leaves_the_work_of_the_next_alone(app: Flask, done: Deeds) -> None:
    with time_machine.travel(now(), tick=False) as clock, app.app_context():
        cause("note")
        lost = leases.take()
        assert lost is not None
        clock.shift(leases.LEASE + timedelta(seconds=1))
        found = leases.take()
        assert found is not None
        leases.put_back(lost, "too late")
        leases.finish(lost, again=None)
        leases.finish(lost, again=timedelta(days=1))
        assert not leases.prolong(lost)
        job = db.session.scalars(select(Job)).one()
        assert (job.attempts, job.last_error, job.leased_until) == (2, None, found.until)
        leases.finish(found, again=None)
    assert waiting(app) == 0


def test_a_row_that_cannot_be_read_holds_up_nobody(app: Flask, done: Deeds) -> None:
    with app.app_context():
        cause("note", n="1")
        cause("note", n="2")
        junk = "'{'" if db.engine.dialect.name == "sqlite" else "'[1]'"
        db.session.execute(text(f"UPDATE jobs SET payload = {junk} WHERE id = (SELECT min(id) FROM jobs)"))
        db.session.commit()
        app.extensions["jobs"]["note"] = lambda payload: done.append(dict(payload))
    assert jobs.run_due(app) == 2
    assert done == [{"n": "2"}]
    assert waiting(app) == 1


def test_what_a_failed_job_left_half_done_is_not_kept(app: Flask, done: Deeds) -> None:
    def half(_payload: dict[str, str]) -> None:
        db.session.add(Job(kind="ghost", payload={}, run_at=now()))
        raise ZeroDivisionError

    app.extensions["jobs"]["half"] = half
    with app.app_context():
        cause("half")
    jobs.run_due(app)
    with app.app_context():
        assert db.session.scalars(select(Job.kind)).all() == ["half"]
