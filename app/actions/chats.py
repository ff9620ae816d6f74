"""Opening chats, and reading them."""

from flask_babel import gettext
from sqlalchemy import select, update

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Chat, Membership, User
from app.models.columns import insert_once, now
from app.models.friendship import pair
from app.queries.badges import badges_of
from app.queries.friends import are_friends


@verb
def open_direct(viewer: User, other: User) -> int:
    """Return the id of the one chat of two people; friends may begin it."""
    if viewer.id == other.id:
        raise Refused(gettext("You cannot write to yourself."))
    low, high = pair(viewer.id, other.id)
    found = select(Chat.id).where(Chat.low_id == low, Chat.high_id == high)
    chat_id = db.session.scalar(found)
    if chat_id is None:
        if not are_friends(low, high):
            raise Refused(gettext("You can write to friends. Ask to be friends first."))
        moment = now()
        insert_once(
            Chat,
            kind="direct",
            low_id=low,
            high_id=high,
            last_seq=0,
            last_revision=0,
            last_message_at=moment,
            member_count=2,
            members_version=1,
            created_at=moment,
        )
        chat_id = db.session.scalars(found).one()
        for person in (low, high):
            insert_once(Membership, chat_id=chat_id, user_id=person, role="member", read_seq=0, joined_at=moment)
    return chat_id


@verb
def read(chat_id: int, reader: User, seq: int) -> None:
    """Note how far somebody has read; it never goes back. Their other tabs hear of it."""
    last = select(Chat.last_seq).where(Chat.id == chat_id).scalar_subquery()
    further = (
        update(Membership)
        .where(Membership.chat_id == chat_id, Membership.user_id == reader.id, Membership.read_seq < seq, last >= seq)
        .values(read_seq=seq)
        .returning(Membership.read_seq)
    )
    if db.session.scalar(further.execution_options(synchronize_session=False)) is not None:
        show_read(reader, chat_id, seq)


def show_read(reader: User, chat_id: int, seq: int) -> None:
    """Bring the counts in all tabs of somebody who has read as far as ``seq`` up to date."""
    count = badges_of(reader).chats
    unread = db.session.scalars(select(Chat.last_seq).where(Chat.id == chat_id)).one() - seq
    push.show(
        [reader.id],
        lambda: (
            partial("badge", name="chats", count=count)
            + partial("chat_unread", chat_id=chat_id, read_seq=seq, unread=unread)
        ),
    )
