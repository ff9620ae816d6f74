"""Telling open feeds that a post has come: a piece of the verb that publishes it."""

from sqlalchemy import select

from app.extensions import db
from app.fragments import partial
from app.live import push
from app.live.pushes import Reach
from app.models import Post, PostTag, TagFollow
from app.models.friendship import friend_ids
from app.queries.posts import reach_of


def tell(post_id: int) -> None:
    """Within a verb: show those who look at a feed that has the post, and may see it, that there is a new one."""
    post = db.session.get_one(Post, post_id)
    if post.audience == "me":
        return
    reach = reach_of(post).without([post.author_id])
    friends = db.session.scalars(friend_ids(post.author_id))
    followed = select(TagFollow.user_id).join(PostTag, PostTag.tag_id == TagFollow.tag_id)
    followers = db.session.scalars(followed.where(PostTag.post_id == post_id).distinct())
    for topic, people in (("feed-friends", friends), ("feed-tags", followers)):
        within = Reach(frozenset(person for person in people if person in reach))
        if within.people:
            push.show_looking(topic, within, lambda: partial("post_news", post_id=post_id, author_id=post.author_id))
    push.show_looking("feed", reach, lambda: partial("post_news", post_id=post_id, author_id=post.author_id))
