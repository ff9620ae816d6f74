"""Comments under posts as a viewer sees them: threads in the order they were begun, each with its replies."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.extensions import db
from app.models import Comment, CommentLike, CommentMention, Post, User
from app.models.block import apart_from
from app.queries.posts import visible_to

PAGE = 20
REPLIES = 3  # stand under each comment; the earlier ones are shown when somebody wants them
RENEWED = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Which stretch is asked for: before or after a comment, from one on, or around one; the newest, if none."""

    before: int | None = None
    after: int | None = None
    since: int | None = None
    at: int | None = None


NEWEST = Place()


@dataclass(frozen=True, slots=True)
class Replies:
    """A stretch of a thread's replies, how many stand before it, and after which there are more."""

    replies: list[Comment] = field(default_factory=list)
    earlier: int = 0
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Comments:
    """A stretch of threads, which of what is shown the viewer likes, and the cursors to either side."""

    threads: list[tuple[Comment, Replies]]
    liked: Collection[int]
    before: int | None = None
    after: int | None = None


def discussed_post(viewer: User, post_id: int) -> Post | None:
    """Return a post whose comments the viewer may see, alone."""
    return db.session.scalar(select(Post).where(Post.id == post_id, visible_to(viewer)))


def comments_under(viewer: User, post: Post, place: Place = NEWEST) -> Comments:
    """Return a stretch of the comments under a post, with the newest replies to each."""
    target = comment_for(viewer, place.at) if place.at else None
    thread_id = (target.parent_id or target.id) if target and target.post_id == post.id else None
    begun = _shown(viewer, Comment.post_id == post.id, Comment.parent_id.is_(None))
    found, before, after = _stretch(viewer, begun, place, thread_id)
    replies = _newest_replies(viewer, found)
    if target and thread_id not in (None, target.id) and target not in replies[thread_id].replies:
        replies[thread_id] = replies_to(viewer, thread_id, Place(at=target.id))
    threads = [(comment, replies[comment.id]) for comment in found]
    return Comments(threads, liked_comments(viewer, threads), before, after)


def replies_to(viewer: User, comment_id: int | None, place: Place = NEWEST) -> Replies:
    """Return a stretch of the replies to a comment that the viewer sees."""
    question = _shown(viewer, Comment.parent_id == comment_id)
    found, _, after = _stretch(viewer, question, place, place.at)
    if not found:
        return Replies()
    earlier = question.where(Comment.id < found[0].id).with_only_columns(func.count(Comment.id)).order_by(None)
    return Replies(found, db.session.scalar(earlier) or 0, after)


def thread_of(viewer: User, comment: Comment, place: Place = NEWEST) -> Comments:
    """Return the thread that a comment is part of; where it is a reply, from there on."""
    if comment.parent_id is None:
        first, replies = comment, replies_to(viewer, comment.id, place)
    else:
        first = db.session.scalars(_whole(select(Comment).where(Comment.id == comment.parent_id), viewer)).one()
        replies = replies_to(viewer, first.id, place if place != NEWEST else Place(at=comment.id))
    threads = [(first, replies)]
    return Comments(threads, liked_comments(viewer, threads))


def comment_for(viewer: User, comment_id: int) -> Comment | None:
    """Return a standing comment that the viewer sees, with its post."""
    thread = aliased(Comment)
    hidden = select(thread.id).where(thread.id == Comment.parent_id, thread.author_id.in_(apart_from(viewer.id)))
    found = (
        _shown(viewer, Comment.id == comment_id)
        .join(Post, Post.id == Comment.post_id)
        .where(visible_to(viewer), Comment.deleted_at.is_(None), ~hidden.correlate(Comment).exists())
    )
    return db.session.scalar(_whole(found, viewer).options(joinedload(Comment.post, innerjoin=True)))


def own_comment_for(viewer: User, comment_id: int) -> Comment | None:
    """Return a comment that the viewer may change."""
    return _standing(viewer, comment_id, Comment.author_id == viewer.id)


def removable_comment_for(viewer: User, comment_id: int) -> Comment | None:
    """Return a comment that the viewer may take away: their own, or one under their post."""
    return _standing(viewer, comment_id, or_(Comment.author_id == viewer.id, Post.author_id == viewer.id))


def _standing(viewer: User, comment_id: int, condition: ColumnElement[bool]) -> Comment | None:
    """Return a standing comment under a post that the viewer sees, whoever wrote it and the one above it."""
    found = select(Comment).join(Post, Post.id == Comment.post_id)
    found = found.where(Comment.id == comment_id, Comment.deleted_at.is_(None), visible_to(viewer), condition)
    return db.session.scalar(_whole(found, viewer).options(joinedload(Comment.post, innerjoin=True)))


def thread_for(viewer: User, comment_id: int) -> Comment | None:
    """Return a comment that begins a thread the viewer sees, with its post; it may be one that was deleted."""
    found = (
        _shown(viewer, Comment.id == comment_id, Comment.parent_id.is_(None))
        .join(Post, Post.id == Comment.post_id)
        .where(visible_to(viewer))
    )
    return db.session.scalar(found.options(joinedload(Comment.post, innerjoin=True)))


def comment_said(author: User, client_id: str) -> Comment | None:
    """Return what somebody commented under the id their page gave it."""
    said = select(Comment).where(Comment.author_id == author.id, Comment.client_id == client_id)
    return db.session.scalar(_whole(said).execution_options(populate_existing=True))


def comment_as_it_is(comment_id: int) -> Comment:
    """Return a comment, for a verb that has locked its post."""
    found = _whole(select(Comment).where(Comment.id == comment_id))
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def liked_comments(viewer: User, threads: Iterable[tuple[Comment, Replies]]) -> set[int]:
    """Return which of these comments and replies the viewer likes."""
    ids = [comment.id for first, replies in threads for comment in (first, *replies.replies)]
    liked = select(CommentLike.comment_id).where(CommentLike.user_id == viewer.id, CommentLike.comment_id.in_(ids))
    return set(db.session.scalars(liked))


def _shown(viewer: User, *conditions: ColumnElement[bool]) -> Select[Comment]:
    """Ask for comments that stand, or keep the place of one that is deleted, of people the viewer is not apart from."""
    stands = or_(Comment.deleted_at.is_(None), Comment.reply_count > 0)
    return select(Comment).where(*conditions, and_(stands, Comment.author_id.not_in(apart_from(viewer.id))))


def _stretch(
    viewer: User, question: Select[Comment], place: Place, at: int | None
) -> tuple[list[Comment], int | None, int | None]:
    """Return comments in their order, and the cursors to what stands before and after them."""
    if place.after is not None:
        found, after = _from(viewer, question, Comment.id > place.after, PAGE)
        return found, found[0].id if found else None, after
    if place.since is not None:
        found, after = _from(viewer, question, Comment.id >= place.since, RENEWED)
        return found, None, after
    latest = question if place.before is None else question.where(Comment.id < place.before)
    found = list(db.session.scalars(_whole(latest.order_by(Comment.id.desc()).limit(PAGE + 1), viewer)))[::-1]
    shown = found[-PAGE:]
    if at is not None and shown and shown[0].id > at:
        shown, after = _from(viewer, question, Comment.id >= at, PAGE)
        before = question.where(Comment.id < at).with_only_columns(Comment.id).limit(1)
        return shown, at if db.session.scalar(before) else None, after
    after = shown[-1].id if shown and place.before is not None else None
    return shown, shown[0].id if len(found) > PAGE else None, after


def _from(
    viewer: User, question: Select[Comment], beginning: ColumnElement[bool], limit: int
) -> tuple[list[Comment], int | None]:
    found = list(db.session.scalars(_whole(question.where(beginning).order_by(Comment.id).limit(limit + 1), viewer)))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _newest_replies(viewer: User, threads: Iterable[Comment]) -> defaultdict[int | None, Replies]:
    """Return the newest replies to each comment, and how many stand before them, in one question for all."""
    answered = [thread.id for thread in threads if thread.reply_count]
    numbered = (
        _shown(viewer, Comment.parent_id.in_(answered))
        .add_columns(
            func.row_number().over(partition_by=Comment.parent_id, order_by=Comment.id.desc()).label("place"),
            func.count().over(partition_by=Comment.parent_id).label("total"),
        )
        .subquery()
    )
    reply = aliased(Comment, numbered)
    found = select(reply, numbered.c.total).where(numbered.c.place <= REPLIES).order_by(reply.id)
    loaded = found.options(
        joinedload(reply.author, innerjoin=True),
        selectinload(reply.mentions.and_(_named_to(viewer))).joinedload(CommentMention.user, innerjoin=True),
    )
    newest: defaultdict[int | None, Replies] = defaultdict(Replies)
    for comment, total in db.session.execute(loaded).all() if answered else ():
        replies = newest[comment.parent_id].replies
        newest[comment.parent_id] = Replies([*replies, comment], total - len(replies) - 1)
    return newest


def _whole(comments: Select[Comment], viewer: User | None = None) -> Select[Comment]:
    """Ask for comments with what is shown of them: to a viewer without the names of people they are apart from."""
    named = Comment.mentions.and_(_named_to(viewer)) if viewer else Comment.mentions
    return comments.options(
        joinedload(Comment.author, innerjoin=True),
        selectinload(named).joinedload(CommentMention.user, innerjoin=True),
    )


def _named_to(viewer: User) -> ColumnElement[bool]:
    return CommentMention.user_id.not_in(apart_from(viewer.id))
