"""Who may see which picture."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, select

from app.extensions import db
from app.models import Chat, Membership, Message, Picture, Post, User
from app.models.block import parted
from app.models.columns import now
from app.queries.posts import visible_to

WAITS = timedelta(days=1)


def may_see(viewer: User, key: str) -> bool:
    """Tell whether these bytes are shown to the viewer: in a post, in a chat of theirs, or waiting in their form."""
    in_their_chat = exists().where(
        Message.id == Picture.message_id,
        Membership.chat_id == Message.chat_id,
        Membership.user_id == viewer.id,
        Chat.id == Message.chat_id,
        ~parted(),
    )
    in_post = exists().where(Post.id == Picture.post_id, visible_to(viewer))
    waiting = and_(Picture.owner_id == viewer.id, Picture.post_id.is_(None), Picture.message_id.is_(None))
    shown = select(Picture.id).where(
        Picture.key == key,
        or_(and_(Picture.post_id.is_not(None), in_post), waiting, and_(Picture.message_id.is_not(None), in_their_chat)),
    )
    return db.session.scalar(shown.limit(1)) is not None


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
        or_(Picture.post_id.is_(None), Picture.post_id == post_id),
        Picture.message_id.is_(None),
    )
    return sorted(db.session.scalars(found), key=lambda picture: ids.index(picture.id))


def bytes_kept_by(viewer: User) -> int:
    """Return how many bytes of pictures a person keeps here."""
    total = db.session.scalar(select(func.sum(Picture.size)).where(Picture.owner_id == viewer.id))
    return int(total or 0)


def forgotten_pictures(limit: int = 50) -> list[int]:
    """Return pictures that have waited in a form for too long; for the verb that clears them away."""
    old = select(Picture.id).where(
        Picture.post_id.is_(None), Picture.message_id.is_(None), Picture.created_at < now() - WAITS
    )
    return list(db.session.scalars(old.limit(limit)))
