"""Topics lead to the posts about them."""

import re
from html import unescape

import pytest
from flask import Flask

from tests.audiences import set_audience
from tests.conftest import Person
from tests.talk import befriend
from tests.test_posts import publish, shown


def link(html: str) -> str:
    return unescape(re.findall(r'<p class="post-topic"><a href="([^"]+)">', html)[0])


@pytest.mark.parametrize(
    "topic",
    ["Summer", "Літо 2026", "a/b", "/a", "a//b/", "50%?#&;=", "שלום", "🐝 bees", "x" * 150, 'a"b', "%2F", "a\\b"],
)
def test_the_topic_on_a_post_leads_to_its_page(ann: Person, bob: Person, topic: str) -> None:
    post_id, other = publish(ann, topic=topic), publish(bob, "Other", topic=topic.upper())
    publish(bob, "Another", topic="Something else")
    address = link(ann.get(f"/posts/{post_id}").text)
    page = bob.get(address)
    assert page.status_code == 200 and shown(page.text) == [other, post_id]
    assert ">2 posts<" in page.text


@pytest.mark.parametrize("topic", [".", "..", "a/../b", "./x"])
def test_a_topic_that_browsers_would_take_for_a_path_is_no_link(ann: Person, topic: str) -> None:
    assert f'<p class="post-topic">{topic}</p>' in ann.get(f"/posts/{publish(ann, topic=topic)}").text


def test_a_topic_is_there_for_those_who_see_a_post_of_it(app: Flask, ann: Person, bob: Person, eve: Person) -> None:
    befriend(app, ann, bob)
    first, second = publish(ann, "One", topic="Secrets"), publish(ann, "Two", topic="secrets")
    set_audience(app, first, "friends")
    set_audience(app, second, "me")
    assert shown(ann.get("/topics/secrets").text) == [second, first]
    assert shown(bob.get("/topics/SECRETS").text) == [first] and ">1 post<" in bob.get("/topics/secrets").text
    assert eve.get("/topics/secrets").status_code == eve.get("/topics/nothing").status_code == 404


def test_a_topic_of_many_posts_costs_the_same(ann: Person, queries: list[str]) -> None:
    counts = []
    for title in ("a", "b", "c"):
        publish(ann, title, topic="Summer")
        ann.get("/topics/summer")
        queries.clear()
        ann.get("/topics/summer")
        counts.append(len(queries))
    assert len(set(counts)) == 1
