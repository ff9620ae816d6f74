"""Tags by their names, in whichever language a preset is called; nobody finds one of which they may see no post."""

from dataclasses import dataclass
from functools import cache

from flask_babel import force_locale
from sqlalchemy import ColumnElement, Select, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.config import LANGUAGES
from app.extensions import db
from app.models import Post, PostTag, Tag, TagAlias, TagFollow, User
from app.models.tag import PRESETS
from app.queries.posts import MANY, visible_to
from app.queries.tagged import shown_to
from app.text import clean, fold

POPULAR = 24
LATELY = 1000  # tags are popular by the newest so many posts


@dataclass(frozen=True, slots=True)
class CountedTag:
    """A tag, and how many of its posts the viewer may see, as far as they are counted."""

    tag: Tag
    count: int

    @property
    def label(self) -> str:
        """The tag's name as the reader's language has it."""
        return self.tag.label


def canonical(name: str) -> str:
    """Return the name a tag is stored by: folded, without ``#``, and a preset's own whatever its language."""
    name = fold(clean(name).lstrip("#").strip())
    return _presets().get(name, name)


@cache
def _presets() -> dict[str, str]:
    """Return the presets by what they are called in any language, folded."""
    called: dict[str, str] = {}
    for language in LANGUAGES:
        with force_locale(language):
            called |= {fold(str(label)): preset for preset, label in PRESETS.items()}
    return called


def named(name: str) -> ColumnElement[bool]:
    """Whether a tag is called by this canonical name, or was once."""
    tag = aliased(Tag)
    # Two looks at the keys, rather than one that PostgreSQL would answer by reading all tags.
    called = select(tag.id).where(tag.name == name)
    return Tag.id.in_(union_all(called, select(TagAlias.tag_id).where(TagAlias.name == name)))


def tag_called(viewer: User, name: str) -> CountedTag | None:
    """Return the tag of this name, if the viewer may see a post of it or follows it."""
    found = _counted(viewer, select(Tag).where(named(canonical(name))))
    return next((one for one in found if one.count or follows(viewer, one.tag)), None)


def renamable_tag(viewer: User, name: str) -> CountedTag | None:
    """Return a tag that the viewer may rename, as administrators may."""
    return tag_called(viewer, name) if viewer.is_admin else None


def follows(viewer: User, tag: Tag) -> bool:
    """Tell whether the viewer follows a tag."""
    return db.session.get(TagFollow, (viewer.id, tag.id)) is not None


def follower_count(tag: Tag) -> int:
    """Return how many people follow a tag."""
    return db.session.scalar(select(func.count()).where(TagFollow.tag_id == tag.id)) or 0


def followed_by(viewer: User) -> list[CountedTag]:
    """Return the tags that the viewer follows, by name."""
    mine = select(Tag).join(TagFollow, TagFollow.tag_id == Tag.id).where(TagFollow.user_id == viewer.id)
    return sorted(_counted(viewer, mine), key=lambda one: one.label)


def popular_tags(viewer: User) -> list[CountedTag]:
    """Return the tags that most of the newest posts have, of those which the viewer may see."""
    newest = select(Post.id).where(visible_to(viewer)).order_by(Post.id.desc()).limit(LATELY).subquery()
    most = (
        select(PostTag.tag_id)
        .join(newest, newest.c.id == PostTag.post_id)
        .group_by(PostTag.tag_id)
        .order_by(func.count().desc(), PostTag.tag_id)
        .limit(POPULAR)
    )
    tags = select(Tag).where(Tag.id.in_(db.session.scalars(most).all()))
    return sorted(_counted(viewer, tags), key=lambda one: (-one.count, one.label))


def tags_like(viewer: User, beginning: str, limit: int = 8) -> list[CountedTag]:
    """Return tags whose names begin so, for suggestions."""
    start = fold(clean(beginning).lstrip("#"))
    if not start:
        return []
    presets = [name for name, label in PRESETS.items() if fold(str(label)).startswith(start)]
    begins = or_(Tag.name.startswith(start, autoescape=True), Tag.name.in_(presets))
    seen = posts_of_tag(viewer).exists()
    return _counted(viewer, select(Tag).where(begins, seen).order_by(Tag.name).limit(limit))


def _counted(viewer: User, tags: Select[Tag]) -> list[CountedTag]:
    some = posts_of_tag(viewer).limit(MANY).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    return [CountedTag(tag, seen) for tag, seen in db.session.execute(tags.add_columns(count))]


def posts_of_tag(viewer: User) -> Select[int]:
    """Return the question for the posts, of the Tag of the statement around it, that the viewer may see."""
    return select(PostTag.post_id).where(PostTag.tag_id == Tag.id, shown_to(viewer, PostTag)).correlate(Tag)
