"""What two people do about being friends.

Two people have one row, whoever asked; every verb holds both before it looks, so that whatever they do at the same
moment happens in some order. Doing a thing twice is doing it once.
"""

from flask_babel import gettext
from sqlalchemy import delete, insert

from app.actions import verb
from app.actions.pairs import count, hold, tell
from app.actions.undo import UNDO_WITHIN, too_late
from app.errors import Refused
from app.extensions import db
from app.models import EndedFriendship, Friendship, HiddenSuggestion, User
from app.models.columns import insert_once, now
from app.models.friendship import is_pair, pair
from app.queries.blocks import are_apart
from app.queries.people import takes_requests


@verb
def request(viewer: User, other: User) -> str:
    """Ask somebody to be friends, or agree where they asked first; return ``sent`` or ``friend``."""
    if viewer.id == other.id:
        raise Refused(gettext("You cannot be friends with yourself."))
    if row := hold(viewer, other):
        return _agree(row, viewer, other)
    _require_together(viewer, other)
    if not takes_requests(viewer, other.id):
        raise Refused(gettext("This person takes no friend requests just now."))
    low, high = pair(viewer.id, other.id)
    insert_once(Friendship, low_id=low, high_id=high, requester_id=viewer.id, requested_at=now())
    tell(viewer, other)
    return "sent"


def _require_together(viewer: User, other: User) -> None:
    if are_apart(viewer.id, other.id):
        raise Refused(gettext("This person is not there any more."), status=404)


def _agree(row: Friendship, viewer: User, other: User) -> str:
    if row.accepted_at is None and row.requester_id == viewer.id:
        return "sent"
    if row.accepted_at is None:
        row.accepted_at = now()
        count(row, +1)
        tell(viewer, other)
    return "friend"


@verb
def accept(viewer: User, other: User) -> None:
    """Become friends with somebody who asked."""
    row = hold(viewer, other)
    if row is None or (row.accepted_at is None and row.requester_id == viewer.id):
        raise Refused(gettext("This request is no longer there."))
    _agree(row, viewer, other)


@verb
def decline(viewer: User, other: User) -> bool:
    """Say no to somebody who asked; return whether there was a request."""
    row = hold(viewer, other)
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
    row = hold(viewer, other)
    if row is None:
        return None
    if row.accepted_at is None and row.requester_id != viewer.id:
        raise Refused(gettext("This person is asking to be your friend: accept the request or decline it."))
    _take_away(row, viewer, other)
    return "sent" if row.accepted_at is None else "friend"


@verb
def restore(viewer: User, other: User) -> None:
    """Put back what the viewer ended a moment ago, exactly as it was."""
    hold(viewer, other)
    ended = db.session.scalar(
        delete(EndedFriendship)
        .where(
            is_pair(EndedFriendship, viewer.id, other.id),
            EndedFriendship.ended_by_id == viewer.id,
            EndedFriendship.ended_at > now() - UNDO_WITHIN,
        )
        .returning(EndedFriendship)
    )
    if ended is None or not _may_stand(ended, viewer, other) or not insert_once(Friendship, **_facts(ended)):
        raise too_late()
    if ended.accepted_at is not None:
        count(ended, +1)
    tell(viewer, other)


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


def _facts(row: Friendship | EndedFriendship) -> dict[str, object]:
    names = ("low_id", "high_id", "requester_id", "requested_at", "accepted_at")
    return {name: getattr(row, name) for name in names}


def _may_stand(ended: EndedFriendship, viewer: User, other: User) -> bool:
    """Tell whether what was ended may be put back: a request of the viewer's only if it would still be taken."""
    if are_apart(viewer.id, other.id):
        return False
    return ended.accepted_at is not None or ended.requester_id != viewer.id or takes_requests(viewer, other.id)


def _take_away(row: Friendship, viewer: User, other: User) -> None:
    expired = EndedFriendship.ended_at < now() - UNDO_WITHIN
    db.session.execute(delete(EndedFriendship).where(EndedFriendship.ended_by_id == viewer.id, expired))
    db.session.execute(delete(EndedFriendship).where(is_pair(EndedFriendship, viewer.id, other.id)))
    db.session.execute(insert(EndedFriendship).values(**_facts(row), ended_by_id=viewer.id, ended_at=now()))
    db.session.delete(row)
    db.session.flush()
    if row.accepted_at is not None:
        count(row, -1)
    tell(viewer, other)
