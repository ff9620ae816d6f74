"""Tags: found in whichever language they are called, suggested, followed, renamed and merged."""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Text, cast, func, select
from werkzeug.test import TestResponse

from app.actions import tags as actions
from app.actions.indexing import reindex
from app.errors import Refused
from app.extensions import db
from app.models import Post, PostTag, PostWords, Tag, TagFollow
from tests.audiences import set_audience
from tests.conftest import Person
from tests.talk import befriend, user
from tests.test_friendships import at_once, twin
from tests.test_posts import publish, shown


def tags(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(Tag.name)))


@pytest.mark.parametrize("typed", ["calm", "#Calm", "CALM", "спокій", "#Спокій", "calm, #спокій calm"])
def test_a_preset_is_one_tag_in_every_language(app: Flask, ann: Person, typed: str) -> None:
    publish(ann, tags=typed)
    assert tags(app) == {"calm"}
    assert ">#calm</a>" in ann.get("/").text
    for name in ("calm", "спокій", "Спокій"):
        assert len(shown(ann.get(f"/tags/{quote(name)}").text)) == 1


def test_everybody_reads_presets_in_their_own_language(ann: Person) -> None:
    publish(ann, tags=["calm", "bees"])
    ann.post("/settings/language", data={"language": "uk"})
    html = ann.get("/").text
    assert ">#спокій</a>" in html and ">#bees</a>" in html
    assert "#спокій" in ann.get("/posts/new").text and len(shown(ann.get(f"/tags/{quote('спокій')}").text)) == 1


def test_own_tags_are_cleaned_and_counted(app: Flask, ann: Person) -> None:
    publish(ann, tags=["#мед,Мёд  Bees_2 ##x", "МЕД", " # , "])
    assert tags(app) == {"мед", "мёд", "bees_2", "x"}
    for wrong in ("a" * 51, "a/b", "a<b>", "🐝", " ".join(f"t{n}" for n in range(21))):
        answer = ann.post("/posts", data={"title": "t", "body": "b", "tags": wrong})
        assert answer.status_code == 422 and 'id="tags-note"' in answer.text
    publish(ann, "Many", tags=" ".join(f"t{n}" for n in range(20)))
    publish(ann, "Long", tags="a" * 50)


def test_only_posts_with_the_tag_are_found(ann: Person, bob: Person) -> None:
    first = publish(ann, "First", tags="bees")
    publish(ann, "Second", tags="bees_and_more")
    third = publish(bob, "Third", tags="BEES wasps")
    assert shown(ann.get("/tags/bees").text) == [third, first]
    ann.post("/tags/wasps/follow")
    bob.post(f"/posts/{third}/delete")
    assert "No posts have this tag now." in ann.get("/tags/wasps").text
    assert bob.get("/tags/wasps").status_code == 404
    for name in ("nothing", "%25", "%00", "a%00b", "x" * 300, "%23"):
        assert ann.get(f"/tags/{name}").status_code == 404


def suggested(who: Person, typed: str) -> list[str]:
    html = who.htmx("GET", f"/tags?q={quote(typed)}").text
    return [f"#{name}" for name in re.findall(r'data-name="([^"]+)"', html)]


def test_tags_are_suggested_by_their_beginning(ann: Person, visitor: Person) -> None:
    publish(ann, tags="мед медуза bees b_1 calm")
    publish(ann, "Another", tags="bxx")
    assert suggested(ann, "#МЕ") == suggested(ann, "мед") == ["#мед", "#медуза"]
    assert suggested(ann, "b_") == ["#b_1"]
    assert suggested(ann, "%") == [] and suggested(ann, "") == [] and suggested(ann, "\0") == []
    assert suggested(ann, "ca") == ["#calm"]
    ann.post("/settings/language", data={"language": "uk"})
    assert suggested(ann, "спо") == suggested(ann, "cal") == ["#спокій"]
    assert visitor.get("/tags?q=b").location.startswith("/login")


def test_a_tag_is_there_for_those_who_see_a_post_of_it(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    post_id = publish(ann, tags="secret")
    for audience, finders in (("friends", (ann, bob)), ("me", (ann,)), ("everyone", (ann, bob, eve))):
        set_audience(app, post_id, audience)
        for who in (ann, bob, eve):
            there = who in finders
            assert (who.get("/tags/secret").status_code == 200) == there
            assert (suggested(who, "sec") == ["#secret"]) == there
            assert ("#secret" in who.get("/tags").text) == ("#secret" in who.get("/tags?q=se").text) == there
            assert who.post("/tags/secret/follow/delete").status_code == (303 if there else 404)
    nothing, hidden = eve.get("/tags/no-such"), eve.get("/tags/secret")
    assert hidden.status_code == 200
    set_audience(app, post_id, "me")
    hidden = eve.get("/tags/secret")
    assert (hidden.status_code, hidden.text) == (404, nothing.text.replace("no-such", "secret"))


def test_counts_are_of_what_the_viewer_sees(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    ids = [publish(ann, f"No. {n}", tags="bees") for n in range(3)]
    set_audience(app, ids[0], "me")
    set_audience(app, ids[1], "friends")
    befriend(app, ann, bob)
    for who, words in ((ann, "3 posts"), (bob, "2 posts"), (eve, "1 post")):
        assert f">{words}<" in who.get("/tags/bees").text
        assert f'title="{words}">{words.split()[0]}<' in who.get("/tags").text
    with app.app_context():
        tag = db.session.scalars(select(Tag)).one()
        more = [Post(author_id=ann.user_id, client_id=f"{n}", title="t", topic="", body="b") for n in range(1001)]
        db.session.add_all(more)
        db.session.flush()
        db.session.add_all(PostTag(post_id=post.id, tag_id=tag.id, position=0) for post in more)
        db.session.commit()
    assert ">999+ posts<" in eve.get("/tags/bees").text and ">999+<" in eve.get("/tags").text


def follows(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        found = select(TagFollow.user_id, Tag.name).join(Tag, Tag.id == TagFollow.tag_id).order_by(TagFollow.user_id)
        return [(user_id, name) for user_id, name in db.session.execute(found)]


def test_following_is_made_and_unmade_as_often_as_one_likes(
    app: Flask, ann: Person, bob: Person, visitor: Person
) -> None:
    publish(ann, tags="bees")
    assert ann.user_id
    for path, count in (("follow", 1), ("follow", 1), ("follow/delete", 0), ("follow/delete", 0), ("follow", 1)):
        html = ann.htmx("POST", f"/tags/bees/{path}").text
        assert f'aria-pressed="{"true" if count else "false"}"' in html
        assert (f"{count} follower" + ("" if count == 1 else "s")) in html
        assert html.strip() in ann.get("/tags/bees").text
        assert len(follows(app)) == count
    assert bob.post("/tags/bees/follow").location == "/tags"
    assert "2 followers" in ann.get("/tags/bees").text and "#bees" in bob.get("/tags").text
    for name in ("wasps", "%00", "x" * 300, "%23", "🐝"):
        assert ann.post(f"/tags/{quote(name, safe='%')}/follow").status_code == 404
    assert visitor.post("/tags/bees/follow").location.startswith("/login")
    at_once(*[partial(twin(app, ann).post, f"/tags/bees/{path}") for path in ("follow", "follow/delete", "follow")])
    assert follows(app).count((ann.user_id, "bees")) <= 1


def test_nobody_follows_without_end(app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    publish(ann, tags="one two three")
    assert [ann.post(f"/tags/{name}/follow").status_code for name in ("one", "two", "two", "three")] == [303] * 3 + [
        422
    ]
    assert len(follows(app)) == 2


def rename(who: Person, name: str, new: str, **fields: str) -> TestResponse:
    return who.post(f"/tags/{quote(name)}", data={"name": new, **fields})


@pytest.fixture
def chief(join: Callable[..., Person]) -> Person:
    return join("chief", is_admin=True)


def test_an_administrator_renames_a_tag(app: Flask, ann: Person, chief: Person) -> None:
    post_id = publish(ann, tags="beez")
    ann.post("/tags/beez/follow")
    assert "tag-form" in chief.get("/tags/beez").text and "tag-form" not in ann.get("/tags/beez").text
    assert rename(chief, "beez", "#Bees ").location == "/tags/bees"
    assert tags(app) == {"bees"} and follows(app) == [(ann.user_id, "bees")]
    # The old name leads there, also for who writes it again.
    for name in ("bees", "beez", "BEEZ"):
        assert shown(ann.get(f"/tags/{name}").text) == [post_id]
    again = publish(ann, "Again", tags="beez bees")
    assert tags(app) == {"bees"} and shown(ann.get("/tags/bees").text) == [again, post_id]
    # And back.
    assert rename(chief, "bees", "beez").location == "/tags/beez" and tags(app) == {"beez"}
    assert shown(ann.get("/tags/bees").text) == [again, post_id]
    assert rename(chief, "beez", "Beez").location == "/tags/beez"


def test_a_name_that_is_taken_is_merged_once_that_is_meant(app: Flask, ann: Person, bob: Person, chief: Person) -> None:
    both = publish(ann, "Both", tags="beez bees")
    one, other = publish(ann, "One", tags="beez"), publish(ann, "Other", tags="bees")
    for who, name in ((ann, "beez"), (ann, "bees"), (bob, "beez")):
        who.post(f"/tags/{name}/follow")
    rename(chief, "beez", "biz")
    asked = chief.htmx("POST", "/tags/biz", data={"name": "Bees"})
    assert asked.status_code == 422 and 'name="merge" value="bees"' in asked.text and "#bees already" in asked.text
    assert "<html" in rename(chief, "biz", "bees").text and tags(app) == {"biz", "bees"}
    # What was confirmed is no longer what is asked for.
    assert rename(chief, "biz", "bees", merge="bee").status_code == 422 and tags(app) == {"biz", "bees"}
    assert rename(chief, "biz", "bees", merge="bees").location == "/tags/bees"
    assert tags(app) == {"bees"} and follows(app) == [(ann.user_id, "bees"), (bob.user_id, "bees")]
    for name in ("bees", "biz", "beez"):
        assert shown(ann.get(f"/tags/{name}").text) == [other, one, both]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PostTag)) == 3


def test_what_was_chosen_stays_chosen(app: Flask, ann: Person, chief: Person) -> None:
    post_id = publish(ann, tags="beez bees")
    with app.app_context():
        bees = db.session.scalars(select(PostTag).join(Tag).where(Tag.name == "bees")).one()
        bees.in_text = True
        db.session.commit()
    rename(chief, "beez", "bees", merge="bees")
    with app.app_context():
        (row,) = db.session.scalars(select(PostTag))
        assert (row.post_id, row.in_text) == (post_id, False)


def test_presets_keep_their_names_and_take_others_in(app: Flask, ann: Person, chief: Person) -> None:
    publish(ann, "One", tags="calm")
    publish(ann, "Two", tags="quiet")
    assert "its name stays" in rename(chief, "calm", "silence").text
    assert rename(chief, "спокій", "silence").status_code == 422
    assert rename(chief, "quiet", "Спокій").status_code == 422
    assert rename(chief, "quiet", "Спокій", merge="calm").location == "/tags/calm"
    assert tags(app) == {"calm"} and len(shown(ann.get("/tags/quiet").text)) == 2
    publish(ann, "Three", tags="voyages")
    assert rename(chief, "voyages", "travel").location == "/tags/travel"  # which nobody had used yet


@pytest.mark.parametrize("junk", ["", "#", "a b", "a/b", "🐝", "x" * 51, "\0", "‮", "<b>", "a" * 100_000])
def test_no_tag_gets_a_name_that_is_none(app: Flask, ann: Person, chief: Person, junk: str) -> None:
    publish(ann, tags="bees")
    answer = rename(chief, "bees", junk)
    assert answer.status_code == 422 and "is not.</span>" in answer.text and tags(app) == {"bees"}


def test_only_administrators_rename(app: Flask, ann: Person, bob: Person, chief: Person, visitor: Person) -> None:
    post_id = publish(ann, tags="bees")
    for who in (ann, bob):
        assert rename(who, "bees", "wasps").status_code == 404
    assert rename(visitor, "bees", "wasps").location.startswith("/login")
    assert rename(chief, "wasps", "bees").status_code == 404
    set_audience(app, post_id, "me")
    assert rename(chief, "bees", "wasps").status_code == 404
    assert tags(app) == {"bees"}
    with app.test_request_context(), pytest.raises(Refused):
        actions.rename(db.session.scalars(select(Tag)).one(), "wasps", by=user(ann))


def test_whatever_happens_at_once_leaves_every_post_with_a_tag(app: Flask, ann: Person, chief: Person) -> None:
    for round in range(6):
        publish(ann, f"{round} a", tags=f"red{round}")
        publish(ann, f"{round} b", tags=f"blue{round}")
        deeds = [
            partial(rename, twin(app, chief), f"red{round}", f"blue{round}", merge=f"blue{round}"),
            partial(rename, twin(app, chief), f"blue{round}", f"red{round}", merge=f"red{round}"),
            partial(twin(app, ann).post, f"/tags/red{round}/follow"),
            partial(publish, twin(app, ann), f"{round} c", tags=f"red{round} blue{round}"),
            partial(publish, twin(app, ann), f"{round} d", tags=f"blue{round}"),
        ]
        at_once(*deeds)
        with app.app_context():
            found = db.session.scalars(select(Tag.name).where(Tag.name.in_([f"red{round}", f"blue{round}"]))).all()
            rows = select(func.count(PostTag.post_id.distinct()))
            assert len(found) == 1, found
            assert db.session.scalar(rows) == 4 * (round + 1)
        assert len(shown(ann.get(f"/tags/red{round}").text)) == len(shown(ann.get(f"/tags/blue{round}").text)) == 4


def test_the_page_of_tags_costs_the_same_for_any_number(app: Flask, ann: Person, queries: list[str]) -> None:
    publish(ann, tags="bees wasps")
    ann.post("/tags/bees/follow")
    for path in ("/tags", "/tags?q=b", "/tags/bees"):
        ann.get(path)
        queries.clear()
        ann.get(path)
        few = len(queries)
        names = " ".join(f"b{path.count('/')}{len(path)}{n}" for n in range(20))
        publish(ann, path, tags=names)
        for name in names.split():
            ann.post(f"/tags/{name}/follow")
        queries.clear()
        ann.get(path)
        assert len(queries) == few, "\n".join(queries)


def test_tags_are_renamed_while_their_posts_are_changed(app: Flask, ann: Person, chief: Person) -> None:
    posts = [publish(ann, f"No. {number}", tags="first second", body="Words #third") for number in range(3)]
    for round in range(4):
        edits = [
            partial(
                twin(app, ann).post,
                f"/posts/{post_id}",
                data={"title": "t", "body": f"Words {round} #third", "tags": "first second"},
            )
            for post_id in posts
        ]
        renames = [partial(rename, twin(app, chief), name, f"{name}-{round}") for name in ("first", "third")]
        at_once(*edits, *renames)
        for name in ("first", "third"):
            rename(chief, f"{name}-{round}", name)
    with app.app_context():
        assert {tag.name for tag in db.session.scalars(select(Tag))} == {"first", "second", "third"}
        words = select(PostWords.post_id, cast(PostWords.words, Text)).order_by(PostWords.post_id)
        before = db.session.execute(words).all()
        db.session.commit()
        reindex()
        assert db.session.execute(words).all() == before


def test_a_former_name_leads_to_the_tag_that_had_it(app: Flask, ann: Person, chief: Person) -> None:
    publish(ann, "One", tags="old")
    publish(ann, "Two", tags="other")
    rename(chief, "old", "new")
    asked = rename(chief, "other", "old")
    assert asked.status_code == 422 and 'name="merge" value="new"' in asked.text
    assert rename(chief, "other", "old", merge="new").status_code == 303 and tags(app) == {"new"}
