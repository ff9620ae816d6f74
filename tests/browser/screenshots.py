"""Takes the README's pictures of a demonstration: ``.venv/bin/python -m tests.browser.screenshots``."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS
from tests.servers import ROOT, Server

TARGET = ROOT / "docs/screenshots"
PHONE = {"width": 390, "height": 780}
DESKTOP = {"width": 1280, "height": 800}


def main() -> None:
    """Fill an instance, look at it, and keep what is seen."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        settings = {"WORLDIT_INSTANCE": folder}
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "demo"], cwd=ROOT, env=settings, check=True)
        server.start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        take(enter(browser, server, DESKTOP, "light", "en"), "/", "feed")
        take(
            enter(browser, server, DESKTOP, "dark", "uk"),
            "/chats",
            "chat",
            click=".chat-row:has(.group-avatar) >> nth=0",
        )
        phones = [
            take(enter(browser, server, PHONE, "light", "uk"), "/", "phone-1"),
            take(
                enter(browser, server, PHONE, "light", "en"),
                "/chats",
                "phone-2",
                click=".chat-row:has(.group-avatar) >> nth=0",
            ),
            take(enter(browser, server, PHONE, "dark", "uk"), "/friends", "phone-3"),
        ]
        side_by_side(phones, TARGET / "phones.png")
        browser.close()
        server.stop()


def enter(browser: Browser, server: Server, viewport: dict[str, int], theme: str, language: str) -> Page:
    """Sign the demonstration's first person in, with a theme and a language."""
    context = browser.new_context(base_url=server.url, viewport=viewport, timezone_id="Europe/Kyiv")
    own = {"Origin": server.url}
    sent = {"email": "user1@example.com", "password": "demo-password-1"}
    context.request.post("/login", form=sent, headers=own, max_redirects=0)
    context.request.post("/settings/theme", form={"theme": theme}, headers=own, max_redirects=0)
    context.request.post("/settings/language", form={"language": language}, headers=own, max_redirects=0)
    return context.new_page()


def take(page: Page, path: str, name: str, click: str | None = None) -> Path:
    """Open a page, follow one link if asked, and keep what the window shows."""
    page.goto(path)
    if click:
        page.click(click)
    page.wait_for_timeout(1500)
    page.evaluate("document.activeElement.blur()")
    target = TARGET / f"{name}.png"
    page.screenshot(path=target)
    shrink(Image.open(target), target)
    return target


def side_by_side(paths: list[Path], target: Path) -> None:
    """Join pictures into one."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    width = sum(picture.width for picture in pictures) + 24 * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, pictures[0].height), (255, 255, 255))
    left = 0
    for picture, path in zip(pictures, paths, strict=True):
        sheet.paste(picture, (left, 0))
        left += picture.width + 24
        path.unlink()
    shrink(sheet, target)


def shrink(picture: Image.Image, target: Path) -> None:
    """Keep a picture in 256 colours: a third of the bytes, and nobody sees it."""
    picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)


if __name__ == "__main__":
    main()
