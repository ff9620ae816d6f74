"""By which words things are found: rows of ready terms, and the index of each database over them."""

from sqlalchemy import DDL, Dialect, ForeignKey, Text, TypeDecorator, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from app.extensions import Base

INDEX = "_index"  # ends the name of a table's full-text index on SQLite


class Terms(TypeDecorator[list[str]]):
    """Ready terms as each database indexes them; see ``app/words.py``. They are written and matched, and never read."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Take PostgreSQL's own type, whose parser never sees the words."""
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """Write them in one text; no term has a space or a quote in it."""
        if value is None:
            return None
        return " ".join(f"'{term}'" if dialect.name == "postgresql" else term for term in value)


class PostWords(Base):
    """The words of a post."""

    __tablename__ = "post_words"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[list[str]] = mapped_column(Terms)


class MessageWords(Base):
    """The words of a message, and its chat."""

    __tablename__ = "message_words"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[list[str]] = mapped_column(Terms)


class PersonWords(Base):
    """The names of a person, and what they tell about themselves."""

    __tablename__ = "person_words"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[list[str]] = mapped_column(Terms)


class TagWords(Base):
    """The name of a tag, in every language in which it has one."""

    __tablename__ = "tag_words"

    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[list[str]] = mapped_column(Terms)


WORDS = (PostWords, MessageWords, PersonWords, TagWords)


def index_over(table: str, key: str, dialect: str) -> list[str]:
    """Return the statements that make a database's full-text index over a table of words.

    SQLite's is a table kept by triggers that stores neither the words again nor their places. A ``~`` or ``@`` at the
    beginning of a term belongs to it.
    """
    if dialect == "postgresql":
        return [f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)"]
    index = f"{table}{INDEX}"
    take = f"INSERT INTO {index} (rowid, words) VALUES (new.{key}, new.words);"  # noqa: S608 -- our own names
    drop = f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', old.{key}, old.words);"  # noqa: S608
    options = f"content='{table}', content_rowid='{key}', detail=none, columnsize=0, prefix='1 2 3'"
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5 (words, {options}, tokenize=\"ascii tokenchars '~@'\")",
        f"CREATE TRIGGER {table}_inserted AFTER INSERT ON {table} BEGIN {take} END",
        f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {drop} END",
        f"CREATE TRIGGER {table}_updated AFTER UPDATE ON {table} BEGIN {drop} {take} END",
    ]


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Tell Alembic whether to look at a thing: a full-text index is no model, nor is what it keeps."""
    return name is None or not (f"_words{INDEX}" in name if kind == "table" else name.endswith("_words_words"))


for model in WORDS:
    for dialect in ("sqlite", "postgresql"):
        for statement in index_over(model.__tablename__, next(iter(model.__table__.primary_key)).name, dialect):
            event.listen(model.__table__, "after_create", DDL(statement).execute_if(dialect=dialect))
