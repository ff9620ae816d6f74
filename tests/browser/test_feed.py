"""Reading: new posts announce themselves, one's place is kept, and what leads from a post to others."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.actions.indexing import reindex
from app.extensions import db
from app.models import Post, PostTag, Tag
from tests.browser.conftest import Watch
from tests.browser.test_chat import House, house  # noqa: F401 -- a fixture
from tests.conftest import Person
from tests.test_posts import fill

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESKTOP: dict[str, object] = {}
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def publish(page: Page, title: str, **fields: str) -> None:
    """Publish by the server that others' tabs are connected to."""
    sent = {"title": title, "body": "Words", "client_id": str(uuid4()), **fields}
    own = {"Origin": page.evaluate("location.origin")}
    assert page.request.post("/posts", form=sent, headers=own, max_redirects=0).status == 303


def pill(page: Page) -> Locator:
    return page.locator("#new-posts a")


def looking(page: Page) -> Page:
    """Wait until the server knows what a tab looks at."""
    page.wait_for_timeout(600)
    return page


def titles(page: Page, count: int) -> list[str]:
    return page.locator(".post-title").all_inner_texts()[:count]


@SIZES
def test_new_posts_are_announced_and_move_nothing(house: House, size: dict[str, object]) -> None:  # noqa: F811
    fill(house.app, house.bob, 30)
    ann, bob = looking(house.page(house.ann, "/", **size)), house.page(house.bob, "/")
    ann.locator(".post").nth(8).scroll_into_view_if_needed()
    ann.wait_for_timeout(400)
    seen, place = ann.locator(".post").nth(8), ann.locator(".post").nth(8).bounding_box()
    publish(ann, "My own")
    expect(ann.locator("#post-count-1")).to_contain_text("1")
    publish(bob, "News 1")
    expect(pill(ann)).to_have_text("1 new post")
    publish(bob, "News 2")
    publish(bob, "News 3")
    expect(pill(ann)).to_have_text("3 new posts")
    expect(pill(ann)).to_be_in_viewport()
    assert seen.bounding_box() == place and "News" not in ann.locator(".feed").inner_text()
    expect(pill(bob)).to_have_text("1 new post")

    before = ann.locator(".post").count()
    pill(ann).click()
    expect(ann.locator(".post").first).to_be_in_viewport()
    # One's own comes with them, at its place.
    assert titles(ann, 4) == ["News 3", "News 2", "News 1", "My own"]
    expect(ann.locator(".post")).to_have_count(before + 4)
    expect(pill(ann)).to_be_hidden()
    expect(ann.locator(".composer-card")).to_be_in_viewport()
    ids = ann.locator(".post").evaluate_all("all => all.map(one => one.id)")
    assert len(set(ids)) == len(ids)
    expect(ann.locator(f"#{ids[0]}")).to_be_focused()
    # What came is alive: it can be liked, and its count is heard of.
    bob.reload()
    looking(bob)
    ann.locator(".post", has_text="News 3").get_by_role("button", name="Like").click()
    expect(bob.locator(".post", has_text="News 3").locator(".like-count")).to_have_text("1 like")


def test_the_feeds_of_friends_and_tags_hear_of_theirs(house: House, visit: Callable[..., Page]) -> None:  # noqa: F811
    house.bob.post("/posts", data={"title": "Old", "body": "Words", "tags": "bees", "client_id": "old"})
    house.ann.post("/tags/bees/follow")
    everyone = looking(house.page(house.ann, "/"))
    friends, tags = (looking(house.page(house.ann, f"/?show={show}")) for show in ("friends", "tags"))
    bob = house.page(house.bob, "/publications")
    publish(bob, "Without")
    publish(bob, "With", tags="bees")
    expect(pill(everyone)).to_have_text("2 new posts")
    expect(pill(friends)).to_have_text("2 new posts")
    expect(pill(tags)).to_have_text("1 new post")
    pill(tags).click()
    expect(tags.locator(".post-title")).to_have_text(["With", "Old"])
    expect(tags).to_have_url(re.compile(r"show=tags$"))


def test_after_an_absence_the_count_is_true(house: House, watch: Watch) -> None:  # noqa: F811
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    fill(house.app, house.bob, 3)
    ann, bob = looking(house.page(house.ann, "/")), house.page(house.bob, "/publications")
    publish(bob, "Before")
    expect(pill(ann)).to_have_text("1 new post")
    ann.context.set_offline(True)
    for number in range(3):
        publish(bob, f"Meanwhile {number}")
    bob.reload()
    gone = bob.locator(".post", has_text="Meanwhile 1")
    gone.locator(".menu > summary").click()
    gone.locator(".confirm > summary").click()
    gone.get_by_role("button", name="Delete", exact=True).click()
    expect(gone).to_have_count(0)
    ann.context.set_offline(False)
    expect(pill(ann)).to_have_text("3 new posts")
    pill(ann).click()
    expect(ann.locator(".post-title").first).to_have_text("Meanwhile 2")
    assert titles(ann, 3) == ["Meanwhile 2", "Meanwhile 0", "Before"]


def test_more_news_than_a_page_holds_make_no_gap(house: House) -> None:  # noqa: F811
    fill(house.app, house.bob, 5)
    ann, bob = looking(house.page(house.ann, "/")), house.page(house.bob, "/publications")
    fill(house.app, house.bob, 24)
    publish(bob, "Last")
    expect(pill(ann)).to_be_visible()
    pill(ann).click()
    expect(ann.locator(".post-title").first).to_have_text("Last")
    for _ in range(3):
        ann.mouse.wheel(0, 20_000)
        ann.wait_for_timeout(300)
    expect(ann.locator(".post")).to_have_count(30)


def place_of(page: Page, post: str) -> float:
    return float(page.locator(f"#{post}").evaluate("one => one.getBoundingClientRect().top"))


def far_down(page: Page, number: int) -> str:
    """Scroll until so many posts are shown and one of them is in sight; return its id."""
    for _ in range(20):
        if page.locator(".post").count() > number:
            break
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(200)
    post = page.locator(".post").nth(number)
    post.evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 200)")
    page.wait_for_timeout(500)
    return str(post.get_attribute("id"))


PLACES = [("/", PHONE), ("/", DESKTOP), ("/?show=friends", DESKTOP), ("/@bob", PHONE), ("/tags/bees", DESKTOP)]


@pytest.mark.parametrize(("path", "size"), [*PLACES, ("/topics/summer", PHONE)])
def test_who_comes_back_is_where_they_were(house: House, path: str, size: dict[str, object]) -> None:  # noqa: F811
    for_everyone(house, house.bob, 70)
    ann = house.page(house.ann, path, **size)
    post = far_down(ann, 50)
    shown, place = ann.locator(".post").count(), place_of(ann, post)
    for leave in ("open", "person", "reload") if path != "/@bob" else ("open", "reload"):
        if leave == "reload":
            ann.reload()
        else:
            link = ann.locator(f"#{post} .post-time" if leave == "open" else f"#{post} .post-author")
            link.click()
            ann.wait_for_url(re.compile(r"/posts/\d+$|/@bob$"))
            ann.go_back()
        expect(ann.locator(f"#{post}")).to_be_attached()
        ann.wait_for_timeout(700)
        assert abs(place_of(ann, post) - place) < 3, leave
        assert ann.locator(".post").count() == shown
    ids = ann.locator(".post").evaluate_all("all => all.map(one => one.id)")
    assert len(set(ids)) == len(ids)
    # Who comes anew, and not back, begins at the top.
    ann.goto("/publications")
    ann.goto(path)
    ann.wait_for_timeout(500)
    assert ann.evaluate("scrollY") == 0


def for_everyone(house: House, author: Person, count: int) -> None:  # noqa: F811
    """Put posts with a tag and a topic into the table."""
    ids = fill(house.app, author, count)
    with house.app.app_context():
        tag = db.session.scalars(select(Tag)).one()
        for post_id in ids:
            db.session.add(PostTag(post_id=post_id, tag_id=tag.id, position=0))
            post = db.session.get_one(Post, post_id)
            post.topic, post.topic_folded, post.body = "Summer", "summer", "Words and words.\n" * (post_id % 9)
        db.session.commit()
        reindex()


def test_coming_back_after_much_has_changed_is_near(house: House) -> None:  # noqa: F811
    for_everyone(house, house.bob, 70)
    ann, bob = house.page(house.ann, "/"), house.page(house.bob, "/publications")
    post = far_down(ann, 45)
    place = place_of(ann, post)
    ann.locator(f"#{post} .post-time").click()
    ann.wait_for_url(re.compile(r"/posts/\d+$"))
    for number in range(5):
        publish(bob, f"Meanwhile {number}")
    ann.go_back()
    expect(ann.locator(f"#{post}")).to_be_attached()
    ann.wait_for_timeout(700)
    assert abs(place_of(ann, post) - place) < 3


def test_from_a_tag_on_a_post_to_a_feed_of_ones_own(house: House) -> None:  # noqa: F811
    for_everyone(house, house.bob, 2)
    house.bob.post("/posts", data={"title": "Other", "body": "Words", "client_id": "o"})
    ann = house.page(house.ann, "/", **PHONE)
    ann.get_by_role("link", name="My tags").click()
    ann.get_by_role("link", name="Find tags").click()
    ann.get_by_role("link", name=re.compile("#bees")).click()
    expect(ann.locator(".subject-head")).to_contain_text("2 posts")
    ann.get_by_role("button", name="Follow").focus()
    ann.keyboard.press("Enter")
    expect(ann.get_by_role("button", name="Following", pressed=True)).to_be_visible()
    expect(ann.locator(".subject-head")).to_contain_text("1 follower")
    ann.goto("/")
    ann.get_by_role("navigation", name="Feeds").get_by_role("link", name="My tags").click()
    expect(ann.locator("#feed-tabs [aria-current]")).to_have_text("My tags")
    expect(ann.locator(".post")).to_have_count(2)
    ann.locator(".post-topic a").first.click()
    expect(ann.get_by_role("heading", level=1)).to_have_text("Summer")


@SIZES
def test_who_likes_a_post_is_told_over_the_page(house: House, size: dict[str, object]) -> None:  # noqa: F811
    fill(house.app, house.bob, 1)
    ann, bob = looking(house.page(house.ann, "/", **size)), looking(house.page(house.bob, "/"))
    bob.get_by_role("button", name="Like").click()
    # The pushed count leads to the people, as the page's own does.
    ann.get_by_role("link", name="1 like").click()
    dialog = ann.get_by_role("dialog", name="Who likes this")
    expect(dialog.locator(".row-name")).to_have_text(["Богдан Ґонта"])
    ann.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    ann.get_by_role("button", name="Like").click()
    expect(ann.get_by_role("button", name="Like", pressed=True)).to_be_visible()
    expect(bob.locator(".like-count")).to_have_text("2 likes")
    ann.get_by_role("link", name="2 likes").click()
    expect(dialog.locator(".row-name")).to_have_text(["Ann Ivanenko", "Богдан Ґонта"])
    ann.go_back()
    expect(dialog).to_be_hidden()
    expect(ann.locator(".post")).to_have_count(1)
    ann.get_by_role("link", name="2 likes").click()
    dialog.get_by_role("link", name="Богдан").click()
    ann.wait_for_url(re.compile("/@bob$"))


def test_sharing_copies_the_address(house: House) -> None:  # noqa: F811
    (post_id,) = fill(house.app, house.bob, 1)
    ann = house.page(house.ann, "/", permissions=["clipboard-read", "clipboard-write"])
    ann.get_by_label("More about the post").focus()
    ann.keyboard.press("Enter")
    expect(ann.get_by_role("link", name="Edit post")).to_be_hidden()
    ann.get_by_role("link", name="Share").click()
    expect(ann.locator("#toasts")).to_contain_text("The link has been copied.")
    expect(ann.get_by_role("link", name="Share")).to_be_hidden()
    address = ann.evaluate("navigator.clipboard.readText()")
    assert address == f"{house.url}/posts/{post_id}"
    ann.goto(address)
    expect(ann.locator(".post")).to_have_count(1)


def test_a_phone_shares_as_phones_do(house: House) -> None:  # noqa: F811
    (post_id,) = fill(house.app, house.bob, 1)
    ann = house.page(house.ann, "/", is_mobile=True, **PHONE)
    never = "Promise.reject(new DOMException('', 'AbortError'))"
    ann.evaluate(f"() => {{ navigator.share = (what) => ((window.shared = what), {never}) }}")
    ann.get_by_label("More about the post").tap()
    ann.get_by_role("link", name="Share").tap()
    assert ann.evaluate("shared") == {"title": "No. 0", "url": f"{house.url}/posts/{post_id}"}
    expect(ann.locator("#toasts")).to_be_empty()


def test_reading_needs_no_scripts(house: House) -> None:  # noqa: F811
    for_everyone(house, house.bob, 25)
    house.bob.post("/posts/25/like")
    ann = house.page(house.ann, "/", java_script_enabled=False)
    ann.get_by_role("link", name="Friends").last.click()
    expect(ann.locator(".post")).to_have_count(20)
    ann.get_by_role("link", name="Older posts").click()
    expect(ann.locator(".post")).to_have_count(5)
    ann.goto("/")
    expect(pill(ann)).to_be_hidden()
    ann.get_by_role("link", name="1 like").click()
    expect(ann.locator("#likers .row-name")).to_have_text(["Богдан Ґонта"])
    ann.go_back()
    ann.locator(".post .menu > summary").first.click()
    ann.get_by_role("link", name="Share").click()
    ann.wait_for_url(re.compile(r"/posts/25$"))
    ann.goto("/tags")
    ann.fill("#tag-q", "be")
    ann.get_by_role("button", name="Find").click()
    ann.get_by_role("link", name=re.compile("#bees")).first.click()
    ann.get_by_role("button", name="Follow").click()
    ann.wait_for_url(re.compile("/tags$"))
    expect(ann.locator("section", has_text="Tags you follow").get_by_role("link")).to_have_text("#bees25")
