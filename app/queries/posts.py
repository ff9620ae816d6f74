"""Posts as a viewer sees them, newest first. Which they see is told by ``visible_to``, for every screen and count."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.live.pushes import Reach
from app.models import Like, Picture, Post, PostLink, PostMention, PostTag, PostView, User
from app.models.block import apart_from
from app.models.columns import VIEWER
from app.models.post import topic_key
from app.queries.audiences import meant_for, reach
from app.queries.relations import Parts

PAGE = 20
NEWEST = 2**31 - 1  # before which all posts are
MANY = 1000  # posts are counted as far as this


@dataclass(frozen=True, slots=True)
class Posts:
    """One page of posts, and the cursor of the next one, if there is more.

    Each is there with whether the viewer likes it, and whether they may change it.
    """

    posts: list[tuple[Post, bool, bool]]
    before: int | None


def visible_to(viewer: User) -> ColumnElement[bool]:
    """Whether a post is there for somebody: the one gate that everything shown, counted or found of posts goes through.

    What is deleted is there for nobody, and otherwise its audience tells.
    """
    return _visible(viewer.id)


def _visible(viewer_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(Post.deleted_at.is_(None), meant_for(viewer_id, Post.author_id, Post.audience))


_VISIBLE = _visible(VIEWER)
_AUTHOR = joinedload(Post.author, innerjoin=True)
_PARTS = (
    Parts(
        Post.tagged,
        PostTag.post_id,
        select(PostTag).options(joinedload(PostTag.tag, innerjoin=True)).order_by(PostTag.position),
    ),
    Parts(
        Post.mentions,
        PostMention.post_id,
        select(PostMention)
        .where(PostMention.user_id.not_in(apart_from(VIEWER)))
        .options(joinedload(PostMention.user, innerjoin=True))
        .order_by(PostMention.user_id),
        may_have=lambda post: "@" in post.body,
    ),
    Parts(Post.links, PostLink.post_id, select(PostLink).order_by(PostLink.position)),
    Parts(Post.pictures, Picture.post_id, select(Picture).order_by(Picture.position, Picture.id)),
)


def reach_of(post: Post) -> Reach:
    """Return to whom a post may be shown now, as ``visible_to`` tells of each: for what is pushed to many at once."""
    return reach(post.author_id, post.audience)


def asked(posts: Select[Post]) -> Select[Post]:
    """Return the question for a page of those of these posts that a viewer may see, built once for ``page`` to ask."""
    shown = posts.where(_VISIBLE, Post.id < bindparam("before")).order_by(Post.id.desc())
    return shown.limit(PAGE + 1).options(_AUTHOR)


_BY = asked(select(Post).where(Post.author_id == bindparam("author")))
_BY_FOR = asked(select(Post).where(Post.author_id == bindparam("author"), Post.audience == bindparam("audience")))
_ABOUT = asked(select(Post).where(Post.topic_folded == bindparam("topic")))
_ONE = select(Post).where(Post.id == bindparam("post"), _VISIBLE).options(_AUTHOR)
_LIKED = select(Like.post_id).where(Like.user_id == VIEWER, Like.post_id.in_(bindparam("posts", expanding=True)))


def posts_by(viewer: User, author: User, before: int | None = None, audience: str | None = None) -> Posts:
    """Return one person's posts, the newest first; or only those for an audience."""
    if audience:
        return page(viewer, _BY_FOR, before, author=author.id, audience=audience)
    return page(viewer, _BY, before, author=author.id)


def posts_about(viewer: User, topic: str, before: int | None = None) -> Posts:
    """Return the posts with a topic, however its letters are cased, the newest first."""
    return page(viewer, _ABOUT, before, topic=topic_key(topic))


def about(topic: str) -> Select[Post]:
    """Return the question for the posts with a topic."""
    return select(Post).where(Post.topic_folded == topic_key(topic))


def count_visible(viewer: User, posts: Select[Post], limit: int = MANY) -> int:
    """Return how many of these posts the viewer may see, as far as the limit."""
    some = posts.with_only_columns(Post.id).where(visible_to(viewer)).limit(limit).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post with everything that is shown of it."""
    return next(_whole(viewer, _ONE, post=post_id), None)


def editable_post_for(viewer: User, post_id: int) -> Post | None:
    """Return a post that the viewer may change."""
    post = post_for(viewer, post_id)
    return post if post and post.editable_by(viewer) else None


def post_made_with(viewer: User, client_id: str) -> Post | None:
    """Return the post that a form of the viewer's has made, even one they have deleted."""
    made = select(Post).where(Post.author_id == viewer.id, Post.client_id == client_id).options(_AUTHOR)
    return next(_whole(viewer, made), None)


def post_written_by(viewer: User, post_id: int) -> Post | None:
    """Return a post of the viewer's own, even one they have just deleted; for the verb that says so."""
    own = select(Post).where(Post.id == post_id, Post.author_id == viewer.id).options(_AUTHOR)
    return next(_whole(viewer, own), None)


def liked_by(viewer: User, post_ids: Iterable[int]) -> set[int]:
    """Return which of these posts the viewer likes."""
    return set(db.session.scalars(_LIKED, {"viewer": viewer.id, "posts": list(post_ids)}))


def has_seen(viewer: User, post_id: int) -> bool:
    """Tell whether somebody's view of a post is counted already."""
    return db.session.get(PostView, (post_id, viewer.id)) is not None


def page(viewer: User, question: Select[Post], before: int | None = None, **about: object) -> Posts:
    """Return one page of what was ``asked``, the newest first."""
    found = list(_whole(viewer, question, before=before or NEWEST, **about))
    shown = found[:PAGE]
    liked = liked_by(viewer, (post.id for post in shown)) if shown else set()
    return Posts(
        [(post, post.id in liked, post.editable_by(viewer)) for post in shown],
        shown[-1].id if len(found) > PAGE else None,
    )


def _whole(viewer: User, posts: Select[Post], **about: object) -> Iterator[Post]:
    """Return posts with everything that is shown of them to the viewer."""
    found = db.session.scalars(posts, {"viewer": viewer.id, **about}).all()
    for parts in _PARTS:
        parts.load(found, viewer)
    return iter(found)
