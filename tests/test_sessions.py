"""Login sessions: recognised by a token the table does not hold, shown to their owner, ended one by one."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
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
from tests.conftest import PASSWORD, Person, sign_in
from tests.test_friendships import at_once, twin

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


# Where somebody is signed in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def device(app: Flask, name: str = FIREFOX, address: str = "10.0.0.7") -> Person:
    """Return another browser in which ann signs in."""
    client = cast(Person, app.test_client())
    sent = {"email": "ann@example.com", "password": PASSWORD}
    answer = client.post("/login", data=sent, headers={"User-Agent": name}, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 303
    return client


def shown(person: Person) -> list[str]:
    """Return the rows of the list of devices, as they are read."""
    rows = re.findall(r'<div class="row device" id="device-\d+">.*?</div>', person.get(DOOR).text, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", row)).split()) for row in rows]


def test_people_see_where_they_are_signed_in_and_this_device_first(app: Flask, ann: Person, eve: Person) -> None:
    with time_machine.travel(now() - timedelta(hours=5)):
        device(app)
    with time_machine.travel(now() - timedelta(days=2)):
        device(app, "curl/8", "2001:db8::1")
    assert shown(ann) == [
        "Another device This device · 127.0.0.1",
        "Firefox on Linux 5 hours ago · 10.0.0.7 End : Firefox on Linux",
        "Another device 2 days ago · 2001:db8::1 End : Another device",
    ]
    assert len(shown(eve)) == 1


def test_a_device_is_ended_and_its_tabs_close(app: Flask, ann: Person, closed: list[int]) -> None:
    phone, tablet = device(app), device(app)
    first, second, third = (row.id for row in rows(app))
    answer = ann.post(f"/settings/sessions/{second}/delete")
    assert (answer.status_code, answer.location) == (303, "/settings#section-sessions")
    assert "The device is signed out." in ann.get(DOOR).text
    assert closed == [second]
    assert [one.get(DOOR).status_code for one in (ann, phone, tablet)] == [200, 303, 200]
    answer = ann.htmx("POST", f"/settings/sessions/{third}/delete")
    assert answer.text.count('id="device-') == 1 and 'id="section-sessions"' in answer.text
    assert [row.id for row in rows(app)] == [first]
    assert ann.post(f"/settings/sessions/{third}/delete").status_code == 404


def test_ending_this_device_is_logging_out(app: Flask, ann: Person, closed: list[int]) -> None:
    own = rows(app)[0].id
    assert ann.post(f"/settings/sessions/{own}/delete").location == "/login"
    assert closed == [own]
    assert ann.get(DOOR).status_code == 303


def test_all_others_are_ended_at_once(app: Flask, ann: Person, eve: Person, closed: list[int]) -> None:
    others = [device(app) for _ in range(3)]
    answer = ann.post("/settings/sessions/delete")
    assert (answer.status_code, answer.location) == (303, "/settings#section-sessions")
    assert len(closed) == 3
    assert [one.get(DOOR).status_code for one in (ann, eve, *others)] == [200, 200, 303, 303, 303]
    assert "End all others" not in ann.get(DOOR).text
    assert ann.htmx("POST", "/settings/sessions/delete").status_code == 200  # twice is once


@pytest.mark.parametrize("junk", ["0", "999999", "99999999999999999999", "x", "-1", "1%00"])
def test_what_is_not_ones_own_cannot_be_ended(
    app: Flask, ann: Person, eve: Person, closed: list[int], junk: str
) -> None:
    hers = rows(app)[0].id
    assert eve.post(f"/settings/sessions/{hers}/delete").status_code == 404
    assert eve.post(f"/settings/sessions/{junk}/delete").status_code == 404
    eve.post("/settings/sessions/delete")
    assert closed == []
    assert ann.get(DOOR).status_code == 200


def test_visitors_end_nothing(app: Flask, ann: Person, visitor: Person) -> None:
    assert visitor.post(f"/settings/sessions/{rows(app)[0].id}/delete").location.startswith("/login")
    assert visitor.post("/settings/sessions/delete").location.startswith("/login")
    assert ann.get(DOOR).status_code == 200


def test_of_many_devices_the_latest_are_shown_and_all_others_end(
    app: Flask, ann: Person, closed: list[int], queries: list[str]
) -> None:
    assert "Only those used last" not in ann.get(DOOR).text
    queries.clear()
    ann.get(DOOR)
    few = len(queries)
    with app.app_context():
        moments = [now() - timedelta(minutes=minute) for minute in range(40)]
        facts = {"user_id": ann.user_id, "device": FIREFOX, "address": "10.0.0.7"}
        db.session.add_all(
            LoginSession(token_hash=str(place), last_seen_at=moment, **facts) for place, moment in enumerate(moments)
        )
        db.session.commit()
    queries.clear()
    page = ann.get(DOOR).text
    assert len(queries) == few
    assert "Only those used last" in page
    assert len(shown(ann)) == 30
    assert "This device" in shown(ann)[0]
    ann.post("/settings/sessions/delete")
    assert len(closed) == 40
    assert len(rows(app)) == 1


def test_a_session_that_is_over_is_not_shown(app: Flask, ann: Person) -> None:
    with time_machine.travel(now() - timedelta(days=61)):
        device(app)
    assert len(rows(app)) == 2
    assert len(shown(ann)) == 1


def test_two_devices_that_end_each_other_at_once_do_no_harm(app: Flask, ann: Person, closed: list[int]) -> None:
    phone = device(app)
    at_once(
        lambda: ann.post("/settings/sessions/delete"),
        lambda: phone.post("/settings/sessions/delete"),
        lambda: twin(app, ann).post("/settings/sessions/delete"),
    )
    assert len(rows(app)) <= 1


def test_what_a_device_says_of_itself_is_shown_as_text(app: Flask, ann: Person) -> None:
    device(app, "<script>alert(1)</script> Firefox/1 Linux", "10.0.0.9")
    assert "<script>alert" not in ann.get(DOOR).text
