"""Pictures that come with a form."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import BinaryIO, cast

from flask import request
from werkzeug.datastructures import FileStorage

from app import media
from app.actions import pictures
from app.errors import Refused
from app.models import Picture, User

Kept = tuple[list[Picture], list[str]]


def developed(field: str, develop: Callable[[BinaryIO, str], media.Picture]) -> media.Picture | None:
    """Develop the one file of a field, if there is one."""
    file = request.files.get(field)
    return develop(cast(BinaryIO, file.stream), file.filename) if file and file.filename else None


def keep_all(owner: User, files: Iterable[FileStorage]) -> Kept:
    """Develop every good file and let it wait; return them, and a sentence for each that was not good."""
    return keep_each(files, partial(pictures.keep, owner))


def keep_each(files: Iterable[FileStorage], keep: Callable[[media.Picture], Picture]) -> Kept:
    """Develop every good file and ``keep`` it; return them, and a sentence for each that was not good."""
    kept: list[Picture] = []
    reasons: list[str] = []
    for file in files:
        if file.filename:  # browsers send an empty part for a field without files
            try:
                kept.append(keep(media.develop(cast(BinaryIO, file.stream), file.filename)))
            except Refused as reason:
                reasons.append(reason.sentence)
    return kept, list(dict.fromkeys(reasons))
