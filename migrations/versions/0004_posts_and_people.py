"""posts and people.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from app.models.post import topic_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("bio", sa.String(length=500), server_default="", nullable=False))
    op.add_column("pictures", sa.Column("alt", sa.String(length=500), server_default="", nullable=False))
    for column in (
        sa.Column("topic_folded", sa.String(length=150), server_default="", nullable=False),
        sa.Column("audience", sa.String(length=10), server_default="everyone", nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("takes_comments", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("comment_count", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("posts", column)
    _fold_topics()
    op.create_index("ix_posts_topic_folded", "posts", ["topic_folded", "id"])
    op.add_column("post_tags", sa.Column("in_text", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_post_tags_tag_id", "post_tags")
    op.create_index("ix_post_tags_tag_id", "post_tags", ["tag_id", "post_id"])
    _make_tables()
    op.execute(
        "INSERT INTO readers (author_id, reader_id, post_count) SELECT posts.author_id, post_views.user_id, count(*)"
        " FROM post_views JOIN posts ON posts.id = post_views.post_id GROUP BY posts.author_id, post_views.user_id"
    )
    op.execute("UPDATE users SET reader_count = (SELECT count(*) FROM readers WHERE readers.author_id = users.id)")


def downgrade() -> None:
    # What was not for everyone, or deleted, would be shown to everyone by the older product.
    op.execute("DELETE FROM posts WHERE audience <> 'everyone' OR deleted_at IS NOT NULL")
    op.execute("DELETE FROM jobs WHERE kind IN ('bury_post', 'bury_comment')")
    op.execute("UPDATE users SET post_count = (SELECT count(*) FROM posts WHERE posts.author_id = users.id)")
    for table in ("readers", "blocks", "tag_follows", "comment_mentions", "comment_likes", "comments", "post_mentions"):
        op.drop_table(table)
    op.execute(
        "UPDATE users SET reader_count ="
        " coalesce((SELECT sum(posts.view_count) FROM posts WHERE posts.author_id = users.id), 0)"
    )
    op.drop_index("ix_post_tags_tag_id", "post_tags")
    op.create_index("ix_post_tags_tag_id", "post_tags", ["tag_id"])
    op.drop_column("post_tags", "in_text")
    op.drop_index("ix_posts_topic_folded", "posts")
    for column in ("comment_count", "takes_comments", "deleted_at", "audience", "topic_folded"):
        op.drop_column("posts", column)
    op.drop_column("pictures", "alt")
    op.drop_column("users", "bio")


def _fold_topics() -> None:
    """Give posts their topics as they are compared, a stretch at a time."""
    posts = sa.table("posts", sa.column("id", sa.Integer), sa.column("topic", sa.String), sa.column("topic_folded"))
    connection, last = op.get_bind(), 0
    written = sa.select(posts.c.id, posts.c.topic).where(posts.c.topic != "").order_by(posts.c.id).limit(5_000)
    folded = sa.update(posts).where(posts.c.id == sa.bindparam("post")).values(topic_folded=sa.bindparam("folded"))
    while stretch := connection.execute(written.where(posts.c.id > last)).all():
        connection.execute(folded, [{"post": post_id, "folded": topic_key(topic)} for post_id, topic in stretch])
        last = stretch[-1][0]


def _make_tables() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("like_count", sa.Integer(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        _key("comments", "post_id", "posts"),
        _key("comments", "author_id", "users"),
        _key("comments", "parent_id", "comments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("author_id", "client_id", name=op.f("uq_comments_author_id_client_id")),
    )
    op.create_index("ix_comments_post_id", "comments", ["post_id", "parent_id", "id"])
    op.create_index(op.f("ix_comments_parent_id"), "comments", ["parent_id"])
    _pairs("post_mentions", ("post_id", "posts"), ("user_id", "users"), _name())
    _pairs("comment_likes", ("comment_id", "comments"), ("user_id", "users"), _made_at())
    _pairs(
        "comment_mentions",
        ("comment_id", "comments"),
        ("user_id", "users"),
        _name(),
    )
    _pairs("tag_follows", ("user_id", "users"), ("tag_id", "tags"), _made_at())
    _pairs("blocks", ("blocker_id", "users"), ("blocked_id", "users"), _made_at())
    _pairs(
        "readers", ("author_id", "users"), ("reader_id", "users"), sa.Column("post_count", sa.Integer(), nullable=False)
    )


def _pairs(table: str, one: tuple[str, str], other: tuple[str, str], fact: sa.Column[object]) -> None:
    """Make a table of pairs of keys with one fact about each; pairs are found by either key."""
    op.create_table(
        table,
        sa.Column(one[0], sa.Integer(), nullable=False),
        sa.Column(other[0], sa.Integer(), nullable=False),
        fact,
        _key(table, *one),
        _key(table, *other),
        sa.PrimaryKeyConstraint(one[0], other[0], name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{other[0]}"), table, [other[0]])


def _name() -> sa.Column[object]:
    return sa.Column("name", sa.String(length=30), nullable=False)


def _made_at() -> sa.Column[object]:
    return sa.Column("created_at", MOMENT, nullable=False)


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE")
