"""Publishing, changing and deleting posts."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.orm import selectinload

from app import jobs
from app.actions import news, readers, verb
from app.actions.discussion import show_switch
from app.actions.indexing import index_post
from app.actions.pictures import forget
from app.actions.post_parts import Draft, attach
from app.actions.undo import UNDO_WITHIN, beyond_undo, restorable, too_late
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import push
from app.live.pushes import Reach
from app.models import Picture, Post, PostTag, User
from app.models.columns import insert_once, now
from app.models.post import topic_key
from app.queries.posts import reach_of


@verb
def publish(author: User, draft: Draft, client_id: str) -> int:
    """Publish a post and return its id; the same form sent twice is one post."""
    written = insert_once(Post, author_id=author.id, client_id=client_id, created_at=now(), **_words(draft))
    post_id = db.session.scalars(select(Post.id).filter_by(author_id=author.id, client_id=client_id)).one()
    if written:
        attach(post_id, author, draft)
        index_post(post_id)
        _count_post(author, +1)
        news.tell(post_id)
    return post_id


@verb
def edit(post: Post, editor: User, draft: Draft) -> None:
    """Change a post to what the draft says; of two who do so at once the last one's words stand, alone."""
    present = db.session.scalar(
        select(Post)
        .where(Post.id == post.id, Post.author_id == editor.id, Post.deleted_at.is_(None))
        .options(
            selectinload(Post.tagged).joinedload(PostTag.tag), selectinload(Post.links), selectinload(Post.pictures)
        )
        .with_for_update(of=Post)
        .execution_options(populate_existing=True)
    )
    if present is None:
        raise Refused(gettext("This post has been deleted."))
    before, reached = Draft.of(present), reach_of(present)
    for name, value in _words(draft).items():
        setattr(present, name, value)
    if not draft.says_the_same(before):
        present.edited_at = now()
        db.session.flush()
        attach(post.id, editor, draft)
        index_post(post.id)
        _show_gone(present, reached.beyond(reach_of(present)))
    if draft.takes_comments != before.takes_comments:
        show_switch(present, draft.takes_comments)


def _words(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "topic": draft.topic,
        "topic_folded": topic_key(draft.topic),
        "body": draft.body,
        "audience": draft.audience,
        "takes_comments": draft.takes_comments,
    }


@verb
def remove(post: Post, remover: User) -> None:
    """Delete a post; its author may take that back for a while, then everything that hangs on it goes too."""
    standing = (Post.id == post.id, Post.author_id == remover.id, Post.deleted_at.is_(None))
    gone = update(Post).where(*standing).values(deleted_at=now()).returning(Post.id)
    if db.session.scalar(gone, execution_options=UNSYNCHRONISED) is not None:
        post = db.session.get_one(Post, post.id, populate_existing=True)
        _show_gone(post, reach_of(post).without([remover.id]))
        readers.forget_post(remover, post.id)
        _count_post(remover, -1)
        jobs.enqueue("bury_post", {"post_id": str(post.id)}, after=UNDO_WITHIN)


@verb
def restore(post_id: int, author: User) -> None:
    """Put back a post that its author deleted a moment ago."""
    deleted = (Post.id == post_id, Post.author_id == author.id, restorable(Post))
    back = update(Post).where(*deleted).values(deleted_at=None).returning(Post.id)
    if db.session.scalar(back, execution_options=UNSYNCHRONISED) is None:
        raise too_late()
    readers.remember_post(author, post_id)
    _count_post(author, +1)


@verb
def bury(payload: dict[str, str]) -> None:
    """Do the job of removing a deleted post with everything that hangs on it, unless it has been restored."""
    post_id = int(payload["post_id"])
    over = (Post.id == post_id, beyond_undo(Post))
    if db.session.scalar(select(Post.id).where(*over).with_for_update()) is not None:
        forget(db.session.scalars(select(Picture.id).where(Picture.post_id == post_id)).all())
        db.session.execute(delete(Post).where(*over), execution_options=UNSYNCHRONISED)


def _show_gone(post: Post, reach: Reach) -> None:
    """Take a post off the open pages of those who may not see it any more."""
    if reach.people or reach.everybody_but:
        push.show_looking(f"post-{post.id}", reach, lambda: partial("post_gone", post_id=post.id))


def _count_post(author: User, change: int) -> None:
    more = {"post_count": User.post_count + change}
    counted = update(User).where(User.id == author.id).values(more).returning(User.post_count)
    count = db.session.scalars(counted, execution_options=UNSYNCHRONISED).one()
    push.show([author.id], lambda: partial("post_count", user_id=author.id, count=count))
