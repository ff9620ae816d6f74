"""Saying something, and changing or deleting what was said."""

from collections.abc import Collection, Sequence

from flask_babel import gettext
from sqlalchemy import delete as delete_rows
from sqlalchemy import insert, select, update

from app.actions import verb
from app.actions.chats import show_row
from app.actions.indexing import index_message, reindex_message
from app.actions.log import (
    advance,
    closed,
    facts,
    locked,
    require_open,
    revise,
    said_in,
    show,
    show_as_it_is,
    show_pins_to,
    store,
)
from app.actions.pictures import forget
from app.actions.reading import read_past_hidden, show_readers
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import push
from app.models import Chat, Hiding, Membership, Mention, Message, Picture, Reaction, User
from app.models.block import apart_from, parted
from app.models.columns import insert_once, now
from app.models.message import BODY, PICTURES
from app.models.picture import waiting
from app.queries.chats import ChatRow, member_ids, online_others
from app.queries.groups import role_in
from app.queries.messages import message_as_it_is, pins_of
from app.queries.people import bearers
from app.text import names_in


@verb
def send(
    chat_id: int,
    author: User,
    body: str,
    client_id: str,
    picture_ids: Sequence[int] = (),
    reply_to_id: int | None = None,
) -> Message:
    """Say something in a chat, and show it to everyone in it; the same ``client_id`` again is the same message.

    It is shown again with its second coming: the process that stored the first may have died before it could.
    """
    moment = now()
    chat = advance(chat_id, moment)
    known = facts(chat, author, client_id) if chat else None
    if chat is None or known is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    if known.said_id is not None:
        return _show_again(chat_id, known.said_id)
    if not chat.is_group and not known.are_friends:
        raise closed(chat)
    _check(body, len(picture_ids))
    if reply_to_id is not None:
        _require_answerable(chat, reply_to_id)
    message = store(chat, author, moment, known.read_seq, client_id=client_id, body=body, reply_to_id=reply_to_id)
    index_message(message)
    if picture_ids:
        _attach(message, author, picture_ids)
    if _mention(message) or picture_ids or reply_to_id is not None:
        message = message_as_it_is(message.id)
    show(chat, message, member_ids(chat), new=True, brings_back=known.brings_back)
    if message.seq == 1:
        _show_new_chat(chat, message)
    return message


def _show_again(chat_id: int, message_id: int) -> Message:
    db.session.rollback()  # nothing new has been said
    message = message_as_it_is(message_id)
    if message.chat_id != chat_id:
        raise Refused(gettext("This message was sent to another chat."))
    standing = select(Chat).where(Chat.id == chat_id, ~parted()).execution_options(populate_existing=True)
    chat = db.session.scalar(standing)
    if chat is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    return show_as_it_is(chat, message)


@verb
def edit(message_id: int, author: User, body: str) -> Message:
    """Change one's own words."""
    chat, message = said_in(message_id, author)
    if message.author_id != author.id:
        raise Refused(gettext("Only the person who wrote a message can change it."), status=403)
    require_open(chat)
    _check(body, len(message.pictures))
    if message.body == body:
        return message
    named = {mention.user_id for mention in message.mentions}
    message.body, message.edited_at = body, now()
    db.session.flush()
    reindex_message(message)
    _mention(message)
    message = revise(chat, message)
    _show_rows(chat, named ^ {mention.user_id for mention in message.mentions})
    return message


@verb
def delete(message_id: int, user: User) -> Message:
    """Take a message back for everyone: its place stays, its words and pictures do not.

    Its author may, and who leads the group. Doing it twice is doing it once.
    """
    chat_id = db.session.scalar(select(Message.chat_id).where(Message.id == message_id))
    chat = locked(chat_id or 0, user)
    message = message_as_it_is(message_id)
    if message.deleted_at:
        return message
    if message.kind == "system":
        raise Refused(gettext("What the group itself tells cannot be changed."))
    if message.author_id != user.id and role_in(chat, user.id) not in ("owner", "admin"):
        raise Refused(gettext("Only the person who wrote a message can delete it for everyone."), status=403)
    was_pinned, named = message.pinned_at, {mention.user_id for mention in message.mentions}
    message.body, message.deleted_at, message.pinned_at, message.reply_to_id = "", now(), None, None
    db.session.flush()
    reindex_message(message)
    forget([picture.id for picture in message.pictures])
    for what in (Reaction, Mention):
        db.session.execute(delete_rows(what).where(what.message_id == message_id), execution_options=UNSYNCHRONISED)
    message = revise(chat, message, pins=bool(was_pinned))
    _show_rows(chat, named)
    return message


@verb
def hide(message_id: int, user: User) -> None:
    """Delete a message for oneself alone; nobody else is told."""
    chat = locked(db.session.scalar(select(Message.chat_id).where(Message.id == message_id)) or 0, user)
    revision = {"chat_id": chat.id, "revision": chat.last_revision}
    if insert_once(Hiding, user_id=user.id, message_id=message_id, **revision):
        read_past_hidden(chat.id, user)
        push.show([user.id], lambda: partial("message_hidden", message_id=message_id))
        show_readers(chat.id)  # what its author has read is no longer told by the message itself
        show_pins_to([user.id], chat, pins_of(user, chat))
        show_row(user, chat.id)


def _check(body: str, pictures: int) -> None:
    if not body and not pictures:
        raise Refused(gettext("Write something or add a picture."), "body")
    if len(body) > BODY:
        raise Refused(gettext("Use %(count)s characters at most.", count=BODY), "body")
    if pictures > PICTURES:
        raise Refused(gettext("A message has ten pictures at most."), "images")


def _require_answerable(chat: Chat, message_id: int) -> None:
    said = select(Message.id).where(Message.id == message_id, Message.chat_id == chat.id, Message.kind == "said")
    if db.session.scalar(said) is None:
        raise Refused(gettext("The message you answer is not in this chat."))


def _attach(message: Message, author: User, picture_ids: Sequence[int]) -> None:
    for position, picture_id in enumerate(picture_ids):
        theirs = (Picture.owner_id == author.id, waiting())
        place = {"message_id": message.id, "chat_id": message.chat_id, "position": position}
        db.session.execute(update(Picture).where(Picture.id == picture_id, *theirs).values(place))


def _mention(message: Message) -> bool:
    """Keep whom of the chat a message names, and tell whether it names anybody."""
    names = names_in(message.body)
    if message.edited_at:
        theirs = Mention.message_id == message.id
        db.session.execute(delete_rows(Mention).where(theirs), execution_options=UNSYNCHRONISED)
    if not names:
        return False
    borne = bearers(names).subquery()
    named = (
        select(*borne.c)
        .join(Membership, Membership.user_id == borne.c.user_id)
        .where(Membership.chat_id == message.chat_id, borne.c.user_id.not_in(apart_from(message.author_id or 0)))
    )
    shared = {"message_id": message.id, "chat_id": message.chat_id, "seq": message.seq}
    found = {user_id: name for user_id, name in db.session.execute(named)}  # once, by whichever name
    rows = [{"user_id": user_id, "name": name, **shared} for user_id, name in found.items()]
    if rows:
        db.session.execute(insert(Mention), rows)
    return bool(rows)


def _show_rows(chat: Chat, people: Collection[int]) -> None:
    """Bring the rows of people up to date whom a message names, or names no longer."""
    for user in db.session.scalars(select(User).where(User.id.in_(people))):
        show_row(user, chat.id)


def _show_new_chat(chat: Chat, first: Message) -> None:
    """Give each member a row for a chat that was not among theirs yet: it is called by the other one's name."""
    for person_id, other_id in ((chat.low_id, chat.high_id), (chat.high_id, chat.low_id)):
        if person_id is not None:
            membership = db.session.get_one(Membership, (chat.id, person_id), populate_existing=True)
            named = person_id in {mention.user_id for mention in first.mentions}
            row = ChatRow(chat, db.session.get(User, other_id), first, membership, named, friends=True)
            online = online_others([row])
            push.show(
                [person_id],
                lambda row=row, online=online: partial("chat_row", row=row, current=False, online=online),  # type: ignore[misc]
            )
