"""What two people do about being friends.

Two people have one row, whoever asked; every verb locks it before it looks, so that whatever they do at the same
moment happens in some order. Doing a thing twice is doing it once.
"""

from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import delete, insert, select, update

from app.actions import verb
from app.errors import Refused
from app.extensions import db
from app.fragments import partial
from app.live import presence, push
from app.models import Chat, EndedFriendship, Friendship, HiddenSuggestion, User
from app.models.columns import insert_once, now
from app.models.friendship import is_pair, pair, requests_waiting
from app.queries.friends import are_friends

UNDO_WITHIN = timedelta(minutes=10)


@verb
def request(viewer: User, other: User) -> str:
    """Ask somebody to be friends, or agree where they asked first; return ``sent`` or ``friend``."""
    if viewer.id == other.id:
        raise Refused(gettext("You cannot be friends with yourself."))
    low, high = pair(viewer.id, other.id)
    asked = {"requester_id": viewer.id, "requested_at": now()}
    # A row that stood in the way may be gone before it can be locked; then there is room for ours.
    while not insert_once(Friendship, low_id=low, high_id=high, **asked):
        if row := _lock(viewer, other):
            return _agree(row, viewer, other)
    _tell(viewer, other)
    return "sent"


def _agree(row: Friendship, viewer: User, other: User) -> str:
    if row.accepted_at is None and row.requester_id == viewer.id:
        return "sent"
    if row.accepted_at is None:
        row.accepted_at = now()
        _count(row, +1)
        _tell(viewer, other)
    return "friend"


@verb
def accept(viewer: User, other: User) -> None:
    """Become friends with somebody who asked."""
    row = _lock(viewer, other)
    if row is None or (row.accepted_at is None and row.requester_id == viewer.id):
        raise Refused(gettext("This request is no longer there."))
    _agree(row, viewer, other)


@verb
def decline(viewer: User, other: User) -> bool:
    """Say no to somebody who asked; return whether there was a request."""
    row = _lock(viewer, other)
    if row is None:
        return False
    if row.accepted_at is not None:
        raise Refused(gettext("You are friends already."))
    if row.requester_id == viewer.id:
        raise Refused(gettext("This request is no longer there."))
    _take_away(row, viewer, other)
    return True


@verb
def end(viewer: User, other: User) -> str | None:
    """End a friendship, or take back one's own request; return ``friend`` or ``sent`` for what it was, if anything."""
    row = _lock(viewer, other)
    if row is None:
        return None
    if row.accepted_at is None and row.requester_id != viewer.id:
        raise Refused(gettext("This person is asking to be your friend: accept the request or decline it."))
    _take_away(row, viewer, other)
    return "sent" if row.accepted_at is None else "friend"


@verb
def restore(viewer: User, other: User) -> None:
    """Put back what the viewer ended a moment ago, exactly as it was."""
    ended = db.session.scalar(
        delete(EndedFriendship)
        .where(
            is_pair(EndedFriendship, viewer.id, other.id),
            EndedFriendship.ended_by_id == viewer.id,
            EndedFriendship.ended_at > now() - UNDO_WITHIN,
        )
        .returning(EndedFriendship)
    )
    if ended is None or not insert_once(Friendship, **_facts(ended)):
        raise Refused(gettext("This can no longer be undone."))
    if ended.accepted_at is not None:
        _count(ended, +1)
    _tell(viewer, other)


@verb
def hide(viewer: User, other: User) -> None:
    """Stop suggesting somebody to the viewer."""
    if viewer.id != other.id:
        insert_once(HiddenSuggestion, user_id=viewer.id, hidden_id=other.id, hidden_at=now())


@verb
def unhide(viewer: User, other: User) -> None:
    """Suggest somebody again."""
    db.session.execute(
        delete(HiddenSuggestion).where(HiddenSuggestion.user_id == viewer.id, HiddenSuggestion.hidden_id == other.id)
    )


def _lock(viewer: User, other: User) -> Friendship | None:
    return db.session.scalar(
        select(Friendship)
        .where(is_pair(Friendship, viewer.id, other.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _facts(row: Friendship | EndedFriendship) -> dict[str, object]:
    names = ("low_id", "high_id", "requester_id", "requested_at", "accepted_at")
    return {name: getattr(row, name) for name in names}


def _take_away(row: Friendship, viewer: User, other: User) -> None:
    expired = EndedFriendship.ended_at < now() - UNDO_WITHIN
    db.session.execute(delete(EndedFriendship).where(EndedFriendship.ended_by_id == viewer.id, expired))
    db.session.execute(delete(EndedFriendship).where(is_pair(EndedFriendship, viewer.id, other.id)))
    db.session.execute(insert(EndedFriendship).values(**_facts(row), ended_by_id=viewer.id, ended_at=now()))
    db.session.delete(row)
    db.session.flush()
    if row.accepted_at is not None:
        _count(row, -1)
    _tell(viewer, other)


def _count(row: Friendship | EndedFriendship, change: int) -> None:
    # One after the other, the smaller id first: two verbs that share a person never wait for each other in a ring.
    for user_id in (row.low_id, row.high_id):
        db.session.execute(update(User).where(User.id == user_id).values(friend_count=User.friend_count + change))


def _tell(viewer: User, other: User) -> None:
    """Bring the badges of both and their chat up to date, and have the other's open lists ask for what is new."""
    db.session.flush()
    for user in (viewer, other):
        _show_requests(user.id, db.session.scalar(requests_waiting(user.id)))
    push.show([other.id], lambda: partial("friends_news"))
    low, high = pair(viewer.id, other.id)
    chat_id = db.session.scalar(select(Chat.id).where(Chat.low_id == low, Chat.high_id == high))
    if chat_id is not None:
        _show_chat(chat_id, viewer, other)


def _show_chat(chat_id: int, viewer: User, other: User) -> None:
    """Close the chat of two people where it is open, or let them write in it again and see when the other is here."""
    friends = are_friends(viewer.id, other.id)
    people = [viewer.id, other.id]
    if friends:
        push.show(people, lambda: partial("chat_opened", chat_id=chat_id))
    else:
        push.show(people, lambda: partial("chat_closed", chat_id=chat_id, gone=False))
    for reader, user in ((viewer, other), (other, viewer)):
        here = friends and bool(presence.online([user.id]))
        push.show(
            [reader.id],
            lambda user=user, here=here: (  # type: ignore[misc]
                partial("came", user=user, online=here) + partial("last_seen", user=user, online=here, known=friends)
            ),
        )


def _show_requests(user_id: int, count: int | None) -> None:
    push.show([user_id], lambda: partial("badge", name="requests", count=count, muted=None))
