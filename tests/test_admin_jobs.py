"""Administrators see later work, try again what failed, or drop it; nobody else finds the page."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import jobs
from app.extensions import db
from app.jobs import leases
from app.models import Job, User
from app.models.columns import now
from tests.conftest import Person
from tests.talk import at_once, twin

LETTER = {"name": "code", "to": "olena@example.com", "language": "uk", "code": "012345"}


@pytest.fixture
def admin(app: Flask, ann: Person) -> Person:
    """Ann, who looks after the instance."""
    with app.app_context():
        db.session.get_one(User, ann.user_id).is_admin = True
        db.session.commit()
    return ann


def put(app: Flask, kind: str = "letter", **facts: object) -> int:
    with app.app_context():
        job = Job(**{"kind": kind, "payload": LETTER, "run_at": now() + timedelta(hours=1)} | facts)
        db.session.add(job)
        db.session.commit()
        return job.id


def failed(app: Flask, **facts: object) -> int:
    error = "SMTPRecipientsRefused({'olena@example.com': (550, b'012345 no')})"
    return put(app, **{"attempts": 3, "last_error": error} | facts)


def rows(page: str) -> list[str]:
    return page.split('<article class="row job"')[1:]


def test_others_find_nothing_there(app: Flask, admin: Person, bob: Person, visitor: Person) -> None:
    job = failed(app)
    for method, address in (("GET", ""), ("POST", f"/{job}/retry"), ("POST", f"/{job}/delete")):
        assert bob.open(f"/admin/jobs{address}", method=method).status_code == 404
        assert visitor.open(f"/admin/jobs{address}", method=method).status_code == 303
    assert "/admin/jobs" not in bob.get("/settings").text
    assert 'href="/admin/jobs"' in admin.get("/settings").text


def test_without_work_the_page_says_so(admin: Person) -> None:
    page = admin.get("/admin/jobs").text
    assert "Everything is done." in page
    assert "Nothing has failed." in admin.get("/admin/jobs?show=failed").text


def test_each_state_is_told(app: Flask, admin: Person) -> None:
    put(app)
    put(app, leased_until=now() + timedelta(minutes=1), attempts=1)
    failed(app)
    put(app, "sweep", once="sweep", payload={})
    put(app, attempts=leases.ATTEMPTS, leased_until=now() - timedelta(minutes=1))
    page = admin.get("/admin/jobs").text
    given_up, repeated, failing, doing, waiting = rows(page)
    assert "Given up after 15 attempts" in given_up and "/delete" in given_up
    assert "done again and again" in repeated and "sweep" in repeated
    assert "Failed 3 times" in failing and "next attempt" in failing and "/retry" in failing and "/delete" in failing
    assert "Being done" in doing and "/retry" not in doing
    assert "Waits until" in waiting and "/delete" not in waiting
    assert "All of it · 5" in page and "Failed · 2" in page and "2 wait" in page and "1 is being done" in page
    assert len(rows(admin.get("/admin/jobs?show=failed").text)) == 2


def test_no_code_and_no_whole_address_is_shown(app: Flask, admin: Person) -> None:
    failed(app)
    page = admin.get("/admin/jobs").text
    assert "olena" not in page and "012345" not in page
    assert "code · uk · o…a@example.com" in page
    assert "SMTPRecipientsRefused" in page


def test_what_failed_is_tried_at_once(app: Flask, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str]] = []
    monkeypatch.setitem(app.extensions, "jobs", {"letter": sent.append})
    job = failed(app, attempts=leases.ATTEMPTS)
    assert jobs.run_due(app) == 0
    answer = admin.htmx("POST", f"/admin/jobs/{job}/retry")
    assert "It is being tried again." in answer.text and f'id="job-{job}"' in answer.text
    assert jobs.run_due(app) == 1
    assert sent == [LETTER]
    assert admin.post(f"/admin/jobs/{job}/retry").status_code == 404


def test_what_failed_is_dropped(app: Flask, admin: Person) -> None:
    job, other = failed(app), failed(app)
    answer = admin.post(f"/admin/jobs/{job}/delete")
    assert (answer.status_code, answer.location) == (303, "/admin/jobs")
    assert admin.htmx("POST", f"/admin/jobs/{job}/delete").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Job.id)).all() == [other]


def test_what_has_not_failed_is_let_alone(app: Flask, admin: Person) -> None:
    for job in (put(app), put(app, last_error="x", leased_until=now() + timedelta(minutes=1))):
        assert admin.post(f"/admin/jobs/{job}/retry").status_code == 404
        assert admin.post(f"/admin/jobs/{job}/delete").status_code == 404
    for junk in ("0", "999999999", "99999999999999999999", "x", "%00"):
        assert admin.post(f"/admin/jobs/{junk}/retry").status_code == 404


@pytest.mark.parametrize("what", [{"once": "sweep"}, {"kind": "bury_person"}, {"kind": "bury_album"}])
def test_what_nothing_else_would_see_to_is_not_dropped(app: Flask, admin: Person, what: dict[str, str]) -> None:
    job = failed(app, attempts=leases.ATTEMPTS, **what)
    [row] = rows(admin.get("/admin/jobs").text)
    assert "/retry" in row and "/delete" not in row
    assert admin.post(f"/admin/jobs/{job}/delete").status_code == 422
    assert admin.htmx("POST", f"/admin/jobs/{job}/retry").status_code == 200
    with app.app_context():
        assert db.session.get_one(Job, job).attempts == 0


def test_two_who_drop_it_at_once_drop_it_once(app: Flask, admin: Person) -> None:
    job = failed(app)
    answers: list[int] = []

    def drop(who: Person) -> None:
        answers.append(who.post(f"/admin/jobs/{job}/delete").status_code)

    other = twin(app, admin)
    at_once(lambda: drop(admin), lambda: drop(other))
    assert sorted(answers)[0] == 303 and sorted(answers)[1] in (303, 404, 422)
    with app.app_context():
        assert db.session.scalar(select(Job.id)) is None


def test_a_row_that_cannot_be_read_is_shown_without_what_it_says(app: Flask, admin: Person) -> None:
    job = failed(app, kind="<b>unheard of</b>", payload={})
    with app.app_context():
        junk = "{" if db.engine.dialect.name == "sqlite" else "[1]"
        db.session.execute(text("UPDATE jobs SET payload = :junk WHERE id = :job"), {"junk": junk, "job": job})
        db.session.commit()
    assert "&lt;b&gt;unheard of" in admin.get("/admin/jobs").text


def test_a_long_list_goes_on(app: Flask, admin: Person, queries: list[str]) -> None:
    ids = [failed(app) for _ in range(35)]
    queries.clear()
    page = admin.get("/admin/jobs?show=failed").text
    asked = len(queries)
    assert len(rows(page)) == 30
    assert f"/admin/jobs?before={ids[5]}&amp;show=failed" in page
    rest = admin.get(f"/admin/jobs?before={ids[5]}&show=failed").text
    assert len(rows(rest)) == 5
    for junk in ("x", "-1", "99999999999999999999"):
        assert len(rows(admin.get(f"/admin/jobs?before={junk}").text)) == 30
    with app.app_context():
        for job in db.session.scalars(select(Job).offset(3)):
            db.session.delete(job)
        db.session.commit()
    queries.clear()
    admin.get("/admin/jobs?show=failed")
    assert len(queries) == asked
