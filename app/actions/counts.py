"""The counts that pages show, made again from the rows they count."""

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.actions import verb
from app.extensions import db
from app.models import (
    Album,
    Chat,
    Comment,
    CommentLike,
    Friendship,
    Like,
    Membership,
    Picture,
    Post,
    PostView,
    Reader,
    User,
)


@verb
def recount() -> None:
    """Set every kept count to what the rows say.

    Posts, then people, then albums are locked in the order of their ids, as verbs lock them, so that nothing is
    counted meanwhile.
    """
    for model in (Post, User, Album):
        db.session.execute(select(model.id).order_by(model.id).with_for_update(key_share=True))
    likes = select(func.count()).where(Like.post_id == Post.id).scalar_subquery()
    views = select(func.count()).where(PostView.post_id == Post.id).scalar_subquery()
    comments = select(func.count(Comment.id)).where(Comment.post_id == Post.id, Comment.deleted_at.is_(None))
    counts = {"like_count": likes, "view_count": views, "comment_count": comments.scalar_subquery()}
    db.session.execute(update(Post).values(counts))
    _recount_comments()
    _recount_readers()
    standing = (Post.author_id == User.id, Post.deleted_at.is_(None))
    posts = select(func.count(Post.id)).where(*standing).scalar_subquery()
    readers = select(func.count(Reader.reader_id)).where(Reader.author_id == User.id).scalar_subquery()
    friends = (
        select(func.count())
        .where(Friendship.accepted_at.is_not(None), or_(Friendship.low_id == User.id, Friendship.high_id == User.id))
        .scalar_subquery()
    )
    photos = select(func.count(Picture.id)).where(Picture.album_id == Album.id, Picture.deleted_at.is_(None))
    db.session.execute(update(Album).values(photo_count=photos.scalar_subquery()))
    members = select(func.count(Membership.user_id)).where(Membership.chat_id == Chat.id).scalar_subquery()
    db.session.execute(update(Chat).where(Chat.kind == "group").values(member_count=members))
    db.session.execute(update(User).values(post_count=posts, reader_count=readers, friend_count=friends))


def _recount_comments() -> None:
    reply = aliased(Comment)
    replies = select(func.count(reply.id)).where(reply.parent_id == Comment.id, reply.deleted_at.is_(None))
    likes = select(func.count(CommentLike.user_id)).where(CommentLike.comment_id == Comment.id)
    counts = {"like_count": likes.scalar_subquery(), "reply_count": replies.scalar_subquery()}
    db.session.execute(update(Comment).values(counts))


def _recount_readers() -> None:
    db.session.execute(delete(Reader))
    seen = (
        select(Post.author_id, PostView.user_id, func.count())
        .join(Post, Post.id == PostView.post_id)
        .where(Post.deleted_at.is_(None))
        .group_by(Post.author_id, PostView.user_id)
    )
    db.session.execute(insert(Reader).from_select(["author_id", "reader_id", "post_count"], seen))
