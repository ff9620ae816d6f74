"""What developing a photo costs against a bare Pillow script, and what pages cost while photos are developed.

    .venv/bin/python -m benchmarks.media [photos|pages]

Photos are made here, as a phone makes them: JPEG, lying on their side with EXIF saying so, of gradients, shapes and
the grain of a sensor. The first table is processor time and peak memory of the processes that develop one, ours with
what the server does for it, in turns with the bare script. The second asks one worker for the feed of a demonstration
while nobody uploads and while two people upload one photo after another, in turns; the uploads go through the door.
"""

import http.client
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from app.extensions import db
from app.media import darkroom
from app.models import User
from benchmarks.load import middle, percentile, provenance, table
from tests.residents import application, cookies
from tests.servers import ROOT, Server

SIZES = {"12 MP": (4032, 3024), "48 MP": (8064, 6048)}
BARE = Path(__file__).with_name("bare_pillow.py")
RUNS, ROUNDS, PAGES, PAUSE, PHOTOS = 15, 6, 250, 0.02, 8


def main() -> None:
    """Print two Markdown tables."""
    print(provenance() + "\n")
    with tempfile.TemporaryDirectory(prefix="worldit-photos-") as folder:
        pages, photos = "photos" not in sys.argv, "pages" not in sys.argv
        folders = {label: take(Path(folder, label), size, PHOTOS if pages else 1) for label, size in SIZES.items()}
        if photos:
            develop_in_turns(folders)
        if pages:
            ask_in_turns(folders)


def take(folder: Path, size: tuple[int, int], count: int) -> Path:
    """Make photos that lie on their side, each of another part of the same scene; return their folder."""
    folder.mkdir()
    width, height = size
    image = scene(width, height)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Benchmark", "A phone"
    for number in range(count):
        image = ImageChops.offset(image, width // PHOTOS, 0)
        image.save(folder / f"{number}.jpg", quality=92, exif=exif)
    return folder


def scene(width: int, height: int) -> Image.Image:
    """Return what is photographed."""
    image = Image.merge("RGB", [turned(width, height, turn) for turn in (0, 1, 2)])
    draw = ImageDraw.Draw(image)
    for number in range(60):
        left, top, size = number * 997 % width, number * 1409 % height, 60 + number * 37 % (width // 6)
        colour = (number * 53 % 256, number * 97 % 256, number * 151 % 256)
        draw.ellipse((left, top, left + size, top + size * 2 // 3), fill=colour)
    grain = Image.effect_noise((width, height), 9).convert("RGB")
    return Image.blend(image, grain, 0.3)


def turned(width: int, height: int, turn: int) -> Image.Image:
    """Return a gradient in one of several directions, with soft clouds over it."""
    clouds = Image.effect_noise((width // 64, height // 64), 60).resize((width, height), Image.Resampling.BICUBIC)
    gradient = Image.linear_gradient("L").rotate(90 * turn).resize((width, height), Image.Resampling.BILINEAR)
    return Image.blend(gradient, clouds, 0.4)


def develop_in_turns(folders: dict[str, Path]) -> None:
    """Measure both programs, one after the other, again and again."""
    rows = []
    for label, folder in folders.items():
        path = folder / "0.jpg"
        content = path.read_bytes()
        ours: list[tuple[float, float]] = []
        bare: list[tuple[float, float]] = []
        ways: tuple[tuple[Callable[[], object], list[tuple[float, float]], Path], ...] = (
            (lambda content=content: darkroom.develop(content), ours, darkroom.PROGRAM),  # type: ignore[misc]
            (lambda path=path: run_bare(path), bare, BARE),  # type: ignore[misc]
        )
        for turn in range(RUNS + 1):
            for deed, found, program in ways if turn % 2 else ways[::-1]:
                measured = measure(deed, program)
                if turn:  # the first ones warm the caches
                    found.append(measured)
        for name, found in (("World IT", ours), ("bare Pillow", bare)):
            seconds, megabytes = zip(*found, strict=True)
            row = [f"{label}, {len(content) / 1e6:.1f} MB: {name}", middle([one * 1000 for one in seconds])]
            rows.append([*row, *ratio(found, bare, 0), middle(megabytes), *ratio(found, bare, 1)])
    print(table(("photo", "processor ms", "× bare", "peak MB", "× bare"), rows) + "\n")


def ratio(found: Sequence[tuple[float, float]], bare: Sequence[tuple[float, float]], column: int) -> list[str]:
    """Return how the median compares with the bare script's."""
    one, other = (statistics.median(row[column] for row in rows) for rows in (found, bare))
    return [f"{one / other:.2f}"]


def run_bare(path: Path) -> None:
    """Have the bare script make the same of a photo."""
    subprocess.run([sys.executable, "-I", str(BARE), str(path)], check=True, stdout=subprocess.DEVNULL)


def measure(deed: Callable[[], object], program: Path) -> tuple[float, float]:
    """Return the processor seconds of a deed, ours and its process', and the megabytes that process took at most."""
    watch = Watch(program)
    watch.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.thread_time()
    deed()
    own = time.thread_time() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    watch.ended.set()
    watch.join()
    return own + after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, watch.most / 1000


class Watch(threading.Thread):
    """Looks at the peak memory of our child process that runs a program; its last look is the highest."""

    def __init__(self, program: Path) -> None:
        super().__init__(daemon=True)
        self.program = str(program).encode()
        self.most = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look every few milliseconds."""
        me = os.getpid()
        while not self.ended.wait(0.003):
            with suppress(OSError):
                tasks = Path(f"/proc/{me}/task").iterdir()
                for child in {child for task in tasks for child in (task / "children").read_text().split()}:
                    self._look(Path("/proc", child))

    def _look(self, child: Path) -> None:
        if self.program in (child / "cmdline").read_bytes():  # before it is that, it is a copy of us
            for line in (child / "status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    self.most = max(self.most, int(line.split()[1]))


def ask_in_turns(folders: dict[str, Path]) -> None:
    """Ask for the feed while nobody uploads, and while two do."""
    with tempfile.TemporaryDirectory(prefix="worldit-benchmark-") as folder:
        server = Server(Path(folder, "instance"))
        environ = os.environ | {"WORLDIT_INSTANCE": str(server.instance)}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo"]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        server.start()
        app = application(server)
        with app.app_context():
            people = list(db.session.scalars(select(User.id).order_by(User.id).limit(3)))
        reader, *uploaders = cookies(app, people)
        rows = []
        for label, photos in folders.items():
            waits: dict[str, list[float]] = {"idle": [], "busy": []}
            developed, seconds = 0, 0.0
            ask(server.port, reader, 50)
            for _ in range(ROUNDS):
                waits["idle"] += ask(server.port, reader, PAGES)
                shutil.rmtree(server.instance / "media")  # so that photos are new again
                halves = sorted(photos.iterdir())[::2], sorted(photos.iterdir())[1::2]
                busy = [start_uploading(server.port, *one) for one in zip(uploaders, halves, strict=True)]
                time.sleep(1.5)
                begun = time.monotonic()
                waits["busy"] += ask(server.port, reader, PAGES)
                seconds += time.monotonic() - begun
                developed += sum(stop_uploading(one) for one in busy)
            idle = percentile(waits["idle"], 0.99)
            for name, found in waits.items():
                p50, p99 = statistics.median(found), percentile(found, 0.99)
                told = f"{developed} photos" if name == "busy" else "0 photos"
                rows.append((f"{label}, {name}: {told}", f"{p50:.1f}", f"{p99:.1f}", f"{p99 / idle:.2f}"))
        server.stop()
    print(table(("feed", "p50 ms", "p99 ms", "× idle"), rows))


def ask(port: int, cookie: str, count: int) -> list[float]:
    """Ask for the feed so many times, with a pause between, and return how many milliseconds each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    waits = []
    for _ in range(count):
        begun = time.perf_counter()
        connection.request("GET", "/", headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        waits.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise SystemExit(f"the feed answered {answer.status}")
        time.sleep(PAUSE)
    connection.close()
    return waits


def start_uploading(port: int, cookie: str, photos: Sequence[Path]) -> subprocess.Popen[str]:
    """Have a process upload one photo after the other."""
    command = [sys.executable, "-m", "benchmarks.media", "--upload", str(port), cookie, *map(str, photos)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def stop_uploading(process: subprocess.Popen[str]) -> int:
    """Tell it to stop; return how many it has uploaded."""
    return int(process.communicate("\n")[0])


def upload(port: int, cookie: str, photos: Sequence[str]) -> None:
    """Upload until a line comes in, then say how many it were."""
    told = threading.Thread(target=sys.stdin.readline, daemon=True)
    told.start()
    count = 0
    while told.is_alive():
        path = Path(photos[count % len(photos)])
        environ = EnvironBuilder(method="POST", data={"images": (BytesIO(path.read_bytes()), path.name)}).get_environ()
        headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        headers["Content-Type"] = environ["CONTENT_TYPE"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/pictures", environ["wsgi.input"].read(), headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the upload answered {answer.status}: {said[:500]!r}")
        connection.close()
        count += 1
    print(count)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--upload"]:
        upload(int(sys.argv[2]), sys.argv[3], sys.argv[4:])
    else:
        main()
