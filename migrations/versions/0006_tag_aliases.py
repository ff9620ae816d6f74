"""former names of tags, likes by time.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_aliases",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_tag_aliases_tag_id_tags"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tag_aliases")),
    )
    op.create_index(op.f("ix_tag_aliases_tag_id"), "tag_aliases", ["tag_id"])
    op.create_index("ix_likes_post_id_created_at", "likes", ["post_id", "created_at", "user_id"])


def downgrade() -> None:
    op.drop_index("ix_likes_post_id_created_at", "likes")
    op.drop_table("tag_aliases")
