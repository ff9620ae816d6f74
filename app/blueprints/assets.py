"""Scripts, styles, fonts and icons.

Their addresses carry one digest of the whole tree, so browsers may keep them for ever and files may name one another
by relative paths. All style sheets are sent as one, which packs a third smaller than each of them alone.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request

bp = Blueprint("assets", __name__)

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json"}
SHEETS = "css/all.css"
COMPRESSED = (".js", ".css", ".svg", ".webmanifest")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    content: bytes
    zipped: bytes | None
    content_type: str


def init_app(app: Flask) -> None:
    """Let templates write ``asset('css/base.css')``."""

    def asset(path: str) -> str:
        return f"/static/{_tree()[0]}/{path}"

    app.jinja_env.globals["asset"] = asset if app.debug else cache(asset)


@bp.get("/static/<digest>/<path:path>")
def show(digest: str, path: str) -> Response:
    """A static file; under an outdated digest it is the present one, and not kept."""
    present, files = _tree()
    file = files.get(path) or abort(404)
    zipped = file.zipped if request.accept_encodings.quality("gzip") else None
    response = Response(zipped or file.content, content_type=file.content_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if file.zipped:
        response.headers["Vary"] = "Accept-Encoding"
    kept = digest == present and not current_app.debug
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
    return response


@bp.get("/favicon.ico")
def favicon() -> Response:
    """What browsers ask for without being told."""
    return show(_tree()[0], "icons/favicon.png")


def _tree() -> tuple[str, dict[str, Asset]]:
    return _read_tree.__wrapped__() if current_app.debug else _read_tree()


@cache
def _read_tree() -> tuple[str, dict[str, Asset]]:
    digest = hashlib.sha256()
    files = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            name, content = path.relative_to(FOLDER).as_posix(), path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
            files[name] = _read(path, content)
    # The one with the tokens comes first: it says in which order the layers of all others stand.
    sheets = sorted((name for name in files if name.endswith(".css")), key=lambda name: name != "css/tokens.css")
    files[SHEETS] = _read(Path(SHEETS), b"".join(files[name].content for name in sheets))
    return digest.hexdigest()[:12], files


def _read(path: Path, content: bytes) -> Asset:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or path.suffix in COMPRESSED
    zipped = gzip.compress(content, 9, mtime=0) if path.suffix in COMPRESSED else None
    return Asset(content, zipped, f"{kind}; charset=utf-8" if text else kind)
