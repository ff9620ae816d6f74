"""Who may see which picture."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

from flask import current_app
from sqlalchemy import Select, String, and_, bindparam, exists, func, or_, select, union, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.models import Album, Avatar, Block, Chat, Membership, Message, Picture, Post, User
from app.models.block import parted
from app.models.columns import VIEWER, now
from app.models.picture import waiting
from app.queries import albums
from app.queries.people import findable_by, grouped_with, talking_with
from app.queries.posts import visible_to

WAITS = timedelta(days=1)


def may_see(viewer: User, key: str) -> bool:
    """Tell whether these bytes are shown to the viewer, by any of the things that show bytes."""
    return db.session.scalar(_SHOWING, {"viewer": viewer.id, "key": key}) is not None


def _pictures(viewer: User) -> Select[int]:
    """Return the question for a picture in a post, in a chat of theirs, in an album, or waiting in their form."""
    in_their_chat = exists().where(
        Message.id == Picture.message_id,
        Membership.chat_id == Message.chat_id,
        Membership.user_id == viewer.id,
        Chat.id == Message.chat_id,
        ~parted(),
    )
    in_post = exists().where(Post.id == Picture.post_id, visible_to(viewer))
    in_album = exists().where(Album.id == Picture.album_id, albums.visible_to(viewer))
    places = or_(
        and_(Picture.post_id.is_not(None), in_post),
        and_(Picture.message_id.is_not(None), in_their_chat),
        and_(Picture.album_id.is_not(None), Picture.deleted_at.is_(None), in_album),
        and_(Picture.owner_id == viewer.id, waiting()),
    )
    return select(Picture.id).where(Picture.key == KEY, places)


def _faces(viewer: User) -> Select[int]:
    """Return the question for whoever shows these bytes as a photo or a signature, and stands somewhere for the viewer.

    They do who are found, who are in a group or a chat with the viewer, and whom the viewer has blocked.
    """
    shown = or_(User.photo_key == KEY, User.signature_key == KEY)
    blocked = exists().where(Block.blocker_id == viewer.id, Block.blocked_id == User.id)
    met = or_(findable_by(viewer), grouped_with(viewer), talking_with(viewer), blocked)
    return select(User.id).where(shown, met)


def _former_faces(viewer: User) -> Select[int]:
    """Return the question for a photo that somebody stood behind before, and does not hide."""
    shown = or_(
        Avatar.user_id == viewer.id,
        and_(~Avatar.hidden, exists().where(User.id == Avatar.user_id, findable_by(viewer))),
    )
    return select(Avatar.id).where(Avatar.key == KEY, Avatar.deleted_at.is_(None), shown)


# A page has dozens of pictures and faces, so it is one question, built once; all it asks of a viewer is their key.
KEY = bindparam("key", type_=String)
_ANYBODY = cast(User, SimpleNamespace(id=VIEWER))
_SHOWING = union_all(_faces(_ANYBODY), _pictures(_ANYBODY), _former_faces(_ANYBODY)).limit(1)


# Every column that shows bytes, and the kind of picture these are. What is in none of them is swept away.
SHOWING: tuple[tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], str], ...] = (
    (Picture.key, "picture"),
    (Chat.photo_key, "picture"),
    (Avatar.key, "avatar"),
    (User.photo_key, "avatar"),
    (User.signature_key, "signature"),
)


def shown_keys(keys: Collection[str]) -> set[str]:
    """Return those of these keys whose bytes are shown by anything, to anybody."""
    return set(db.session.scalars(union_all(*(select(column).where(column.in_(keys)) for column, _ in SHOWING))))


def waiting_pictures(viewer: User, picture_ids: Iterable[int], post_id: int | None = None) -> list[Picture]:
    """Return those of these pictures that wait in the viewer's forms, in the order asked for.

    Those count, too, that have just come into the post which the form is about: it may have been sent twice.
    """
    ids = list(dict.fromkeys(picture_ids))[:20]
    if not ids:
        return []
    found = select(Picture).where(
        Picture.id.in_(ids),
        Picture.owner_id == viewer.id,
        or_(waiting(), Picture.post_id == post_id),
    )
    return sorted(db.session.scalars(found), key=lambda picture: ids.index(picture.id))


def bytes_kept_by(viewer: User, besides: str = "") -> int:
    """Return how many bytes of pictures a person keeps here, besides those of a key; bytes shown twice count once."""
    pictures = select(Picture.key, Picture.size).where(Picture.owner_id == viewer.id, Picture.key != besides)
    avatars = select(Avatar.key, Avatar.size).where(Avatar.user_id == viewer.id, Avatar.key != besides)
    kept = union(pictures, avatars).subquery()
    return int(db.session.scalar(select(func.sum(kept.c.size))) or 0)


def quota_of(viewer: User) -> int:
    """Return how many bytes of pictures a person may keep here; 0 if as many as they like."""
    return int(current_app.config["QUOTA"]) * 1024**2


def forgotten_pictures(limit: int = 50) -> list[int]:
    """Return pictures that have waited in a form for too long; for the verb that clears them away."""
    old = select(Picture.id).where(waiting(), Picture.created_at < now() - WAITS)
    return list(db.session.scalars(old.limit(limit)))
