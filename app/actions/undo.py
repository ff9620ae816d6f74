"""Taking back what was deleted: for ten minutes it waits, seen by nobody else, and then a job buries it."""

from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import ColumnElement

from app.errors import Refused
from app.models import Album, Avatar, Comment, Picture, Post
from app.models.columns import now

UNDO_WITHIN = timedelta(minutes=10)
Restorable = type[Album | Avatar | Comment | Picture | Post]


def restorable(thing: Restorable) -> ColumnElement[bool]:
    """Whether a row was deleted so short a time ago that it can be put back."""
    return thing.deleted_at > now() - UNDO_WITHIN


def beyond_undo(thing: Restorable) -> ColumnElement[bool]:
    """Whether a row has been deleted for so long that nobody can put it back."""
    return thing.deleted_at <= now() - UNDO_WITHIN


def too_late() -> Refused:
    """Return the refusal of what can be taken back no more."""
    return Refused(gettext("This can no longer be undone."))
