"""How far people have read, and who hears of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from app.actions import verb
from app.extensions import after_commit, db
from app.fragments import partial
from app.live import bus, push
from app.live.pushes import Push
from app.models import Chat, Hiding, Membership, Mention, Message, User
from app.queries.badges import unread_of
from app.queries.chats import furthest_readers, member_ids

_MEMBERSHIP = cast(Table, Membership.__table__)
THEIRS = (_MEMBERSHIP.c.chat_id == bindparam("chat"), _MEMBERSHIP.c.user_id == bindparam("user"))
READ = update(_MEMBERSHIP).where(*THEIRS).values(read_seq=bindparam("seq"), marked=False)


@verb
def read(chat_id: int, reader: User, seq: int) -> None:
    """Note how far somebody has read; it never goes back. Their other tabs hear of it."""
    _note(chat_id, {reader.id: seq}, [reader.id])


@verb
def read_all(reads: Sequence[tuple[int, int, int, bool]]) -> None:
    """Note how far people have read: chat, person, place, and whether they have other tabs, which then hear of it."""
    for chat_id in sorted({chat_id for chat_id, *_ in reads}):
        here = [(person, seq, elsewhere) for chat, person, seq, elsewhere in reads if chat == chat_id]
        _note(chat_id, {person: seq for person, seq, _ in here}, [person for person, _, elsewhere in here if elsewhere])


def show_read(chat_id: int, places: Mapping[int, int]) -> None:
    """Within a verb: bring the counts in all tabs of people who have read as far as these places up to date."""
    if places:
        after_commit(lambda: _publish(chat_id, places))


def show_counts(people: Collection[int]) -> None:
    """Within a verb: bring how much is unread, as the header tells it, up to date in all tabs of these people."""

    def counting() -> None:
        for person, (count, muted) in unread_of(people).items():
            _tell(person, lambda count=count, muted=muted: partial("badge", name="chats", count=count, muted=muted))  # type: ignore[misc]

    if people:
        after_commit(counting)


def read_past_hidden(chat_id: int, reader: User) -> None:
    """Within a verb: let somebody have read what they deleted for themselves, where nothing else stands before it."""
    mine = (Membership.chat_id == chat_id, Membership.user_id == reader.id)
    seq = db.session.scalars(select(Membership.read_seq).where(*mine)).one()
    further = _past_hidden(chat_id, {reader.id: seq})[reader.id]
    db.session.execute(update(Membership).where(*mine).values(read_seq=further))


def _past_hidden(chat_id: int, places: Mapping[int, int]) -> dict[int, int]:
    """Return the places to which people have read who deleted what follows for themselves."""
    theirs = (Hiding.chat_id == chat_id, Hiding.user_id.in_(places))
    further = {}
    for person in db.session.scalars(select(Hiding.user_id).where(*theirs).distinct()):
        hidden = select(Hiding.message_id).where(Hiding.message_id == Message.id, Hiding.user_id == person)
        after = (Message.chat_id == chat_id, Message.seq > places[person])
        following = select(func.min(Message.seq)).where(*after, ~hidden.correlate(Message).exists()).scalar_subquery()
        last = select(Chat.last_seq).where(Chat.id == chat_id).scalar_subquery()
        further[person] = db.session.scalar(select(func.coalesce(following - 1, last))) or 0
    return further


def _note(chat_id: int, places: Mapping[int, int], hearing: Collection[int]) -> None:
    """Store how far people have read, and show it; locked in the order of their ids, so that no two wait in a ring."""
    before = furthest_readers(chat_id)
    last = db.session.scalar(select(Chat.last_seq).where(Chat.id == chat_id)) or 0
    known = (
        select(Membership.user_id, Membership.read_seq, Membership.marked)
        .where(Membership.chat_id == chat_id, Membership.user_id.in_(places))
        .order_by(Membership.user_id)
        .with_for_update()
    )
    further = {
        person: places[person]
        for person, seq, marked in db.session.execute(known)
        if seq < places[person] <= last or (marked and seq == places[person])
    }
    if not further:
        return
    further |= _past_hidden(chat_id, further)
    rows = [{"chat": chat_id, "user": person, "seq": seq} for person, seq in further.items()]
    db.session.connection().execute(READ, rows)
    readers = furthest_readers(chat_id)
    if readers != before:
        people = member_ids(db.session.get_one(Chat, chat_id, populate_existing=True))
        shown = partial("readers", chat_id=chat_id, readers=readers)
        push.show(people, lambda: shown, chat=chat_id, audience="watching")
    show_read(chat_id, {person: seq for person, seq in further.items() if person in hearing})


def _publish(chat_id: int, places: Mapping[int, int]) -> None:
    last = db.session.scalar(select(Chat.last_seq).where(Chat.id == chat_id)) or 0
    counts = unread_of(places)
    mentions = select(Mention.user_id, func.max(Mention.seq)).where(Mention.chat_id == chat_id)
    found = db.session.execute(mentions.where(Mention.user_id.in_(places)).group_by(Mention.user_id))
    named = {person: seq for person, seq in found}
    for person, seq in places.items():
        count, muted = counts[person]
        row = {"chat_id": chat_id, "read_seq": seq, "unread": max(0, last - seq), "marked": False}
        row["named"] = named.get(person, 0) > seq
        _tell(
            person,
            lambda count=count, muted=muted, row=row: (  # type: ignore[misc]
                partial("badge", name="chats", count=count, muted=muted) + partial("chat_unread", **row)
            ),
        )


def _tell(person: int, fragment: push.Fragment) -> None:
    bus.publish(Push(frozenset([person]), push.in_every_language(fragment)))
