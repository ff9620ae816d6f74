"""Opening chats, reading them, and what each member makes of them."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import and_, func, or_, select, update

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import bus, push
from app.live.pushes import Push
from app.models import Chat, Membership, User
from app.models.columns import insert_once, now
from app.models.friendship import pair
from app.queries.badges import badges_of
from app.queries.chats import chat_for, furthest_readers, may_write, member_ids, online_others
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
    if _note([(chat_id, reader.id, seq)]):
        show_read(reader, chat_id, seq)
        _show_readers(chat_id)


@verb
def read_all(reads: Sequence[tuple[int, int, int, bool]]) -> None:
    """Note how far people have read: chat, person, place, and whether they have other tabs, which then hear of it."""
    done = _note([(chat_id, person_id, seq) for chat_id, person_id, seq, _ in reads])
    for chat_id in {chat_id for chat_id, _ in done}:
        _show_readers(chat_id)
    for chat_id, person_id, seq, elsewhere in reads:
        if elsewhere and (chat_id, person_id) in done:
            show_read(db.session.get_one(User, person_id), chat_id, seq)


def show_typing(chat_id: int, person_id: int) -> None:
    """Show that somebody writes in a chat, if they may and let others know; nothing is stored."""
    person = db.session.get(User, person_id)
    row = chat_for(person, chat_id) if person else None
    if person and row and person.shows_typing and may_write(person, row):
        others = member_ids(row.chat) - {person_id}
        bus.publish(Push(others, push.in_every_language(lambda: partial("typing", chat=row.chat, user=person))))


def _note(reads: Sequence[tuple[int, int, int]]) -> set[tuple[int, int]]:
    """Store how far people have read, and return whose place has changed: chat and person."""
    done = set()
    for chat_id, person_id, seq in reads:
        last = select(Chat.last_seq).where(Chat.id == chat_id).scalar_subquery()
        theirs = (Membership.chat_id == chat_id, Membership.user_id == person_id, last >= seq)
        further = or_(Membership.read_seq < seq, and_(Membership.marked, Membership.read_seq == seq))
        noted = update(Membership).where(*theirs, further).values(read_seq=seq, marked=False)
        if db.session.execute(noted.returning(Membership.user_id)).first():
            done.add((chat_id, person_id))
    return done


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
    membership = db.session.get(Membership, (chat_id, member.id), populate_existing=True)
    if membership is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    if pinned and membership.pinned_at is None and _pinned_by(member) >= PINS:
        raise Refused(gettext("You can pin %(count)s chats at most.", count=PINS))
    if muted is not None:
        membership.muted = muted
    if marked is not None:
        membership.marked = marked
    if pinned is not None:
        membership.pinned_at = (membership.pinned_at or now()) if pinned else None
    if archived is not None:
        last = db.session.scalar(select(Chat.last_seq).where(Chat.id == chat_id))
        membership.archived_seq = last if archived else None
        membership.pinned_at = None if archived else membership.pinned_at
    db.session.flush()
    show_row(member, chat_id)


def show_row(member: User, chat_id: int) -> None:
    """Within a verb: bring a chat's row, and what is counted in the header, up to date in all tabs of a member."""
    row, badges = chat_for(member, chat_id), badges_of(member)
    if row is not None:
        online = online_others([row])
        push.show(
            [member.id],
            lambda: (
                partial("badge", name="chats", count=badges.chats, muted=badges.muted)
                + partial("chat_row", row=row, current=False, online=online)
            ),
        )


def show_read(reader: User, chat_id: int, seq: int) -> None:
    """Within a verb: bring the counts in all tabs of somebody who has read as far as ``seq`` up to date."""
    badges = badges_of(reader)
    unread = db.session.scalars(select(Chat.last_seq).where(Chat.id == chat_id)).one() - seq
    push.show(
        [reader.id],
        lambda: (
            partial("badge", name="chats", count=badges.chats, muted=badges.muted)
            + partial("chat_unread", chat_id=chat_id, read_seq=seq, unread=unread, marked=False, named=False)
        ),
    )


def _show_readers(chat_id: int) -> None:
    chat = db.session.get_one(Chat, chat_id, populate_existing=True)
    readers = furthest_readers(chat)
    shown = partial("readers", chat_id=chat_id, readers=readers)
    push.show(member_ids(chat), lambda: shown, chat=chat_id, audience="watching")


def _pinned_by(member: User) -> int:
    theirs = (Membership.user_id == member.id, Membership.pinned_at.is_not(None))
    return db.session.scalar(select(func.count()).where(*theirs)) or 0


PINS = 10
