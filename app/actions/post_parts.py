"""What a post is made of beside its row: its tags, links, mentions and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext
from sqlalchemy import delete, insert, or_, select, update

from app.actions.pictures import forget
from app.actions.tags import tag_ids
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.formatting import names_in, tags_in
from app.models import Picture, Post, PostLink, PostMention, PostTag, User
from app.models.picture import waiting
from app.models.tag import can_be_tag
from app.queries.mentions import people_named
from app.queries.tags import canonical

PICTURES = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """What a post is to say, and to whom.

    Tags by their canonical names; pictures, waiting or its own, by their ids in their order, each with what is to be
    seen on it.
    """

    title: str
    topic: str
    body: str
    tags: Sequence[str] = ()
    links: Sequence[str] = ()
    pictures: Sequence[tuple[int, str]] = ()
    audience: str = "everyone"
    takes_comments: bool = True

    @classmethod
    def of(cls, post: Post) -> "Draft":
        """Return the draft of what a post says already."""
        return cls(
            post.title,
            post.topic,
            post.body,
            tuple(tag.name for tag in post.tags),
            tuple(link.url for link in post.links),
            tuple((picture.id, picture.alt) for picture in post.pictures),
            post.audience,
            post.takes_comments,
        )

    def says_the_same(self, other: "Draft") -> bool:
        """Tell whether a post of either draft would read the same; the order of tags is nobody's meaning."""
        one, another = (replace(draft, tags=sorted(draft.tags), takes_comments=True) for draft in (self, other))
        return one == another


def attach(post_id: int, author: User, draft: Draft) -> None:
    """Within a verb: give a post the parts its draft names, and no others."""
    for part in (PostTag, PostLink, PostMention):
        db.session.execute(delete(part).where(part.post_id == post_id), execution_options=UNSYNCHRONISED)
    _tag(post_id, draft)
    # Not as objects: on SQLite a new row may take the number of one that the edited post still knows.
    links = [{"post_id": post_id, "position": position, "url": url} for position, url in enumerate(draft.links)]
    if links:
        db.session.execute(insert(PostLink), links)
    named = people_named(author, names_in(draft.body))
    if named:
        rows = [{"post_id": post_id, "user_id": user_id, "name": name} for user_id, name in named.items()]
        db.session.execute(insert(PostMention), rows)
    _show_pictures(post_id, author, draft)


def _tag(post_id: int, draft: Draft) -> None:
    in_text = (name for name in map(canonical, tags_in(draft.body)) if can_be_tag(name))
    names = list(dict.fromkeys((*draft.tags, *in_text)))
    rows: dict[int, dict[str, object]] = {}
    for name, tag_id in sorted(tag_ids(names).items(), key=lambda named: names.index(named[0])):
        place = {"tag_id": tag_id, "position": len(rows), "in_text": name not in draft.tags}
        rows.setdefault(tag_id, {"post_id": post_id, **place})  # two names may be one tag's, since tags are merged
    if rows:
        db.session.execute(insert(PostTag), list(rows.values()))


def _show_pictures(post_id: int, author: User, draft: Draft) -> None:
    if len(draft.pictures) > PICTURES:
        raise Refused(gettext("A post has ten pictures at most."), "images")
    kept = [picture_id for picture_id, _ in draft.pictures]
    forget(db.session.scalars(select(Picture.id).where(Picture.post_id == post_id, Picture.id.not_in(kept))).all())
    mine = (
        Picture.owner_id == author.id,
        or_(waiting(), Picture.post_id == post_id),
    )
    for position, (picture_id, alt) in enumerate(draft.pictures):
        place = {"post_id": post_id, "position": position, "alt": alt}
        shown = update(Picture).where(Picture.id == picture_id, *mine).values(place)
        db.session.execute(shown, execution_options=UNSYNCHRONISED)
