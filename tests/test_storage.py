"""The bytes of pictures: stored for good, swept when nothing shows them, and never lost in between."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert

from app import media
from app.actions import sweeps
from app.actions.sweeps import GRACE, Swept, sweep
from app.extensions import db
from app.media.disk import Disk
from app.media.storage import Stored
from app.models import Avatar, Chat, Picture, User
from app.models.columns import now
from app.queries.stock import take_stock
from tests.conftest import Person
from tests.photos import photo
from tests.test_pictures import stage

KEY, OTHER = "ab" + "1" * 30, "cd" + "2" * 30
MOMENT = datetime(2026, 11, 27, 3, 4, 5, 678, UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "media")


def everything(disk: Disk) -> dict[str, bytes]:
    return {
        path.relative_to(disk.folder).as_posix(): path.read_bytes() for path in disk.folder.rglob("*") if path.is_file()
    }


def content(disk: Disk, name: str) -> bytes:
    with disk.open(name) as file:
        return file.read()


# The disk by itself


def test_what_is_stored_is_listed_in_the_order_of_keys(disk: Disk) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    for key in (OTHER, KEY, "cd" + "1" * 30):
        for variant in ("320", "960"):
            disk.put(f"{key}/{variant}", b"bytes")
    listed = list(disk.stored())
    assert [one.key for one in listed] == [KEY, "cd" + "1" * 30, OTHER]
    assert {one.variants for one in listed} == {frozenset({"320", "960"})}
    assert all(begun < one.since <= datetime.now(UTC) for one in listed)
    assert set(disk.unfinished()) == set()


def test_what_is_answered_is_on_the_disk_with_its_name(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut takes what was not flushed: the file before its name, then every folder that has a new name."""
    flushed: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    disk.put(f"{KEY}/320", b"bytes")
    root = str(disk.folder)
    assert flushed[0] == str(disk.folder.parent)
    assert flushed[1].startswith(f"{root}/unfinished/")
    assert flushed[2:] == [f"{root}/ab/{'1' * 30}", f"{root}/ab", root]
    flushed.clear()
    disk.put(f"{KEY}/320", b"bytes")  # another may have named it a moment ago and not flushed it yet
    assert flushed == [f"{root}/ab/{'1' * 30}", f"{root}/ab", root]


def test_storing_again_makes_young_and_changes_nothing(disk: Disk) -> None:
    disk.put(f"{KEY}/320", b"bytes")
    age(disk, KEY, 48 * HOUR)
    file = disk.folder / disk.place(f"{KEY}/320")
    before = file.stat()
    disk.put(f"{KEY}/320", b"bytes")
    assert file.stat().st_mtime == before.st_mtime and file.stat().st_ino == before.st_ino
    [one] = disk.stored()
    assert datetime.now(UTC) - one.since < HOUR


def test_a_full_disk_leaves_nothing_behind(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    disk.put(f"{OTHER}/320", b"bytes")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            disk.put(f"{KEY}/320", b"bytes")
    assert list(disk.unfinished()) == []
    with pytest.raises(LookupError):
        disk.open(f"{KEY}/320")


def test_what_is_set_aside_is_still_read_and_can_come_back(disk: Disk) -> None:
    disk.put(f"{KEY}/320", b"small")
    disk.put(f"{KEY}/960", b"large")
    disk.set_aside(KEY, MOMENT)
    disk.set_aside(KEY, MOMENT)  # another sweep
    assert list(disk.stored()) == []
    assert list(disk.aside()) == [Stored(KEY, frozenset({"320", "960"}), MOMENT)]
    assert content(disk, f"{KEY}/960") == b"large"
    assert (disk.folder / disk.place(f"{KEY}/960")).read_bytes() == b"large"
    disk.put(f"{KEY}/320", b"small")  # somebody stores the same meanwhile
    [aside] = disk.aside()
    disk.bring_back(aside)
    disk.bring_back(aside)
    assert list(disk.aside()) == []
    assert everything(disk) == {f"ab/{'1' * 30}/320.webp": b"small", f"ab/{'1' * 30}/960.webp": b"large"}


def test_what_is_removed_is_gone_with_its_folders(disk: Disk) -> None:
    for key in (KEY, OTHER):
        disk.put(f"{key}/320", b"bytes")
        disk.set_aside(key, MOMENT)
    first, second = disk.aside()
    for _ in range(2):
        disk.remove(first)
    assert list(disk.aside()) == [second]
    disk.remove(second)
    assert list((disk.folder / "aside").iterdir()) == []


def test_a_folder_that_is_set_aside_while_one_writes_into_it(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.put(f"{KEY}/320", b"small")
    written = disk._written

    def interrupted(content: bytes) -> Path:
        path = written(content)
        (disk.folder / "ab" / ("1" * 30)).mkdir(parents=True, exist_ok=True)
        return path

    mkdir = Path.mkdir

    def taken_away(path: Path, *args: Any, **options: Any) -> None:
        mkdir(path, *args, **options)
        if path.name == "1" * 30 and "aside" not in path.parts and not list(disk.aside()):
            disk.set_aside(KEY, MOMENT)

    monkeypatch.setattr(disk, "_written", interrupted)
    monkeypatch.setattr(Path, "mkdir", taken_away)
    disk.put(f"{KEY}/960", b"large")
    assert content(disk, f"{KEY}/320") == b"small" and content(disk, f"{KEY}/960") == b"large"


def test_strangers_in_the_folder_are_left_alone(disk: Disk) -> None:
    disk.put(f"{KEY}/320", b"bytes")
    for name in ("lost+found", "ab/note.txt", "aside/keep", "zz", "unfinished/notes.txt"):
        path = disk.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    assert [one.key for one in disk.stored()] == [KEY]
    assert list(disk.aside()) == list(disk.unfinished()) == []


# The sweep


@pytest.fixture
def store(app: Flask, tmp_path: Path) -> Iterator[Disk]:
    """The application's storage, empty, in a context of the application."""
    before, app.config["MEDIA_URL"] = app.config["MEDIA_URL"], (tmp_path / "media").as_uri()
    with app.test_request_context():
        yield Disk(tmp_path / "media")
    app.config["MEDIA_URL"] = before


def age(disk: Disk, key: str, by: timedelta) -> None:
    """Have a key been stored so long ago."""
    moment = time.time() - by.total_seconds()
    os.utime(disk._key_folder(key), (moment, moment))


def developed(colour: str, store: Disk, by: timedelta = timedelta()) -> media.Picture:
    """Store a picture that no row shows."""
    picture = media.develop(photo(colour), f"{colour}.png")
    age(store, picture.key, by)
    return picture


def show(owner_id: int | None, picture: media.Picture) -> None:
    """Commit the row that shows a stored picture."""
    values = {"width": picture.width, "height": picture.height, "colour": picture.colour, "size": picture.size}
    db.session.execute(insert(Picture).values(key=picture.key, owner_id=owner_id, created_at=now(), **values))
    db.session.commit()


def is_there(key: str) -> bool:
    try:
        for variant in media.VARIANTS:
            media.open_variant(key, str(variant)).close()
    except LookupError:
        return False
    return True


def test_what_nothing_shows_is_set_aside_and_removed_by_a_later_sweep(
    store: Disk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, shown, old = (
        developed("red", store),
        developed("green", store, 48 * HOUR),
        developed("blue", store, 48 * HOUR),
    )
    show(ann.user_id, shown)
    assert sweep() == Swept(set_aside=1)
    assert [one.key for one in store.aside()] == [old.key]
    assert is_there(fresh.key) and is_there(shown.key) and is_there(old.key)
    assert sweep() == Swept()
    later = now() + GRACE
    age(store, shown.key, 48 * HOUR)
    monkeypatch.setattr(sweeps, "now", lambda: later)
    assert sweep() == Swept(set_aside=1, removed=1)  # the one that was fresh is old by now
    assert is_there(fresh.key) and is_there(shown.key) and not is_there(old.key)
    monkeypatch.setattr(sweeps, "now", lambda: later + GRACE)
    assert sweep() == Swept(removed=1)
    assert [one.key for one in store.stored()] == [shown.key]
    assert sweep() == Swept()


@pytest.mark.parametrize("place", ["picture", "group", "avatar", "face", "signature"])
def test_whatever_shows_bytes_keeps_them(store: Disk, ann: Person, place: str) -> None:
    picture = developed("red", store, 48 * HOUR)
    if place == "picture":
        show(ann.user_id, picture)
    elif place == "group":
        db.session.add(Chat(kind="group", name="Group", photo_key=picture.key))
    elif place == "avatar":
        db.session.add(Avatar(user_id=ann.user_id, key=picture.key, size=1, hidden=True))
    else:
        column = "photo_key" if place == "face" else "signature_key"
        setattr(db.session.get_one(User, ann.user_id), column, picture.key)
    db.session.commit()
    assert sweep(timedelta()) == Swept()
    assert is_there(picture.key)


def test_unfinished_files_are_cleared_away_when_they_are_old(store: Disk) -> None:
    old, fresh = store._written(b"half"), store._written(b"half")
    moment = time.time() - 25 * 3600
    os.utime(old, (moment, moment))
    assert sweep() == Swept(unfinished=1)
    assert [left.name for left in store.unfinished()] == [fresh.name]


class Steps:
    """Three sweeps, each a grace after the other, and what somebody does before given steps of theirs.

    A step is whatever a sweep asks of the disk or the table, and every picture it is told of.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.deeds: list[tuple[tuple[int, int], Callable[[], None]]] = []
        self.steps = [0, 0]
        self.monkeypatch = monkeypatch
        self.check: Callable[[str], None] = lambda _step: None
        for name in ("set_aside", "bring_back", "remove"):
            self._mark(Disk, name)
        self._mark(sweeps, "shown_keys")
        for name in ("stored", "aside"):
            self._mark_listing(name)

    def _mark(self, place: Any, name: str) -> None:
        real = getattr(place, name)

        def marked(*args: Any) -> Any:
            self.pass_by(f"before {name}")
            result = real(*args)
            self.pass_by(f"after {name}")
            return result

        self.monkeypatch.setattr(place, name, marked)

    def _mark_listing(self, name: str) -> None:
        real = getattr(Disk, name)

        def marked(disk: Disk) -> Iterator[Stored]:
            for one in real(disk):
                self.pass_by(f"in {name}")
                yield one

        self.monkeypatch.setattr(Disk, name, marked)

    def pass_by(self, step: str) -> None:
        self.check(step)
        while self.deeds and self.deeds[0][0] == tuple(self.steps):
            self.deeds.pop(0)[1]()
        self.steps[1] += 1
        self.check(step)

    def run(self) -> list[int]:
        """Sweep three times; return how many steps each had, and one more for what is done after it."""
        counts = []
        for number in range(3):
            self.steps = [number, 0]
            moment = now() + number * (GRACE + HOUR)
            self.monkeypatch.setattr(sweeps, "now", lambda moment=moment: moment)
            sweep()
            while self.deeds and self.deeds[0][0][0] == number:
                self.deeds.pop(0)[1]()
            counts.append(self.steps[1] + 1)
        return counts


@pytest.mark.parametrize("number", [0, 1])
def test_whoever_stores_the_same_bytes_during_a_sweep_keeps_them(
    store: Disk, ann: Person, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """One variant is stored before any step of a sweep, the others before any later one, then the row is committed.

    Nothing shows the bytes before, so the first sweep sets them aside and the second removes them.
    """
    owner, picture = ann.user_id, media.Picture(KEY, 1, 1, "#000000", 1)
    steps = Steps(monkeypatch)
    shown = False

    def put(*variants: int) -> None:
        for variant in variants:
            store.put(f"{KEY}/{variant}", b"bytes")

    def commit() -> None:
        nonlocal shown
        show(owner, picture)
        shown = True

    def check(step: str) -> None:
        assert not shown or is_there(KEY), f"not there {step}, with {moments}"

    put(*media.VARIANTS)
    age(store, KEY, 48 * HOUR)
    length = steps.run()[number]
    assert length > 5 and everything(store) == {}
    for moments in combinations_with_replacement(range(length), 3):
        shown = False
        db.session.execute(delete(Picture))
        db.session.commit()
        put(*media.VARIANTS)
        age(store, KEY, 48 * HOUR)
        steps.check = check
        deeds = (lambda: put(320), lambda: put(960, 1920), commit)
        steps.deeds = [((number, moment), deed) for moment, deed in zip(moments, deeds, strict=True)]
        steps.run()
        assert shown and steps.deeds == []
        check("at the end")
        assert list(store.aside()) == [], moments


def test_a_variant_at_a_time(store: Disk, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep comes between the first and the second variant of one that was let go of long ago."""
    picture = developed("red", store, 48 * HOUR)
    put = Disk.put

    def swept_between(disk: Disk, name: str, content: bytes) -> None:
        put(disk, name, content)
        if name.endswith("/320"):
            age(store, picture.key, 48 * HOUR)  # it had listed the store before
            assert sweep() == Swept(set_aside=1)

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "put", swept_between)
        media.develop(photo("red"), "red.png")
    assert is_there(picture.key)
    assert [one.variants for one in store.stored()] == [{"960", "1920"}]
    show(ann.user_id, picture)
    assert is_there(picture.key) and sweep() == Swept(brought_back=1)
    assert [one.variants for one in store.stored()] == [{"320", "960", "1920"}]


def test_two_sweeps_at_once_are_one(store: Disk, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second runs whole at each step of the first."""
    real = {name: getattr(Disk, name) for name in ("set_aside", "aside", "bring_back", "remove")}
    for name in real:
        wanted, unwanted = developed("green", store, 48 * HOUR), developed("red", store, 48 * HOUR)
        store.set_aside(wanted.key, now() - 48 * HOUR)
        show(ann.user_id, wanted)
        nested: list[str] = []

        def marked(disk: Disk, *args: Any, name: str = name, nested: list[str] = nested) -> Any:
            if not nested:
                nested.append(name)
                sweep(timedelta())
            return real[name](disk, *args)

        with monkeypatch.context() as patch:
            patch.setattr(Disk, name, marked)
            sweep(timedelta())
        assert nested and is_there(wanted.key) and not is_there(unwanted.key)
        db.session.execute(delete(Picture))
        db.session.commit()
        sweep(timedelta())
        assert everything(store) == {}


def test_bytes_are_let_go_of_at_once_and_swept_later(app: Flask, store: Disk, ann: Person) -> None:
    picture_id, key = stage(ann)
    ann.post(f"/pictures/{picture_id}/delete")
    assert ann.get(f"/media/{key}/320").status_code == 404
    assert is_there(key)
    sweeps.sweep_media({})  # the deed of the daily job
    assert is_there(key)
    sweep(timedelta())
    assert not is_there(key) and everything(store) == {}


# Taking stock


def stock(deep: bool = False) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.what, one.key, one.variants) for one in take_stock(deep) if one.what != "whole"]


def test_the_stock_is_compared_with_the_tables(app: Flask, store: Disk, ann: Person) -> None:
    good, halved, lost, spoiled, orphan, aside = (
        developed(colour, store) for colour in ("red", "green", "blue", "navy", "teal", "olive")
    )
    for picture in (good, good, halved, lost, spoiled):
        show(ann.user_id, picture)
    face = media.develop_avatar(photo("pink"), "pink.png")
    db.session.add(Avatar(user_id=ann.user_id, key=face.key, size=1))
    db.session.get_one(User, ann.user_id).photo_key = face.key
    db.session.add(Chat(kind="group", name="Group", photo_key=good.key))
    db.session.commit()
    assert stock(deep=True) == [("unreferenced", key, ()) for key in sorted((orphan.key, aside.key))]
    assert app.test_cli_runner().invoke(args=["media", "verify", "--deep"]).exit_code == 0

    (store.folder / store.place(f"{halved.key}/960")).unlink()
    for variant in media.VARIANTS:
        (store.folder / store.place(f"{lost.key}/{variant}")).unlink()
    (store.folder / store.place(f"{spoiled.key}/960")).write_bytes(b"")
    store.set_aside(aside.key, MOMENT)
    left = store._written(b"half")
    missing = {halved.key: ("960",), lost.key: ("320", "960", "1920")}
    found = [("missing", key, variants) for key, variants in missing.items()] + [("unreferenced", orphan.key, ())]
    rest = [("aside", aside.key, ()), ("unfinished", left.name, ())]
    assert stock() == [*sorted(found, key=lambda one: one[1]), *rest]
    assert ("broken", spoiled.key, ()) in stock(deep=True) and len(stock(deep=True)) == 6

    told = app.test_cli_runner().invoke(args=["media", "verify", "--deep"])
    assert told.exit_code == 1
    assert f"missing {halved.key} 960\n" in told.output and f"broken {spoiled.key}\n" in told.output
    assert f"unreferenced {orphan.key} for 0.0 hours\n" in told.output
    assert told.output.endswith("2 whole, 2 missing, 1 broken, 1 unreferenced, 1 aside, 1 unfinished\n")
    for picture, colour in ((halved, "green"), (lost, "blue")):  # uploading it again mends it
        assert media.develop(photo(colour), "again.png") == picture
    assert [what for what, *_ in stock()] == ["unreferenced", "aside", "unfinished"]


def test_what_cannot_be_read_is_broken_and_what_is_not_ours_is_passed_over(store: Disk, ann: Person) -> None:
    picture = developed("red", store)
    show(ann.user_id, picture)
    file = store.folder / store.place(f"{picture.key}/960")
    file.unlink()
    file.mkdir()
    (store.folder / "ab").write_bytes(b"")
    assert ("broken", picture.key, ()) in stock(deep=True)
    assert sweep(timedelta()) == Swept()


def test_what_is_set_aside_is_not_missing(store: Disk, ann: Person) -> None:
    picture = developed("red", store)
    store.set_aside(picture.key, MOMENT)
    show(ann.user_id, picture)
    assert stock(deep=True) == [("aside", picture.key, ())]


def test_what_comes_and_goes_while_one_looks_is_not_missing(
    store: Disk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = ann.user_id
    listed = Disk.stored

    def late(disk: Disk) -> Iterator[Stored]:
        yield from list(listed(disk))
        show(owner, developed("red", store))

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "stored", late)
        assert stock() == []
    assert [one.what for one in take_stock()] == ["whole"]


def test_taking_stock_asks_in_batches(
    store: Disk, ann: Person, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.stock.AT_ONCE", 10)
    picture = developed("red", store)
    for number in range(25):
        for variant in media.VARIANTS:
            store.put(f"{number:032x}/{variant}", b"bytes")
        show(ann.user_id, media.Picture(f"{number:032x}", 1, 1, "#000000", 1))
    show(ann.user_id, picture)
    queries.clear()
    assert stock() == []
    assert len(queries) == 4 + 4  # three batches and an empty one of pictures, and four columns that show nothing


def test_the_commands_sweep_and_say_what_they_did(app: Flask, store: Disk) -> None:
    developed("red", store)
    told = app.test_cli_runner().invoke(args=["media", "sweep"])
    assert told.exit_code == 0 and told.output.startswith("0 set aside, 0 brought back, 0 removed")
    told = app.test_cli_runner().invoke(args=["media", "sweep", "--grace", "0"])
    assert told.output == "1 set aside, 0 brought back, 1 removed, 0 unfinished files removed\n"
    assert app.test_cli_runner().invoke(args=["media", "sweep", "--grace", "-1"]).exit_code == 2
