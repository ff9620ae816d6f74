"""A picture somebody uploaded, where it is shown."""

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment

IN_CHAT = text("chat_id IS NOT NULL")
VARIANTS = (320, 960, 1920)  # the sizes a picture is kept in, by their longest side


class Picture(Base):
    """One showing of stored bytes: in a post, in a message, in an album, or waiting in its owner's unfinished form.

    The key is a digest of the bytes, so the same picture shown twice is stored once.
    """

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint(
            "(post_id IS NULL AND message_id IS NULL) OR (post_id IS NULL AND album_id IS NULL)"
            " OR (message_id IS NULL AND album_id IS NULL)",
            name="one_place",
        ),
        Index("ix_pictures_album_id", "album_id", "position", "id"),
        Index("ix_pictures_chat_id", "chat_id", "id", sqlite_where=IN_CHAT, postgresql_where=IN_CHAT),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(64), index=True)
    # Nobody's is what somebody showed in a chat who deleted their account.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    album_id: Mapped[int | None] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"))
    chat_id: Mapped[int | None]  # its message's, so that a chat's pictures are found
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[str] = mapped_column(String(500), default="")  # what is to be seen on it, told by its owner
    caption: Mapped[str] = mapped_column(String(500), default="")  # what its owner says of it, in an album
    width: Mapped[int]
    height: Mapped[int]
    colour: Mapped[str] = mapped_column(String(7))
    size: Mapped[int]
    created_at: Mapped[Moment]
    deleted_at: Mapped[MaybeMoment]  # from an album; can be restored for a while

    @property
    def widths(self) -> list[tuple[int, int]]:
        """Each variant and how many pixels wide it is; small pictures have fewer that differ."""
        longest = max(self.width, self.height)
        widths = {max(1, self.width * min(variant, longest) // longest): variant for variant in reversed(VARIANTS)}
        return [(variant, width) for width, variant in sorted(widths.items())]


def waiting() -> ColumnElement[bool]:
    """Whether a Picture is in no place yet."""
    return and_(Picture.post_id.is_(None), Picture.message_id.is_(None), Picture.album_id.is_(None))
