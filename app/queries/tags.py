"""Tags by their names, in whichever language a preset is called."""

from flask_babel import force_locale
from sqlalchemy import select

from app.config import LANGUAGES
from app.extensions import db
from app.models import Tag, User
from app.models.tag import PRESETS
from app.text import clean, fold


def canonical(name: str) -> str:
    """Return the name a tag is stored by: folded, without ``#``, and a preset's own whatever its language."""
    name = fold(clean(name).lstrip("#").strip())
    for language in LANGUAGES:
        with force_locale(language):
            for preset, label in PRESETS.items():
                if name == fold(str(label)):
                    return preset
    return name


def tag_called(viewer: User, name: str) -> Tag | None:
    """Return the tag of this name."""
    return db.session.scalar(select(Tag).where(Tag.name == canonical(name)))


def tags_like(viewer: User, beginning: str, limit: int = 8) -> list[Tag]:
    """Return tags whose names begin so, for suggestions."""
    start = fold(clean(beginning).lstrip("#"))
    found = select(Tag).where(Tag.name.startswith(start, autoescape=True)).order_by(Tag.name).limit(limit)
    return list(db.session.scalars(found)) if start else []
