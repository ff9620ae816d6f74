"""Whom people show what, and from whom they want to hear."""

from typing import Any

from app.actions import verb
from app.actions.faces import show_name
from app.actions.indexing import index_person
from app.actions.oneself import hold
from app.extensions import after_commit
from app.live import bus
from app.models import User


@verb
def choose(user: User, **chosen: Any) -> None:
    """Take whom somebody shows what, by the names of columns; what is not chosen stays as it is."""
    hold(user)
    if (audience := chosen.pop("name_shown_to", user.name_shown_to)) != user.name_shown_to:
        user.show_name_to(audience)
        index_person(user)
        show_name(user)
    show_presence(user, chosen.pop("shows_presence", user.shows_presence))
    for name, value in chosen.items():
        setattr(user, name, value)


def show_presence(user: User, shows: bool) -> None:
    """Within a verb: let friends see when somebody is here, or not."""
    if user.shows_presence != shows:
        user_id = user.id
        after_commit(lambda: bus.hub.close_person(user_id, 1012))  # their tabs come back and are counted anew
    user.shows_presence = shows
