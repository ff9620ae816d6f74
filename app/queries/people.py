"""People, as others find them: those who have told their name, and are not kept apart from who looks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, or_, select, true, union_all

from app.extensions import db
from app.live.pushes import Reach
from app.models import Chat, FormerUsername, Friendship, Membership, User
from app.models.block import apart_from, parted
from app.models.former_username import kept
from app.models.friendship import friends_of_friends, is_pair
from app.text import fold, names_in

WORDS = 6  # of a search: each is looked for in every name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody and what they are to the viewer.

    The kind is ``self``, ``friend``, ``request`` (they ask to be friends), ``sent`` (the viewer asks), ``stranger``, or
    ``closed`` (a stranger who takes no requests from the viewer). What the person shows to some only is asked of here.
    """

    user: User
    kind: str

    def may_see(self, audience: str) -> bool:
        """Tell whether the viewer is among those to whom a thing of this person's is shown."""
        return self.kind == "self" or audience == "everyone" or (audience == "friends" and self.kind == "friend")

    @property
    def name(self) -> str:
        """What the viewer may call them."""
        return (self.may_see(self.user.name_shown_to) and self.user.real_name) or self.user.full_name

    @property
    def birth_date(self) -> date | None:
        """When they were born, if the viewer may know it; whether with the year is for ``shows_birth_year`` to say."""
        return self.user.birth_date if self.may_see(self.user.birth_date_shown_to) else None

    @property
    def email(self) -> str | None:
        """Their e-mail address, if the viewer may know it."""
        return self.user.email if self.may_see(self.user.email_shown_to) else None

    @property
    def shows_friends(self) -> bool:
        """Whether the viewer may see who their friends are; those they share are told in any case."""
        return self.may_see(self.user.friends_shown_to)


def findable_by(viewer: User) -> ColumnElement[bool]:
    """Whether a User is there for somebody: the one gate that everybody shown, counted or found goes through.

    Friends are always: a block ends the friendship. Only members of a group that both are in see each other there.
    """
    return and_(User.username.is_not(None), User.id.not_in(apart_from(viewer.id)))


def grouped_with(viewer: User) -> ColumnElement[bool]:
    """Whether a User is in a group with somebody: there even those who are kept apart see each other."""
    shared = select(Membership.chat_id).join(Chat).where(Membership.user_id == viewer.id, Chat.kind == "group")
    return exists().where(Membership.user_id == User.id, Membership.chat_id.in_(shared))


def talking_with(viewer: User) -> ColumnElement[bool]:
    """Whether a User is the other one in a chat of two that somebody finds: there even those who leave are seen."""
    other = or_(
        and_(Chat.low_id == viewer.id, Chat.high_id == User.id),
        and_(Chat.high_id == viewer.id, Chat.low_id == User.id),
    )
    return exists().where(other, ~parted())


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


def person_once_named(viewer: User, username: str) -> User | None:
    """Return the person who had this username not long ago, however its letters are cased."""
    theirs = and_(FormerUsername.name == fold(username), kept(), findable_by(viewer))
    return db.session.scalar(select(User).join(FormerUsername, FormerUsername.user_id == User.id).where(theirs))


def bearers(names: Collection[str]) -> CompoundSelect[int, str]:
    """Return the question for who has these folded usernames, or had them not long ago: ``user_id`` and ``name``."""
    had = select(FormerUsername.user_id, FormerUsername.name).where(FormerUsername.name.in_(names), kept())
    have = select(User.id.label("user_id"), User.username_folded.label("name")).where(User.username_folded.in_(names))
    return union_all(have, had)


def askable_by(viewer: User) -> ColumnElement[bool]:
    """Whether a User takes requests from somebody, who may have to be a friend of their friends."""
    return or_(
        User.requests_from == "everyone",
        and_(User.requests_from == "mutual", User.id.in_(friends_of_friends(viewer.id))),
    )


def takes_requests(viewer: User, user_id: int) -> bool:
    """Tell whether somebody takes a request from the viewer just now."""
    return db.session.scalar(select(User.id).where(User.id == user_id, askable_by(viewer))) is not None


def named_in(viewer: User, text: str) -> dict[str, str]:
    """Return the usernames of people whom a text names after an @, by the folded names it has for them."""
    names = names_in(text)
    if not names:
        return {}
    borne = bearers(names).subquery()
    found = select(borne.c.name, User.username).join(User, User.id == borne.c.user_id).where(findable_by(viewer))
    return {name: username for name, username in db.session.execute(found) if username}


def _person(viewer: User, condition: ColumnElement[bool]) -> Person | None:
    pair_with_viewer = or_(
        and_(Friendship.low_id == viewer.id, Friendship.high_id == User.id),
        and_(Friendship.high_id == viewer.id, Friendship.low_id == User.id),
    )
    found = select(User, Friendship).outerjoin(Friendship, pair_with_viewer).where(condition, findable_by(viewer))
    row = db.session.execute(found).one_or_none()
    return Person(row[0], _kind(viewer, row[0], row[1])) if row else None


def kind_of(viewer: User, user: User) -> str:
    """Return what a person is to the viewer; see Person."""
    row = db.session.scalar(select(Friendship).where(is_pair(Friendship, viewer.id, user.id)))
    return _kind(viewer, user, row)


def _kind(viewer: User, user: User, friendship: Friendship | None) -> str:
    if viewer.id == user.id:
        return "self"
    if friendship is None:
        open_to_all = user.requests_from == "everyone"
        return "stranger" if open_to_all or takes_requests(viewer, user.id) else "closed"
    if friendship.accepted_at is not None:
        return "friend"
    return "sent" if friendship.requester_id == viewer.id else "request"
