"""Who comes and goes in groups, and who leads them. Each change is a line in the chat, among the messages."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import case, delete, func, insert, select, update

from app.actions import verb
from app.actions.log import locked, place, show
from app.actions.reading import show_counts
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import presence, push
from app.models import Ban, Chat, Membership, Message, User
from app.models.columns import insert_once, now
from app.models.friendship import friend_ids
from app.queries.chats import ChatRow, furthest_readers, present_member_ids
from app.queries.groups import role_in


@verb
def add(group_id: int, actor: User, user_ids: Iterable[int]) -> None:
    """Take friends of a member into a group; whoever is in it already stays as they are."""
    chat = locked_group(group_id, actor)
    present = present_member_ids(chat.id)
    new = require_friends(actor, (user_id for user_id in user_ids if user_id not in present))
    _require_not_banned(chat, new)
    if new:
        read_seq = chat.last_seq
        take_in(chat, new)
        line = tell(chat, actor, "added", *new) if len(new) <= NAMED else tell(chat, actor, "added", body=str(len(new)))
        show_row(chat, line, new, read_seq)


@verb
def remove(group_id: int, actor: User, user_id: int, ban: bool = False) -> None:
    """Send somebody out of a group: its owner may, and its admins may send out those who are none.

    Nobody takes in again who was banned, until the ban is lifted.
    """
    chat = led(group_id, actor)
    role = role_in(chat, user_id)
    if user_id == actor.id:
        raise Refused(gettext("You cannot remove yourself. You can leave the group."))
    if role == "owner" or (role == "admin" and role_in(chat, actor.id) != "owner"):
        raise Refused(gettext("Only the owner of the group can remove its admins."), status=403)
    gone = db.session.get(User, user_id)
    if gone is not None and ban:  # also who has left meanwhile
        insert_once(Ban, chat_id=chat.id, user_id=user_id, banned_by_id=actor.id, created_at=now())
    if gone is not None and role is not None:
        let_out(chat, gone)
        tell(chat, actor, "banned" if ban else "removed", user_id)


@verb
def lift_ban(group_id: int, actor: User, user_id: int) -> None:
    """Let somebody be taken in again; who leads the group may."""
    chat = led(group_id, actor)
    db.session.execute(delete(Ban).where(Ban.chat_id == chat.id, Ban.user_id == user_id))


@verb
def promote(group_id: int, actor: User, user_id: int, role: str) -> None:
    """Make a member an admin, or an admin a member again; the owner of a group may."""
    chat = owned(group_id, actor)
    was = role_in(chat, user_id)
    if role in ("admin", "member") and was in ("admin", "member") and role != was:
        if role == "admin" and _count_admins(chat) >= ADMINS:
            raise Refused(gettext("A group has %(count)s admins at most.", count=ADMINS))
        _give_role(chat, user_id, role)
        tell(chat, actor, "promoted" if role == "admin" else "demoted", user_id)


@verb
def hand_over(group_id: int, owner: User, user_id: int) -> None:
    """Make another member the owner of a group; who was stays as an admin."""
    chat = owned(group_id, owner)
    if user_id != owner.id and role_in(chat, user_id) is not None:
        _give_role(chat, user_id, "owner")
        _give_role(chat, owner.id, "admin")
        tell(chat, owner, "handed", user_id)


ADMINS = 20
NAMED = 5  # so many who are taken in together are named, each in a line; more of them are counted in one


def locked_group(group_id: int, member: User) -> Chat:
    """Within a verb: return a group, locked until the commit, if somebody is in it."""
    chat = locked(group_id, member)
    if not chat.is_group:
        raise Refused(gettext("This chat is not a group."))
    return chat


def led(group_id: int, actor: User) -> Chat:
    """Within a verb: return a group, locked, if somebody is its owner or one of its admins."""
    chat = locked_group(group_id, actor)
    if role_in(chat, actor.id) not in ("owner", "admin"):
        raise Refused(gettext("Only the owner and the admins of the group can do that."), status=403)
    return chat


def owned(group_id: int, actor: User) -> Chat:
    """Within a verb: return a group, locked, if it is somebody's."""
    chat = locked_group(group_id, actor)
    if role_in(chat, actor.id) != "owner":
        raise Refused(gettext("Only the owner of the group can do that."), status=403)
    return chat


def require_friends(actor: User, user_ids: Iterable[int]) -> list[int]:
    """Within a verb: return these people, each once and without the actor, if all are the actor's friends."""
    wanted = [user_id for user_id in dict.fromkeys(user_ids) if user_id != actor.id]
    friends = set(db.session.scalars(friend_ids(actor.id)))
    if not friends.issuperset(wanted):
        raise Refused(gettext("You can add your friends only."), "member_ids")
    return wanted


def take_in(chat: Chat, people: Collection[int], role: str = "member") -> None:
    """Within a verb: let people be members from now on; what was said before is not unread to them."""
    if people:
        shared = {"chat_id": chat.id, "role": role, "read_seq": chat.last_seq, "joined_at": now()}
        shared["joined_seq"] = chat.last_seq
        db.session.execute(insert(Membership), [{"user_id": person, **shared} for person in people])
        _count(chat, +len(people))


def tell(chat: Chat, actor: User, event: str, *subject_ids: int, body: str = "") -> Message:
    """Within a verb: put a line for each subject, or one, into the chat, show it to everybody, return the last one."""
    people = present_member_ids(chat.id)
    for subject_id in subject_ids or (None,):
        about = {"kind": "system", "event": event, "subject_id": subject_id}
        line = place(chat, actor, **about, client_id=str(uuid4()), body=body)
        show(chat, line, people, new=True)
    readers = furthest_readers(chat.id)  # who is in it has read what was said before, who is out no longer counts
    online = len(presence.online(people))
    push.show(
        people,
        lambda: Markup("").join(
            (
                partial("member_count", chat=chat),
                partial("online_count", chat_id=chat.id, online=online),
                partial("readers", chat_id=chat.id, readers=readers),
            )
        ),
        chat=chat.id,
        audience="watching",
    )
    return line


def show_row(chat: Chat, last: Message, people: Collection[int], read_seq: int) -> None:
    """Within a verb: give people a row for a group that was not among theirs yet; where it is open, it goes on."""
    row = ChatRow(chat, None, last, Membership(chat_id=chat.id, read_seq=read_seq, muted=False, marked=False))
    push.show(
        people,
        lambda: (
            partial("chat_row", row=row, current=False, online=frozenset()) + partial("chat_opened", chat_id=chat.id)
        ),
    )


def close(chat_id: int, people: Collection[int], why: str = "left") -> None:
    """Within a verb: take a chat out of the tabs of people for whom it is not there any longer."""
    push.show(people, lambda: partial("chat_closed", chat_id=chat_id, why=why) + partial("chat_gone", chat_id=chat_id))
    show_counts(people)


def let_out(chat: Chat, user: User) -> None:
    """Within a verb: take somebody out of a group, and the group out of their tabs."""
    theirs = (Membership.chat_id == chat.id, Membership.user_id == user.id)
    db.session.execute(delete(Membership).where(*theirs), execution_options=UNSYNCHRONISED)
    _count(chat, -1)
    close(chat.id, [user.id])


def inherit(chat: Chat, owner: User) -> None:
    """Within a verb: hand a group over to who has been one of its admins for longest, or without any, a member."""
    others = (Membership.chat_id == chat.id, Membership.user_id != owner.id)
    longest = case((Membership.role == "admin", 0), else_=1), Membership.joined_at, Membership.user_id
    # Who is about to delete their account, too, only where nobody else is.
    leaving = case((User.deleted_at.is_(None), 0), else_=1)
    heirs = select(Membership.user_id).join(User, User.id == Membership.user_id).where(*others)
    heir = db.session.scalars(heirs.order_by(leaving, *longest).limit(1)).one()
    _give_role(chat, heir, "owner")
    _give_role(chat, owner.id, "member")
    tell(chat, owner, "handed", heir)


def _require_not_banned(chat: Chat, people: Collection[int]) -> None:
    banned = select(User).join(Ban, Ban.user_id == User.id).where(Ban.chat_id == chat.id, User.id.in_(people))
    if user := db.session.scalars(banned.limit(1)).first():
        sentence = gettext("%(name)s was banned from this group. An admin can lift the ban.", name=user.full_name)
        raise Refused(sentence, "member_ids")


def _count(chat: Chat, change: int) -> None:
    chat.member_count += change
    chat.members_version += 1
    db.session.flush()


def _count_admins(chat: Chat) -> int:
    admins = (Membership.chat_id == chat.id, Membership.role == "admin")
    return db.session.scalar(select(func.count()).where(*admins)) or 0


def _give_role(chat: Chat, user_id: int, role: str) -> None:
    theirs = (Membership.chat_id == chat.id, Membership.user_id == user_id)
    db.session.execute(update(Membership).where(*theirs).values(role=role), execution_options=UNSYNCHRONISED)
