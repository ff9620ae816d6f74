"""The house rules that a machine can see."""

import base64
import hashlib
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import ngettext
from sqlalchemy import inspect

from app import create_app, media
from app.config import BadSetting, configure, read
from app.extensions import db
from app.language import force_locale
from app.media.ink import SIZE
from app.models import avatar
from app.models.user import SIGNATURE_WIDTHS
from app.models.words import is_ours
from app.schema import bring_up_to_date, newest_revision, present_revision
from tests.conftest import database_url

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "app/templates"
PARTIALS = sorted((TEMPLATES / "partials").glob("*.html"))
EVERY_TEMPLATE = sorted(TEMPLATES.rglob("*.html"))
VOID = {"input", "img", "br", "hr", "link", "meta", "use", "path", "circle"}


def name(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


class Roots(HTMLParser):
    """Counts the elements that stand in no other."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.roots = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.roots += self.depth == 0
        self.depth += tag not in VOID

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in VOID

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.roots += self.depth == 0


@pytest.mark.parametrize("path", PARTIALS, ids=name)
def test_a_partial_says_what_it_takes_and_cannot_see_who_looks(path: Path) -> None:
    source = path.read_text()
    assert re.match(r"\{# .+ #\}\n", source), "the first line names what it takes"
    code = re.sub(r"\"[^\"]*\"|'[^']*'", "", "".join(re.findall(r"\{[{%].*?[%}]\}", source, re.DOTALL)))
    assert not re.search(r"\b(request|session|g|current_user|viewer)\b(?!_id)(?!\s*=)", code)
    assert "csrf" not in source


# A stretch of a list has as many roots as it has things.
STRETCHES = {"messages", "comments", "replies", "friends_fresh", "people_page", "form_field", "name_fields"}


@pytest.mark.parametrize("path", [path for path in PARTIALS if path.stem not in STRETCHES], ids=name)
def test_a_partial_has_one_root(path: Path) -> None:
    html = re.sub(r"\{% macro.*?endmacro %\}", "", path.read_text(), flags=re.DOTALL)
    html = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", html, flags=re.DOTALL)
    html = re.sub(r"\{\{.*?\}\}", "", html, flags=re.DOTALL)
    roots = Roots()
    roots.feed(html)
    assert roots.roots <= 1


@pytest.mark.parametrize("path", EVERY_TEMPLATE, ids=name)
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style", source), "styles are in files"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source), "handlers are in modules"
    assert not re.search(r"<script(?![^>]*\ssrc=)", source), "scripts are in files"
    assert "hx-on" not in source
    assert not re.search(r"hx-(vals|headers)=['\"]js:", source)
    assert not re.search(r"hx-trigger=\"[^\"]*\[", source), "trigger filters need eval"
    assert "javascript:" not in source


@pytest.mark.parametrize("path", EVERY_TEMPLATE, ids=name)
def test_every_form_works_without_a_script(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*(?:\{\{.*?\}\}[^>]*)*>", path.read_text(), re.DOTALL):
        assert re.search(r'method="(get|post|dialog)"', form), form
        assert "action=" in form or 'method="dialog"' in form, form


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / path for path in listed.split("\0") if path and (ROOT / path).is_file()]


def test_the_project_names_no_machine_and_no_registry() -> None:
    forbidden = re.compile(
        "|".join(
            (
                "/ro" + "ot/",
                "/wo" + "rk/",
                "files.python" + "hosted.org",
                "registry.npm" + "js.org",
                "py" + "pi.org/simple",
            )
        )
    )
    found = {}
    for path in tracked_files():
        if path.suffix not in (".png", ".woff2") and (match := forbidden.search(path.read_text())):
            found[path.name] = match[0]
    assert found == {}


def test_vendored_files_are_what_they_say() -> None:
    vendor = ROOT / "app/static/vendor"
    rows = re.findall(r"\| `([^`]+)` \|.*\| `([A-Za-z0-9+/=]+)` \|", (vendor / "VENDORED.md").read_text())
    assert rows
    for path, digest in rows:
        assert base64.b64encode(hashlib.sha384((vendor / path).read_bytes()).digest()).decode() == digest
    files = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*.js")}
    assert files == {path for path, _ in rows}


def test_every_text_is_in_ukrainian() -> None:
    written = Catalog()
    for method, pattern in (("python", "**.py"), ("jinja2", "templates/**.html"), ("jinja2", "templates/**.txt")):
        extracted = extract_from_dir(
            ROOT / "app",
            [(pattern, method)],
            {pattern: {"trim_blocks": "true"}} if method == "jinja2" else {},
            keywords={"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)},
        )
        for _file, _line, message, _comments, _context in extracted:
            written.add(message)
    with (ROOT / "app/translations/uk/LC_MESSAGES/messages.po").open("rb") as file:
        ukrainian = read_po(file, locale="uk")

    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in written if message.id}
    known = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in ukrainian if message.id
    }
    assert ids - known.keys() == set(), "not translated"
    assert known.keys() - ids == set(), "translated, but nowhere said"
    for message in known.values():
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(forms) == (3 if message.pluralizable else 1), message.id
        assert all(forms), message.id
        assert not message.fuzzy, message.id
        source = message.id if isinstance(message.id, str) else message.id[-1]
        wanted = set(re.findall(r"%\((\w+)\)s", source))
        for form in forms:
            assert set(re.findall(r"%\((\w+)\)s", form)) == wanted, message.id


def test_migrations_make_exactly_the_models(tmp_path: Path, worker_id: str) -> None:
    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url(tmp_path, f"{worker_id}_migrated")})
    with app.app_context():
        assert present_revision() is None
    bring_up_to_date(app)
    with app.app_context(), db.engine.connect() as connection:
        assert present_revision() == newest_revision()
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, db.metadata) == []
        assert "messages" in inspect(connection).get_table_names()
    with app.app_context():
        db.engine.dispose()


def test_pages_and_darkroom_agree_on_sizes() -> None:
    source = (ROOT / "app/media/images.py").read_text()
    assert f'"picture": {media.VARIANTS}' in source
    assert f'"avatar": {avatar.VARIANTS}' in source
    assert f'"signature": {SIGNATURE_WIDTHS}' in source
    assert (SIGNATURE_WIDTHS[-1], SIGNATURE_WIDTHS[-1] // 3) == SIZE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("WORKERS", "2"),
        ("THREADS", "1"),
        ("LANGUAGE", "fr"),
        ("TIMEZONE", "Mars/Olympus"),
        ("DATABASE_URL", "mysql://host/name"),
        ("MAIL_URL", "http://mail"),
        ("ACCEL", "protected-media/"),
        ("ACCEL", "/protected-media"),
        ("PUBLIC_URL", "community.example"),
        ("NO_SUCH_THING", "1"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"^WORLDIT_{name} .*\.$"):
        read({f"WORLDIT_{name}": value})


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"WORLDIT_INSTANCE": str(tmp_path / "new" / "instance")}
    first, second = configure(environ), configure(environ)
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    path = tmp_path / "new" / "instance" / "secret_key"
    assert path.stat().st_mode & 0o077 == 0


def test_an_unwritable_instance_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="WORLDIT_INSTANCE"):
        configure({"WORLDIT_INSTANCE": str(tmp_path / "file" / "instance")})


def test_answers_are_hardened(app: Flask, visitor: Callable[..., object]) -> None:
    answer = visitor.get("/login")  # type: ignore[attr-defined]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_postgresql_is_asked_for_in_the_usual_way() -> None:
    values = read({"WORLDIT_DATABASE_URL": "postgresql://user:pass@host/name"})
    assert values["DATABASE_URL"] == "postgresql+psycopg://user:pass@host/name"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "учасник"), (2, "учасники"), (5, "учасників"), (11, "учасників"), (21, "учасник")],
)
def test_ukrainian_has_three_plural_forms(app: Flask, count: int, words: str) -> None:
    with app.test_request_context(), force_locale("uk"):
        assert ngettext("%(num)s member", "%(num)s members", count) == f"{count} {words}"


# The test that holds each partial which verbs and sockets show against the page that is loaded anew.
TABS = "test_tabs::test_every_tab_is_what_a_reload_would_show"
COMMENTS = "test_comments::test_what_is_pushed_is_what_a_reloaded_page_shows"
COMPARED = {
    "album_cover": "test_albums::test_those_who_look_at_an_album_see_what_it_becomes",
    "album_description": "test_albums::test_those_who_look_at_an_album_see_what_it_becomes",
    "album_facts": "test_albums::test_those_who_look_at_an_album_see_what_it_becomes",
    "album_name": "test_albums::test_those_who_look_at_an_album_see_what_it_becomes",
    "avatar": "test_avatars::test_what_is_pushed_is_what_a_reloaded_page_shows",
    "badge": "test_reading::test_what_other_tabs_are_told_is_what_a_page_shows",
    "chat_closed": "test_friendships::test_the_chat_of_two_closes_and_opens_with_their_friendship",
    "chat_preview": "test_messages::test_a_pushed_beginning_is_what_a_reloaded_inbox_shows",
    "chat_row": "test_memberships::test_ones_other_tabs_hear_of_it",
    "chat_unread": "test_reading::test_what_other_tabs_are_told_is_what_a_page_shows",
    "comment": COMMENTS,
    "comment_body": COMMENTS,
    "comment_count": "test_comments::test_the_count_changes_wherever_the_post_is_looked_at",
    "comment_like": "test_comments::test_who_likes_a_comment_sees_it_liked_when_it_comes_back",
    "comment_like_count": "test_comments::test_who_likes_a_comment_sees_it_liked_when_it_comes_back",
    "comment_said": COMMENTS,
    "comments_closed": "test_comments::test_the_author_switches_comments_off_and_on",
    "comments_switch": "test_comments::test_the_author_switches_comments_off_and_on",
    "group_avatar": "test_groups::test_who_leads_changes_its_face",
    "group_description": "test_groups::test_who_leads_changes_its_face",
    "group_name": "test_groups::test_who_leads_changes_its_face",
    "last_seen": "test_presence::test_who_comes_and_leaves_is_shown_to_friends",
    "like_count": "test_likes::test_whoever_looks_at_a_post_sees_its_count_change",
    "member_count": TABS,
    "message": TABS,
    "message_log": "test_messages::test_a_fresh_log_is_what_a_reloaded_page_shows",
    "online_count": "test_presence::test_the_count_in_a_groups_header",
    "pins": "test_pins::test_a_pinned_message_stands_above_the_chat",
    "photo": "test_photos::test_what_is_pushed_of_an_album_is_what_a_reloaded_page_shows",
    "photo_count": "test_photos::test_what_is_pushed_of_an_album_is_what_a_reloaded_page_shows",
    "post_count": "test_posts::test_the_authors_tabs_show_how_many_posts_there_are",
    "quote": TABS,
    "readers": TABS,
    "signature": "test_signatures::test_whoever_looks_sees_it_change_but_those_who_are_apart",
}
# What the page's script reads, and nobody is shown.
HINTS = {
    *("came", "chat_gone", "chat_opened", "comment_gone", "friends_news", "gone", "message_hidden", "post_gone"),
    *("album_gone", "photo_gone", "photo_order"),
    *("post_news", "present", "replayed", "revised", "standing", "typing"),
}


def test_every_partial_that_is_pushed_is_held_against_the_page() -> None:
    sources = [*(ROOT / "app/actions").glob("*.py"), ROOT / "app/blueprints/live.py"]
    pushed = {name for path in sources for name in re.findall(r'partial\(\s*"(\w+)"', path.read_text())}
    assert pushed == COMPARED.keys() | HINTS
    for where in COMPARED.values():
        module, test = where.split("::")
        assert f"def {test}(" in (ROOT / f"tests/{module}.py").read_text(), where
