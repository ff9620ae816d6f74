"""A post's comments: how verbs that have begun hold them still, count them and show what has changed.

The post is locked first and until the commit, so that everything under it happens one after the other.
"""

from collections.abc import Callable

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import push
from app.live.pushes import Reach
from app.models import Comment, CommentLike, Post, User
from app.models.block import apart_from_any
from app.queries.comments import Replies, comment_as_it_is
from app.queries.posts import reach_of, visible_to


def held(post_id: int, user: User, status: int = 404) -> Post:
    """Within a verb: return a post that somebody sees, as it is now, locked until the commit."""
    seen = select(Post).where(Post.id == post_id, visible_to(user)).with_for_update(of=Post, key_share=True)
    post = db.session.scalar(seen.execution_options(populate_existing=True))
    if post is None:
        raise Refused(gettext("This post has been deleted."), status=status)
    return post


def standing(comment_id: int) -> Comment:
    """Within a verb that holds the post: return a comment as it is now, unless it has been deleted."""
    found = select(Comment.id).where(Comment.id == comment_id, Comment.deleted_at.is_(None))
    if db.session.scalar(found) is None:
        raise Refused(gettext("This comment has been deleted."), status=404)
    return comment_as_it_is(comment_id)


def count(post: Post, comment: Comment, change: int) -> Comment | None:
    """Within a verb that holds the post: count a comment that came or went. Return what it answers, if anything."""
    counted = update(Post).where(Post.id == post.id).values(comment_count=Post.comment_count + change)
    number = db.session.scalars(counted.returning(Post.comment_count), execution_options=UNSYNCHRONISED).one()
    set_committed_value(post, "comment_count", number)
    push.show_looking(
        f"post-{post.id}", reach_of(post), lambda: partial("comment_count", post_id=post.id, count=number)
    )
    if comment.parent_id is None:
        return None
    answered = update(Comment).where(Comment.id == comment.parent_id)
    more = answered.values(reply_count=Comment.reply_count + change)
    db.session.execute(more, execution_options=UNSYNCHRONISED)
    return comment_as_it_is(comment.parent_id)


def show(post: Post, comment: Comment, first: Comment | None, fragment: Callable[[], Markup]) -> None:
    """Within a verb: put a change of a comment before all who look at the comments of its post and may see it.

    ``first`` is the comment that it answers. Who is apart from the author of either is shown neither; who is apart from
    somebody it names would be shown that one's name, and sees it when the page is loaded anew.
    """
    push.show_looking(f"comments-{post.id}", _reach(post, comment, first), fragment)


def _reach(post: Post, comment: Comment, first: Comment | None) -> Reach:
    people = {comment.author_id, *(mention.user_id for mention in comment.mentions)}
    people |= {first.author_id} if first else set()
    return reach_of(post).without(db.session.scalars(apart_from_any(people)))


def show_switch(post: Post, on: bool) -> None:
    """Within a verb: tell those who look at a post's comments whether it takes new ones, and its author's menus."""
    push.show_looking(
        f"comments-{post.id}", reach_of(post), lambda: partial("comments_closed", post_id=post.id, closed=not on)
    )
    push.show([post.author_id], lambda: partial("comments_switch", post_id=post.id, takes=on))


def show_new(post: Post, comment: Comment, first: Comment | None) -> None:
    """Within a verb: show a comment that has come, or come back; with the deleted one it answers, if that is back."""
    back = first is not None and first.deleted_at is not None and first.reply_count == 1
    shown, replies = (first, Replies([comment])) if back else (comment, Replies())
    show(post, comment, first, lambda: partial("comment", comment=shown, post=post, replies=replies, liked=()))


def show_again(post: Post, comment: Comment, first: Comment | None) -> None:
    """Within a verb: show a comment of which only the place was left, or not even that; to who likes it, as they do."""
    if comment.reply_count:
        show(post, comment, first, lambda: partial("comment_said", comment=comment, post=post, liked=False))
    else:
        show_new(post, comment, first)
    reach = _reach(post, comment, first)
    liked = db.session.scalars(select(CommentLike.user_id).where(CommentLike.comment_id == comment.id))
    if likers := [user_id for user_id in liked if user_id in reach]:
        push.show(likers, lambda: partial("comment_like", comment=comment, liked=True))


def show_gone(post: Post, comment: Comment, first: Comment | None) -> Comment:
    """Within a verb: show what is left of a deleted comment, and return whose place has changed by it.

    With the last reply to a deleted comment that one's place goes too.
    """
    changed = first if first and not first.stands else comment
    if changed.stands:
        show(post, comment, first, lambda: partial("comment_said", comment=changed, post=post, liked=False))
    else:
        show(post, comment, first, lambda: partial("comment_gone", comment_id=changed.id))
    return changed
