"""A chat's log: how verbs that have begun write a line into it, change one, and show it.

Places and revisions are given out one by one, under a lock of the chat that lasts until the commit.
"""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Row, Table, bindparam, exists, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.actions.reading import PASS, READ, THEIRS, show_counts, show_read
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Chat, Friendship, Hiding, Membership, Message, User
from app.models.block import parted
from app.models.columns import now
from app.queries.chats import member_ids
from app.queries.friends import are_friends
from app.queries.messages import Pins, message_as_it_is, pins_of

# Built once: what a message costs is mostly what SQLAlchemy makes of its statements.
_CHAT, _MESSAGE, _MEMBERSHIP, _FRIENDSHIP = (
    cast(Table, model.__table__) for model in (Chat, Message, Membership, Friendship)
)
_AWAY = _MEMBERSHIP.alias()
_ADVANCE = (
    update(_CHAT)
    .where(_CHAT.c.id == bindparam("chat"))
    .values(last_seq=_CHAT.c.last_seq + 1, last_revision=_CHAT.c.last_revision + 1, last_message_at=bindparam("moment"))
    .returning(*_CHAT.c)
)
_FACTS = select(
    _MEMBERSHIP.c.read_seq,
    select(_MESSAGE.c.id)
    .where(_MESSAGE.c.author_id == bindparam("user"), _MESSAGE.c.client_id == bindparam("client_id"))
    .scalar_subquery()
    .label("said_id"),
    exists()
    .where(
        _FRIENDSHIP.c.low_id == bindparam("low"),
        _FRIENDSHIP.c.high_id == bindparam("high"),
        _FRIENDSHIP.c.accepted_at.is_not(None),
    )
    .label("are_friends"),
    exists()
    .where(_AWAY.c.chat_id == bindparam("chat"), _AWAY.c.archived_seq == bindparam("before"), ~_AWAY.c.muted)
    .label("brings_back"),
).where(*THEIRS)
_MANY = ("pictures", "reactions", "mentions")
_SAY = insert(_MESSAGE).returning(_MESSAGE.c.id)


def advance(chat_id: int, moment: datetime) -> Chat | None:
    """Give out the next place and revision of a chat, which is locked by that until the commit."""
    row = db.session.connection().execute(_ADVANCE, {"chat": chat_id, "moment": moment}).one_or_none()
    return Chat(**row._mapping) if row else None


def facts(chat: Chat, author: User, client_id: str) -> Row[int, int | None, bool, bool] | None:
    """Return what is so now that the chat is locked, if the author is in it.

    How far they have read; what they said under this id; whether the two of a direct chat are friends; whether
    something new brings the chat back from somebody's archive.
    """
    asked = {"chat": chat.id, "user": author.id, "client_id": client_id, "before": chat.last_seq - 1}
    return db.session.connection().execute(_FACTS, asked | {"low": chat.low_id, "high": chat.high_id}).one_or_none()


def store(chat: Chat, author: User, moment: datetime, had_read: int | None, **values: object) -> Message:
    """Store a message at the place that was given out.

    Who says something has read what stands before. Who does something that the chat tells need not have looked at it.
    """
    connection = db.session.connection()
    row = {
        "chat_id": chat.id,
        "seq": chat.last_seq,
        "revision": chat.last_revision,
        "author_id": author.id,
        "kind": "said",
        "sent_at": moment,
        **values,
    }
    message = Message(id=connection.execute(_SAY, row).scalar_one(), **row)
    nothing: dict[str, object] = {name: [] for name in _MANY}
    for name, thing in {"author": author, "subject": None, "reply_to": None, **nothing}.items():
        set_committed_value(message, name, thing)  # not added to the session by them
    if had_read is not None and (message.kind == "said" or had_read == chat.last_seq - 1):
        here = {"chat": chat.id, "user": author.id, "seq": chat.last_seq}
        connection.execute(READ if message.kind == "said" else PASS, here)
        if had_read < chat.last_seq - 1:
            show_read(chat.id, {author.id: chat.last_seq})
    return message


def locked(chat_id: int, member: User) -> Chat:
    """Within a verb: return the chat, locked until the commit, if somebody takes part in it and it is there for them.

    Its places and revisions are given out one by one.
    """
    found = select(Chat).where(Chat.id == chat_id).with_for_update()
    chat = db.session.scalar(found.execution_options(populate_existing=True))
    # Asked once the lock is there: what is asked along with it is answered as it was before the waiting.
    theirs = select(Membership.user_id).join(Chat, Chat.id == Membership.chat_id)
    theirs = theirs.where(Membership.chat_id == chat_id, Membership.user_id == member.id, ~parted())
    if chat is None or db.session.scalar(theirs) is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    return chat


def place(chat: Chat, author: User, **values: object) -> Message:
    """Within a verb that has locked the chat: store a message at its end."""
    moment = now()
    db.session.flush()
    advanced = advance(chat.id, moment)
    assert advanced is not None
    for name in ("last_seq", "last_revision", "last_message_at"):
        set_committed_value(chat, name, getattr(advanced, name))
    mine = (Membership.chat_id == chat.id, Membership.user_id == author.id)
    message = store(chat, author, moment, db.session.scalar(select(Membership.read_seq).where(*mine)), **values)
    return message_as_it_is(message.id)


def revise(chat: Chat, message: Message, pins: bool = False) -> Message:
    """Within a verb that has locked the chat: let a message's change be the chat's next one, show it, and return it.

    ``pins`` tells that it was pinned; it may still be.
    """
    chat.last_revision += 1
    message.revision = chat.last_revision
    db.session.flush()
    if pins or message.pinned_at:
        show_pins(chat)
    return show_as_it_is(chat, message_as_it_is(message.id))


def show_as_it_is(chat: Chat, message: Message) -> Message:
    """Within a verb: show a message again, and return it; who deleted it for themselves hears of their quotes alone."""
    hidden_from = set(db.session.scalars(select(Hiding.user_id).where(Hiding.message_id == message.id)))
    show(chat, message, member_ids(chat) - hidden_from)
    if hidden_from:
        change = {"chat_id": chat.id, "revision": message.revision}
        push.show(
            hidden_from,
            lambda: partial("revised", **change) + partial("quote", message=message),
            chat=chat.id,
            audience="watching",
        )
    return message


def show(
    chat: Chat, message: Message, people: Collection[int], new: bool = False, brings_back: bool | None = None
) -> None:
    """Within a verb: show a message to those who look at the chat; the last one's beginning in people's other tabs too.

    What is ``new`` counts as unread where it is not seen, and where the chat comes back from an archive by it, so does
    what was unread before. What is not may stand as a quote above an answer.
    """

    def shown() -> Markup:
        return partial("message", message=message) + (Markup() if new else partial("quote", message=message))

    def preview() -> Markup:
        return partial("chat_preview", chat=chat, last=message, new=new)

    push.show_in_chat(people, chat.id, message.revision, shown, preview if message.seq == chat.last_seq else None)
    if new and brings_back is not False:
        away = (_AWAY.c.chat_id == chat.id, _AWAY.c.archived_seq == message.seq - 1, ~_AWAY.c.muted)
        show_counts(db.session.scalars(select(_AWAY.c.user_id).where(*away)).all())


def show_pins(chat: Chat) -> None:
    """Within a verb: show what is pinned to those who look at the chat, and to each without what they deleted."""
    pinned = select(Message.id).where(Message.chat_id == chat.id, Message.pinned_at.is_not(None))
    hiding = set(db.session.scalars(select(Hiding.user_id).where(Hiding.message_id.in_(pinned)).distinct()))
    show_pins_to(member_ids(chat) - hiding, chat, pins_of(None, chat))
    for user in db.session.scalars(select(User).where(User.id.in_(hiding))):
        show_pins_to([user.id], chat, pins_of(user, chat))


def show_pins_to(people: Collection[int], chat: Chat, pins: Pins) -> None:
    """Within a verb: show these people what is pinned."""
    push.show(people, lambda: partial("pins", chat_id=chat.id, pins=pins), chat=chat.id, audience="watching")


def require_open(chat: Chat) -> None:
    """Within a verb that has locked the chat: refuse where two people are not friends any more."""
    if not chat.is_group and not are_friends(chat.low_id or 0, chat.high_id or 0):
        raise closed(chat)


def closed(chat: Chat) -> Refused:
    """Within a verb: return why nobody may say anything in a direct chat."""
    here = select(User.id).where(User.id.in_((chat.low_id, chat.high_id)), User.deleted_at.is_(None))
    if len(db.session.scalars(here).all()) < 2:
        return Refused(gettext("This person has deleted their account, so you cannot write here."))
    return Refused(gettext("You are not friends any more, so you cannot write here."))


def said_in(message_id: int, member: User) -> tuple[Chat, Message]:
    """Within a verb: return a chat, locked, and something that was said in it and still is."""
    chat = locked(db.session.scalar(select(Message.chat_id).where(Message.id == message_id)) or 0, member)
    message = message_as_it_is(message_id)
    if message.kind == "system":
        raise Refused(gettext("What the group itself tells cannot be changed."))
    if message.deleted_at:
        raise Refused(gettext("This message has been deleted."))
    return chat, message
