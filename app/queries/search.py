"""What a viewer finds by words, of all they may see: posts and messages the newest first, people and tags by name.

The index tells which things have the words; who may see them is asked in the same question, by the gate of each noun.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from app.extensions import Base, db
from app.models import (
    Chat,
    Membership,
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
from app.models.block import parted
from app.models.friendship import friend_ids
from app.models.words import INDEX
from app.queries.chats import ChatRow, chats_of
from app.queries.messages import not_hidden
from app.queries.people import findable_by
from app.queries.posts import visible_to
from app.queries.tags import posts_of_tag
from app.words import Query

Thing = TypeVar("Thing")
PAGE = 20
STRETCH = 4_000  # the newest things, among which frequent words are looked for
CANDIDATES = 1_000  # of the things with the words, the newest: nearly all of them pass the gate
CHATS = 1_000  # of more than so many the index is not told in which to look


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search: who wrote it, in which chat, before which moment, and whether with pictures."""

    author: User | None = None
    chat: Chat | None = None
    before: datetime | None = None
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class Hits(Generic[Thing]):
    """Some of what was found; ``after`` is the id of the last one, if there is more."""

    things: list[Thing]
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What the index is asked: of which kind, for which words, and for nothing newer than what was shown already."""

    model: type[Base]
    query: Query
    after: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was found, and the chat in which it is as its viewer knows it."""

    message: Message
    row: ChatRow


def posts_found(
    viewer: User, query: Query, filters: Filters = Filters(), after: int | None = None, limit: int = PAGE
) -> Hits[Post]:
    """Return posts with these words, the newest first."""
    found = select(Post).where(visible_to(viewer))
    found = _narrowed(found, Post.author_id, Post.created_at, Picture.post_id == Post.id, filters)
    shown = (
        joinedload(Post.author, innerjoin=True),
        selectinload(Post.pictures),
        selectinload(Post.tagged).joinedload(PostTag.tag, innerjoin=True),
    )
    newest = select(func.max(Post.id))
    return _newest(found.options(*shown), Post.id, newest, Words(PostWords, query, after), limit)


def messages_found(
    viewer: User, query: Query, filters: Filters = Filters(), after: int | None = None, limit: int = PAGE
) -> Hits[Said]:
    """Return messages with these words in the viewer's chats, the newest first."""
    mine = _chats_to_look_in(viewer)
    if filters.chat is not None:
        mine = mine.where(Membership.chat_id == filters.chat.id)
    chat_ids = tuple(db.session.scalars(mine.limit(CHATS + 1)))
    if not chat_ids:
        return Hits([])
    query = replace(query, chat_ids=chat_ids if len(chat_ids) <= CHATS else ())
    # The sum hides the chats from the planner, which would rather read all that was ever said in them.
    standing = ((Message.chat_id + 0).in_(mine), Message.deleted_at.is_(None), not_hidden(viewer))
    found = select(Message).where(*standing)
    found = _narrowed(found, Message.author_id, Message.sent_at, Picture.message_id == Message.id, filters)
    found = found.options(joinedload(Message.author))
    newest = select(func.max(Message.id)).join(Chat, and_(Chat.id == Message.chat_id, Chat.last_seq == Message.seq))
    newest = newest.where(Chat.id.in_(chat_ids))
    hits: Hits[Message] = _newest(found, Message.id, newest, Words(MessageWords, query, after), limit)
    rows = chats_of(viewer, {message.chat_id for message in hits.things}) if hits.things else {}
    # A chat may have gone between the two questions.
    said = [Said(message, rows[message.chat_id]) for message in hits.things if message.chat_id in rows]
    return Hits(said, hits.after)


def people_found(viewer: User, query: Query, after: int | None = None, limit: int = PAGE) -> Hits[User]:
    """Return people with these words in their names or in what they tell about themselves; friends first, by name."""
    found = _with_words(select(User).where(findable_by(viewer)), User.id, PersonWords, query)
    return _in_order(found, User, partial(_standing, viewer), after, limit)


def tags_found(viewer: User, query: Query, after: int | None = None, limit: int = PAGE) -> Hits[Tag]:
    """Return tags with these words, by name; one of which the viewer may see no post is not there."""
    found = _with_words(select(Tag).where(posts_of_tag(viewer).exists()), Tag.id, TagWords, query)
    return _in_order(found, Tag, lambda tag: (tag.name, tag.id), after, limit)


def _chats_to_look_in(viewer: User) -> Select[int]:
    """Ask for the ids of the viewer's chats, but for those of two with somebody who is kept apart from them."""
    theirs = select(Membership.chat_id).join(Chat, Chat.id == Membership.chat_id)
    return theirs.where(Membership.user_id == viewer.id, ~parted())


def _narrowed(
    found: Select[Thing],
    author_id: InstrumentedAttribute[Any],
    moment: InstrumentedAttribute[datetime],
    is_shown: ColumnElement[bool],
    filters: Filters,
) -> Select[Thing]:
    if filters.author is not None:
        found = found.where(author_id == filters.author.id)
    if filters.before is not None:
        found = found.where(moment < filters.before)
    return found.where(select(Picture.id).where(is_shown).exists()) if filters.pictured else found


def _newest(
    found: Select[Thing], thing_id: InstrumentedAttribute[int], newest: Select[int], asked: Words, limit: int
) -> Hits[Any]:
    """Return those of the things that have the words, the newest first.

    SQLite's index walks backwards and stops when there is enough. PostgreSQL's gives everything at once, in no order:
    so frequent words are looked for among the newest things first, then among the newest that the index gives.
    """
    source, key, has_words = _index(asked.model, asked.query)
    has_words = has_words if asked.after is None else and_(has_words, key < asked.after)
    if db.engine.dialect.name != "postgresql":
        return _some(_joined(found, source, key, thing_id, has_words, limit), limit)
    last = asked.after or db.session.scalar(newest) or 0
    # An offset, even of nothing, lets a question be planned by itself; the planner would begin with the gate's tables.
    words = select(key.label("id")).where(has_words).offset(0)
    rare = words.subquery()
    candidates = select(rare.c.id).order_by(rare.c.id.desc()).limit(CANDIDATES)
    for one in (words.where(key > last - STRETCH), candidates, words):
        those = one.subquery()
        things = _joined(found, those, those.c.id, thing_id, true(), limit)
        if len(things) > limit:
            break
    return _some(things, limit)


def _joined(
    found: Select[Thing],
    source: FromClause,
    key: ColumnElement[int],
    thing_id: InstrumentedAttribute[int],
    condition: ColumnElement[bool],
    limit: int,
) -> Sequence[Any]:
    found = found.join(source, key == thing_id).where(condition)
    return db.session.scalars(found.order_by(key.desc()).limit(limit + 1)).all()


def _with_words(
    found: Select[Thing], thing_id: InstrumentedAttribute[int], model: type[Base], query: Query
) -> Select[Thing]:
    source, key, has_words = _index(model, query)
    return found.join(source, key == thing_id).where(has_words)


def _index(model: type[Base], query: Query) -> tuple[FromClause, ColumnElement[int], ColumnElement[bool]]:
    """Return where the words of a kind are indexed, the ids there, and the condition of having those that are asked."""
    words = model.__table__
    if db.engine.dialect.name == "postgresql":
        key = next(iter(words.primary_key))
        return words, key, words.c.words.op("@@", is_comparison=True)(cast(query.for_postgresql(), TSQUERY))
    assert isinstance(model.__tablename__, str)
    name = f"{model.__tablename__}{INDEX}"
    index = table(name, column("rowid"))
    return index, index.c.rowid, literal_column(name).op("MATCH", is_comparison=True)(query.for_sqlite())


def _standing(viewer: User, user: type[User]) -> tuple[Any, ...]:
    return case((user.id.in_(friend_ids(viewer.id)), 0), else_=1), user.search_text, user.id


def _in_order(found: Select[Thing], model: Any, standing: Any, after: int | None, limit: int) -> Hits[Any]:
    """Return what stands behind the thing with this id, in the order of some columns."""
    places = standing(model)
    if after is not None:
        # Only one that is there for the viewer tells where the list goes on: or others could be looked for with it.
        last = found.with_only_columns(*places).where(model.id == after).correlate(None)
        found = found.where(tuple_(*places) > last.scalar_subquery())
    return _some(list(db.session.scalars(found.order_by(*places).limit(limit + 1))), limit)


def _some(things: Sequence[Any], limit: int) -> Hits[Any]:
    shown = list(things[:limit])
    return Hits(shown, shown[-1].id if len(things) > limit else None)
