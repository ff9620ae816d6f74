"""A word posts are found by."""

import re

from flask_babel import lazy_gettext
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.language import gettext
from app.models.columns import Key, Moment

# The ten that everybody is offered; shown in the reader's language, stored by their English name.
PRESETS = {
    "rest": lazy_gettext("rest"),
    "inspiration": lazy_gettext("inspiration"),
    "life": lazy_gettext("life"),
    "nature": lazy_gettext("nature"),
    "reading": lazy_gettext("reading"),
    "calm": lazy_gettext("calm"),
    "harmony": lazy_gettext("harmony"),
    "music": lazy_gettext("music"),
    "films": lazy_gettext("films"),
    "travel": lazy_gettext("travel"),
}


LENGTH = 50
_NAME = re.compile(r"[\w'’ʼ-]+")


def can_be_tag(name: str) -> bool:
    """Whether a canonical name can be a tag's."""
    return len(name) <= LENGTH and _NAME.fullmatch(name) is not None


class Tag(Base):
    """A tag; its name is folded and has no ``#``."""

    __tablename__ = "tags"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(LENGTH), unique=True)

    @property
    def label(self) -> str:
        """The name as the reader's language has it."""
        return gettext(self.name) if self.name in PRESETS else self.name


class TagAlias(Base):
    """A name that a tag had before it was renamed or merged into another; who writes it still means that tag."""

    __tablename__ = "tag_aliases"

    name: Mapped[str] = mapped_column(String(LENGTH), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), index=True)


class TagFollow(Base):
    """That somebody wants to see the posts of a tag."""

    __tablename__ = "tag_follows"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[Moment]
