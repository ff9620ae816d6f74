"""Finding in a chat: a day, words, pictures; the chat comes from ``chat_for``, which asks who may see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Chat, Message, Picture, User
from app.queries.messages import not_hidden, seen_by, whole
from app.text import fold

PAGE = 50
REACHES = (2_000, 8_000, 32_000)  # places that a search looks through before it asks whether to go on
WORDS = 6  # of a search: each is looked for in every message of the chat


def place_of_day(chat: Chat, moment: datetime) -> int | None:
    """Return the place of the first message said at a moment or later, or None.

    Moments rise with places, which have no gaps, so the stretch in which it must be is halved until it is one place.
    """
    halved = select(literal(1).label("low"), literal(chat.last_seq + 1).label("high")).cte("halved", recursive=True)
    later = Message.sent_at >= moment
    narrower = (
        select(case((later, halved.c.low), else_=Message.seq + 1), case((later, Message.seq), else_=halved.c.high))
        .join_from(halved, Message, Message.seq == (halved.c.low + halved.c.high) // 2)
        .where(Message.chat_id == chat.id, halved.c.low < halved.c.high)
    )
    place = db.session.scalars(select(func.max(halved.union_all(narrower).c.low))).one()
    return place if place <= chat.last_seq else None


@dataclass(frozen=True, slots=True)
class Hits:
    """Messages with the words that were looked for, the newest first; ``before`` is where older ones may be."""

    messages: list[Message]
    before: int | None


def messages_with(viewer: User, chat: Chat, words: str, before: int | None = None) -> Hits:
    """Return what was said in a chat with all of these words in it, whatever their case; the first few words count."""
    found = seen_by(viewer, chat).where(Message.kind == "said", Message.deleted_at.is_(None))
    for word in list(dict.fromkeys(words.split()))[:WORDS]:
        # SQLite folds here as Python does, PostgreSQL makes small letters only.
        forms = {fold(word), word.lower()}
        found = found.where(or_(*(func.lower(Message.body).contains(form, autoescape=True) for form in forms)))
    found = whole(found.order_by(Message.seq.desc()))
    hits: list[Message] = []
    low = end = min(before or chat.last_seq + 1, chat.last_seq + 1)
    # In stretches that grow: frequent words are found in the first, and no question reads a chat of any length.
    for reach in REACHES:
        upto, low = low, max(1, low - reach)
        stretch = found.where(Message.seq >= low, Message.seq < upto)
        hits += db.session.scalars(stretch.limit(PAGE + 1 - len(hits)))
        if len(hits) > PAGE or low == 1:
            break
    if len(hits) > PAGE:
        return Hits(hits[:PAGE], hits[PAGE - 1].seq)
    return Hits(hits, low if 1 < low < end else None)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures of a chat with the messages they came in, the newest first; ``before`` is where older ones are."""

    pictures: list[tuple[Picture, Message]]
    before: int | None


def pictures_in(viewer: User, chat: Chat, before: int | None = None) -> Gallery:
    """Return the pictures of a chat."""
    found = (
        select(Picture, Message)
        .join(Message, Picture.message_id == Message.id)
        .where(Picture.chat_id == chat.id, not_hidden(viewer))
        .options(joinedload(Message.author))
        .order_by(Picture.id.desc())
    )
    if before is not None:
        found = found.where(Picture.id < before)
    rows = [(picture, message) for picture, message in db.session.execute(found.limit(PAGE + 1))]
    return Gallery(rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else None)
