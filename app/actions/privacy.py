"""Whom people show what, and from whom they want to hear."""

from typing import Any

from app.actions import verb
from app.actions.faces import show_face
from app.actions.indexing import index_person
from app.actions.signatures import show_signature
from app.extensions import after_commit, db
from app.live import bus
from app.models import User


@verb
def choose(user: User, **chosen: Any) -> None:
    """Take whom somebody shows what, by the names of columns; what is not chosen stays as it is."""
    db.session.refresh(user, with_for_update={"key_share": True})
    if (audience := chosen.pop("name_shown_to", user.name_shown_to)) != user.name_shown_to:
        user.show_name_to(audience)
        index_person(user)
        show_name(user)
    show_presence(user, chosen.pop("shows_presence", user.shows_presence))
    for name, value in chosen.items():
        setattr(user, name, value)


def show_name(user: User) -> None:
    """Within a verb: show anew what is made of somebody's name, the letters on their face and their signature."""
    show_face(user)
    show_signature(user)


def show_presence(user: User, shows: bool) -> None:
    """Within a verb: let friends see when somebody is here, or not."""
    if user.shows_presence != shows:
        user_id = user.id
        after_commit(lambda: bus.hub.close_person(user_id, 1012))  # their tabs come back and are counted anew
    user.shows_presence = shows
