"""Saying something, and changing or deleting what was said."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from flask_babel import gettext
from sqlalchemy import Row, Table, bindparam, exists, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.actions import verb
from app.actions.chats import show_read
from app.actions.pictures import forget
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Chat, Friendship, Membership, Message, Picture, User
from app.models.columns import now
from app.queries.chats import ChatRow, member_ids
from app.queries.messages import message_as_it_is

BODY = 4000
PICTURES = 10


@verb
def send(chat_id: int, author: User, body: str, client_id: str, picture_ids: Sequence[int] = ()) -> Message:
    """Say something in a chat, and show it to everyone in it; the same ``client_id`` again is the same message.

    It is shown again with its second coming: the process that stored the first may have died before it could.
    """
    moment = now()
    chat = _advance(chat_id, moment)
    facts = _facts(chat, author, client_id) if chat else None
    if chat is None or facts is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    if facts.said_id is not None:
        return _show_again(chat_id, facts.said_id)
    if not chat.is_group and not facts.are_friends:
        raise Refused(gettext("You are not friends any more, so you cannot write here."))
    _check(body, len(picture_ids))
    message = _store(chat, author, moment, facts.read_seq, client_id=client_id, body=body)
    if picture_ids:
        _attach(message, author, picture_ids)
        message = message_as_it_is(message.id)
    show(chat, message, member_ids(chat), new=True)
    if message.seq == 1:
        _show_new_chat(chat, message)
    return message


def _show_again(chat_id: int, message_id: int) -> Message:
    db.session.rollback()  # nothing new has been said
    message = message_as_it_is(message_id)
    if message.chat_id != chat_id:
        raise Refused(gettext("This message was sent to another chat."))
    chat = db.session.get_one(Chat, chat_id, populate_existing=True)
    show(chat, message, member_ids(chat))
    return message


# Built once: what a message costs is mostly what SQLAlchemy makes of its statements.
_CHAT, _MESSAGE, _MEMBERSHIP, _FRIENDSHIP = (
    cast(Table, model.__table__) for model in (Chat, Message, Membership, Friendship)
)
_THEIRS = (_MEMBERSHIP.c.chat_id == bindparam("chat"), _MEMBERSHIP.c.user_id == bindparam("user"))
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
).where(*_THEIRS)
_SAY = insert(_MESSAGE).returning(_MESSAGE.c.id)
_READ = update(_MEMBERSHIP).where(*_THEIRS).values(read_seq=bindparam("seq"))


def _advance(chat_id: int, moment: datetime) -> Chat | None:
    """Give out the next place and revision of a chat, which is locked by that until the commit."""
    row = db.session.connection().execute(_ADVANCE, {"chat": chat_id, "moment": moment}).one_or_none()
    return Chat(**row._mapping) if row else None


def _facts(chat: Chat, author: User, client_id: str) -> Row[int, int | None, bool] | None:
    """Return what is so now that the chat is locked: how far the author has read, if they are in it; what was said."""
    asked = {"chat": chat.id, "user": author.id, "client_id": client_id, "low": chat.low_id, "high": chat.high_id}
    return db.session.connection().execute(_FACTS, asked).one_or_none()


def _store(chat: Chat, author: User, moment: datetime, had_read: int | None, **values: object) -> Message:
    """Store a message at the place that was given out. Its author has read what stands before."""
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
    for name, thing in (("author", author), ("subject", None), ("pictures", [])):
        set_committed_value(message, name, thing)  # not added to the session by them
    if had_read is not None:  # who has just left has no place to keep it
        connection.execute(_READ, {"chat": chat.id, "user": author.id, "seq": chat.last_seq})
        if had_read < chat.last_seq - 1:
            show_read(author, chat.id, chat.last_seq)
    return message


@verb
def edit(message_id: int, author: User, body: str) -> Message:
    """Change one's own words."""
    chat, message = _own(message_id, author)
    if message.deleted_at:
        raise Refused(gettext("This message has been deleted."))
    if not chat.is_group:
        _require_friendship(chat)
    _check(body, len(message.pictures))
    if message.body != body:
        message.body, message.edited_at = body, now()
        _revise(chat, message)
    show(chat, message, member_ids(chat))
    return message


@verb
def delete(message_id: int, author: User) -> Message:
    """Take back one's own message: its place stays, its words and pictures do not. Doing it twice is doing it once."""
    chat, message = _own(message_id, author)
    if not message.deleted_at:
        message.body, message.deleted_at = "", now()
        forget([picture.id for picture in message.pictures])
        _revise(chat, message)
        message = message_as_it_is(message_id)
    show(chat, message, member_ids(chat))
    return message


def locked(chat_id: int, member: User) -> Chat:
    """Within a verb: return the chat, locked until the commit, if somebody takes part in it.

    Its places and revisions are given out one by one.
    """
    theirs = select(Membership.chat_id).where(Membership.user_id == member.id)
    chat = db.session.scalar(
        select(Chat)
        .where(Chat.id == chat_id, Chat.id.in_(theirs))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if chat is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    return chat


def place(chat: Chat, author: User, **values: object) -> Message:
    """Within a verb that has locked the chat: store a message at its end."""
    moment = now()
    db.session.flush()
    advanced = _advance(chat.id, moment)
    assert advanced is not None
    for name in ("last_seq", "last_revision", "last_message_at"):
        set_committed_value(chat, name, getattr(advanced, name))
    mine = (Membership.chat_id == chat.id, Membership.user_id == author.id)
    message = _store(chat, author, moment, db.session.scalar(select(Membership.read_seq).where(*mine)), **values)
    return message_as_it_is(message.id)


def show(chat: Chat, message: Message, people: Collection[int], new: bool = False) -> None:
    """Within a verb: show a message to those who look at the chat; the last one's beginning in people's other tabs too.

    What is ``new`` counts as unread where it is not seen.
    """
    push.show_in_chat(
        people,
        chat.id,
        message.revision,
        lambda: partial("message", message=message),
        (lambda: partial("chat_preview", chat=chat, last=message, new=new)) if message.seq == chat.last_seq else None,
    )


def _check(body: str, pictures: int) -> None:
    if not body and not pictures:
        raise Refused(gettext("Write something or add a picture."), "body")
    if len(body) > BODY:
        raise Refused(gettext("Use %(count)s characters at most.", count=BODY), "body")
    if pictures > PICTURES:
        raise Refused(gettext("A message has ten pictures at most."), "images")


def _require_friendship(chat: Chat) -> None:
    friends = select(Friendship.low_id).where(
        Friendship.low_id == chat.low_id, Friendship.high_id == chat.high_id, Friendship.accepted_at.is_not(None)
    )
    if db.session.scalar(friends) is None:
        raise Refused(gettext("You are not friends any more, so you cannot write here."))


def _attach(message: Message, author: User, picture_ids: Sequence[int]) -> None:
    for position, picture_id in enumerate(picture_ids):
        waiting = (Picture.owner_id == author.id, Picture.post_id.is_(None), Picture.message_id.is_(None))
        db.session.execute(
            update(Picture).where(Picture.id == picture_id, *waiting).values(message_id=message.id, position=position)
        )


def _own(message_id: int, author: User) -> tuple[Chat, Message]:
    """Return a chat, locked, and a message in it that the author may change."""
    chat_id = db.session.scalar(select(Message.chat_id).where(Message.id == message_id))
    chat = locked(chat_id or 0, author)
    message = message_as_it_is(message_id)
    if message.kind == "system":
        raise Refused(gettext("What the group itself tells cannot be changed."))
    if message.author_id != author.id:
        raise Refused(gettext("Only who wrote a message can change it."), status=403)
    return chat, message


def _revise(chat: Chat, message: Message) -> None:
    chat.last_revision += 1
    message.revision = chat.last_revision
    db.session.flush()


def _show_new_chat(chat: Chat, first: Message) -> None:
    """Give each member a row for a chat that was not among theirs yet: it is called by the other one's name."""
    for person_id, other_id in ((chat.low_id, chat.high_id), (chat.high_id, chat.low_id)):
        if person_id is not None:
            read_seq = first.seq if person_id == first.author_id else 0
            row = ChatRow(chat, db.session.get(User, other_id), first, read_seq)
            push.show([person_id], lambda row=row: partial("chat_row", row=row, current=False))  # type: ignore[misc]
