"""What is found by words: all that one may see, nothing else, alike on both databases, and at a price that is known."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, Table, event, select, text, update
from sqlalchemy import cast as as_type

from app.actions import indexing, messages, posts, tags, users
from app.actions.posts import Draft
from app.extensions import db
from app.models import Block, Chat, Friendship, Message, Picture, Post, PostTag, Tag, User
from app.models.columns import now
from app.models.words import INDEX, WORDS
from app.queries import search
from app.text import clean
from app.words import asked
from tests.conftest import Person
from tests.talk import gather, said_in, say, user
from tests.test_friendships import at_once, twin
from tests.test_posts import publish

Index = dict[str, dict[int, set[str]]]


def ids(html: str, kind: str) -> list[int]:
    """Return the ids of what a page or fragment shows as found, in its order."""
    return [int(number) for number in re.findall(rf'id="found-{kind}-(\d+)"', html)]


def found(who: Person, q: str, kind: str = "post", **more: object) -> list[int]:
    answer = who.get("/search", query_string={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return ids(answer.text, kind)


def everything(who: Person, q: str) -> str:
    """Return all that somebody is shown for some words, by every door."""
    addresses = [("/search", {}), ("/search/suggestions", {})]
    addresses += [("/search", {"kind": kind}) for kind in ("people", "posts", "tags", "messages")]
    return "".join(who.get(path, query_string={"q": q, **more}).text for path, more in addresses)


def index() -> Index:
    """Return the words of everything as they are stored."""
    stored: Index = {}
    for model in WORDS:
        table = cast(Table, model.__table__)
        rows = db.session.execute(select(next(iter(table.primary_key)), as_type(table.c.words, String)))
        stored[table.name] = {number: set(words.replace("'", "").split()) for number, words in rows}
    return stored


def is_whole(app: Flask) -> bool:
    """Tell whether the index is what a fresh one would be, and SQLite's own is in step with it."""
    with app.app_context():
        before = index()
        if db.engine.dialect.name == "sqlite":
            for model in WORDS:
                name = f"{model.__tablename__}{INDEX}"
                db.session.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"))
            db.session.commit()
        indexing.reindex()
        return index() == before


def test_everything_is_found_in_one_box(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    post = publish(bob, "Кішки на підвіконні", body="Сплять", tags="кішка, коти")
    say(ann, chat, "Погодуй кішку!")
    with app.app_context():
        who = user(bob)
        users.describe(who, bio="Люблю кішок")
        tag = db.session.scalars(select(Tag.id).where(Tag.name == "кішка")).one()
    message = said_in(app, chat)[-1]
    html = ann.get("/search?q=кішкою").text
    assert ids(html, "person") == [bob.user_id] and ids(html, "post") == [post]
    assert ids(html, "tag") == [tag] and ids(html, "message") == [message.id]
    assert f'href="/chats/{chat}?at={message.seq}#message-{message.id}"' in html
    assert "<mark>Кішки</mark> на підвіконні" in html and "Погодуй <mark>кішку</mark>!" in html
    suggested = ann.get("/search/suggestions?q=кішк").text
    assert [len(ids(suggested, kind)) for kind in ("person", "post", "tag", "message")] == [1, 1, 1, 1]
    assert 'href="/search?q=%D0%BA%D1%96%D1%88%D0%BA"' in suggested


def test_what_somebody_no_longer_tells_finds_them_no_more(app: Flask, ann: Person, bob: Person) -> None:
    names = {"first_name": "Bob", "last_name": "Marsh", "username": "bob"}
    for bio, found in (("bees", "bees"), ("wasps", "wasps"), ("", None)):
        at_once(*(partial(twin(app, bob).post, "/settings/profile", data={**names, "bio": bio}) for _ in range(3)))
        for word in ("bees", "wasps"):
            assert ids(ann.get(f"/search?q={word}").text, "person") == ([bob.user_id] if word == found else [])


def test_a_cursor_tells_nothing_about_whom_one_may_not_see(
    app: Flask, join: Callable[..., Person], ann: Person
) -> None:
    one, other, hidden = join("one", "Mary"), join("other", "Mary"), join("hidden", "Mary")
    assert other.user_id in ids(ann.get(f"/search?q=mary&kind=people&after={one.user_id}").text, "person")
    with app.app_context():
        db.session.add(Block(blocker_id=hidden.user_id, blocked_id=ann.user_id))
        db.session.commit()
    texts = [ann.get(f"/search?q=mary&kind=people&after={cursor}").text for cursor in (hidden.user_id, 99_999)]
    assert ids(texts[0], "person") == ids(texts[1], "person")


def test_a_post_is_found_by_its_title_topic_tags_and_pictures(app: Flask, ann: Person) -> None:
    post = publish(ann, "Сад", topic="Городництво", body="Слова", tags="calm яблука")
    with app.app_context():
        picture = Picture(key="1", owner_id=ann.user_id, **SHAPE)
        db.session.add(picture)
        db.session.commit()
        shown = ((picture.id, "Драбина біля стіни"),)
        draft = Draft("Сад", "Городництво", "Слова **важливі**", ("calm", "яблука"), pictures=shown)
        posts.edit(db.session.get_one(Post, post), user(ann), draft)
    for words in ("саду", "городництвом", "слово", "яблуко", "calm", "спокій", "драбину"):
        assert found(ann, words) == [post], words
    assert "<mark>Драбина</mark> біля стіни" in ann.get("/search?q=драбина").text
    assert "Слова <mark>важливі</mark></span>" in ann.get("/search?q=важливі").text, "without the signs of their look"


SHAPE = {"width": 1, "height": 1, "colour": "#000000", "size": 1}


def test_what_is_changed_is_found_by_what_it_says_now(app: Flask, ann: Person, chat: int) -> None:
    post = publish(ann, "Bees", body="honey")
    say(ann, chat, "honey too")
    message = said_in(app, chat)[-1].id
    assert found(ann, "honey") == [post] and found(ann, "honey", "message") == [message]
    ann.post(f"/posts/{post}", data={"title": "Wasps", "body": "stings"})
    ann.post(f"/messages/{message}", data={"body": "stings too"})
    assert found(ann, "honey") == [] == found(ann, "honey", "message")
    assert found(ann, "sting") == [post] and found(ann, "sting", "message") == [message]
    ann.post(f"/posts/{post}/delete")
    ann.post(f"/messages/{message}/delete")
    assert found(ann, "sting") == [] == found(ann, "sting", "message")
    ann.post(f"/posts/{post}/restore")
    assert found(ann, "sting") == [post] and is_whole(app)


def test_the_index_is_after_every_verb_what_a_fresh_one_would_be(
    app: Flask, ann: Person, bob: Person, chat: int
) -> None:
    first, second = publish(ann, "First", body="b", tags="one two"), publish(bob, "Second", body="b", tags="two three")
    assert is_whole(app)
    for body in ("Перше слово", "", "🎂", "...", "a" * 4000):
        ann.htmx("POST", f"/chats/{chat}/messages", data={"body": body})
        assert is_whole(app), body
    said = said_in(app, chat)
    deeds: tuple[tuple[Person, str, dict[str, str]], ...] = (
        (ann, f"/messages/{said[0].id}", {"body": "Інше слово"}),
        (ann, f"/messages/{said[1].id}", {"body": "!"}),
        (ann, f"/messages/{said[0].id}/delete", {}),
        (bob, f"/messages/{said[2].id}/hide", {}),
        (ann, f"/posts/{first}", {"title": "Changed", "body": "b", "tags": "four"}),
        (ann, f"/posts/{first}/delete", {}),
        (ann, f"/posts/{first}/restore", {}),
        (bob, f"/posts/{second}/delete", {}),
        (ann, "/settings/profile", {"first_name": "Нове", "last_name": "Ім'я", "username": "other.name"}),
    )
    for who, path, sent in deeds:
        assert who.post(path, data=sent).status_code == 303, path
        assert is_whole(app), path
    with app.app_context():
        db.session.execute(update(Post).where(Post.id == second).values(deleted_at=now() - timedelta(hours=1)))
        db.session.commit()
        posts.bury({"post_id": str(second)})
        assert second not in index()["post_words"]
    assert is_whole(app)
    with app.test_request_context():
        leader = user(ann)
        leader.is_admin = True
        for former, name in (("three", "drei"), ("drei", "four")):  # renamed, then merged
            tag = db.session.scalars(select(Tag).where(Tag.name == former)).one()
            tags.rename(tag, name, leader, into=name)
    assert is_whole(app)
    group = gather(app, ann, bob)
    say(bob, group, "Goodbye")
    ann.post(f"/chats/{group}/delete")
    assert is_whole(app)


def test_what_is_taken_back_is_not_found(app: Flask, ann: Person, chat: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb that fails after it has written the words leaves neither the thing nor the words."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(posts, "_count_post", fail)
    monkeypatch.setattr(messages, "show", fail)
    with app.test_request_context():
        before = index()
        for deed in (
            lambda: posts.publish(user(ann), Draft("Vanishing", "", "b", ("gone",)), "1"),
            lambda: messages.send(chat, user(ann), "Vanishing", "1"),
        ):
            with pytest.raises(RuntimeError):
                deed()
        assert index() == before and db.session.scalar(select(Tag).where(Tag.name == "gone")) is None


def test_a_message_costs_one_statement_more_and_one_without_words_none(
    app: Flask, ann: Person, chat: int, queries: list[str]
) -> None:
    costs = {}
    for body in ("First", "Words", "🙂 yes", "..."):
        queries.clear()
        ann.htmx("POST", f"/chats/{chat}/messages", data={"body": body, "client_id": body})
        costs[body] = len([statement for statement in queries if "message_words" in statement])
    assert costs == {"First": 1, "Words": 1, "🙂 yes": 1, "...": 0}


def test_a_stranger_finds_nothing(app: Flask, ann: Person, bob: Person, eve: Person, chat: int) -> None:
    group = gather(app, ann, bob)
    with app.app_context():
        for audience in ("friends", "me"):
            mine = posts.publish(user(ann), Draft("Secret post", "", "secret", (f"secret_{audience}",)), audience)
            db.session.execute(update(Post).where(Post.id == mine).values(audience=audience))
            db.session.commit()
    gone = publish(ann, "Secret deleted", tags="secret_gone")
    ann.post(f"/posts/{gone}/delete")
    say(ann, chat, "secret words")
    say(bob, group, "secret in the group")
    for words in ("secret", "secret_me", "sec", "s", "words", "SECRET post"):
        html = everything(eve, words)
        assert not re.search(r'id="found-(person|post|tag|message)-', html), words
        assert "See all" not in html and "<mark>" not in html
    assert eve.get(f"/search?q=secret&in={chat}").status_code == 422
    assert len(found(bob, "secret")) == 1 and len(found(ann, "secret")) == 2
    assert len(found(bob, "secret", "tag")) == 1 and len(found(ann, "secret", "tag")) == 2
    assert len(found(bob, "secret", "message")) == 2


def test_messages_are_found_by_members_while_they_are_and_not_after_hiding(
    app: Flask, ann: Person, bob: Person, chat: int
) -> None:
    group = gather(app, ann, bob)
    say(ann, group, "needle")
    say(ann, chat, "needle")
    in_group, direct = said_in(app, group)[-1].id, said_in(app, chat)[-1].id
    assert set(found(bob, "needle", "message")) == {in_group, direct}
    bob.post(f"/messages/{direct}/hide")
    assert found(bob, "needle", "message") == [in_group] and direct in found(ann, "needle", "message")
    bob.post(f"/chats/{group}/leave")
    assert found(bob, "needle", "message") == []


def test_people_who_are_apart_do_not_find_one_another(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    group = gather(app, ann, bob)
    post = publish(bob, "Needle", tags="needles")
    say(bob, chat, "needle")
    say(bob, group, "needle in the group")
    in_group = said_in(app, group)[-1].id
    assert found(ann, "needle") == [post] and len(found(ann, "needle", "message")) == 2
    assert found(ann, "Богдан", "person") == [bob.user_id]
    with app.app_context():
        db.session.add(Block(blocker_id=bob.user_id, blocked_id=ann.user_id))
        db.session.commit()
    for one, other in ((ann, bob), (bob, ann)):
        assert other.user_id not in ids(everything(one, "Богдан") + everything(one, "Ann"), "person")
        assert found(one, "needle", "message") == [in_group]
    assert found(ann, "needle") == [] == found(ann, "needles", "tag") and found(bob, "needle") == [post]


def test_who_has_told_no_name_is_not_found(app: Flask, ann: Person) -> None:
    with app.app_context():
        db.session.add(User(email="secretive@example.com", password_hash="-", bio="secretive"))
        db.session.commit()
        indexing.reindex()
    assert found(ann, "secretive", "person") == []


def test_filters_narrow_what_is_found(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    hers, his = publish(ann, "Bees one"), publish(bob, "Bees two")
    group = gather(app, ann, bob)
    say(ann, chat, "bees here")
    say(bob, group, "bees there")
    here, there = said_in(app, chat)[-1].id, said_in(app, group)[-1].id
    with app.app_context():
        db.session.add(Picture(key="1", owner_id=bob.user_id, post_id=his, **SHAPE))
        db.session.add(Picture(key="2", owner_id=ann.user_id, message_id=here, chat_id=chat, **SHAPE))
        old = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # the second of March in Kyiv, if the instance is there
        db.session.execute(update(Post).where(Post.id == hers).values(created_at=old))
        db.session.execute(update(Message).where(Message.id == there).values(sent_at=old))
        db.session.commit()

    def both(**filters: object) -> tuple[list[int], list[int]]:
        html = ann.get("/search", query_string={"q": "bee", **filters}).text
        assert 'id="found-people"' not in html and 'id="found-tags"' not in html
        return ids(html, "post"), ids(html, "message")

    assert both(**{"from": "@BOB"}) == ([his], [there]) and both(**{"from": "ann"}) == ([hers], [here])
    assert both(**{"in": chat}) == ([], [here]) and both(**{"in": group}) == ([], [there])
    assert both(images=1) == ([his], [here]) and both(before="2026-03-03") == ([hers], [there])
    assert both(before="2026-03-01") == ([], []) and both(**{"from": "bob"}, images=1) == ([his], [])
    app.config["TIMEZONE"], before = "Europe/Kyiv", app.config["TIMEZONE"]
    assert both(before="2026-03-02") == ([], [])
    app.config["TIMEZONE"] = "America/New_York"
    assert both(before="2026-03-02") == ([hers], [there])
    app.config["TIMEZONE"] = before


def test_a_wrong_filter_is_told_beside_its_field_and_nothing_is_lost(ann: Person, eve: Person, chat: int) -> None:
    wrong = {"from": "nobody.at.all", "in": str(chat + 7), "before": "yesterday"}
    answer = ann.get("/search", query_string={"q": "bees", "kind": "posts", "images": "1", **wrong})
    assert answer.status_code == 422
    for name, value in wrong.items():
        assert f'id="{name}-note"' in answer.text and f'value="{value}"' in answer.text, name
    assert 'value="bees"' in answer.text and 'value="posts"' in answer.text and " checked" in answer.text
    for junk in ("9" * 40, "-1", "1e9", "²", "🎂", "' OR 1=1 --"):
        for name in wrong:
            assert ann.get("/search", query_string={"q": "b", name: junk}).status_code in (200, 422)
        assert ann.get("/search", query_string={"q": "b", "kind": junk, "after": junk}).status_code == 200


JUNK = (
    *("\"|'|a'b\\|NEAR(a b)|a AND|OR|NOT x|a*|-a|a:b|{a}|^a|(|a)|&!<->|:*|%|_".split("|")),
    *("\u202eabc|ﷺ|⑴|½|🎂🎉|\ud800|²|مرحبا|नमस्ते".split("|")),
    *("x" * 10_000, "слово " * 1000, "|"),
)


@pytest.mark.parametrize("q", JUNK, ids=range(len(JUNK)))
def test_no_words_break_the_question(ann: Person, q: str) -> None:
    sent = q.encode("utf-8", "surrogatepass")
    for kind in ("", "people", "posts", "tags", "messages"):
        assert ann.get("/search", query_string={"q": sent, "kind": kind}).status_code == 200
    assert ann.get("/search/suggestions", query_string={"q": sent}).status_code == 200
    assert ann.get("/search", query_string={"q": "a\0b"}).status_code == 404, "as everywhere"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_words_can_be_written_and_asked(app: Flask, ann: Person, chat: int, words: str) -> None:
    with app.app_context():
        body, query = clean(words), asked(clean(words))
        number = 1_000_000 + abs(hash(words)) % 10**6
        message = Message(id=number, chat_id=chat, seq=number, revision=number, client_id=words[:36], body=body)
        message.author_id = ann.user_id
        if db.session.get(Message, number) is None and "\0" not in words:
            db.session.add(message)
            db.session.flush()
            indexing.index_message(message)
            if query:
                hits = search.messages_found(user(ann), query, limit=100).things
                assert number in [said.message.id for said in hits]
        db.session.rollback()


def test_pages_follow_one_another_without_gaps(app: Flask, ann: Person, bob: Person, chat: int) -> None:
    with app.app_context():
        number = db.session.get_one(Chat, chat)
        for n in range(45):
            post = Post(author_id=bob.user_id, client_id=str(n), title=f"Needle {n}", topic="", body="b")
            tag = Tag(name=f"needle_{n:02}")
            person = User(email=f"{n}@example.com", password_hash="-")
            person.name_themselves("Needle", f"Name{n % 7}", f"needle{n}")
            number.last_seq += 1
            place = {"chat_id": chat, "seq": number.last_seq, "revision": number.last_seq, "client_id": str(n)}
            db.session.add_all([post, tag, person, Message(author_id=bob.user_id, body=f"needle {n}", **place)])
        db.session.flush()
        first = db.session.scalars(select(Post.id)).first()
        for position, tag_id in enumerate(db.session.scalars(select(Tag.id)).all()):
            db.session.add(PostTag(post_id=first, tag_id=tag_id, position=position))
        low, high = sorted(
            (ann.user_id or 0, db.session.scalars(select(User.id).where(User.username == "needle9")).one())
        )
        db.session.add(Friendship(low_id=low, high_id=high, requester_id=low, accepted_at=now()))
        db.session.commit()
        indexing.reindex()
    for kind in ("person", "post", "tag", "message"):
        plural = {"person": "people"}.get(kind, f"{kind}s")
        html = ann.get(f"/search?q=needle&kind={plural}").text
        shown = ids(html, kind)
        while more := re.search(r'class="older"><a class="button outline" href="([^"]+)"', html):
            html = ann.get(more[1].replace("&amp;", "&")).text
            shown += ids(html, kind)
        assert len(shown) == len(set(shown)) == 45, kind
        if kind in ("post", "message"):
            assert shown == sorted(shown, reverse=True), "the newest first"
        with app.app_context():
            if kind == "person":
                assert db.session.get_one(User, shown[0]).username == "needle9", "friends first"
    assert len(found(ann, "needle")) == 5 and 'kind=posts">See all' in ann.get("/search?q=needle").text


def test_the_number_of_questions_does_not_grow_with_what_is_found(
    app: Flask, ann: Person, bob: Person, chat: int, queries: list[str]
) -> None:
    costs: dict[str, list[int]] = {}
    for more in (1, 12):
        for n in range(more):
            publish(bob, f"Needle {more} {n}", tags=f"needle_{more}_{n}")
            say(bob, chat, f"needle {n}", client_id=f"{more}-{n}")
        for path in (
            "/search?q=needle",
            "/search?q=needle&kind=posts",
            "/search/suggestions?q=needle",
            "/search?q=xyz",
        ):
            queries.clear()
            ann.get(f"/search{path}")
            costs.setdefault(path, []).append(len(queries))
    # PostgreSQL is asked more often where little is found; see app/queries/search.py.
    assert all(few >= many for few, many in costs.values()), costs
    assert max(map(max, costs.values())) <= 30, costs


@pytest.mark.parametrize("kind", ["posts", "messages", "people", "tags"])
def test_the_index_is_used(app: Flask, ann: Person, chat: int, queries: list[str], kind: str) -> None:
    publish(ann, "Needle", tags="needle")
    say(ann, chat, "needle")
    plans: list[str] = []
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
        question = getattr(search, f"{kind}_found")

        def explain(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if "_words" in statement and statement.lstrip().startswith(("SELECT", "WITH")):
                with db.engine.connect() as other:
                    raw = other.connection.cursor()
                    if not sqlite:
                        raw.execute("SET enable_seqscan = off")
                        raw.execute("SET enable_indexscan = off")
                    raw.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement}", parameters)
                    plans.append("\n".join(str(row[-1]) for row in raw.fetchall()))
                    if not sqlite:
                        raw.execute("RESET ALL")

        event.listen(db.engine, "before_cursor_execute", explain)
        try:
            question(user(ann), asked("needle"))
        finally:
            event.remove(db.engine, "before_cursor_execute", explain)
    name = {"people": "person"}.get(kind, kind.removesuffix("s"))
    assert plans
    wanted = f"SCAN {name}_words_index VIRTUAL TABLE INDEX" if sqlite else f"Bitmap Index Scan on ix_{name}_words_words"
    assert wanted in plans[-1], plans[-1]


def test_search_is_for_who_is_signed_in(visitor: Person) -> None:
    for path in ("/search?q=a", "/search/suggestions?q=a"):
        assert visitor.get(path).location.startswith("/login")


def test_words_of_many_chats_are_looked_for_everywhere(
    app: Flask, ann: Person, bob: Person, chat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(bob, chat, "needle")
    monkeypatch.setattr(search, "CHATS", 0)
    assert len(found(ann, "needle", "message")) == 1
