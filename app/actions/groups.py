"""Making groups, and who comes and goes in them.

Each change of the members is a line in the chat, in its place among the messages.
"""

from collections.abc import Collection, Iterable
from uuid import uuid4

from flask_babel import gettext
from sqlalchemy import delete, insert, select, update

from app.actions import verb
from app.actions.messages import locked, place, show
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import Chat, Membership, Message, User
from app.models.chat import GROUP_NAME
from app.models.columns import now
from app.models.friendship import friend_ids
from app.queries.badges import badges_of
from app.queries.chats import ChatRow, present_member_ids


@verb
def create(owner: User, name: str, member_ids: Iterable[int]) -> int:
    """Make a group of somebody and their friends, and return its id."""
    if not name:
        raise Refused(gettext("Give the group a name."), "name")
    if len(name) > GROUP_NAME:
        raise Refused(gettext("Use %(count)s characters at most.", count=GROUP_NAME), "name")
    friends = _friends(owner, member_ids)
    chat = Chat(kind="group", name=name, last_seq=0, last_revision=0)
    db.session.add(chat)
    db.session.flush()
    _take_in(chat, [owner.id], role="owner")
    _take_in(chat, friends)
    line = _tell(chat, owner, "created", None)
    _show_row(chat, line, friends, read_seq=0)
    _show_row(chat, line, [owner.id], read_seq=line.seq)
    return chat.id


@verb
def add(group_id: int, actor: User, user_ids: Iterable[int]) -> None:
    """Take friends of a member into a group; whoever is in it already stays as they are."""
    chat = _locked(group_id, actor)
    present = present_member_ids(chat.id)
    new = _friends(actor, (user_id for user_id in user_ids if user_id not in present))
    if not new:
        return
    read_seq = chat.last_seq
    _take_in(chat, new)
    line = _tell(chat, actor, "added", *new)
    _show_row(chat, line, new, read_seq)


@verb
def remove(group_id: int, actor: User, user_id: int) -> None:
    """Send somebody out of a group; its owner may. Whoever is out already stays so."""
    chat = _locked(group_id, actor)
    if _role(chat, actor.id) != "owner":
        raise Refused(gettext("Only the owner of a group can remove its members."), status=403)
    if user_id == actor.id:
        raise Refused(gettext("You cannot remove yourself. You can leave the group."))
    gone = db.session.get(User, user_id)
    if gone is None or _role(chat, user_id) is None:
        return
    _let_out(chat, gone)
    _tell(chat, actor, "removed", user_id)


@verb
def leave(group_id: int, user: User) -> None:
    """Go out of a group; an owner hands it over to whoever has been there longest."""
    chat = _locked(group_id, user)
    owned = _role(chat, user.id) == "owner"
    _let_out(chat, user)
    if owned:
        here = select(Membership.user_id).where(Membership.chat_id == chat.id)
        heir = db.session.scalar(here.order_by(Membership.joined_at, Membership.user_id).limit(1))
        mine = (Membership.chat_id == chat.id, Membership.user_id == heir)
        db.session.execute(update(Membership).where(*mine).values(role="owner"), execution_options=UNSYNCHRONISED)
    _tell(chat, user, "left", user.id)


UNSYNCHRONISED = {"synchronize_session": False}


def _locked(group_id: int, member: User) -> Chat:
    chat = locked(group_id, member)
    if not chat.is_group:
        raise Refused(gettext("This chat is not a group."))
    return chat


def _friends(actor: User, user_ids: Iterable[int]) -> list[int]:
    """Return these people, each once and without the actor, if all are the actor's friends."""
    wanted = [user_id for user_id in dict.fromkeys(user_ids) if user_id != actor.id]
    friends = set(db.session.scalars(friend_ids(actor.id)))
    if not friends.issuperset(wanted):
        raise Refused(gettext("You can add your friends only."), "member_ids")
    return wanted


def _role(chat: Chat, user_id: int) -> str | None:
    return db.session.scalar(
        select(Membership.role).where(Membership.chat_id == chat.id, Membership.user_id == user_id)
    )


def _take_in(chat: Chat, people: Collection[int], role: str = "member") -> None:
    if people:
        shared = {"chat_id": chat.id, "role": role, "read_seq": chat.last_seq, "joined_at": now()}
        db.session.execute(insert(Membership), [{"user_id": person, **shared} for person in people])
        _count(chat, +len(people))


def _let_out(chat: Chat, user: User) -> None:
    """Take somebody out of the chat, and the chat out of their tabs."""
    theirs = (Membership.chat_id == chat.id, Membership.user_id == user.id)
    db.session.execute(delete(Membership).where(*theirs), execution_options=UNSYNCHRONISED)
    _count(chat, -1)
    unread = badges_of(user).chats
    push.show(
        [user.id],
        lambda: (
            partial("chat_closed", chat_id=chat.id)
            + partial("chat_gone", chat_id=chat.id)
            + partial("badge", name="chats", count=unread)
        ),
    )


def _count(chat: Chat, change: int) -> None:
    chat.member_count += change
    chat.members_version += 1
    db.session.flush()


def _tell(chat: Chat, actor: User, event: str, *subject_ids: int | None) -> Message:
    """Put a line for each subject into the chat, show it to everybody who is in it now, and return the last one."""
    people = present_member_ids(chat.id)
    for subject_id in subject_ids:
        about = {"kind": "system", "event": event, "subject_id": subject_id}
        line = place(chat, actor, **about, client_id=str(uuid4()), body="")
        show(chat, line, people, new=True)
    push.show(people, lambda: partial("member_count", chat=chat), chat=chat.id, audience="watching")
    return line


def _show_row(chat: Chat, last: Message, people: Collection[int], read_seq: int) -> None:
    """Give people a row for a group that was not among theirs yet."""
    row = ChatRow(chat, None, last, read_seq)
    push.show(people, lambda: partial("chat_row", row=row, current=False))
