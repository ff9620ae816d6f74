"""Saying something."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import insert, select, update

from app.actions import verb
from app.actions.chats import show_read
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Chat, Friendship, Membership, Message, Picture, User
from app.models.columns import now
from app.queries.chats import ChatRow
from app.queries.messages import message_said

BODY = 4000
PICTURES = 10


@verb
def send(chat_id: int, author: User, body: str, client_id: str, picture_ids: Sequence[int] = ()) -> Message:
    """Say something in a chat, and show it to everyone in it; the same ``client_id`` again is the same message."""
    chat = _locked(chat_id, author)
    if (said := message_said(author, client_id)) is not None:
        if said.chat_id != chat_id:
            raise Refused(gettext("This message was sent to another chat."))
        return said
    if not body and not picture_ids:
        raise Refused(gettext("Write something or add a picture."), "body")
    if len(body) > BODY:
        raise Refused(gettext("Use %(count)s characters at most.", count=BODY), "body")
    if len(picture_ids) > PICTURES:
        raise Refused(gettext("A message has ten pictures at most."), "images")
    _require_friendship(chat)
    chat.last_seq += 1
    chat.last_revision += 1
    chat.last_message_at = moment = now()
    values = {"chat_id": chat_id, "seq": chat.last_seq, "revision": chat.last_revision, "author_id": author.id}
    message_id = db.session.scalars(
        insert(Message).values(**values, client_id=client_id, body=body, sent_at=moment).returning(Message.id)
    ).one()
    for position, picture_id in enumerate(picture_ids):
        waiting = (Picture.owner_id == author.id, Picture.post_id.is_(None), Picture.message_id.is_(None))
        db.session.execute(
            update(Picture).where(Picture.id == picture_id, *waiting).values(message_id=message_id, position=position)
        )
    # Whoever answers has read what they answer.
    mine = (Membership.chat_id == chat_id, Membership.user_id == author.id)
    had_read = db.session.scalars(select(Membership.read_seq).where(*mine)).one()
    db.session.execute(
        update(Membership).where(*mine).values(read_seq=chat.last_seq),
        execution_options={"synchronize_session": False},
    )
    db.session.flush()
    message = message_said(author, client_id)
    assert message is not None
    _show(chat, message)
    if had_read < message.seq - 1:
        show_read(author, chat_id, message.seq)
    return message


def _locked(chat_id: int, author: User) -> Chat:
    """Return the chat, locked until the commit, if the author takes part in it: its places are given out one by one."""
    mine = select(Membership.chat_id).where(Membership.user_id == author.id)
    chat = db.session.scalar(
        select(Chat)
        .where(Chat.id == chat_id, Chat.id.in_(mine))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if chat is None:
        raise Refused(gettext("You are not in this chat any more."), status=404)
    return chat


def _require_friendship(chat: Chat) -> None:
    friends = select(Friendship.low_id).where(
        Friendship.low_id == chat.low_id, Friendship.high_id == chat.high_id, Friendship.accepted_at.is_not(None)
    )
    if db.session.scalar(friends) is None:
        raise Refused(gettext("You are not friends any more, so you cannot write here."))


def _show(chat: Chat, message: Message) -> None:
    """Show a message to those who look at the chat, and its beginning to its members' other tabs."""
    members = [person for person in (chat.low_id, chat.high_id) if person is not None]
    preview = {"chat_id": chat.id, "last": message}
    push.show(
        members,
        lambda: partial("message", message=message) + partial("chat_preview", **preview),
        chat=chat.id,
        revision=message.revision,
        audience="watching",
    )
    push.show(members, lambda: partial("chat_preview", **preview), chat=chat.id, audience="elsewhere")
    if message.seq == 1:
        _show_new_chat(chat, message)


def _show_new_chat(chat: Chat, first: Message) -> None:
    """Give each member a row for a chat that was not among theirs yet: it is called by the other one's name."""
    for person_id, other_id in ((chat.low_id, chat.high_id), (chat.high_id, chat.low_id)):
        if person_id is not None:
            read_seq = first.seq if person_id == first.author_id else 0
            row = ChatRow(chat, db.session.get(User, other_id), first, read_seq)
            push.show([person_id], lambda row=row: partial("chat_row", row=row, current=False))  # type: ignore[misc]
