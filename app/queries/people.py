"""People, as others find them: those who have told their name, and are not kept apart from who looks."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from app.extensions import db
from app.live.pushes import Reach
from app.models import Chat, Friendship, Membership, User
from app.models.block import apart_from
from app.models.friendship import is_pair
from app.text import fold, names_in

WORDS = 6  # of a search: each is looked for in every name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody and what they are to the viewer.

    The kind is ``self``, ``friend``, ``request`` (they ask to be friends), ``sent`` (the viewer asks) or ``stranger``.
    """

    user: User
    kind: str


def findable_by(viewer: User) -> ColumnElement[bool]:
    """Whether a User is there for somebody: the one gate that everybody shown, counted or found goes through.

    Friends are always: a block ends the friendship. Only members of a group that both are in see each other there.
    """
    return and_(User.username.is_not(None), User.id.not_in(apart_from(viewer.id)))


def grouped_with(viewer: User) -> ColumnElement[bool]:
    """Whether a User is in a group with somebody: there even those who are kept apart see each other."""
    shared = select(Membership.chat_id).join(Chat).where(Membership.user_id == viewer.id, Chat.kind == "group")
    return exists().where(Membership.user_id == User.id, Membership.chat_id.in_(shared))


def reach_of(user: User) -> Reach:
    """Return to whom somebody's face may be shown now, as they find them or meet them in a group."""
    apart = select(User.id).where(User.id.in_(apart_from(user.id)), ~grouped_with(user))
    return Reach(frozenset(db.session.scalars(apart)), everybody_but=True)


def called(q: str) -> ColumnElement[bool]:
    """Whether a User's names have every word of ``q``, whatever its case."""
    words = fold(q).split()[:WORDS]
    return and_(true(), *(User.search_text.contains(word, autoescape=True) for word in words))


def person_for(viewer: User, user_id: int) -> Person | None:
    """Return the person with this id."""
    return _person(viewer, User.id == user_id)


def person_named(viewer: User, username: str) -> Person | None:
    """Return the person with this username, however its letters are cased."""
    return _person(viewer, User.username_folded == fold(username))


def named_in(viewer: User, text: str) -> dict[str, str]:
    """Return the usernames of people whom a text names after an @, by the folded names it has for them."""
    names = names_in(text)
    if not names:
        return {}
    found = select(User.username_folded, User.username).where(User.username_folded.in_(names), findable_by(viewer))
    return {folded: username for folded, username in db.session.execute(found) if folded and username}


def _person(viewer: User, condition: ColumnElement[bool]) -> Person | None:
    pair_with_viewer = or_(
        and_(Friendship.low_id == viewer.id, Friendship.high_id == User.id),
        and_(Friendship.high_id == viewer.id, Friendship.low_id == User.id),
    )
    found = select(User, Friendship).outerjoin(Friendship, pair_with_viewer).where(condition, findable_by(viewer))
    row = db.session.execute(found).one_or_none()
    return Person(row[0], _kind(viewer, row[0].id, row[1])) if row else None


def kind_of(viewer: User, user: User) -> str:
    """Return what a person is to the viewer; see Person."""
    row = db.session.scalar(select(Friendship).where(is_pair(Friendship, viewer.id, user.id)))
    return _kind(viewer, user.id, row)


def _kind(viewer: User, user_id: int, friendship: Friendship | None) -> str:
    if viewer.id == user_id:
        return "self"
    if friendship is None:
        return "stranger"
    if friendship.accepted_at is not None:
        return "friend"
    return "sent" if friendship.requester_id == viewer.id else "request"
