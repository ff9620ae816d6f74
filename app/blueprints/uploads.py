"""Pictures that come with a form."""

from collections.abc import Iterable
from typing import BinaryIO, cast

from werkzeug.datastructures import FileStorage

from app import media
from app.actions import pictures
from app.errors import Refused
from app.models import Picture, User


def keep_all(owner: User, files: Iterable[FileStorage]) -> tuple[list[Picture], list[str]]:
    """Develop and keep every good file; return them, and a sentence for each that was not good."""
    kept: list[Picture] = []
    reasons: list[str] = []
    for file in files:
        if file.filename:  # browsers send an empty part for a field without files
            try:
                kept.append(pictures.keep(owner, media.develop(cast(BinaryIO, file.stream), file.filename)))
            except Refused as reason:
                reasons.append(reason.sentence)
    return kept, reasons
