"""Groups: who comes and goes, what the others are told, and what those outside are not."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import cast

import flask_migrate as migrate
import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import selectinload

from app import create_app, media
from app.actions import groups
from app.actions import members as members_of_groups
from app.errors import Refused
from app.extensions import db
from app.live import presence
from app.live.pushes import Push
from app.models import Chat, Friendship, Membership, Message, User
from app.models.columns import now
from app.queries.pictures import shown_keys
from app.schema import FOLDER, bring_up_to_date
from tests.conftest import PASSWORD_HASH, Person, database_url
from tests.photos import keys_in, photo
from tests.tabs import Elements
from tests.talk import (
    at_once,
    befriend,
    fill,
    fragment,
    gather,
    open_chat,
    pushed_html,
    read_seq,
    said_in,
    say,
    shown,
    twin,
    user,
)
from tests.test_chats import badge, rows

KEY, GONE = "a" * 32, "b" * 32
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def olena(app: Flask, ann: Person, join: Callable[..., Person]) -> Person:
    """Another friend of ann's, who is no friend of bob's."""
    olena = join("olena", "Олена", "Коваль")
    befriend(app, ann, olena)
    return olena


@pytest.fixture
def group(app: Flask, ann: Person, bob: Person, olena: Person) -> int:
    """A group of ann, who owns it, bob and olena."""
    befriend(app, ann, bob)
    return gather(app, ann, bob, olena)


def add(app: Flask, group: int, actor: Person, *people: Person) -> None:
    with app.test_request_context():
        members_of_groups.add(group, user(actor), [cast(int, one.user_id) for one in people])


def remove(app: Flask, group: int, actor: Person, person: Person) -> None:
    with app.test_request_context():
        members_of_groups.remove(group, user(actor), cast(int, person.user_id))


def members(app: Flask, group: int) -> dict[int, str]:
    """Return who is in a group and as what; what is kept of it in columns must agree."""
    with app.app_context():
        found = dict(
            db.session.execute(select(Membership.user_id, Membership.role).where(Membership.chat_id == group)).all()
        )
        assert db.session.get_one(Chat, group).member_count == len(found)
        return found


def version(app: Flask, group: int) -> int:
    with app.app_context():
        return db.session.get_one(Chat, group).members_version


def lines(html: str) -> list[str]:
    """Return the sentences of a log's system lines."""
    return [re.sub(r"\s*<.*", "", line).strip() for line in re.findall(r'<p class="event">(.*?)</p>', html, re.DOTALL)]


def crowd(app: Flask, group: int, count: int) -> None:
    """Let many people be in a group."""
    with app.app_context():
        first = max(db.session.scalars(select(User.id))) + 1
        people = range(first, first + count)
        db.session.execute(
            insert(User),
            [
                {
                    "id": one,
                    "email": f"{one}@example.com",
                    "password_hash": PASSWORD_HASH,
                    "first_name": "Many",
                    "username": f"many{one}",
                    "username_folded": f"many{one}",
                    "search_text": f"many {one}",
                }
                for one in people
            ],
        )
        db.session.execute(insert(Membership), [{"chat_id": group, "user_id": one} for one in people])
        chat = db.session.get_one(Chat, group)
        chat.member_count, chat.members_version = chat.member_count + count, chat.members_version + 1
        db.session.commit()


def test_a_group_begins_with_a_line(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    assert members(app, group) == {ann.user_id: "owner", bob.user_id: "member", olena.user_id: "member"}
    page = bob.get(f"/chats/{group}").text
    assert "<title>Hikers" in page and "3 members" in page and f'href="/chats/{group}/members"' in page
    assert re.search(rf'id="messages-{group}"[^>]* data-group', page)
    assert lines(page) == ["Ann Ivanenko created the group"]
    bob.post("/settings/language", data={"language": "uk"})
    assert lines(bob.get(f"/chats/{group}").text) == ["Ann Ivanenko створює групу"]
    for who, unread in ((ann, 0), (olena, 1)):
        html = who.get("/chats").text
        assert rows(html) == [group] and badge(html) == unread
        assert "Hikers" in html and "Ann Ivanenko created the group" in html


def test_its_making_is_shown_to_its_members(
    app: Flask, ann: Person, bob: Person, eve: Person, pushed: list[Push]
) -> None:
    befriend(app, ann, bob)
    chat = gather(app, ann, bob)
    line, preview, count, to_others, to_owner = pushed
    assert "2 members" in pushed_html(count) and (count.audience, count.revision) == ("watching", None)
    assert line.people == preview.people == {ann.user_id, bob.user_id}
    assert (line.audience, line.chat, line.revision) == ("watching", chat, 1)
    assert (to_others.people, to_owner.people) == ({bob.user_id}, {ann.user_id})
    assert "Unread messages: 1<" in pushed_html(to_others) and "Hikers" in pushed_html(to_others)
    assert 'class="row chat-row"' in pushed_html(to_owner)
    assert "Ann Ivanenko створює групу" in pushed_html(preview, "uk")


def test_only_friends_can_be_taken_in(app: Flask, ann: Person, bob: Person, eve: Person, olena: Person) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann, bob, ann, bob)
    with app.test_request_context():
        for name, ids, reason in (
            ("Hikers", [eve.user_id], "friends only"),
            ("Hikers", [bob.user_id, 999_999], "friends only"),
            ("", [bob.user_id], "name"),
            ("x" * 101, [bob.user_id], "100 characters"),
        ):
            with pytest.raises(Refused, match=reason):
                groups.create(user(ann), name, cast(list[int], ids))
        with pytest.raises(Refused, match="friends only"):
            members_of_groups.add(group, user(ann), cast(list[int], [olena.user_id, eve.user_id]))
        with pytest.raises(Refused, match="friends only"):
            members_of_groups.add(group, user(bob), [cast(int, olena.user_id)])  # ann's friend, not his
        with pytest.raises(Refused, match="any more") as reason:
            members_of_groups.add(group, user(eve), [cast(int, eve.user_id)])
        assert cast(Refused, reason.value).status == 404
    assert members(app, group) == {ann.user_id: "owner", bob.user_id: "member"}
    assert len(said_in(app, group)) == 1


def test_who_is_added_hears_of_the_group(
    app: Flask, ann: Person, bob: Person, olena: Person, eve: Person, pushed: list[Push]
) -> None:
    for friend in (bob, eve):
        befriend(app, ann, friend)
    group = gather(app, ann, bob)
    fill(app, group, bob, 5)
    before = version(app, group)
    pushed.clear()
    add(app, group, ann, olena, eve, bob)
    assert version(app, group) == before + 1
    assert [(line.seq, line.event, line.subject_id) for line in said_in(app, group)[6:]] == [
        (7, "added", olena.user_id),
        (8, "added", eve.user_id),
    ]
    everybody = {ann.user_id, bob.user_id, olena.user_id, eve.user_id}
    watching = [push for push in pushed if push.audience == "watching"]
    assert [(push.people, push.revision) for push in watching] == [(everybody, 7), (everybody, 8), (everybody, None)]
    (row,) = [push for push in pushed if push.people == {olena.user_id, eve.user_id}]
    assert f'id="chat-{group}"' in pushed_html(row) and "Unread messages: 2<" in pushed_html(row)
    assert (read_seq(app, group, olena), read_seq(app, group, bob), read_seq(app, group, ann)) == (6, 0, 1)
    assert badge(eve.get("/chats").text) == 2
    assert lines(eve.get(f"/chats/{group}").text)[-2:] == [
        "Ann Ivanenko added Олена Коваль",
        "Ann Ivanenko added Eve Outsider",
    ]
    pushed.clear()
    add(app, group, ann, olena)
    assert pushed == [] and version(app, group) == before + 1


def test_who_is_removed_hears_and_reads_nothing_more(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    said = say(ann, group, "For the three of us")
    (message,) = re.findall(r'id="message-(\d+)"', said)
    pushed.clear()
    remove(app, group, ann, bob)
    closed, counted, *others = pushed
    assert (closed.people, closed.chat, closed.audience) == ({bob.user_id}, None, "everyone")
    told = pushed_html(closed)
    assert f'id="composer-{group}"' in told and "You are not in this group any more." in told
    assert f'<i id="chat-{group}" hidden></i>' in told
    assert 'id="badge-chats" data-count="0"' in pushed_html(counted) and counted.people == {bob.user_id}
    assert "Ви більше не в цій групі." in pushed_html(closed, "uk")
    pushed.clear()
    say(ann, group, "For the two of us")
    add(app, group, ann, bob)
    remove(app, group, ann, bob)
    say(olena, group, "Indeed")
    to_bob = [push for push in [*others, *pushed] if bob.user_id in push.people]
    assert "Indeed" not in "".join(map(pushed_html, to_bob)) and "two of us" not in "".join(
        pushed_html(push) for push in to_bob if push.chat is None
    )
    assert [push.revision for push in to_bob if push.revision] == [5]  # that he was added again
    for path in ("", "/messages", "/members"):
        assert bob.get(f"/chats/{group}{path}").status_code == 404
    for path in ("messages", "read", "leave"):
        assert bob.post(f"/chats/{group}/{path}", data={"body": "Hi"}).status_code == 404
    for path in ("", "/delete"):
        assert bob.post(f"/messages/{message}{path}", data={"body": "Hi"}).status_code == 404
    page = bob.get("/chats").text
    assert rows(page) == [] and badge(page) == 0 and "three of us" not in page
    assert lines(ann.get(f"/chats/{group}").text)[-1] == "Ann Ivanenko removed Богдан Ґонта-Їжак"


def test_only_its_owner_removes_members(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    with pytest.raises(Refused, match="owner") as reason:
        remove(app, group, bob, olena)
    assert cast(Refused, reason.value).status == 403
    with pytest.raises(Refused, match="leave"):
        remove(app, group, ann, ann)
    remove(app, group, ann, bob)
    remove(app, group, ann, bob)
    assert len(members(app, group)) == 2 and len(said_in(app, group)) == 2


def test_an_owner_hands_over_before_leaving(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    refused = ann.htmx("POST", f"/chats/{group}/leave")
    assert refused.status_code == 422 and "Hand the group over" in refused.text
    assert "Choose the next owner" in ann.get(f"/chats/{group}/leave").text
    assert ann.post(f"/chats/{group}/members/{olena.user_id}/role", data={"role": "owner"}).status_code == 303
    assert members(app, group) == {ann.user_id: "admin", olena.user_id: "owner", bob.user_id: "member"}
    pushed.clear()
    answer = ann.post(f"/chats/{group}/leave")
    assert (answer.status_code, answer.location) == (303, "/chats")
    assert members(app, group) == {olena.user_id: "owner", bob.user_id: "member"}
    closed, _counted, line, *_rest = pushed
    assert closed.people == {ann.user_id} and ann.user_id not in line.people
    told = lines(bob.get(f"/chats/{group}").text)
    assert told[-2:] == ["Ann Ivanenko handed the group over to Олена Коваль", "Ann Ivanenko left the group"]
    assert ann.post(f"/chats/{group}/leave").status_code == 404


def test_all_members_talk_friends_or_not(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    pushed.clear()
    say(olena, group, "Hello everybody")
    _her_counts, message, _preview = pushed
    assert message.people == {ann.user_id, bob.user_id, olena.user_id}
    page = bob.get(f"/chats/{group}").text
    assert re.search(r'author-name" aria-hidden="true"><span class="others-only">Олена Коваль</span>', page)
    assert re.search(r'<span class="others-only">Олена:&nbsp;</span>\s*Hello everybody', page)
    assert lines(page) == ["Ann Ivanenko created the group"]


def test_a_direct_chat_is_no_group(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    chat = open_chat(ann, bob)
    assert len(members(app, chat)) == 2
    assert ann.get(f"/chats/{chat}/members").status_code == ann.post(f"/chats/{chat}/leave").status_code == 404
    with app.test_request_context():
        for deed in (
            lambda: members_of_groups.add(chat, user(ann), []),
            lambda: groups.leave(chat, user(ann)),
            lambda: members_of_groups.remove(chat, user(ann), cast(int, bob.user_id)),
        ):
            with pytest.raises(Refused, match="not a group"):
                deed()


@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_pushed_line_is_what_a_reloaded_page_shows(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push], language: str
) -> None:
    ann.post("/settings/language", data={"language": language})
    pushed.clear()
    for deed in (lambda: remove(app, group, ann, bob), lambda: add(app, group, ann, bob)):
        deed()
        (line,) = [push for push in pushed if push.revision]
        element = f"message-{said_in(app, group)[-1].id}"
        assert fragment(pushed_html(line, language), element) == fragment(ann.get(f"/chats/{group}").text, element)
        pushed.clear()


def test_lines_outlive_who_they_are_about(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    remove(app, group, ann, bob)
    with app.app_context():
        db.session.delete(db.session.get_one(User, bob.user_id))
        db.session.commit()
    assert lines(olena.get(f"/chats/{group}").text)[-1] == "Ann Ivanenko removed Deleted user"


def test_everything_at_once_leaves_no_gap(
    app: Flask, ann: Person, bob: Person, olena: Person, eve: Person, group: int
) -> None:
    befriend(app, ann, eve)

    def talk(who: Person) -> None:
        for _ in range(6):
            say(who, group)

    def come_and_go() -> None:
        for _ in range(3):
            add(app, group, ann, eve)
            remove(app, group, ann, eve)

    browsers = [twin(app, who) for who in (ann, bob, olena)]
    at_once(*(lambda who=who: talk(who) for who in browsers), come_and_go)
    assert [(one.seq, one.revision) for one in said_in(app, group)] == [(n, n) for n in range(1, 26)]
    assert len(members(app, group)) == 3


def test_what_did_not_come_to_be_is_not_remembered(
    app: Flask,
    ann: Person,
    bob: Person,
    olena: Person,
    eve: Person,
    group: int,
    pushed: list[Push],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    befriend(app, ann, eve)
    with monkeypatch.context() as broken:
        broken.setattr(members_of_groups, "show_row", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add(app, group, ann, eve)
    pushed.clear()
    remove(app, group, ann, olena)  # takes the version that eve would have had
    say(ann, group)
    assert pushed[-2].people == {ann.user_id, bob.user_id}


def test_a_word_to_a_thousand_costs_as_much_as_to_three(
    app: Flask, ann: Person, bob: Person, group: int, queries: list[str], pushed: list[Push]
) -> None:
    costs = []
    for more in (1, 996):
        crowd(app, group, more)
        for _ in range(2):  # the first one after a change reads who is there
            say(ann, group)
            queries.clear()
        say(bob, group)
        costs.append(len(queries))
        assert len(pushed[-2].people) in (4, 1000)
        say(bob, group)
        assert not [statement for statement in queries if re.search(r"SELECT memberships.user_id *\n?FROM", statement)]
    assert costs[0] == costs[1] <= 20


def test_a_large_groups_pages_cost_no_more_queries(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, queries: list[str]
) -> None:
    costs = []
    for more in (1, 500):
        crowd(app, group, more)
        for number in range(2 + more // 25):
            say((ann, bob, olena)[number % 3], group)
        add_again(app, group, ann, bob, times=1 + more // 100)
        for path in (f"/chats/{group}", f"/chats/{group}/members", "/chats"):
            ann.get(path)
            queries.clear()
            assert ann.get(path).status_code == 200
            costs.append(len(queries))
    assert costs[:3] == costs[3:] and max(costs) <= 13


def add_again(app: Flask, group: int, owner: Person, person: Person, times: int) -> None:
    for _ in range(times):
        remove(app, group, owner, person)
        add(app, group, owner, person)


def test_members_are_listed_once_each(
    app: Flask, ann: Person, bob: Person, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(app, group, 120)
    monkeypatch.setattr(presence, "online", lambda people: {bob.user_id} & set(people))
    listed, path = [], f"/chats/{group}/members"
    while path:
        html = bob.get(path).text
        assert "123 members" in html and f'id="online-{group}">1 online' in html
        listed += [int(one) for one in re.findall(r'id="member-(\d+)"', html)]
        more = re.search(r'href="(/chats/\d+/members\?[^"]+)"', html)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(listed) == len(set(listed)) == 123 and listed[0] == ann.user_id
    first = bob.get(f"/chats/{group}/members").text
    assert first.count("<span>Owner</span>") == 1
    assert "@ann" in first
    assert f'id="online-{group}">2 online' in ann.get(f"/chats/{group}").text  # she, and bob
    for junk in ("?name=x", "?id=x", "?name=&id=1", f"?name=x&id={'9' * 30}"):
        assert bob.get(f"/chats/{group}/members{junk}").status_code == 200


def test_who_is_online_has_a_dot(app: Flask, bob: Person, ann: Person, group: int) -> None:
    html = bob.get(f"/chats/{group}/members").text
    mine, anns = (re.search(rf'id="member-{one.user_id}".*?</a>', html, re.DOTALL) for one in (bob, ann))
    assert mine and anns and "data-online" in mine[0] and "data-online" not in anns[0]


def test_the_photo_is_for_members(app: Flask, ann: Person, bob: Person, eve: Person, group: int) -> None:
    with app.app_context():
        media.store().put(f"{KEY}/320", b"bytes of a picture")
        db.session.get_one(Chat, group).photo_key = KEY
        db.session.commit()
    address = f"/chats/{group}/photo/{KEY}"
    for page in (f"/chats/{group}", "/chats", f"/chats/{group}/members"):
        assert f'src="{address}"' in bob.get(page).text
    answer = bob.get(address)
    assert (answer.data, answer.mimetype) == (b"bytes of a picture", "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]
    assert eve.get(address).status_code == 404
    assert bob.get(f"/chats/{group}/photo/other").status_code == 404
    with app.app_context():
        db.session.get_one(Chat, group).photo_key = GONE
        db.session.commit()
    assert bob.get(f"/chats/{group}/photo/{GONE}").status_code == 404


def test_lines_count_and_are_replayed(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    from app.queries.chats import chat_for
    from app.queries.messages import messages_changed_after

    assert badge(olena.get("/chats").text) == 1
    add_again(app, group, ann, bob, times=2)
    assert badge(olena.get("/chats").text) == 5
    assert shown(olena.get(f"/chats/{group}").text) == [1, 2, 3, 4, 5]
    assert badge(olena.get("/chats").text) == 0 and badge(ann.get("/chats").text) == 0
    with app.app_context():
        row = chat_for(user(olena), group)
        assert row
        assert [one.event for one in messages_changed_after(user(olena), row.chat, 3) or []] == ["removed", "added"]


def test_a_group_goes_with_its_last_member(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    group = gather(app, ann)
    say(ann, group, "Alone")
    answer = ann.post(f"/chats/{group}/leave")
    assert (answer.status_code, answer.location) == (303, "/chats")
    assert said_in(app, group) == []
    assert ann.get(f"/chats/{group}").status_code == 404


def test_what_a_group_tells_cannot_be_changed(app: Flask, ann: Person, group: int) -> None:
    (line,) = said_in(app, group)
    for path in ("", "/delete"):
        answer = ann.htmx("POST", f"/messages/{line.id}{path}", data={"body": "Words"})
        assert answer.status_code == 422 and "cannot be changed" in answer.text
    assert lines(ann.get(f"/chats/{group}").text) == ["Ann Ivanenko created the group"]


def test_members_of_a_number_used_again_are_read_anew(
    app: Flask, ann: Person, bob: Person, olena: Person, pushed: list[Push]
) -> None:
    """SQLite gives the number of a deleted chat to the next one, whose versions begin again."""
    befriend(app, ann, bob)
    for one, other in ((bob, olena), (olena, bob)):
        with app.app_context():
            for model in (Message, Membership, Chat):
                db.session.query(model).delete()
            db.session.commit()
        group = gather(app, ann, one)
        say(ann, group)
        assert pushed[-1].people == {ann.user_id, one.user_id}
        assert other.get(f"/chats/{group}").status_code == 404


def test_chats_of_the_first_version_stay_whole(tmp_path: Path, worker_id: str) -> None:
    """SQLite changes a table by making it anew; what hangs on the old rows must not go with them."""
    old = create_app({"SQLALCHEMY_DATABASE_URI": database_url(tmp_path, f"{worker_id}_old")})
    tables = ("users", "chats", "memberships", "messages", "pictures")
    with old.app_context():
        migrate.upgrade(directory=str(FOLDER), revision="0001")
        with db.engine.begin() as connection:
            for statement in FIRST_VERSION:
                connection.execute(text(statement), {"now": now(), "no": False})
    bring_up_to_date(old)
    with old.app_context():
        with db.engine.connect() as connection:
            assert [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables] == [2, 1, 2, 2, 2]
        chat = db.session.scalars(select(Chat)).one()
        assert (chat.kind, chat.name, chat.member_count, chat.members_version, chat.last_seq) == (
            "direct",
            None,
            0,
            0,
            2,
        )
        first, second = db.session.scalars(
            select(Message).options(selectinload(Message.pictures)).order_by(Message.seq)
        )
        assert (first.body, first.face, first.subject_id, first.pictures) == ("Hello", "said", None, [])
        assert [picture.id for picture in second.pictures] == [1]
        assert set(db.session.scalars(select(Membership.role))) == {"member"}
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM messages WHERE id = 2"))
            assert connection.scalar(text("SELECT count(*) FROM pictures")) == 1  # they hang on messages still
        db.engine.dispose()


FIRST_VERSION = (
    *(
        "INSERT INTO users (id, email, password_hash, first_name, last_name, search_text, language, theme, is_admin,"
        f" created_at, post_count, reader_count, friend_count) VALUES ({one}, '{one}@example.com', '', '', '', '',"
        " 'en', 'system', :no, :now, 0, 0, 0)"
        for one in (1, 2)
    ),
    "INSERT INTO chats (id, kind, low_id, high_id, last_seq, last_revision, last_message_at, created_at)"
    " VALUES (1, 'direct', 1, 2, 2, 2, :now, :now)",
    "INSERT INTO memberships (chat_id, user_id, read_seq, joined_at) VALUES (1, 1, 2, :now), (1, 2, 0, :now)",
    "INSERT INTO messages (id, chat_id, seq, revision, author_id, client_id, body, sent_at)"
    " VALUES (1, 1, 1, 1, 1, 'a', 'Hello', :now), (2, 1, 2, 2, 2, 'b', '', :now)",
    "INSERT INTO pictures (id, key, owner_id, message_id, position, width, height, colour, size, created_at)"
    " VALUES (1, 'k', 2, 2, 0, 1, 1, '#000000', 1, :now), (2, 'k', 2, NULL, 0, 1, 1, '#000000', 1, :now)",
)


def make(who: Person, **data: object) -> int:
    """Make a group through the door, and return its chat."""
    answer = who.post("/chats", data=data)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_a_group_is_made_of_friends(app: Flask, ann: Person, bob: Person, olena: Person) -> None:
    befriend(app, ann, bob)
    page = ann.get("/chats/new").text
    assert page.count('name="member_ids" value=') == 2
    data = {"name": "  Похід  на\tвихідні ", "description": "Up! https://example.com", "member_ids": [bob.user_id]}
    first, second = make(ann, **data), make(ann, **data)
    assert first != second and members(app, first) == {ann.user_id: "owner", bob.user_id: "member"}
    page = bob.get(f"/chats/{first}/members").text
    assert "Похід на вихідні" in page and 'href="https://example.com"' in page and ">ПН</span>" in page


def test_without_a_script_who_is_searched_for_and_chosen_is_kept(
    app: Flask, ann: Person, bob: Person, olena: Person
) -> None:
    befriend(app, ann, bob)
    page = ann.get(f"/chats/new?q=оле&member_ids={bob.user_id}&name=Hikers&description=Up").text
    picked = re.findall(r'name="member_ids" value="(\d+)"( checked)?', page)
    assert picked == [(f"{bob.user_id}", " checked"), (f"{olena.user_id}", "")]
    assert 'value="Hikers"' in page and ">Up</textarea>" in page and 'value="оле"' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Give the group a name."),
        ({"name": "x" * 101}, "Use 100 characters at most."),
        ({"description": "x" * 501}, "Use 500 characters at most."),
        ({"member_ids": ["999"]}, "You can add your friends only."),
        ({"avatar": "broken"}, "is not a picture we can read"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    app: Flask, ann: Person, bob: Person, changes: dict[str, object], sentence: str
) -> None:
    befriend(app, ann, bob)
    data: dict[str, object] = {"name": "Hikers", "description": "Up!", "member_ids": [str(bob.user_id)]}
    ids = [*cast(list[str], data["member_ids"]), *cast(list[str], changes.get("member_ids", []))]
    sent = {**data, **changes, "member_ids": ids}
    if "avatar" in changes:
        sent["avatar"] = (BytesIO(b"no picture"), "broken.png")
    for answer in (ann.htmx("POST", "/chats", data=dict(sent)), None):
        if answer is None:
            if "avatar" in changes:
                sent["avatar"] = (BytesIO(b"no picture"), "broken.png")
            answer = ann.post("/chats", data=sent)
            assert "<html" in answer.text
        assert answer.status_code == 422 and sentence in answer.text
        assert f'name="member_ids" value="{bob.user_id}" checked' in answer.text
        assert (
            f'value="{str(sent["name"]).strip()}"' in answer.text
            and f">{sent['description']}</textarea>" in answer.text
        )
    with app.app_context():
        assert db.session.scalars(select(Chat)).all() == []


def test_who_leads_changes_its_face(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    assert bob.post(f"/chats/{group}", data={"name": "Mine"}).status_code == 403
    pushed.clear()
    data = {"name": "Climbers 🏔", "description": "Up!", "avatar": (photo("teal"), "teal.png")}
    assert ann.post(f"/chats/{group}", data=data).location == f"/chats/{group}"
    page = bob.get(f"/chats/{group}").text
    told = ["Ann Ivanenko renamed the group to “Climbers 🏔”", "Ann Ivanenko changed the description"]
    assert lines(page)[-3:] == [*told, "Ann Ivanenko changed the photo"]
    (key,) = set(re.findall(rf"/chats/{group}/photo/([0-9a-f]+)", page))
    assert bob.get(f"/chats/{group}/photo/{key}").status_code == 200
    faces = [
        push for push in pushed if f"group-avatar-m-{group}" in pushed_html(push) and "article" not in pushed_html(push)
    ]
    for wanted in (f"group-avatar-m-{group}", f"group-name-{group}"):
        assert element(pushed_html(faces[-1]), wanted) == element(page, wanted)
    about = bob.get(f"/chats/{group}/members").text
    for wanted in (f"group-avatar-xl-{group}", f"group-description-{group}"):
        assert element(pushed_html(faces[-1]), wanted) == element(about, wanted)
    kept = ann.post(f"/chats/{group}", data={"name": "Climbers 🏔", "description": "Up!"})
    assert kept.status_code == 303 and len(lines(bob.get(f"/chats/{group}").text)) == 4  # nothing has changed
    ann.post(f"/chats/{group}", data={"name": "Climbers 🏔", "description": "Up!", "remove_avatar": "1"})
    assert bob.get(f"/chats/{group}/photo/{key}").status_code == 404
    with app.app_context():
        assert shown_keys([key]) == set()


def test_roles(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    def role(who: Person, whom: Person, role: str) -> int:
        return who.htmx("POST", f"/chats/{group}/members/{whom.user_id}/role", data={"role": role}).status_code

    def sent_out(who: Person, whom: Person) -> int:
        return who.htmx("POST", f"/chats/{group}/members/{whom.user_id}/delete").status_code

    assert (role(bob, olena, "admin"), sent_out(bob, olena)) == (403, 403)
    assert role(ann, bob, "admin") == 204 and role(ann, bob, "junk") == 204
    assert members(app, group)[bob.user_id] == "admin"
    assert (role(bob, olena, "admin"), role(bob, bob, "owner"), sent_out(bob, ann)) == (403, 403, 403)
    assert "Make an admin" not in bob.get(f"/chats/{group}/members/{olena.user_id}").text
    assert "Remove from the group" in bob.get(f"/chats/{group}/members/{olena.user_id}").text
    assert role(ann, olena, "admin") == 204 and sent_out(bob, olena) == 403
    assert role(ann, olena, "member") == 204 and sent_out(bob, olena) == 204
    told = lines(ann.get(f"/chats/{group}").text)
    assert told[-3:] == [
        "Ann Ivanenko made Олена Коваль an admin",
        "Олена Коваль is no longer an admin (Ann Ivanenko)",
        "Богдан Ґонта-Їжак removed Олена Коваль",
    ]
    assert olena.get(f"/chats/{group}").status_code == 404


def test_only_one_of_two_owners_at_once(app: Flask, ann: Person, bob: Person, olena: Person, group: int) -> None:
    browsers = [(twin(app, ann), person.user_id) for person in (bob, olena)]
    at_once(
        *(
            lambda who=who, whom=whom: who.post(f"/chats/{group}/members/{whom}/role", data={"role": "owner"})  # type: ignore[misc]
            for who, whom in browsers
        )
    )
    assert sorted(members(app, group).values()) == ["admin", "member", "owner"]


def test_a_group_is_deleted_with_all_that_was_said(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    say(ann, group, "Look", images=[(photo("teal"), "teal.png")])
    (key,) = keys_in(bob.get(f"/chats/{group}").text)
    assert ann.get(f"/chats/{group}/leave").status_code == 200
    assert bob.post(f"/chats/{group}/delete").status_code == 403
    pushed.clear()
    assert ann.post(f"/chats/{group}/delete").location == "/chats"
    push, *counts = pushed
    assert push.people == {ann.user_id, bob.user_id, olena.user_id}
    assert {min(one.people): 'data-count="0"' in pushed_html(one) for one in counts} == dict.fromkeys(push.people, True)
    assert f'id="composer-{group}" data-closed' in pushed_html(push) and f'<i id="chat-{group}"' in pushed_html(push)
    for person in (ann, bob, olena):
        assert person.get(f"/chats/{group}").status_code == 404 and rows(person.get("/chats").text) == []
        assert person.get(f"/media/{key}/320").status_code == 404
    with app.app_context():
        assert shown_keys([key]) == set()


def element(html: str, wanted: str) -> str:
    return next(source for key, source, _ in Elements(html).found if key == wanted)


def test_who_was_banned_is_not_taken_in_again_until_the_ban_is_lifted(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int, pushed: list[Push]
) -> None:
    befriend(app, bob, olena)
    path = f"/chats/{group}/members/{olena.user_id}/delete"
    assert bob.htmx("POST", path, data={"ban": "1"}).status_code == 403
    pushed.clear()
    ann.post(path, data={"ban": "1"})
    assert lines(bob.get(f"/chats/{group}").text)[-1] == "Ann Ivanenko removed and banned Олена Коваль"
    assert all(olena.user_id not in push.people for push in pushed if "article" in pushed_html(push))
    for actor in (ann, bob):
        answer = actor.post(f"/chats/{group}/members", data={"member_ids": [olena.user_id]})
        assert answer.status_code == 422 and "Олена Коваль was banned from this group" in answer.text
    assert "Олена Коваль" in ann.get(f"/chats/{group}/bans").text
    assert bob.post(f"/chats/{group}/bans/{olena.user_id}/delete").status_code == 403
    for _ in range(2):
        assert ann.post(f"/chats/{group}/bans/{olena.user_id}/delete").location == f"/chats/{group}/bans"
    bob.post(f"/chats/{group}/members", data={"member_ids": [olena.user_id]})
    assert olena.user_id in members(app, group)


def test_who_left_before_they_were_banned_is_banned(
    app: Flask, ann: Person, bob: Person, olena: Person, group: int
) -> None:
    olena.post(f"/chats/{group}/leave")
    ann.post(f"/chats/{group}/members/{olena.user_id}/delete", data={"ban": "1"})
    assert ann.post(f"/chats/{group}/members", data={"member_ids": [olena.user_id]}).status_code == 422


def test_who_is_there_already_is_not_offered(ann: Person, bob: Person, olena: Person, group: int) -> None:
    assert "Олена" not in ann.htmx("GET", f"/chats/friends?group={group}&q=ол").text
    assert "Олена" in ann.htmx("GET", "/chats/friends?q=ол").text
    assert "friend-choices" in (page := ann.get(f"/chats/{group}/members/new").text)
    assert "Коваль" not in page[page.index('id="friend-choices"') :].split("</form>")[0]


def test_many_who_are_added_together_are_told_in_one_line(
    app: Flask, ann: Person, group: int, join: Callable[..., Person], pushed: list[Push]
) -> None:
    crowd(app, gather(app, ann, name="Elsewhere"), 40)
    with app.app_context():
        ids = list(db.session.scalars(select(User.id).where(User.first_name == "Many")))
        low_high = [sorted((cast(int, ann.user_id), one)) for one in ids]
        friends = [
            {"low_id": low, "high_id": high, "requester_id": low, "requested_at": now(), "accepted_at": now()}
            for low, high in low_high
        ]
        db.session.execute(insert(Friendship), friends)
        db.session.commit()
    pushed.clear()
    ann.post(f"/chats/{group}/members", data={"member_ids": ids})
    assert lines(ann.get(f"/chats/{group}").text)[-1] == "Ann Ivanenko added 40 people"
    assert len(members(app, group)) == 43 and len(pushed) < 6


def test_leaving_twice_at_once_is_leaving_once(app: Flask, ann: Person, bob: Person) -> None:
    befriend(app, ann, bob)
    for _ in range(5):
        group = gather(app, ann, bob)
        leave = lambda who: lambda: who.post(f"/chats/{group}/leave")  # noqa: B023, E731 -- called within this turn
        at_once(leave(twin(app, bob)), leave(twin(app, bob)), lambda: remove_if_there(app, group, ann, bob))  # noqa: B023
        assert members(app, group) == {ann.user_id: "owner"}
        assert [line.event for line in said_in(app, group)][1:] in (["left"], ["removed"])


def remove_if_there(app: Flask, group: int, actor: Person, person: Person) -> None:
    twin(app, actor).post(f"/chats/{group}/members/{person.user_id}/delete")


def test_as_many_as_a_form_can_hold(app: Flask, ann: Person) -> None:
    strangers = {"name": "Hikers", "member_ids": [str(number) for number in range(10_000, 11_001)]}
    answer = ann.post("/chats", data=strangers, content_type="multipart/form-data")
    assert answer.status_code == 422 and "1000 people at most" in answer.text
    strangers["member_ids"] = strangers["member_ids"][:999]
    answer = ann.post("/chats", data=strangers, content_type="multipart/form-data")
    assert answer.status_code == 422 and "friends only" in answer.text
