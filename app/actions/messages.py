"""Saying something, and changing or deleting what was said."""

from collections.abc import Collection, Sequence

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import insert, select, update

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
from app.queries.messages import message_as_it_is, message_said

BODY = 4000
PICTURES = 10


@verb
def send(chat_id: int, author: User, body: str, client_id: str, picture_ids: Sequence[int] = ()) -> Message:
    """Say something in a chat, and show it to everyone in it; the same ``client_id`` again is the same message.

    It is shown again with its second coming: the process that stored the first may have died before it could.
    """
    chat = locked(chat_id, author)
    message = message_said(author, client_id)
    if message is not None and message.chat_id != chat_id:
        raise Refused(gettext("This message was sent to another chat."))
    new = message is None
    if message is None:
        _check(chat, body, len(picture_ids))
        message = place(chat, author, client_id=client_id, body=body)
        if picture_ids:
            _attach(message, author, picture_ids)
            message = message_as_it_is(message.id)
    show(chat, message, member_ids(chat), new=new)
    if new and message.seq == 1:
        _show_new_chat(chat, message)
    return message


@verb
def edit(message_id: int, author: User, body: str) -> Message:
    """Change one's own words."""
    chat, message = _own(message_id, author)
    if message.deleted_at:
        raise Refused(gettext("This message has been deleted."))
    _check(chat, body, len(message.pictures))
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
    """Within a verb that has locked the chat: store a message at its end. Its author has read what stands before."""
    chat.last_seq += 1
    chat.last_revision += 1
    chat.last_message_at = moment = now()
    db.session.flush()
    where = {"chat_id": chat.id, "seq": chat.last_seq, "revision": chat.last_revision}
    message_id = db.session.scalars(
        insert(Message).values(**where, author_id=author.id, sent_at=moment, **values).returning(Message.id)
    ).one()
    mine = (Membership.chat_id == chat.id, Membership.user_id == author.id)
    had_read = db.session.scalar(select(Membership.read_seq).where(*mine))
    if had_read is not None:  # who has just left has no place to keep it
        db.session.execute(
            update(Membership).where(*mine).values(read_seq=chat.last_seq),
            execution_options={"synchronize_session": False},
        )
        if had_read < chat.last_seq - 1:
            show_read(author, chat.id, chat.last_seq)
    return message_as_it_is(message_id)


def show(chat: Chat, message: Message, people: Collection[int], new: bool = False) -> None:
    """Within a verb: show a message to those who look at the chat; the last one's beginning in people's other tabs too.

    What is ``new`` counts as unread where it is not seen.
    """

    def preview() -> Markup:
        return partial("chat_preview", chat=chat, last=message, new=new)

    last = message.seq == chat.last_seq
    push.show(
        people,
        lambda: partial("message", message=message) + (preview() if last else Markup()),
        chat=chat.id,
        revision=message.revision,
        audience="watching",
    )
    if last:
        push.show(people, preview, chat=chat.id, audience="elsewhere")


def _check(chat: Chat, body: str, pictures: int) -> None:
    if not chat.is_group:
        _require_friendship(chat)
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
