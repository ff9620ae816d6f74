"""Publishing, changing and deleting posts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import delete, insert, select, update

from app import jobs
from app.actions import news, readers, verb
from app.actions.pictures import forget
from app.actions.tags import tag_ids
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Picture, Post, PostLink, PostTag, User
from app.models.columns import insert_once, now
from app.models.post import topic_key

PICTURES = 10
UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a post is to say; tags by their canonical names, pictures by the ids under which they wait."""

    title: str
    topic: str
    body: str
    tags: Sequence[str] = ()
    links: Sequence[str] = ()
    picture_ids: Sequence[int] = ()
    removed_picture_ids: Sequence[int] = field(default=())


@verb
def publish(author: User, draft: Draft, client_id: str) -> int:
    """Publish a post and return its id; the same form sent twice is one post."""
    written = insert_once(
        Post,
        author_id=author.id,
        client_id=client_id,
        title=draft.title,
        topic=draft.topic,
        topic_folded=topic_key(draft.topic),
        body=draft.body,
        created_at=now(),
    )
    post_id = db.session.scalars(select(Post.id).filter_by(author_id=author.id, client_id=client_id)).one()
    if written:
        _attach(post_id, author, draft)
        _count_post(author, +1)
        news.tell(post_id)
    return post_id


@verb
def edit(post: Post, editor: User, draft: Draft) -> None:
    """Change a post to what the draft says."""
    changed = (
        update(Post)
        .where(Post.id == post.id, Post.author_id == editor.id)
        .values(
            title=draft.title,
            topic=draft.topic,
            topic_folded=topic_key(draft.topic),
            body=draft.body,
            edited_at=now(),
        )
        .returning(Post.id)
    )
    if db.session.scalar(changed) is None:
        raise Refused(gettext("This post has been deleted."))
    for part in (PostTag, PostLink):
        db.session.execute(delete(part).where(part.post_id == post.id).execution_options(synchronize_session=False))
    removed = select(Picture.id).where(Picture.post_id == post.id, Picture.id.in_(draft.removed_picture_ids))
    forget(db.session.scalars(removed).all())
    _attach(post.id, editor, draft)


@verb
def remove(post: Post, remover: User) -> None:
    """Delete a post; its author may take that back for a while, then everything that hangs on it goes too."""
    standing = (Post.id == post.id, Post.author_id == remover.id, Post.deleted_at.is_(None))
    gone = update(Post).where(*standing).values(deleted_at=now()).returning(Post.id)
    if db.session.scalar(gone, execution_options=UNSYNCHRONISED) is not None:
        readers.forget_post(remover, post.id)
        _count_post(remover, -1)
        jobs.enqueue("bury_post", {"post_id": str(post.id)}, after=UNDO_WITHIN)


@verb
def restore(post_id: int, author: User) -> None:
    """Put back a post that its author deleted a moment ago."""
    deleted = (Post.id == post_id, Post.author_id == author.id, Post.deleted_at > now() - UNDO_WITHIN)
    back = update(Post).where(*deleted).values(deleted_at=None).returning(Post.id)
    if db.session.scalar(back, execution_options=UNSYNCHRONISED) is None:
        raise Refused(gettext("This can no longer be undone."))
    readers.remember_post(author, post_id)
    _count_post(author, +1)


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted post with everything that hangs on it, unless it has been restored."""
    post_id = int(payload["post_id"])
    over = (Post.id == post_id, Post.deleted_at <= now() - UNDO_WITHIN)
    if db.session.scalar(select(Post.id).where(*over).with_for_update()) is not None:
        forget(db.session.scalars(select(Picture.id).where(Picture.post_id == post_id)).all())
        db.session.execute(delete(Post).where(*over), execution_options=UNSYNCHRONISED)


UNSYNCHRONISED = {"synchronize_session": False}


def _attach(post_id: int, author: User, draft: Draft) -> None:
    # Not as objects: a new row may have the key of one that the edited post still knows.
    tagged = [{"post_id": post_id, "position": place, "tag_id": tag} for place, tag in enumerate(tag_ids(draft.tags))]
    if tagged:
        db.session.execute(insert(PostTag), tagged)
    if draft.links:
        links = [{"post_id": post_id, "position": position, "url": url} for position, url in enumerate(draft.links)]
        db.session.execute(insert(PostLink), links)
    taken = db.session.scalars(select(Picture.position).where(Picture.post_id == post_id)).all()
    if len(taken) + len(draft.picture_ids) > PICTURES:
        raise Refused(gettext("A post has ten pictures at most."), "images")
    for position, picture_id in enumerate(draft.picture_ids, max(taken, default=-1) + 1):
        mine = (
            Picture.id == picture_id,
            Picture.owner_id == author.id,
            Picture.post_id.is_(None),
            Picture.message_id.is_(None),
        )
        db.session.execute(update(Picture).where(*mine).values(post_id=post_id, position=position))
    db.session.flush()


def _count_post(author: User, change: int) -> None:
    more = {"post_count": User.post_count + change}
    counted = update(User).where(User.id == author.id).values(more).returning(User.post_count)
    count = db.session.scalars(counted.execution_options(synchronize_session=False)).one()
    push.show([author.id], lambda: partial("post_count", user_id=author.id, count=count))
