"""Opening chats, and what each member makes of them."""

from flask_babel import gettext
from sqlalchemy import func, select

from app.actions import verb
from app.actions.log import locked
from app.actions.reading import show_counts
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import bus, push
from app.live.pushes import Push
from app.models import Chat, Membership, User
from app.models.columns import insert_once, now
from app.models.friendship import pair
from app.queries.badges import badges_of
from app.queries.chats import chat_for, may_write, member_ids, online_others, standing_ids
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


def show_typing(chat_id: int, person_id: int) -> None:
    """Show that somebody writes in a chat, if they may and let others know; nothing is stored."""
    person = db.session.get(User, person_id)
    row = chat_for(person, chat_id) if person else None
    if person and row and person.shows_typing and may_write(row):
        others = member_ids(row.chat) - {person_id}
        frames = push.in_every_language(lambda: partial("typing", chat=row.chat, user=person))
        bus.publish(Push(others, frames, chat_id, audience="watching"))


@verb
def arrange(
    chat_id: int,
    member: User,
    *,
    muted: bool | None = None,
    marked: bool | None = None,
    pinned: bool | None = None,
    archived: bool | None = None,
) -> None:
    """Make of a chat what its member wants it to be in their list, in all of their tabs."""
    chat = locked(chat_id, member)
    membership = db.session.get_one(Membership, (chat_id, member.id), populate_existing=True, with_for_update=True)
    if membership.archived_seq is not None and not membership.muted and membership.archived_seq < chat.last_seq:
        membership.archived_seq = None  # it has come back
    if pinned and membership.pinned_at is None and _pinned_by(member) >= PINS:
        raise Refused(gettext("You can pin %(count)s chats at most.", count=PINS))
    if muted is not None:
        membership.muted = muted
    if marked is not None:
        membership.marked = marked
    if pinned is not None:
        membership.pinned_at = (membership.pinned_at or now()) if pinned else None
    if archived is not None:
        membership.archived_seq = chat.last_seq if archived else None
        membership.pinned_at = None if archived else membership.pinned_at
    db.session.flush()
    show_row(member, chat_id)
    if archived is not None:
        ids, count = standing_ids(member), badges_of(member).archived
        push.show([member.id], lambda: partial("standing", ids=ids, archived=count))


def show_row(member: User, chat_id: int) -> None:
    """Within a verb: bring a chat's row, and what is counted in the header, up to date in all tabs of a member."""
    row = chat_for(member, chat_id)
    if row is not None and row.chat.last_seq:
        online = online_others([row])
        push.show([member.id], lambda: partial("chat_row", row=row, current=False, online=online))
        show_counts([member.id])


def _pinned_by(member: User) -> int:
    theirs = (Membership.user_id == member.id, Membership.pinned_at.is_not(None))
    return db.session.scalar(select(func.count()).where(*theirs)) or 0


PINS = 10
