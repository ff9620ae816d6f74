"""The counts that pages show, made again from the rows they count."""

from sqlalchemy import func, or_, select, update

from app.actions import verb
from app.extensions import db
from app.models import Chat, Friendship, Like, Membership, Post, PostView, User


@verb
def recount() -> None:
    """Set every kept count to what the rows say."""
    likes = select(func.count()).where(Like.post_id == Post.id).scalar_subquery()
    views = select(func.count()).where(PostView.post_id == Post.id).scalar_subquery()
    db.session.execute(update(Post).values(like_count=likes, view_count=views))
    posts = select(func.count(Post.id)).where(Post.author_id == User.id).scalar_subquery()
    readers = select(func.coalesce(func.sum(Post.view_count), 0)).where(Post.author_id == User.id).scalar_subquery()
    friends = (
        select(func.count())
        .where(Friendship.accepted_at.is_not(None), or_(Friendship.low_id == User.id, Friendship.high_id == User.id))
        .scalar_subquery()
    )
    members = select(func.count(Membership.user_id)).where(Membership.chat_id == Chat.id).scalar_subquery()
    db.session.execute(update(Chat).where(Chat.kind == "group").values(member_count=members))
    db.session.execute(update(User).values(post_count=posts, reader_count=readers, friend_count=friends))
