"""Tags: found in whichever language they are called, and suggested."""

import re
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Tag
from tests.conftest import Person
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
    bob.post(f"/posts/{third}/delete")
    assert "No posts have this tag now." in ann.get("/tags/wasps").text
    for name in ("nothing", "%25", "%00", "a%00b", "x" * 300, "%23"):
        assert ann.get(f"/tags/{name}").status_code == 404


def test_tags_are_suggested_by_their_beginning(ann: Person, visitor: Person) -> None:
    publish(ann, tags="мед медуза bees b_1")
    publish(ann, "Another", tags="bxx")

    def suggested(typed: str) -> list[str]:
        return re.findall(r'data-name="([^"]+)"', ann.get(f"/tags?q={quote(typed)}").text)

    assert suggested("#МЕ") == suggested("мед") == ["мед", "медуза"]
    assert suggested("b_") == ["b_1"] and suggested("%") == [] and suggested("") == [] and suggested("\0") == []
    assert visitor.get("/tags?q=b").location.startswith("/login")
