"""What somebody is making of a group: nothing typed or chosen in it is lost."""

import re
from dataclasses import dataclass, field

from flask import request, url_for
from flask_babel import gettext

from app import media
from app.blueprints.keys import PATTERN, keys
from app.blueprints.uploads import developed
from app.errors import Refused
from app.models import Chat, User
from app.queries.chats import ChatRow, member_ids
from app.queries.friends import friends_among, friends_of
from app.text import clean

FRIENDS = 50
CHOSEN = 1000


@dataclass(slots=True)
class GroupForm:
    """Name, description and members of a group that a viewer makes, and a sentence for each field that is not right."""

    name: str = ""
    description: str = ""
    viewer: User | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, chat: Chat) -> "GroupForm":
        """Return the form that would make a group what it is."""
        return cls(chat.name or "", chat.description)

    @classmethod
    def sent_by(cls, viewer: User) -> "GroupForm":
        """Return the form that the request carries."""
        sent = request.values
        name, description = re.sub(r"\s+", " ", clean(sent.get("name"))), clean(sent.get("description"))
        return cls(name, description, viewer)

    @property
    def chosen(self) -> list[User]:
        """The people who have been chosen."""
        return friends_among(self.viewer, chosen_ids()) if self.viewer else []

    def photo(self) -> str | None:
        """Develop the photo that came along, and return its key; a bad one is a sentence among the errors."""
        try:
            photo = developed("avatar", media.develop)
            return photo.key if photo else None
        except Refused as reason:
            self.errors["avatar"] = reason.sentence
            return None


def chosen_ids() -> list[int]:
    """Return the ids of the people who have been chosen."""
    ids = keys(request.values.getlist("member_ids"))
    if len(ids) > CHOSEN:
        raise Refused(gettext("Choose %(count)s people at most at a time.", count=CHOSEN))
    return ids


def friends_to_choose(viewer: User, row: ChatRow | None = None) -> dict[str, object]:
    """Return friends to choose from, by name, without those in a group; where to search for them, and for more."""
    q = request.args.get("q", "")[:100]
    group, present = (row.chat.id, member_ids(row.chat)) if row else (None, frozenset())
    name, last_id = request.args.get("friend", ""), request.args.get("friend_id", "")
    after = (name, int(last_id)) if name and re.fullmatch(PATTERN, last_id) else None
    found = friends_of(viewer, q, after, FRIENDS + 1)
    last = found[FRIENDS - 1] if len(found) > FRIENDS else None
    more = url_for("groups.friends", q=q, group=group, friend=last.search_text, friend_id=last.id) if last else None
    friends = [one for one in found[:FRIENDS] if one.id not in present]
    source = url_for("groups.friends", group=group)
    return {"friends": friends, "friend_q": q, "more_friends": more, "friend_source": source}
