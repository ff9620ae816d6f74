"""What verbs about two people share: how they are held, counted, and how both are shown what changed."""

from collections.abc import Collection

from sqlalchemy import select, update

from app.extensions import UNSYNCHRONISED, db
from app.fragments import partial
from app.live import presence, push
from app.models import Chat, EndedFriendship, Friendship, User
from app.models.friendship import is_pair, pair, requests_waiting
from app.queries.friends import are_friends


def hold(one: User, other: User) -> Friendship | None:
    """Within a verb: let nobody else do anything about these two until the commit, and return their friendship.

    Both are locked, the smaller id first, whether or not there is a row for the two: so that who blocks and who accepts
    at the same moment do it one after the other, and no two verbs wait for each other in a ring.
    """
    both = select(User.id).where(User.id.in_((one.id, other.id))).order_by(User.id)
    db.session.execute(both.with_for_update(key_share=True))
    standing = select(Friendship).where(is_pair(Friendship, one.id, other.id)).with_for_update()
    return db.session.scalar(standing.execution_options(populate_existing=True))


def count(row: Friendship | EndedFriendship, change: int) -> None:
    """Within a verb that holds two people: let both have a friend more, or less."""
    both = update(User).where(User.id.in_((row.low_id, row.high_id))).values(friend_count=User.friend_count + change)
    db.session.execute(both, execution_options=UNSYNCHRONISED)


def chat_of(one: User, other: User) -> int | None:
    """Return the id of the chat of two people, if they have ever opened it."""
    low, high = pair(one.id, other.id)
    return db.session.scalar(select(Chat.id).where(Chat.low_id == low, Chat.high_id == high))


def tell(viewer: User, other: User) -> None:
    """Bring the badges of both and their chat up to date, and have the other's open lists ask for what is new."""
    db.session.flush()
    show_requests(viewer.id, other.id)
    push.show([other.id], lambda: partial("friends_news"))
    chat_id = chat_of(viewer, other)
    if chat_id is not None:
        show_chat(chat_id, viewer, other)


def show_requests(*people: int) -> None:
    """Within a verb: show people how many wait for their answer."""
    for person in people:
        waiting = db.session.scalar(requests_waiting(person))
        push.show(
            [person],
            lambda waiting=waiting: partial("badge", name="requests", count=waiting, muted=None),  # type: ignore[misc]
        )


def show_gone(user: User, people: Collection[int]) -> None:
    """Within a verb: take somebody off the open pages of people who find them no more."""
    push.show(
        people, lambda: partial("came", user=user, online=False) + partial("gone", user=user) + partial("friends_news")
    )


def show_chat(chat_id: int, viewer: User, other: User) -> None:
    """Close the chat of two people where it is open, or let them write in it again and see when the other is here."""
    friends = are_friends(viewer.id, other.id)
    people = [viewer.id, other.id]
    if friends:
        push.show(people, lambda: partial("chat_opened", chat_id=chat_id))
    else:
        push.show(people, lambda: partial("chat_closed", chat_id=chat_id, why="unfriended"))
    for reader, user in ((viewer, other), (other, viewer)):
        here = friends and bool(presence.online([user.id]))
        push.show(
            [reader.id],
            lambda user=user, here=here: (  # type: ignore[misc]
                partial("came", user=user, online=here) + partial("last_seen", user=user, online=here, known=friends)
            ),
        )
