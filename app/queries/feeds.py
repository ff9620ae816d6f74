"""The feed: everybody's posts, friends', or those of the tags that somebody follows."""

from sqlalchemy import BindParameter, Select, select

from app.models import Post, PostTag, TagFollow, User
from app.models.columns import VIEWER
from app.models.friendship import friend_ids
from app.queries.posts import Posts, asked, count_visible, page
from app.queries.tagged import posts_of_followed_tags

SHOWS = ("friends", "tags")  # feeds besides everybody's
MANY_NEWS = 100  # news are counted as far as this


def feed(viewer: User, show: str | None, before: int | None = None) -> Posts:
    """Return one page of a feed, the newest first: everybody's, or one of SHOWS."""
    if show == "tags":
        return posts_of_followed_tags(viewer, before)
    return page(viewer, _FRIENDS if show == "friends" else _EVERYBODYS, before)


def news(viewer: User, show: str | None, after: int) -> int:
    """Return how many posts of others have come into a feed after one."""
    posts = _of_friends(viewer.id) if show == "friends" else select(Post)
    if show == "tags":
        tagged = select(PostTag.post_id).join(TagFollow, TagFollow.tag_id == PostTag.tag_id)
        posts = posts.where(Post.id.in_(tagged.where(TagFollow.user_id == viewer.id, PostTag.post_id > after)))
    return count_visible(viewer, posts.where(Post.id > after, Post.author_id != viewer.id), MANY_NEWS)


def _of_friends(viewer_id: int | BindParameter[int]) -> Select[Post]:
    return select(Post).where(Post.author_id.in_(friend_ids(viewer_id)))


_EVERYBODYS = asked(select(Post))
_FRIENDS = asked(_of_friends(VIEWER))
