"""A photo of somebody that stands for them."""

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment, UserKey

VARIANTS = (96, 320, 960)  # the sides of the squares an avatar is kept in


class Avatar(Base):
    """One photo somebody has stood behind; which of them is shown now is told by ``User.photo_key``.

    A hidden one is for its owner's eyes, so it is never the one that is shown now.
    """

    __tablename__ = "avatars"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_avatars_user_id", "user_id", "id"))

    id: Mapped[Key]
    user_id: Mapped[UserKey]
    key: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]  # bytes of all its variants
    hidden: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    deleted_at: Mapped[MaybeMoment]  # can be restored for a while
