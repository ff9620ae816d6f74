"""Login sessions: recognised by a token the table does not hold, ended one by one."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.actions import sessions
from app.extensions import db
from app.live import bus
from app.models import LoginSession
from app.models.columns import now
from tests.conftest import Person, sign_in

DOOR = "/settings"


def rows(app: Flask) -> list[LoginSession]:
    with app.app_context():
        return list(db.session.scalars(select(LoginSession).order_by(LoginSession.id)))


def test_the_cookie_signs_in_and_the_table_does_not_hold_it(app: Flask, ann: Person) -> None:
    assert ann.get(DOOR).status_code == 200
    with ann.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert len(token) > 40
    assert rows(app)[0].token_hash != token
    assert token not in str(vars(rows(app)[0]))


def test_recognising_somebody_takes_one_query(ann: Person, queries: list[str]) -> None:
    ann.get("/welcome")
    assert len(queries) == 1


def test_a_visitor_costs_no_query_and_goes_to_the_login_page(visitor: Person, queries: list[str]) -> None:
    answer = visitor.get("/settings?tab=x")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/settings?tab%3Dx"
    assert queries == []


def test_htmx_takes_the_whole_page_to_the_login_and_back_to_where_it_was(visitor: Person) -> None:
    answer = visitor.open(
        "/logout", method="POST", headers={"HX-Request": "true", "Referer": "http://localhost/@ann?x=1"}
    )
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/login?next=/@ann?x%3D1"
    answer = visitor.open("/logout", method="POST", headers={"HX-Request": "true", "Referer": "http://evil.example/x"})
    assert answer.headers["HX-Redirect"] == "/login"


@pytest.mark.parametrize("junk", ["", "x", "0", "\x00", "й" * 2000])
def test_junk_in_the_cookie_is_a_visitor(ann: Person, junk: str) -> None:
    with ann.session_transaction() as cookie:
        cookie["_user_id"] = junk
    assert ann.get(DOOR).status_code == 303


def test_logging_out_ends_this_device_only_and_closes_its_tabs(
    app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    monkeypatch.setattr(bus.hub, "close_session", closed.append)
    phone = cast(Person, app.test_client())
    assert ann.user_id is not None
    sign_in(app, phone, ann.user_id)
    laptop_session = rows(app)[0].id
    with ann.session_transaction() as cookie:
        token = cookie["_user_id"]

    answer = ann.post("/logout")

    assert (answer.status_code, answer.location) == (303, "/login")
    assert closed == [laptop_session]
    assert ann.get(DOOR).status_code == 303
    assert phone.get(DOOR).status_code == 200
    with ann.session_transaction() as cookie:
        cookie["_user_id"] = token  # a stolen copy of the cookie is worth nothing now
    assert ann.get(DOOR).status_code == 303
    assert ann.post("/logout").location == "/login"


def test_eve_ends_nobodys_session_but_hers(app: Flask, ann: Person, eve: Person) -> None:
    eve.post("/logout")
    assert ann.get(DOOR).status_code == 200


def test_last_seen_is_written_every_ten_minutes_at_most(app: Flask, ann: Person, queries: list[str]) -> None:
    began = rows(app)[0].last_seen_at
    with time_machine.travel(began + timedelta(minutes=9), tick=False):
        assert "Set-Cookie" not in ann.get("/viewer.css").headers
    assert rows(app)[0].last_seen_at == began
    with time_machine.travel(began + timedelta(minutes=11), tick=False):
        assert "Set-Cookie" in ann.get("/viewer.css").headers
        queries.clear()
        ann.get("/welcome")
        assert len(queries) == 1
    assert rows(app)[0].last_seen_at == began + timedelta(minutes=11)


def test_a_session_unused_for_sixty_days_is_over_and_swept_at_the_next_sign_in(app: Flask, ann: Person) -> None:
    assert ann.user_id is not None
    with app.app_context():
        db.session.execute(update(LoginSession).values(last_seen_at=now() - timedelta(days=61)))
        db.session.commit()
    assert ann.get(DOOR).status_code == 303
    sign_in(app, ann, ann.user_id)
    assert ann.get(DOOR).status_code == 200
    assert len(rows(app)) == 1


def test_two_pages_opened_at_once_note_one_visit(app: Flask, ann: Person) -> None:
    [session] = rows(app)
    began = session.last_seen_at
    with app.app_context():
        for minutes in (11, 12):
            with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
                sessions.touch(session)
    assert rows(app)[0].last_seen_at == began + timedelta(minutes=11)


def test_ending_a_session_twice_is_no_error(app: Flask, ann: Person) -> None:
    with app.app_context():
        for _ in range(2):
            sessions.end(rows(app)[0].id if rows(app) else 1)
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_a_long_device_name_is_cut(app: Flask, join: Callable[..., Person]) -> None:
    join("zoe")
    zoe = app.test_client()
    zoe.post(
        "/login",
        data={"email": "zoe@example.com", "password": "correct horse battery"},
        headers={"User-Agent": "x" * 5000},
    )
    assert len(rows(app)[-1].device) == 300
