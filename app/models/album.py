"""An album: photos that somebody keeps together."""

from uuid import uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment, UserKey
from app.models.tag import Tag
from app.models.user import User

NAME = 100
DESCRIPTION = 1000
CAPTION = 500
FIRST_YEAR = 1826  # of the oldest photograph there is


class Album(Base):
    """A named row of photos, which are Pictures with its ``album_id``, in the order of their positions."""

    __tablename__ = "albums"
    __table_args__ = (UniqueConstraint("owner_id", "client_id"), Index("ix_albums_owner_id", "owner_id", "id"))

    id: Mapped[Key]
    owner_id: Mapped[UserKey]
    # Made with the form, so that a form sent twice makes one album.
    client_id: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid4()))
    name: Mapped[str] = mapped_column(String(NAME))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id", ondelete="SET NULL"), index=True)  # its topic
    year: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(DESCRIPTION), default="")
    audience: Mapped[str] = mapped_column(String(10), default="everyone")  # as a post's: or "friends", or "me"
    # Chosen by its owner; where none is, the first photo stands for the album. Not a foreign key: two tables that
    # point at one another cannot be made or emptied one after the other.
    cover_id: Mapped[int | None]
    photo_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    deleted_at: Mapped[MaybeMoment]  # can be restored for a while

    owner: Mapped[User] = relationship(lazy="raise")
    topic: Mapped[Tag | None] = relationship(lazy="raise")

    def editable_by(self, user: User) -> bool:
        """Tell whether somebody may change it and what is in it."""
        return self.owner_id == user.id
