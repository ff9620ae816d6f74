"""Asking for the end of one's account, and staying after all. What follows in the end is in burials.py."""

from collections.abc import Iterable
from functools import partial as later
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, case, delete, insert, or_, select, tuple_, update

from app import jobs
from app.actions import verb
from app.actions.pairs import show_gone, show_requests
from app.errors import Refused
from app.extensions import UNSYNCHRONISED, after_commit, db
from app.fragments import partial
from app.language import day_of, force_locale, written_day
from app.live import bus, presence, push
from app.models import Chat, EndedFriendship, Friendship, LoginSession, User
from app.models.columns import insert_once, now
from app.models.friendship import friend_ids
from app.models.user import KEPT


@verb
def leave(user: User) -> None:
    """Have an account deleted when its person has had time to change their mind; until then nobody finds them."""
    people = _held(user)
    _require_another_administrator(user)
    asked = update(User).where(User.id == user.id, User.deleted_at.is_(None)).values(deleted_at=now())
    if db.session.scalar(asked.returning(User.id), execution_options=UNSYNCHRONISED) is None:
        return
    db.session.refresh(user)
    _set_friendships_aside(user)
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id), execution_options=UNSYNCHRONISED)
    user_id, ends_at = user.id, user.ends_at
    assert ends_at is not None
    after_commit(lambda: bus.hub.close_person(user_id))
    with force_locale(user.language):
        until = written_day(day_of(ends_at))
    jobs.enqueue("letter", {"name": "leaving", "to": user.email, "language": user.language, "until": until})
    jobs.enqueue("bury_person", {"user_id": str(user.id)}, after=KEPT)
    _show(user, people, here=False)


@verb
def stay(user: User) -> None:
    """Keep an account that was to be deleted, with everything as it was."""
    people = _held(user)
    in_time = (User.id == user.id, User.deleted_at > now() - KEPT)
    kept = update(User).where(*in_time).values(deleted_at=None).returning(User.id)
    if db.session.scalar(kept, execution_options=UNSYNCHRONISED) is None:
        present = select(User.id).where(User.id == user.id, User.deleted_at.is_(None))
        if db.session.scalar(present) is None:
            raise Refused(gettext("The time is over: this account is being deleted."))
        return
    db.session.refresh(user)
    _put_friendships_back(user)
    _show(user, people, here=True)


def _held(user: User) -> list[int]:
    """Hold somebody and all with whom they have to do in the order of their ids, as verbs about two people do."""
    people: set[int] = set()
    for model in (Friendship, EndedFriendship):
        about = select(model.low_id, model.high_id).where(or_(model.low_id == user.id, model.high_id == user.id))
        if model is EndedFriendship:
            about = about.where(EndedFriendship.ended_by_id == user.id)
        people |= {person for pair in db.session.execute(about) for person in pair}
    if user.is_admin:  # so that of the last two who leave at once one is refused
        people |= set(db.session.scalars(select(User.id).where(User.is_admin)))
    everybody = select(User.id).where(User.id.in_(people | {user.id})).order_by(User.id)
    db.session.execute(everybody.with_for_update(key_share=True))
    return sorted(people - {user.id})


def _set_friendships_aside(user: User) -> None:
    """End friendships and requests as if the person had, so that they alone can take that back."""
    theirs = or_(Friendship.low_id == user.id, Friendship.high_id == user.id)
    rows = _facts(Friendship, theirs)
    pairs = tuple_(EndedFriendship.low_id, EndedFriendship.high_id)
    standing = pairs.in_(select(Friendship.low_id, Friendship.high_id).where(theirs))
    before = delete(EndedFriendship).where(or_(EndedFriendship.ended_by_id == user.id, standing))
    db.session.execute(before, execution_options=UNSYNCHRONISED)
    if rows:
        aside = {"ended_by_id": user.id, "ended_at": now()}
        db.session.execute(insert(EndedFriendship), [row | aside for row in rows])
    db.session.execute(delete(Friendship).where(theirs), execution_options=UNSYNCHRONISED)
    _count(user, rows, -1)


def _put_friendships_back(user: User) -> None:
    mine = EndedFriendship.ended_by_id == user.id
    other_id = case((EndedFriendship.low_id == user.id, EndedFriendship.high_id), else_=EndedFriendship.low_id)
    # Who leaves as well brings it back, should they.
    leaving = other_id.in_(select(User.id).where(User.deleted_at.is_not(None)))
    left = update(EndedFriendship).where(mine, leaving).values(ended_by_id=other_id)
    db.session.execute(left, execution_options=UNSYNCHRONISED)
    back = [row for row in _facts(EndedFriendship, mine) if insert_once(Friendship, **row)]
    db.session.execute(delete(EndedFriendship).where(mine), execution_options=UNSYNCHRONISED)
    _count(user, back, +1)


def _facts(model: type[Friendship] | type[EndedFriendship], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    facts = ("low_id", "high_id", "requester_id", "requested_at", "accepted_at")
    rows = db.session.execute(select(*(getattr(model, fact) for fact in facts)).where(which))
    return [dict(row._mapping) for row in rows]


def _count(user: User, rows: Iterable[dict[str, Any]], change: int) -> None:
    """Let both of each pair that are or were friends have a friend more, or less."""
    accepted = [row for row in rows if row["accepted_at"] is not None]
    friends = [row["high_id"] if row["low_id"] == user.id else row["low_id"] for row in accepted]
    for people, more in ((friends, change), ([user.id], change * len(friends))):
        counted = update(User).where(User.id.in_(people)).values(friend_count=User.friend_count + more)
        db.session.execute(counted, execution_options=UNSYNCHRONISED)


def _require_another_administrator(user: User) -> None:
    others = (User.id != user.id, User.deleted_at.is_(None))
    anybody, administrators = (
        db.session.scalar(select(User.id).where(*others, *which).limit(1)) for which in ((), (User.is_admin,))
    )
    if user.is_admin and anybody is not None and administrators is None:
        sentence = gettext(
            "You are the only administrator here. Whoever runs the server can make another one first: %(command)s",
            command="./run flask admin",
        )
        raise Refused(sentence, "password")


def _show(user: User, people: list[int], here: bool) -> None:
    """Take somebody off the open pages of those with whom they have to do, or let those ask anew."""
    looking = sorted(presence.online(people))
    if not looking:
        return
    if here:
        push.show(looking, lambda: partial("friends_news"))
    else:
        show_gone(user, looking)
    show_requests(*looking)
    _show_chats(user, looking, here)


def _show_chats(user: User, people: list[int], here: bool) -> None:
    """Close the chats with somebody who goes where they are open; with who comes back, friends may write again."""
    friends = set(db.session.scalars(friend_ids(user.id)))
    for mine, theirs in ((Chat.low_id, Chat.high_id), (Chat.high_id, Chat.low_id)):
        for chat_id, other in db.session.execute(select(Chat.id, theirs).where(mine == user.id, theirs.in_(people))):
            assert other is not None
            if not here:
                push.show([other], later(partial, "chat_closed", chat_id=chat_id, why="gone"))
            elif other in friends:
                push.show([other], later(partial, "chat_opened", chat_id=chat_id))
