"""How far people have read, and who hears of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from app.actions import verb
from app.extensions import after_commit, db
from app.fragments import partial
from app.live import bus, push
from app.live.pushes import Push
from app.models import Chat, Hiding, Membership, Mention, Message, User
from app.models.block import parted
from app.queries.badges import unread_of
from app.queries.chats import Readers, furthest_readers, member_ids

_MEMBERSHIP = cast(Table, Membership.__table__)
THEIRS = (_MEMBERSHIP.c.chat_id == bindparam("chat"), _MEMBERSHIP.c.user_id == bindparam("user"))
READ = update(_MEMBERSHIP).where(*THEIRS).values(read_seq=bindparam("seq"), marked=False)
PASS = update(_MEMBERSHIP).where(*THEIRS).values(read_seq=bindparam("seq"))  # of what is no reason to come back


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
    seq = db.session.scalars(select(Membership.read_seq).where(*mine).with_for_update()).one()
    further = _past_hidden(chat_id, {reader.id: seq})[reader.id]
    db.session.execute(update(Membership).where(*mine).values(read_seq=further))


def _past_hidden(chat_id: int, places: Mapping[int, int]) -> dict[int, int]:
    """Return these places, each moved on over what its reader deleted for themselves just after it."""
    hidden = defaultdict(set)
    theirs = (Hiding.chat_id == chat_id, Hiding.user_id.in_(places), Message.seq > min(places.values()))
    found = select(Hiding.user_id, Message.seq).join(Message, Message.id == Hiding.message_id).where(*theirs)
    for person, seq in db.session.execute(found):
        hidden[person].add(seq)

    def past(person: int, seq: int) -> int:
        while seq + 1 in hidden[person]:
            seq += 1
        return seq

    return {person: past(person, seq) for person, seq in places.items()}


def show_readers(chat_id: int, before: Readers | None = None) -> None:
    """Within a verb: show those who look at a chat how far it has been read, once that is stored and if it changed."""

    def showing() -> None:
        readers, chat = furthest_readers(chat_id), db.session.get(Chat, chat_id, populate_existing=True)
        if chat is not None and readers != before:
            frames = push.in_every_language(lambda: partial("readers", chat_id=chat_id, readers=readers))
            bus.publish(Push(member_ids(chat), frames, chat_id, audience="watching"))

    after_commit(showing)


def _note(chat_id: int, places: Mapping[int, int], hearing: Collection[int]) -> None:
    """Store how far people have read, and show it; locked in the order of their ids, so that no two wait in a ring."""
    last = db.session.scalar(select(Chat.last_seq).where(Chat.id == chat_id, ~parted())) or 0
    places = {person: seq for person, seq in places.items() if seq <= last}
    if not places:
        return
    places, before = _past_hidden(chat_id, places), furthest_readers(chat_id)
    known = (
        select(Membership.user_id, Membership.read_seq, Membership.marked)
        .where(Membership.chat_id == chat_id, Membership.user_id.in_(places))
        .order_by(Membership.user_id)
        .with_for_update()
    )
    further = {
        person: places[person]
        for person, seq, marked in db.session.execute(known)
        if seq < places[person] or (marked and seq == places[person])
    }
    if not further:
        return
    rows = [{"chat": chat_id, "user": person, "seq": seq} for person, seq in further.items()]
    db.session.connection().execute(READ, rows)
    show_readers(chat_id, before)
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
