"""Following tags; renaming and merging them, which only administrators may."""

from collections.abc import Iterable

from flask_babel import gettext
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.actions import verb
from app.actions.indexing import index_tag
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.models import Album, Post, PostTag, Tag, TagAlias, TagFollow, User
from app.models.columns import insert_once, now
from app.models.tag import PRESETS, can_be_tag
from app.queries.tags import named


class Taken(Refused):
    """There is a tag of the new name; the two are merged only if that is meant."""

    def __init__(self, name: str) -> None:
        super().__init__(gettext("There is a tag of this name already."), "name")
        self.name = name


MOST = 200  # so many tags somebody may follow: the feed of them asks for the newest posts of each
TRIES = 10


@verb
def follow(tag: Tag, by: User) -> None:
    """Follow a tag; doing it twice is doing it once."""
    _hold([tag.id], key_share=True)
    new = insert_once(TagFollow, user_id=by.id, tag_id=tag.id, created_at=now())
    if new and (db.session.scalar(select(func.count()).where(TagFollow.user_id == by.id)) or 0) > MOST:
        raise Refused(gettext("You can follow %(count)s tags at most.", count=MOST))


@verb
def unfollow(tag: Tag, by: User) -> None:
    """No longer follow a tag."""
    db.session.execute(delete(TagFollow).where(TagFollow.user_id == by.id, TagFollow.tag_id == tag.id))


@verb
def rename(tag: Tag, name: str, by: User, into: str | None = None) -> None:
    """Give a tag another canonical name; or merge it ``into`` the tag that has that name, or had it, if that is meant.

    Posts are locked before tags, as by those who write them.
    """
    if not by.is_admin:
        raise Refused(gettext("Only administrators rename tags."), status=403)
    if not can_be_tag(name):
        raise Refused(wrong_name(name), "name")
    other = db.session.scalar(select(Tag.id).where(named(name), Tag.id != tag.id))
    ids = [tag.id, other] if other else [tag.id]
    names = _hold_with_posts(ids)
    former = names[tag.id]
    if former == name:
        return
    if former in PRESETS:
        raise Refused(gettext("Everybody is offered this tag, so its name stays."), "name")
    if other is None:
        _rename(tag.id, former, name)
    elif into == names[other]:
        _merge(tag.id, other)
        db.session.add(TagAlias(name=former, tag_id=other))
    else:
        raise Taken(names[other])
    index_tag(other or tag.id)


def wrong_name(name: str) -> str:
    """Return the sentence that tells why a name is no tag's."""
    return gettext("A tag is made of letters, digits and _: “%(tag)s” is not.", tag=name[:50])


def tag_ids(names: Iterable[str]) -> dict[str, int]:
    """Within a verb: return the tags that have these canonical names, or had them once; make what is new."""
    # In one order, whoever writes: so two who use the same tags wait for one another, and never in a ring.
    wanted = sorted(set(names))
    found = _held(wanted)
    # One that was waited for, while it was renamed or merged, is found by its former name when looked for anew.
    found |= _held([name for name in wanted if name not in found])
    new = [name for name in wanted if name not in found]
    for name in new:
        insert_once(Tag, name=name)
    return found | _held(new)


def _held(names: list[str]) -> dict[str, int]:
    """Return which tags are called so, by the names; they are neither renamed nor merged before the verb has ended."""
    if not names:
        return {}
    former = select(TagAlias.name, TagAlias.tag_id).where(TagAlias.name.in_(names))
    called = or_(Tag.name.in_(names), Tag.id.in_(former.with_only_columns(TagAlias.tag_id)))
    held = select(Tag.name, Tag.id).where(called).order_by(Tag.id).with_for_update(key_share=True, read=True)
    present = {name: tag_id for name, tag_id in db.session.execute(held)}
    ids = set(present.values())
    aliases = {name: tag_id for name, tag_id in db.session.execute(former) if tag_id in ids}
    return {name: tag_id for name, tag_id in (aliases | present).items() if name in names}


def _hold(ids: list[int], key_share: bool = False) -> dict[int, str]:
    """Keep tags from being merged or renamed meanwhile, in the order of their ids; return their names."""
    held = select(Tag.id, Tag.name).where(Tag.id.in_(ids)).order_by(Tag.id)
    names = {tag_id: name for tag_id, name in db.session.execute(held.with_for_update(key_share=key_share))}
    if len(names) < len(ids):
        raise Refused(gettext("This tag has been merged into another."))
    return names


def _hold_with_posts(ids: list[int]) -> dict[int, str]:
    """Keep tags and all posts that have them, the posts first; begin anew if somebody publishes with one meanwhile."""
    tagged = select(PostTag.post_id).where(PostTag.tag_id.in_(ids))
    posts = select(Post.id).where(Post.id.in_(tagged)).order_by(Post.id).with_for_update(key_share=True)
    for _ in range(TRIES):
        with db.session.begin_nested() as attempt:
            held = set(db.session.scalars(posts))
            names = _hold(ids)
            if not set(db.session.scalars(tagged)) - held:
                return names
            attempt.rollback()  # and let go of them
    raise Refused(gettext("Somebody has just published with this tag. Try again."), "name")


def _rename(tag_id: int, former: str, name: str) -> None:
    db.session.execute(delete(TagAlias).where(TagAlias.name == name), execution_options=UNSYNCHRONISED)
    try:
        with db.session.begin_nested():
            renamed = update(Tag).where(Tag.id == tag_id).values(name=name)
            db.session.execute(renamed, execution_options=UNSYNCHRONISED)
    except IntegrityError:  # somebody published with it in this moment
        raise Taken(name) from None
    db.session.add(TagAlias(name=former, tag_id=tag_id))


def _merge(tag_id: int, other: int) -> None:
    """Move posts, albums, followers and former names; who has both keeps one, as chosen if either was."""
    chosen = select(PostTag.post_id).where(PostTag.tag_id == tag_id, ~PostTag.in_text)
    both = update(PostTag).where(PostTag.tag_id == other, PostTag.post_id.in_(chosen)).values(in_text=False)
    db.session.execute(both, execution_options=UNSYNCHRONISED)
    for row, owner in ((PostTag, PostTag.post_id), (TagFollow, TagFollow.user_id)):
        doubles = select(owner).where(row.tag_id == other)
        moved = update(row).where(row.tag_id == tag_id, owner.not_in(doubles)).values(tag_id=other)
        db.session.execute(moved, execution_options=UNSYNCHRONISED)
    topics = update(Album).where(Album.tag_id == tag_id).values(tag_id=other)
    db.session.execute(topics, execution_options=UNSYNCHRONISED)
    aliases = update(TagAlias).where(TagAlias.tag_id == tag_id).values(tag_id=other)
    db.session.execute(aliases, execution_options=UNSYNCHRONISED)
    db.session.execute(delete(Tag).where(Tag.id == tag_id), execution_options=UNSYNCHRONISED)
