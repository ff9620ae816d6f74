"""messenger.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("users", recreate="never") as users:
        for name in ("enter_sends", "shows_presence", "shows_typing", "shows_reading"):
            users.add_column(sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False))
        users.add_column(sa.Column("last_seen_at", MOMENT, nullable=True))
    with op.batch_alter_table("chats", recreate="never") as chats:
        chats.add_column(sa.Column("description", sa.String(length=500), server_default="", nullable=False))
    with op.batch_alter_table("memberships", recreate="never") as memberships:
        memberships.add_column(sa.Column("muted", sa.Boolean(), server_default=sa.false(), nullable=False))
        memberships.add_column(sa.Column("marked", sa.Boolean(), server_default=sa.false(), nullable=False))
        memberships.add_column(sa.Column("pinned_at", MOMENT, nullable=True))
        memberships.add_column(sa.Column("archived_seq", sa.Integer(), nullable=True))
        memberships.add_column(sa.Column("joined_seq", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE memberships SET joined_seq = coalesce((SELECT max(messages.seq) - 1 FROM messages"
        " WHERE messages.chat_id = memberships.chat_id AND messages.subject_id = memberships.user_id"
        " AND messages.event IN ('added', 'joined')), 0)"
    )
    where = sa.text("archived_seq IS NOT NULL")
    op.create_index(
        "ix_memberships_archived",
        "memberships",
        ["chat_id", "archived_seq"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "bans",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("banned_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_bans_chat_id_chats"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bans_user_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["banned_by_id"], ["users.id"], name=op.f("fk_bans_banned_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name=op.f("pk_bans")),
    )
    op.create_index(op.f("ix_bans_user_id"), "bans", ["user_id"])
    with pictures_put_aside(), op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("reply_to_id", sa.Integer(), nullable=True))
        messages.add_column(sa.Column("pinned_at", MOMENT, nullable=True))
        messages.create_foreign_key(
            op.f("fk_messages_reply_to_id_messages"), "messages", ["reply_to_id"], ["id"], ondelete="SET NULL"
        )
        messages.create_index(op.f("ix_messages_reply_to_id"), ["reply_to_id"])
    where = sa.text("pinned_at IS NOT NULL")
    op.create_index(
        "ix_messages_pinned", "messages", ["chat_id", "pinned_at"], sqlite_where=where, postgresql_where=where
    )
    op.add_column("pictures", sa.Column("chat_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE pictures SET chat_id = (SELECT chat_id FROM messages WHERE messages.id = pictures.message_id)"
        " WHERE message_id IS NOT NULL"
    )
    in_chat = sa.text("chat_id IS NOT NULL")
    op.create_index(
        "ix_pictures_chat_id", "pictures", ["chat_id", "id"], sqlite_where=in_chat, postgresql_where=in_chat
    )
    op.create_table(
        "reactions",
        *_of_somebody_to_a_message("reactions"),
        sa.Column("emoji", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "user_id", "emoji", name=op.f("pk_reactions")),
    )
    op.create_index(op.f("ix_reactions_user_id"), "reactions", ["user_id"])
    op.create_table(
        "mentions",
        *_of_somebody_to_a_message("mentions"),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_user_id", "mentions", ["user_id", "chat_id", "seq"])
    op.create_table(
        "hidings",
        *_of_somebody_to_a_message("hidings"),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "message_id", name=op.f("pk_hidings")),
    )
    op.create_index(op.f("ix_hidings_message_id"), "hidings", ["message_id"])
    op.create_index("ix_hidings_chat_id", "hidings", ["chat_id", "user_id", "revision"])


def downgrade() -> None:
    for table in ("hidings", "mentions", "reactions", "bans"):
        op.drop_table(table)
    op.drop_index("ix_pictures_chat_id", "pictures")
    op.drop_column("pictures", "chat_id")
    op.drop_index("ix_messages_pinned", "messages")
    with pictures_put_aside(), op.batch_alter_table("messages") as messages:
        messages.drop_index(op.f("ix_messages_reply_to_id"))
        messages.drop_constraint(op.f("fk_messages_reply_to_id_messages"), type_="foreignkey")
        for column in ("pinned_at", "reply_to_id"):
            messages.drop_column(column)
    op.drop_index("ix_memberships_archived", "memberships")
    _drop("memberships", "joined_seq", "archived_seq", "pinned_at", "marked", "muted")
    _drop("chats", "description")
    _drop("users", "last_seen_at", "shows_reading", "shows_typing", "shows_presence", "enter_sends")


def _of_somebody_to_a_message(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f(f"fk_{table}_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"),
    )


def _drop(table: str, *columns: str) -> None:
    for column in columns:
        op.drop_column(table, column)


@contextmanager
def pictures_put_aside() -> Iterator[None]:
    """Let no picture hang on a message meanwhile.

    A foreign key can be added on SQLite only by building the table anew and dropping the old one, which deletes its
    rows and, along foreign keys, what hangs on them.
    """
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute("CREATE TEMPORARY TABLE shown AS SELECT id, message_id FROM pictures WHERE message_id IS NOT NULL")
    op.execute("UPDATE pictures SET message_id = NULL")
    yield
    op.execute("CREATE UNIQUE INDEX temp.ix_shown ON shown (id)")
    op.execute(
        "UPDATE pictures SET message_id = (SELECT shown.message_id FROM temp.shown WHERE shown.id = pictures.id)"
        " WHERE id IN (SELECT id FROM temp.shown)"
    )
    op.execute("DROP TABLE temp.shown")
