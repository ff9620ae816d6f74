"""The end of an account: what somebody made is taken away a stretch at a time, what they said in chats stays nobody's.

Each stretch is a job of its own, put in by the one before it in the transaction that does it. So other work comes in
between, the database is never held for long, and one who is killed in the middle is followed by the next.
"""

import json
from collections.abc import Callable

from sqlalchemy import String, cast, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app import jobs
from app.actions import verb
from app.actions.comment_removals import bury_for
from app.actions.groups import end_membership
from app.actions.pictures import forget
from app.extensions import UNSYNCHRONISED, db
from app.models import (
    Chat,
    Comment,
    CommentLike,
    Job,
    Like,
    Membership,
    Message,
    Picture,
    Post,
    PostView,
    Reaction,
    Reader,
    Signup,
    User,
)
from app.models.columns import now
from app.models.user import KEPT

FEW, MANY = 50, 500  # rows in a stretch: of what much hangs on, and of what little does


@verb
def bury_person(payload: dict[str, str]) -> None:
    """Do a stretch of the job of removing somebody whose time to change their mind is over."""
    over = (User.id == int(payload["user_id"]), User.deleted_at <= now() - KEPT)
    user = db.session.scalar(select(User).where(*over).with_for_update(key_share=True))
    if user is None:
        return
    if any(stretch(user) for stretch in STRETCHES):
        jobs.enqueue("bury_person", payload)
    else:
        _end(user)


def _posts(user: User) -> bool:
    """Take away posts, with what others said and did about them."""
    theirs = select(Post.id).where(Post.author_id == user.id).order_by(Post.id).limit(FEW)
    post_ids = db.session.scalars(theirs.with_for_update()).all()
    if post_ids:
        forget(db.session.scalars(select(Picture.id).where(Picture.post_id.in_(post_ids))).all())
        db.session.execute(delete(Post).where(Post.id.in_(post_ids)), execution_options=UNSYNCHRONISED)
    return bool(post_ids)


def _comments(user: User) -> bool:
    """Take away comments; the place of one that others answered stays, and belongs to whose post it is under."""
    theirs = select(Comment.id, Comment.post_id).where(Comment.author_id == user.id)
    found = db.session.execute(theirs.order_by(Comment.post_id, Comment.id).limit(FEW)).all()
    for comment_id, post_id in found:
        bury_for(comment_id, post_id)
    return bool(found)


def _counted(
    whose: InstrumentedAttribute[int], of: InstrumentedAttribute[int], count: InstrumentedAttribute[int]
) -> Callable[[User], bool]:
    """Take away the rows of somebody that are counted where they belong: as many less stand in ``count`` there."""
    thing, counted = whose.class_, count.class_

    def stretch(user: User) -> bool:
        ids = db.session.scalars(select(of).where(whose == user.id).order_by(of).limit(MANY)).all()
        if ids:
            held = select(counted.id).where(counted.id.in_(ids)).order_by(counted.id).with_for_update(key_share=True)
            db.session.execute(held)
            gone = delete(thing).where(whose == user.id, of.in_(ids)).returning(of)
            were = db.session.scalars(gone, execution_options=UNSYNCHRONISED).all()
            fewer = update(counted).where(counted.id.in_(were)).values({count.key: count - 1})
            db.session.execute(fewer, execution_options=UNSYNCHRONISED)
        return bool(ids)

    return stretch


def _groups(user: User) -> bool:
    """Leave a group; one that is theirs goes to who has led it for longest, or else been in it, or is deleted."""
    theirs = select(Chat.id).join(Membership, Membership.chat_id == Chat.id)
    theirs = theirs.where(Membership.user_id == user.id, Chat.kind == "group").order_by(Chat.id).limit(1)
    chat_id = db.session.scalar(theirs)
    if chat_id is not None:
        end_membership(chat_id, user)
    return chat_id is not None


def _lonely_chats(user: User) -> bool:
    """Take away a chat of two of whom the other one is gone already."""
    alone = or_(
        (Chat.low_id == user.id) & Chat.high_id.is_(None),
        (Chat.high_id == user.id) & Chat.low_id.is_(None),
    )
    chat_id = db.session.scalar(select(Chat.id).where(Chat.kind == "direct", alone).limit(1))
    if chat_id is not None:
        said = select(Message.id).where(Message.chat_id == chat_id)
        forget(db.session.scalars(select(Picture.id).where(Picture.message_id.in_(said))).all())
        db.session.execute(delete(Chat).where(Chat.id == chat_id), execution_options=UNSYNCHRONISED)
    return chat_id is not None


def _pictures(user: User) -> bool:
    """Take away pictures, but for those in chats."""
    theirs = select(Picture.id).where(Picture.owner_id == user.id, Picture.message_id.is_(None))
    ids = db.session.scalars(theirs.limit(FEW)).all()
    forget(ids)
    return bool(ids)


def _let_go(thing: type[Message | Picture], column: InstrumentedAttribute[int | None]) -> Callable[[User], bool]:
    """Let what stays be nobody's."""

    def stretch(user: User) -> bool:
        some = select(thing.id).where(column == user.id).limit(MANY).scalar_subquery()
        nobodys = update(thing).where(thing.id.in_(some)).values({column.key: None}).returning(thing.id)
        return bool(db.session.scalars(nobodys, execution_options=UNSYNCHRONISED).all())

    return stretch


def _reactions(user: User) -> bool:
    """Take away what they put to messages."""
    some = select(Reaction.message_id).where(Reaction.user_id == user.id).limit(MANY).scalar_subquery()
    gone = delete(Reaction).where(Reaction.user_id == user.id, Reaction.message_id.in_(some))
    return bool(db.session.scalars(gone.returning(Reaction.message_id), execution_options=UNSYNCHRONISED).all())


STRETCHES: tuple[Callable[[User], bool], ...] = (
    _posts,
    _comments,
    _counted(CommentLike.user_id, CommentLike.comment_id, Comment.like_count),
    _counted(Like.user_id, Like.post_id, Post.like_count),
    _counted(PostView.user_id, PostView.post_id, Post.view_count),
    _counted(Reader.reader_id, Reader.author_id, User.reader_count),
    _groups,
    _lonely_chats,
    _pictures,
    _reactions,
    _let_go(Message, Message.author_id),
    _let_go(Message, Message.subject_id),
    _let_go(Picture, Picture.owner_id),
)


def _end(user: User) -> None:
    """Take away the person, and by that what is theirs alone: sessions, albums, names, words by which to find them."""
    letters = (
        Job.kind.in_(("letter", "forgotten")),
        cast(Job.payload, String).contains(json.dumps(user.email), autoescape=True),
    )
    for gone in (delete(Job).where(*letters), delete(Signup).where(Signup.email == user.email)):
        db.session.execute(gone, execution_options=UNSYNCHRONISED)
    db.session.execute(delete(User).where(User.id == user.id), execution_options=UNSYNCHRONISED)
    db.session.expunge(user)
