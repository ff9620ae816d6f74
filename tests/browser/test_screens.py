"""Every screen, in every theme and language: for everyone, on every width, valid, and small."""

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from sqlalchemy import select

from app import create_app, media
from app.actions import avatars
from app.demo import PASSWORD, pictures, settle
from app.extensions import db
from app.models import Album, Avatar, Block, Chat, Job, Membership, Message, PasswordReset, Picture, Post, User
from app.models.columns import now
from app.models.session import hash_token
from app.schema import bring_up_to_date
from tests.browser.conftest import Watch
from tests.photos import photo
from tests.servers import ROOT, Server

TOOLS = ROOT / "tests/tools/node_modules"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VISITORS = ("/login", "/signup", "/password/forgot", "/password/forgot/sent", "/password/reset/token", "/nothing-here")
SCRIPT_BUDGET, STYLE_BUDGET = 50_000, 25_000
SECTIONS = ("profile", "personal", "email", "password", "signature", "privacy", "leaving")  # those that open


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a small demonstration, whose pictures are small, and one person who has not told a name."""
    server = Server(tmp_path_factory.mktemp("community"))
    app = create_app(
        {
            "INSTANCE": server.instance,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{server.instance / 'world-it.sqlite3'}",
            "MEDIA_URL": f"file:{server.instance / 'media'}",
        }
    )
    size, pictures.SIZE = pictures.SIZE, (240, 160)
    bring_up_to_date(app)
    with app.app_context():
        settle(users=14, posts=40, messages=500, seed=3, until=datetime(2026, 11, 23, 18, tzinfo=UTC))
        first = db.session.get(User, 1)
        assert first is not None
        newcomer = User(email="newcomer@example.com", password_hash=first.password_hash, created_at=now())
        leaver = User(email="leaver@example.com", password_hash=first.password_hash, deleted_at=now())
        leaver.name_themselves("Леся", "Прощай", "leaver")
        refused = Job(kind="letter", payload={"name": "code", "to": "somebody@example.com"}, run_at=now())
        refused.run_at, refused.attempts = now() + timedelta(days=1), 3
        refused.last_error = "SMTPRecipientsRefused({'somebody@example.com': (451, b'come back later')})"
        db.session.add_all([newcomer, leaver, refused, Block(blocker_id=1, blocked_id=13)])
        db.session.add(PasswordReset(token_hash=hash_token("token"), user_id=1))
        keep_album(1)
        db.session.commit()
        db.session.remove()
    with app.test_request_context():
        for user in db.session.scalars(select(User).where(User.id <= 2)).all():
            for colour in ("maroon", "teal"):
                avatars.take(user, media.develop_avatar(photo(colour), "a.png"))
        avatars.hide(db.session.scalars(select(Avatar)).first(), db.session.get_one(User, 1))
        db.session.remove()
    pictures.SIZE = size
    server.start()
    yield server
    server.stop()


def keep_album(owner_id: int) -> None:
    """Give somebody an album with a few of the community's pictures."""
    album = Album(owner_id=owner_id, name="Карпати", year=2024, description="Words", photo_count=3)
    db.session.add(album)
    db.session.flush()
    for position, one in enumerate(db.session.scalars(select(Picture).limit(3)), start=1):
        facts = {name: getattr(one, name) for name in ("key", "width", "height", "colour", "size")}
        db.session.add(Picture(owner_id=owner_id, album_id=album.id, position=position, caption="Hills", **facts))


@pytest.fixture(scope="module")
def screens(community: Server) -> tuple[str, ...]:
    """The addresses of what a member sees."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{community.instance / 'world-it.sqlite3'}"})
    with app.app_context():
        mine = db.session.scalars(select(Post.id).where(Post.author_id == 1)).first()
        chats = select(Membership.chat_id).join(Chat).where(Membership.user_id == 1)
        chat, group = (db.session.scalars(chats.where(Chat.kind == kind)).first() for kind in ("direct", "group"))
        message = db.session.scalars(select(Message.id).where(Message.chat_id == chat, Message.author_id == 1)).first()
        photos = select(Picture.id, Picture.album_id).where(Picture.album_id.is_not(None))
        photo, album = db.session.execute(photos.limit(1)).one()
        other = db.session.scalars(select(User.username).where(User.id == 2)).one()
        db.session.remove()
    feed = ("/", "/publications", f"/posts/{mine}", "/posts/new", f"/posts/{mine}/edit", "/tags/nature")
    people = ("/friends", "/friends/requests", "/friends/suggestions", "/friends/all", "/friends/sent")
    people += tuple(f"/@{other}{tab}" for tab in ("", "/albums", "/friends", "/about", "/photos"))
    talk = ("/chats", "/chats/archive", "/chats/new", f"/chats/{chat}", f"/chats/{chat}/gallery")
    around = ("", "/members", "/members/new", "/members/2", "/edit", "/leave", "/search?q=the", "/pins")
    sought = ("/search", "/search?q=the", "/search?q=о&kind=people&before=2026-11-01", "/search?q=dragonfruit&images=1")
    there = (f"/messages/{message}", *(f"/chats/{group}{path}" for path in around))
    kept = ("/albums", "/albums/new", *(f"/albums/{album}{form}" for form in ("", "/edit")))
    kept += tuple(f"/photos/{photo}{form}" for form in ("", "/edit"))
    oneself = ("/settings", *(f"/settings/{name}" for name in (*SECTIONS, "blocks", "avatar", "photos")))
    return (*feed, *people, *talk, *there, *sought, *kept, *oneself, "/admin/jobs")


@pytest.fixture
def enter(browser: Browser, community: Server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Sign in as somebody: ``enter("user1", theme, language, width)`` returns their page."""
    contexts: list[BrowserContext] = []

    def enter(name: str | None, theme: str = "light", language: str = "en", width: int = 390) -> Page:
        context = browser.new_context(base_url=community.url, viewport={"width": width, "height": 844})
        contexts.append(context)
        page = context.new_page()
        watch.on(page)
        own = {"Origin": community.url}
        if name:
            sent = {"email": f"{name}@example.com", "password": PASSWORD}
            context.request.post("/login", form=sent, headers=own, max_redirects=0)
        context.request.post("/settings/theme", form={"theme": theme}, headers=own, max_redirects=0)
        context.request.post("/settings/language", form={"language": language}, headers=own, max_redirects=0)
        return page

    yield enter
    for context in contexts:
        context.close()


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, as readable lines."""
    page.evaluate((TOOLS / "axe-core/axe.min.js").read_text())
    results = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", WCAG)
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 390), ("dark", "uk", 1440), ("dark", "en", 390), ("contrast", "uk", 390)],
)
def test_every_screen_is_for_everyone(
    enter: Callable[..., Page], screens: tuple[str, ...], watch: Watch, theme: str, language: str, width: int
) -> None:
    watch.expected.append("nothing-here|404")
    wrong: dict[str, list[str]] = {}
    for name, paths in (
        (None, VISITORS),
        ("newcomer", ("/welcome",)),
        ("leaver", ("/leaving",)),
        ("user1", screens),
    ):
        page = enter(name, theme, language, width)
        for path in paths:
            page.goto(path)
            assert page.locator("html").get_attribute("data-theme") == theme
            assert page.locator("html").get_attribute("lang") == language
            if problems := found_by_axe(page):
                wrong[path] = problems
            if (over := overflow(page)) > 0:
                wrong.setdefault(path, []).append(f"{over} pixels too wide")
    assert wrong == {}, "\n".join(f"{path}  {line}" for path, lines in wrong.items() for line in lines)


def test_nothing_is_too_wide_for_the_smallest_phone(
    enter: Callable[..., Page], screens: tuple[str, ...], watch: Watch
) -> None:
    page = enter("user1", language="uk", width=320)
    wide = {}
    for path in screens:
        page.goto(path)
        if (over := overflow(page)) > 0:
            wide[path] = over
    assert wide == {}


def test_every_screen_is_valid_html(
    enter: Callable[..., Page], screens: tuple[str, ...], community: Server, tmp_path: Path
) -> None:
    for name, paths in ((None, VISITORS[:-1]), ("newcomer", ("/welcome",)), ("user1", screens)):
        page = enter(name)
        for path in paths:
            html = page.context.request.get(path).text()
            (tmp_path / f"{re.sub(r'[^a-z0-9]+', '-', path.lower())}.html").write_text(html)
    allowed = r".*Attribute “hx-.*” not allowed.*|.*Element “hx-partial”.*|.*“interactive-widget”.*"
    command = ["java", "-Xss2m", "-jar", str(TOOLS / "vnu-jar/build/dist/vnu.jar"), "--format", "json", "--errors-only"]
    done = subprocess.run(
        [*command, "--filterpattern", allowed, str(tmp_path)], capture_output=True, text=True, check=False
    )
    messages = json.loads(done.stderr)["messages"]
    assert [f"{Path(one['url']).name}: {one['message']} {one.get('extract', '')[:200]}" for one in messages] == []


def test_scripts_and_styles_stay_small(enter: Callable[..., Page]) -> None:
    page = enter("user1")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    for path in ("/chats", "/", "/posts/new", "/settings", "/albums"):
        answers.clear()
        page.goto(path, wait_until="networkidle")
        sizes = {"script": 0, "stylesheet": 0}
        for answer in answers:
            if (kind := answer.request.resource_type) in sizes:
                sizes[kind] += len(gzip.compress(answer.body(), 9))
        assert 10_000 < sizes["script"] <= SCRIPT_BUDGET
        assert 3_000 < sizes["stylesheet"] <= STYLE_BUDGET


def test_every_control_is_reached_by_keyboard_and_shows_it(
    enter: Callable[..., Page], screens: tuple[str, ...]
) -> None:
    page = enter("user1", width=1440)
    for path in ("/", "/friends", "/settings", next(path for path in screens if path.startswith("/chats/"))):
        page.goto(path)
        page.evaluate("document.activeElement.blur()")
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea, summary')].filter("
            "e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && !e.closest('dialog:not([open])')"
            ").length"
        )
        reached = set()
        for _ in range(wanted + 20):
            page.keyboard.press("Tab")
            mark = page.evaluate(
                "(() => { const e = document.activeElement; if (e === document.body) return null;"
                "e.dataset.stop ??= Math.random(); const s = getComputedStyle(e);"
                "const p = e.matches('input.unseen, .chip input') ? getComputedStyle(e.parentElement) : s;"
                "return [e.dataset.stop, p.outlineStyle !== 'none', e.outerHTML.slice(0, 120)] })()"
            )
            if mark:
                assert mark[1], f"no visible focus on {path}: {mark[2]}"
                reached.add(mark[0])
        assert len(reached) >= wanted, path
