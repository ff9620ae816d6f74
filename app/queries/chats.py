"""Chats as their members see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from flask_babel import gettext
from sqlalchemy import BindParameter, ColumnElement, Integer, Select, and_, bindparam, case, exists, or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.live import presence
from app.models import Chat, Friendship, Hiding, Membership, Mention, Message, User
from app.models.block import parted
from app.models.columns import EPOCH, VIEWER

PAGE = 30


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat for one of its members: whom it is with, what was said last, and what the member made of it.

    A direct chat is with the ``other`` one, who may be gone; a group has none. ``named`` says that somebody mentioned
    the member where they have not read yet, ``friends`` that the two are.
    """

    chat: Chat
    other: User | None
    last: Message | None
    membership: Membership
    named: bool = False
    friends: bool = False

    @property
    def title(self) -> str:
        """What the chat is called for this member."""
        if self.chat.is_group:
            return self.chat.name or ""
        return self.other.full_name if self.other else gettext("Deleted user")

    @property
    def unread(self) -> int:
        """How many messages the member has not read."""
        return max(0, self.chat.last_seq - self.membership.read_seq)

    @property
    def archived(self) -> bool:
        """Whether the member put it away, and nothing new has brought it back."""
        archived_seq = self.membership.archived_seq
        return archived_seq is not None and (self.membership.muted or archived_seq >= self.chat.last_seq)

    @property
    def closed(self) -> str:
        """Why its member may not say anything in a direct chat: the other one is "gone", or they are "unfriended"."""
        return "unfriended" if self.other and self.other.deleted_at is None else "gone"

    @property
    def cursor(self) -> str:
        """Where the inbox goes on after this row."""
        return self.chat.cursor


def inbox(viewer: User, limit: int = PAGE, after: str | None = None, archived: bool = False) -> list[ChatRow]:
    """Return the viewer's chats in which something was said: those that are pinned, then the latest first."""
    last = _parse(after)
    moment, chat_id = last or (EPOCH, 0)
    question = _inbox(archived, further=last is not None)
    about = {"viewer": viewer.id, "limit": limit, "moment": moment, "chat": chat_id}
    return [ChatRow(*row) for row in db.session.execute(question, about)]


def latest(viewer: User, limit: int) -> list[ChatRow]:
    """Return the viewer's chats in which something was said last, pinned and archived ones too."""
    order = Chat.last_message_at.desc(), Chat.id.desc()
    rows = _rows(viewer).where(Chat.id.in_(_STANDING.order_by(*order).limit(limit))).order_by(*order)
    return [ChatRow(*row) for row in db.session.execute(rows)]


def standing_ids(viewer: User) -> list[int]:
    """Return the ids of all chats that stand in the viewer's inbox."""
    return list(db.session.scalars(_STANDING.where(~away()).params(viewer=viewer.id)))


def away() -> ColumnElement[bool]:
    """Whether somebody put a chat away, and nothing new has brought it back."""
    quiet = or_(Membership.muted, Membership.archived_seq >= Chat.last_seq)
    return and_(Membership.archived_seq.is_not(None), quiet)


def chat_for(viewer: User, chat_id: int) -> ChatRow | None:
    """Return a chat the viewer takes part in."""
    row = db.session.execute(_rows(viewer).where(Chat.id == chat_id)).one_or_none()
    return ChatRow(*row) if row else None


def chats_of(viewer: User, chat_ids: Iterable[int]) -> dict[int, ChatRow]:
    """Return those of these chats that the viewer takes part in, by their ids."""
    rows = db.session.execute(_rows(viewer).where(Chat.id.in_(list(chat_ids))))
    return {row[0].id: ChatRow(*row) for row in rows}


def may_write(row: ChatRow) -> bool:
    """Whether its member may say something in a chat: in a direct one only to a friend."""
    return row.chat.is_group or row.friends


def online_others(rows: Iterable[ChatRow]) -> set[int]:
    """Return which of the friends with whom these direct chats are have a tab open."""
    return presence.online(row.other.id for row in rows if row.other and row.friends)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who has read furthest in a chat and how far, and how far the next one has.

    So each who looks knows how far somebody else has read: a reader is not told of themselves.
    """

    first_id: int
    first_seq: int
    next_seq: int


def furthest_readers(chat_id: int) -> Readers:
    """Return how far the two have read who have read furthest since they came, of those who let others know."""
    found = (
        select(Membership.user_id, Membership.read_seq)
        .join(User, User.id == Membership.user_id)
        .where(Membership.chat_id == chat_id, Membership.read_seq > Membership.joined_seq, User.shows_reading)
        .order_by(Membership.read_seq.desc(), Membership.user_id)
        .limit(2)
    )
    rows = [(person, seq) for person, seq in db.session.execute(found)]
    (first_id, first_seq), (_, next_seq) = [*rows, (0, 0), (0, 0)][:2]
    return Readers(first_id, first_seq, next_seq)


def member_ids(chat: Chat) -> frozenset[int]:
    """Return the ids of everybody in a chat.

    A group's are remembered until somebody comes or goes, so that a word to a thousand people reads no thousand rows.
    A verb that changes the members asks ``present_member_ids``: what its transaction sees may never come to be.
    """
    if not chat.is_group:
        return frozenset(person for person in (chat.low_id, chat.high_id) if person is not None)
    return _member_ids(chat.id, chat.created_at, chat.members_version)


@lru_cache(maxsize=1000)
def _member_ids(chat_id: int, _created_at: datetime, _members_version: int) -> frozenset[int]:
    # The moment is in the key since SQLite gives a deleted chat's number to the next one.
    return present_member_ids(chat_id)


def present_member_ids(chat_id: int) -> frozenset[int]:
    """Return the ids of everybody in a chat as the present transaction sees them."""
    return frozenset(db.session.scalars(select(Membership.user_id).where(Membership.chat_id == chat_id)))


def _rows(viewer: User) -> Select[Chat, User, Message, Membership, bool, bool]:
    return _ROWS.params(viewer=viewer.id)


def _all_rows() -> Select[Chat, User, Message, Membership, bool, bool]:
    other_id = case((Chat.low_id == VIEWER, Chat.high_id), else_=Chat.low_id)
    hidden = exists().where(Hiding.message_id == Message.id, Hiding.user_id == VIEWER)
    # By place and one, rather than the largest: both databases then look at one row and not at the whole chat.
    last = select(Message.seq).where(Message.chat_id == Chat.id, ~hidden).order_by(Message.seq.desc()).limit(1)
    named = exists().where(Mention.user_id == VIEWER, Mention.chat_id == Chat.id, Mention.seq > Membership.read_seq)
    friends = exists().where(
        Friendship.low_id == Chat.low_id, Friendship.high_id == Chat.high_id, Friendship.accepted_at.is_not(None)
    )
    return (
        select(Chat, User, Message, Membership, named, friends)
        .join(Membership, and_(Membership.chat_id == Chat.id, Membership.user_id == VIEWER))
        .outerjoin(User, User.id == other_id)
        .outerjoin(Message, and_(Message.chat_id == Chat.id, Message.seq == last.correlate(Chat).scalar_subquery()))
        .where(~parted())
        .options(joinedload(Message.author), joinedload(Message.subject))
    )


_ROWS = _all_rows()
# Asked first which of them are shown: what else there is to know of a chat, the database would find out for all.
_STANDING = (
    select(Chat.id)
    .join(Membership, Membership.chat_id == Chat.id)
    .where(Membership.user_id == VIEWER, Chat.last_seq > 0, ~parted())
)


@cache
def _inbox(archived: bool, further: bool) -> Select[Chat, User, Message, Membership, bool, bool]:
    order = Membership.pinned_at.is_(None), Chat.last_message_at.desc(), Chat.id.desc()
    standing = (
        _STANDING.where(away() if archived else ~away()).order_by(*order).limit(bindparam("limit", type_=Integer))
    )
    if further:
        standing = standing.where(Membership.pinned_at.is_(None), _beyond(bindparam("moment"), bindparam("chat")))
    return _ROWS.where(Chat.id.in_(standing)).order_by(*order)


def _beyond(moment: BindParameter[datetime], chat_id: BindParameter[int]) -> ColumnElement[bool]:
    return or_(Chat.last_message_at < moment, and_(Chat.last_message_at == moment, Chat.id < chat_id))


def _parse(cursor: str | None) -> tuple[datetime, int] | None:
    left, _, right = (cursor or "").partition("-")
    if (
        not (left.isascii() and left.isdigit() and right.isascii() and right.isdigit())
        or len(left) > 17
        or len(right) > 9
    ):
        return None
    return EPOCH + timedelta(microseconds=int(left)), int(right)
