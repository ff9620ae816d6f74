"""groups.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("chats", recreate="never") as chats:
        chats.add_column(sa.Column("name", sa.String(length=100), nullable=True))
        chats.add_column(sa.Column("photo_key", sa.String(length=64), nullable=True))
        chats.add_column(sa.Column("member_count", sa.Integer(), server_default="0", nullable=False))
        chats.add_column(sa.Column("members_version", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("memberships", recreate="never") as memberships:
        memberships.add_column(sa.Column("role", sa.String(length=10), server_default="member", nullable=False))
    with pictures_put_aside(), op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("kind", sa.String(length=10), server_default="said", nullable=False))
        messages.add_column(sa.Column("event", sa.String(length=20), nullable=True))
        messages.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))
        messages.add_column(sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
        messages.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        messages.create_foreign_key(
            op.f("fk_messages_subject_id_users"), "users", ["subject_id"], ["id"], ondelete="SET NULL"
        )
        messages.create_index(op.f("ix_messages_subject_id"), ["subject_id"])


def downgrade() -> None:
    with pictures_put_aside(), op.batch_alter_table("messages") as messages:
        messages.drop_index(op.f("ix_messages_subject_id"))
        messages.drop_constraint(op.f("fk_messages_subject_id_users"), type_="foreignkey")
        for column in ("deleted_at", "edited_at", "subject_id", "event", "kind"):
            messages.drop_column(column)
    with op.batch_alter_table("memberships", recreate="never") as memberships:
        memberships.drop_column("role")
    with op.batch_alter_table("chats", recreate="never") as chats:
        for column in ("members_version", "member_count", "photo_key", "name"):
            chats.drop_column(column)


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
