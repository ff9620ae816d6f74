"""search.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.actions.indexing import fill
from app.models.words import index_over

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    ("post_words", "post_id", "posts"),
    ("message_words", "message_id", "messages"),
    ("person_words", "user_id", "users"),
    ("tag_words", "tag_id", "tags"),
)


def upgrade() -> None:
    connection = op.get_bind()
    terms = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
    for table, key, of in TABLES:
        op.create_table(
            table,
            sa.Column(key, sa.Integer(), nullable=False),
            sa.Column("words", terms, nullable=False),
            sa.ForeignKeyConstraint([key], [f"{of}.id"], name=op.f(f"fk_{table}_{key}_{of}"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
    if connection.dialect.name == "sqlite":
        _index()
    fill(connection)
    if connection.dialect.name == "postgresql":  # once the rows are there, which is quicker
        _index()


def downgrade() -> None:
    for table, _, _ in TABLES:
        op.drop_table(table)  # and its triggers with it
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {table}_index")


def _index() -> None:
    for table, key, _ in TABLES:
        for statement in index_over(table, key, op.get_bind().dialect.name):
            op.execute(statement)
