"""Posts as a viewer sees them, newest first. Which they see is told by ``visible_to``, for every screen and count."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.live.pushes import Reach
from app.models import Like, Post, PostMention, PostTag, Tag, TagFollow, User
from app.models.block import apart_from
from app.models.friendship import friend_ids
from app.models.post import topic_key

PAGE = 20


@dataclass(frozen=True, slots=True)
class Posts:
    """One page of posts: each with whether the viewer likes it, and the cursor of the next page, if there is more."""

    posts: list[tuple[Post, bool]]
    before: int | None


def visible_to(viewer: User) -> ColumnElement[bool]:
    """Whether a post is there for somebody: the one gate that everything shown, counted or found of posts goes through.

    One's own always; others' for everyone, but not of people one is kept apart from; friends' for friends.
    """
    everyones = and_(Post.audience == "everyone", Post.author_id.not_in(apart_from(viewer.id)))
    friends = and_(Post.audience == "friends", Post.author_id.in_(friend_ids(viewer.id)))
    return and_(Post.deleted_at.is_(None), or_(Post.author_id == viewer.id, everyones, friends))


def reach_of(post: Post) -> Reach:
    """Return to whom a post may be shown now, as ``visible_to`` tells of each: for what is pushed to many at once."""
    if post.audience == "everyone":
        return Reach(frozenset(db.session.scalars(apart_from(post.author_id))), everybody_but=True)
    friends = db.session.scalars(friend_ids(post.author_id)) if post.audience == "friends" else ()
    return Reach(frozenset([post.author_id, *friends]))


def feed(viewer: User, before: int | None = None) -> Posts:
    """Return everybody's posts, the newest first."""
    return _page(viewer, select(Post), before)


def feed_of_friends(viewer: User, before: int | None = None) -> Posts:
    """Return the posts of the viewer's friends, the newest first."""
    return _page(viewer, select(Post).where(Post.author_id.in_(friend_ids(viewer.id))), before)


def feed_of_tags(viewer: User, before: int | None = None) -> Posts:
    """Return the posts that have a tag which the viewer follows, the newest first."""
    followed = select(TagFollow.tag_id).where(TagFollow.user_id == viewer.id)
    tagged = select(PostTag.post_id).where(PostTag.tag_id.in_(followed))
    return _page(viewer, select(Post).where(Post.id.in_(tagged)), before)


def posts_by(viewer: User, author: User, before: int | None = None, audience: str | None = None) -> Posts:
    """Return one person's posts, the newest first; or only those for an audience."""
    theirs = select(Post).where(Post.author_id == author.id)
    return _page(viewer, theirs.where(Post.audience == audience) if audience else theirs, before)


def posts_tagged(viewer: User, tag: Tag, before: int | None = None) -> Posts:
    """Return the posts with a tag, the newest first."""
    tagged = select(Post).join(PostTag, PostTag.post_id == Post.id).where(PostTag.tag_id == tag.id)
    return _page(viewer, tagged, before)


def posts_about(viewer: User, topic: str, before: int | None = None) -> Posts:
    """Return the posts with a topic, however its letters are cased, the newest first."""
    return _page(viewer, select(Post).where(Post.topic_folded == topic_key(topic)), before)


def post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post with everything that is shown of it."""
    return db.session.scalar(_whole(select(Post).where(Post.id == post_id, visible_to(viewer))))


def editable_post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post that the viewer may change."""
    post = post_for(viewer, post_id)
    return post if post and post.editable_by(viewer) else None


def liked_by(viewer: User, post_ids: Iterable[int]) -> set[int]:
    """Return which of these posts the viewer likes."""
    liked = select(Like.post_id).where(Like.user_id == viewer.id, Like.post_id.in_(list(post_ids)))
    return set(db.session.scalars(liked))


def _page(viewer: User, posts: Select[Post], before: int | None) -> Posts:
    posts = posts.where(visible_to(viewer))
    if before is not None:
        posts = posts.where(Post.id < before)
    found = list(db.session.scalars(_whole(posts.order_by(Post.id.desc()).limit(PAGE + 1))))
    shown = found[:PAGE]
    liked = liked_by(viewer, (post.id for post in shown)) if shown else set()
    return Posts([(post, post.id in liked) for post in shown], shown[-1].id if len(found) > PAGE else None)


def _whole(posts: Select[Post]) -> Select[Post]:
    return posts.options(
        joinedload(Post.author, innerjoin=True),
        selectinload(Post.tagged).joinedload(PostTag.tag, innerjoin=True),
        selectinload(Post.mentions).joinedload(PostMention.user, innerjoin=True),
        selectinload(Post.links),
        selectinload(Post.pictures),
    )
