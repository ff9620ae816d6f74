"""Keeping somebody away, and letting them come back. Whoever is kept away is not told; nothing is deleted."""

from flask_babel import gettext
from sqlalchemy import delete, select

from app.actions import verb
from app.actions.chats import show_row
from app.actions.members import close
from app.actions.pairs import chat_of, count, hold, show_chat, show_gone, show_requests
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Block, Chat, EndedFriendship, User
from app.models.columns import insert_once, now
from app.models.friendship import is_pair
from app.queries.blocks import are_apart


@verb
def block(viewer: User, other: User) -> None:
    """End whatever two people are to each other, and hide each from the other; doing it twice is doing it once."""
    if viewer.id == other.id:
        raise Refused(gettext("You cannot block yourself."))
    friendship = hold(viewer, other)
    if not insert_once(Block, blocker_id=viewer.id, blocked_id=other.id, created_at=now()):
        return
    db.session.execute(delete(EndedFriendship).where(is_pair(EndedFriendship, viewer.id, other.id)))
    if friendship is not None:
        db.session.delete(friendship)
        db.session.flush()
        if friendship.accepted_at is not None:
            count(friendship, -1)
    _part(viewer, other)


@verb
def unblock(viewer: User, other: User) -> None:
    """Let somebody find the viewer again. They are strangers now; their chat stands where it stood."""
    hold(viewer, other)
    mine = (Block.blocker_id == viewer.id, Block.blocked_id == other.id)
    gone = db.session.scalar(delete(Block).where(*mine).returning(Block.blocked_id))
    if gone is None or are_apart(viewer.id, other.id):
        return
    push.show([viewer.id, other.id], lambda: partial("friends_news"))
    if (chat_id := chat_of(viewer, other)) is not None:
        show_chat(chat_id, viewer, other)
        for user in (viewer, other):
            show_row(user, chat_id)


def _part(viewer: User, other: User) -> None:
    """Take each out of the other's tabs, with their chat."""
    show_requests(viewer.id, other.id)
    for reader, user in ((viewer, other), (other, viewer)):
        show_gone(user, [reader.id])
    if (chat_id := chat_of(viewer, other)) is not None:
        # Who says something at this moment says it before, or not at all.
        db.session.execute(select(Chat.id).where(Chat.id == chat_id).with_for_update())
        close(chat_id, [viewer.id, other.id], why="apart")
