"""The words by which things are found, written in the transaction that changes the things; and all of them anew."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, delete, insert, select

from app.actions import verb
from app.config import LANGUAGES
from app.extensions import Base, db
from app.language import force_locale
from app.models import (
    Message,
    MessageWords,
    PersonWords,
    Picture,
    Post,
    PostTag,
    PostWords,
    Tag,
    TagWords,
    User,
)
from app.models.tag import PRESETS
from app.words import CHAT, terms

AT_ONCE = 5_000
Found = Iterator[tuple[int, list[str]]]
Pick = Callable[[Any], ColumnElement[bool]]

_MESSAGE_WORDS = cast(Table, MessageWords.__table__)
# Built once, as what else a message costs; see actions/log.py.
_REMEMBER = insert(_MESSAGE_WORDS)
_FORGET = delete(_MESSAGE_WORDS).where(_MESSAGE_WORDS.c.message_id == bindparam("message"))


def index_message(message: Message) -> None:
    """Within a verb: let a new message be found by its words, if it has any."""
    if words := terms(message.body):
        row = {"message_id": message.id, "words": [f"{CHAT}{message.chat_id}", *words]}
        db.session.connection().execute(_REMEMBER, row)


def reindex_message(message: Message) -> None:
    """Within a verb: let a message be found by what it says now; a deleted one says nothing."""
    db.session.connection().execute(_FORGET, {"message": message.id})
    index_message(message)


def index_post(post_id: int) -> None:
    """Within a verb: let a post be found by its words as it stands in the database, and its new tags by theirs."""
    connection = db.session.connection()
    _write(connection, PostWords, lambda column: column == post_id)
    unknown = (
        select(PostTag.tag_id)
        .outerjoin(TagWords, TagWords.tag_id == PostTag.tag_id)
        .where(PostTag.post_id == post_id, TagWords.tag_id.is_(None))
    )
    if tag_ids := connection.scalars(unknown).all():
        _write(connection, TagWords, lambda column: column.in_(tag_ids))


def index_tag(tag_id: int) -> None:
    """Within a verb: let a tag be found by its name as it is now, and its posts by it."""
    connection = db.session.connection()
    _write(connection, TagWords, lambda column: column == tag_id)
    tagged = select(PostTag.post_id).where(PostTag.tag_id == tag_id)
    _write(connection, PostWords, lambda column: column.in_(tagged))


def index_person(user: User) -> None:
    """Within a verb: let a person be found by their names and by what they tell about themselves."""
    db.session.flush()
    _write(db.session.connection(), PersonWords, lambda column: column == user.id)


def reindex() -> None:
    """Write the words of everything anew, a stretch at a time, so that others can write in between."""
    for model in SOURCES:
        after: int | None = 0
        while after is not None:
            after = _reindex_stretch(model, after)


@verb
def _reindex_stretch(model: type[Base], after: int) -> int | None:
    return _fill_stretch(db.session.connection(), model, after)


def fill(connection: Connection) -> None:
    """Write the words of everything within a transaction that has begun."""
    for model in SOURCES:
        after: int | None = 0
        while after is not None:
            after = _fill_stretch(connection, model, after)


def _fill_stretch(connection: Connection, model: type[Base], after: int) -> int | None:
    """Write the words of the next things after an id, and return the last one's, or None at the end."""
    thing = SOURCES[model][0]
    ids = connection.scalars(select(thing.id).where(thing.id > after).order_by(thing.id).limit(AT_ONCE)).all()
    if not ids:
        return None
    _write(connection, model, lambda column: column.between(ids[0], ids[-1]))
    return ids[-1]


def _write(connection: Connection, model: type[Base], pick: Pick) -> None:
    """Write the words of those things anew whose ids are picked.

    The things are locked first, in the order of their ids: two who change the same one do so one after the other, and
    the words of neither are written over by older ones.
    """
    thing = SOURCES[model][0]
    connection.execute(select(thing.id).where(pick(thing.id)).order_by(thing.id).with_for_update(key_share=True))
    table = cast(Table, model.__table__)
    key = next(iter(table.primary_key))
    connection.execute(delete(table).where(pick(key)))
    found = SOURCES[model][1](connection, pick)
    if rows := [{key.name: number, "words": words} for number, words in found if words]:
        connection.execute(insert(table), rows)


def _posts(connection: Connection, pick: Pick) -> Found:
    chosen = select(PostTag.post_id, Tag.name).join(Tag, Tag.id == PostTag.tag_id).where(pick(PostTag.post_id))
    tags = _gathered(connection, chosen)
    alts = _gathered(connection, select(Picture.post_id, Picture.alt).where(pick(Picture.post_id), Picture.alt != ""))
    written = select(Post.id, Post.title, Post.topic, Post.body).where(pick(Post.id)).order_by(Post.id)
    for number, *texts in connection.execute(written):
        called = [name for tag in tags.get(number, ()) for name in _called(tag)]
        yield number, terms(*texts, *called, *alts.get(number, ()))


def _gathered(connection: Connection, texts: Select[int | None, str]) -> dict[int | None, list[str]]:
    gathered: dict[int | None, list[str]] = {}
    for number, text in connection.execute(texts):
        gathered.setdefault(number, []).append(text)
    return gathered


def _messages(connection: Connection, pick: Pick) -> Found:
    standing = (Message.kind == "said", Message.deleted_at.is_(None), Message.body != "")
    said = select(Message.id, Message.chat_id, Message.body).where(pick(Message.id), *standing)
    for number, chat_id, body in connection.execute(said.order_by(Message.id)):
        if words := terms(body):
            yield number, [f"{CHAT}{chat_id}", *words]


def _people(connection: Connection, pick: Pick) -> Found:
    named = select(User.id, User.search_text, User.bio)  # not the names: they may be hidden
    for number, *texts in connection.execute(named.where(pick(User.id), User.username.is_not(None)).order_by(User.id)):
        yield number, terms(*map(str, texts))


def _tags(connection: Connection, pick: Pick) -> Found:
    for number, name in connection.execute(select(Tag.id, Tag.name).where(pick(Tag.id)).order_by(Tag.id)):
        yield number, terms(*_called(name))


def _called(name: str) -> Iterator[str]:
    """Yield what a tag is called, in every language if it is one that everybody is offered."""
    yield name
    if name in PRESETS:
        for language in LANGUAGES:
            with force_locale(language):
                yield str(PRESETS[name])


SOURCES: dict[type[Base], tuple[Any, Callable[[Connection, Pick], Found]]] = {
    TagWords: (Tag, _tags),
    PersonWords: (User, _people),
    PostWords: (Post, _posts),
    MessageWords: (Message, _messages),
}
