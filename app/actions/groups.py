"""Making groups, what they are like, leaving and ending them. Each change is a line in the chat, among the messages."""

from collections.abc import Iterable

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import delete, select

from app.actions import verb
from app.actions.members import (
    close,
    inherit,
    led,
    let_out,
    locked_group,
    owned,
    require_friends,
    show_row,
    take_in,
    tell,
)
from app.actions.pictures import forget
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import push
from app.models import Chat, Membership, Message, Picture, User
from app.models.chat import DESCRIPTION, GROUP_NAME
from app.queries.chats import present_member_ids
from app.queries.groups import role_in


@verb
def create(
    owner: User, name: str, member_ids: Iterable[int], description: str = "", photo_key: str | None = None
) -> int:
    """Make a group of somebody and their friends, and return its id."""
    _check(name, description)
    friends = require_friends(owner, member_ids)
    chat = Chat(kind="group", name=name, description=description, photo_key=photo_key, last_seq=0, last_revision=0)
    db.session.add(chat)
    db.session.flush()
    take_in(chat, [owner.id], role="owner")
    take_in(chat, friends)
    line = tell(chat, owner, "created")
    show_row(chat, line, friends, read_seq=0)
    show_row(chat, line, [owner.id], read_seq=line.seq)
    return chat.id


@verb
def describe(group_id: int, actor: User, name: str, description: str) -> None:
    """Give a group another name and description."""
    chat = led(group_id, actor)
    _check(name, description)
    renamed, told_otherwise = chat.name != name, chat.description != description
    chat.name, chat.description = name, description
    if renamed:
        tell(chat, actor, "renamed", body=name)
    if told_otherwise:
        tell(chat, actor, "described")
    if renamed or told_otherwise:
        _show_face(chat)


@verb
def show_photo(group_id: int, actor: User, photo_key: str | None) -> None:
    """Give a group a photo of which the bytes are stored, or none."""
    chat = led(group_id, actor)
    was, chat.photo_key = chat.photo_key, photo_key
    db.session.flush()
    if was != photo_key:
        tell(chat, actor, "pictured")
        _show_face(chat)


@verb
def leave(group_id: int, user: User) -> None:
    """Go out of a group. Its owner hands it over first; with its last member it goes too."""
    chat = locked_group(group_id, user)
    if chat.member_count == 1:
        _dissolve(chat)
        return
    if role_in(chat, user.id) == "owner":
        raise Refused(gettext("Hand the group over to somebody before you leave, or delete it."))
    let_out(chat, user)
    tell(chat, user, "left", user.id)


def end_membership(group_id: int, user: User) -> None:
    """Within a verb: take somebody who deletes their account out of a group; if it was theirs, another one has it."""
    chat = locked_group(group_id, user)
    if chat.member_count == 1:
        _dissolve(chat)
        return
    if role_in(chat, user.id) == "owner":
        inherit(chat, user)
    let_out(chat, user)
    tell(chat, user, "left", user.id)


@verb
def dissolve(group_id: int, owner: User) -> None:
    """Delete a group with all that was said in it; its owner may."""
    _dissolve(owned(group_id, owner))


def _check(name: str, description: str) -> None:
    if not name:
        raise Refused(gettext("Give the group a name."), "name")
    if len(name) > GROUP_NAME:
        raise Refused(gettext("Use %(count)s characters at most.", count=GROUP_NAME), "name")
    if len(description) > DESCRIPTION:
        raise Refused(gettext("Use %(count)s characters at most.", count=DESCRIPTION), "description")


def _dissolve(chat: Chat) -> None:
    # In the order of their ids, so that this and who notes what was read do not wait for each other in a ring.
    members = select(Membership.user_id).where(Membership.chat_id == chat.id).order_by(Membership.user_id)
    people = db.session.scalars(members.with_for_update()).all()
    said = select(Message.id).where(Message.chat_id == chat.id)
    forget(db.session.scalars(select(Picture.id).where(Picture.message_id.in_(said))).all())
    chat_id = chat.id
    db.session.execute(delete(Chat).where(Chat.id == chat_id), execution_options=UNSYNCHRONISED)
    db.session.expunge(chat)
    close(chat_id, people)


def _show_face(chat: Chat) -> None:
    """Show a group's name and photo wherever they stand in its members' tabs."""
    people = present_member_ids(chat.id)
    push.show(
        people,
        lambda: Markup("").join(
            (
                partial("group_name", chat=chat),
                partial("group_description", chat=chat),
                *(partial("group_avatar", chat=chat, size=size) for size in ("m", "xl")),
            )
        ),
    )
