"""oneself: avatars, albums, signatures, privacy, confirmations.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
GONE = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    for column in (
        sa.Column("status", sa.String(length=100), server_default="", nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("photo_key", sa.String(length=64), nullable=True),
        sa.Column("signature_key", sa.String(length=64), nullable=True),
        sa.Column("signs_by", sa.String(length=10), server_default="name", nullable=False),
        sa.Column("text_size", sa.String(length=10), server_default="normal", nullable=False),
        sa.Column("name_shown_to", sa.String(length=10), server_default="everyone", nullable=False),
        sa.Column("birth_date_shown_to", sa.String(length=10), server_default="nobody", nullable=False),
        sa.Column("shows_birth_year", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("email_shown_to", sa.String(length=10), server_default="nobody", nullable=False),
        sa.Column("friends_shown_to", sa.String(length=10), server_default="everyone", nullable=False),
        sa.Column("requests_from", sa.String(length=10), server_default="everyone", nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
    ):
        op.add_column("users", column)
    op.create_index("ix_users_deleted", "users", ["id"], sqlite_where=GONE, postgresql_where=GONE)
    op.create_index(op.f("ix_users_photo_key"), "users", ["photo_key"])
    op.create_index(op.f("ix_users_signature_key"), "users", ["signature_key"])
    op.create_index(op.f("ix_chats_photo_key"), "chats", ["photo_key"])
    _make_tables()
    with op.batch_alter_table("pictures") as batch:
        batch.add_column(sa.Column("album_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("caption", sa.String(length=500), server_default="", nullable=False))
        batch.add_column(sa.Column("deleted_at", MOMENT, nullable=True))
        batch.create_foreign_key(
            op.f("fk_pictures_album_id_albums"), "albums", ["album_id"], ["id"], ondelete="CASCADE"
        )
        batch.alter_column("owner_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(op.f("fk_pictures_owner_id_users"), type_="foreignkey")
        batch.create_foreign_key(op.f("fk_pictures_owner_id_users"), "users", ["owner_id"], ["id"], ondelete="SET NULL")
        batch.drop_constraint("one_place", type_="check")
        batch.create_check_constraint(
            "one_place",
            "(post_id IS NULL AND message_id IS NULL) OR (post_id IS NULL AND album_id IS NULL)"
            " OR (message_id IS NULL AND album_id IS NULL)",
        )
    op.create_index("ix_pictures_album_id", "pictures", ["album_id", "position", "id"])
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("once", sa.String(length=40), nullable=True))
        batch.create_unique_constraint(op.f("uq_jobs_once"), ["once"])


def _make_tables() -> None:
    op.create_table(
        "avatars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_avatars_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avatars")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_avatars_user_id_key")),
    )
    op.create_index("ix_avatars_user_id", "avatars", ["user_id", "id"])
    op.create_index(op.f("ix_avatars_key"), "avatars", ["key"])
    op.create_table(
        "albums",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("cover_id", sa.Integer(), nullable=True),
        sa.Column("photo_count", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_albums_owner_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_albums_tag_id_tags"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_albums")),
        sa.UniqueConstraint("owner_id", "client_id", name=op.f("uq_albums_owner_id_client_id")),
    )
    op.create_index("ix_albums_owner_id", "albums", ["owner_id", "id"])
    op.create_index(op.f("ix_albums_tag_id"), "albums", ["tag_id"])
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("code_sent_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_confirmations_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("user_id", "purpose", name=op.f("uq_confirmations_user_id_purpose")),
    )
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_resets")),
    )
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"])
    op.create_table(
        "former_usernames",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("left_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_former_usernames_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_former_usernames")),
    )
    op.create_index(op.f("ix_former_usernames_user_id"), "former_usernames", ["user_id"])


def downgrade() -> None:
    # What was in albums has no place in the older product, and a picture without one is cleared away by it.
    op.execute("DELETE FROM pictures WHERE album_id IS NOT NULL OR owner_id IS NULL")
    op.execute("DELETE FROM users WHERE deleted_at IS NOT NULL")
    newer = "'bury_album', 'bury_photo', 'bury_avatar', 'bury_person', 'forgotten'"
    op.execute(f"DELETE FROM jobs WHERE once IS NOT NULL OR kind IN ({newer})")  # noqa: S608 -- nothing of anybody's
    with op.batch_alter_table("jobs") as batch:
        batch.drop_constraint(op.f("uq_jobs_once"), type_="unique")
        batch.drop_column("once")
    op.drop_index("ix_pictures_album_id", "pictures")
    with op.batch_alter_table("pictures") as batch:
        batch.drop_constraint(op.f("fk_pictures_album_id_albums"), type_="foreignkey")
        batch.drop_constraint("one_place", type_="check")
        batch.create_check_constraint("one_place", "post_id IS NULL OR message_id IS NULL")
        batch.drop_constraint(op.f("fk_pictures_owner_id_users"), type_="foreignkey")
        batch.create_foreign_key(op.f("fk_pictures_owner_id_users"), "users", ["owner_id"], ["id"], ondelete="CASCADE")
        batch.alter_column("owner_id", existing_type=sa.Integer(), nullable=False)
        for column in ("deleted_at", "caption", "album_id"):
            batch.drop_column(column)
    for table in ("former_usernames", "password_resets", "confirmations", "albums", "avatars"):
        op.drop_table(table)
    op.drop_index(op.f("ix_chats_photo_key"), "chats")
    op.drop_index(op.f("ix_users_signature_key"), "users")
    op.drop_index(op.f("ix_users_photo_key"), "users")
    op.drop_index("ix_users_deleted", "users")
    for column in (
        "deleted_at requests_from friends_shown_to email_shown_to shows_birth_year birth_date_shown_to name_shown_to"
        " text_size signs_by signature_key photo_key birth_date status"
    ).split():
        op.drop_column("users", column)
