"""A real browser before a real server; a script error, refused content or a missing file fails the test."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.servers import Server

# The first four of these features, menus under an address that nobody sees and processes in reserve, would cost more
# than our pages do. The others are those that Playwright turns off: this list takes the place of its own.
FEATURES = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess,"
    "AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,"
    "HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch"
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    f"--disable-features={FEATURES}"
)
PASSWORD = "correct horse battery"
PATIENCE = 20_000  # milliseconds; the machine may have much to do besides
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for each test process."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """World IT on an empty instance."""
    server = Server(tmp_path / "instance", LANGUAGE="en")
    server.start()
    yield server
    if server.process and server.process.poll() is None:
        server.stop()


@dataclass
class Watch:
    """What went wrong on the pages of a test; ``expected`` are patterns of what may."""

    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def unexpected(self) -> list[str]:
        """Return what went wrong and was not expected."""
        return [problem for problem in self.problems if not any(re.search(what, problem) for what in self.expected)]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """See that pages behave; a test adds to ``watch.expected`` what it provokes."""
    watch = Watch()
    yield watch
    assert watch.unexpected() == []


@pytest.fixture
def visit(browser: Browser, server: Server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a browser of one's own: ``visit()`` returns its page. Options are those of a browser context."""
    contexts: list[BrowserContext] = []

    def visit(**options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "base_url": server.url} | options
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch.on(page)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def join(visit: Callable[..., Page], server: Server) -> Callable[..., Page]:
    """Sign somebody up by the letter that comes: ``join("ann", "Ann", "Ivanenko")`` returns their page, on the feed."""

    def join(name: str, first_name: str, last_name: str, **options: Any) -> Page:
        page = visit(**options)
        sign_up(page, server, name)
        page.fill("[name=first_name]", first_name)
        page.fill("[name=last_name]", last_name)
        page.fill("input[name=username]", name)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{server.url}/")
        return page

    return join


def sign_up(page: Page, server: Server, name: str) -> None:
    """Go from the sign-up page to the first question, with the code from the letter."""
    email = f"{name}@example.com"
    page.goto(f"{server.url}/signup")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=password_repeat]", PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"{server.url}/verify")
    code = code_for(page, server, email)
    if page.locator("[name=code]:visible").count():
        page.fill("[name=code]", code)
    else:
        page.locator(".code-boxes input").first.focus()
        page.keyboard.type(code)
    if "/verify" in page.url:
        page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"{server.url}/welcome")


def code_for(page: Page, server: Server, email: str) -> str:
    """Return the code of the newest letter to an address, once it is there: it is not one that was used before."""
    for _ in range(PATIENCE // 50):
        for letter in reversed(server.letters()):
            match = re.search(r"\b(\d{6})\b", letter) if letter.startswith(email) else None
            if match and match[1] not in server.used_codes:
                server.used_codes.add(match[1])
                return match[1]
        page.wait_for_timeout(50)
    raise AssertionError("no letter came")


def make_friends(one: Page, other: Page, other_name: str) -> None:
    """Let one ask and the other accept."""
    one.goto(f"/@{other_name}")
    with one.expect_response(lambda answer: answer.request.method == "POST"):
        one.get_by_role("button", name="Add").click()
    other.goto("/friends/requests")
    with other.expect_response(lambda answer: answer.request.method == "POST"):
        other.get_by_role("button", name="Accept").first.click()
