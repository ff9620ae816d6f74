"""What of somebody stands beside their name and their words, in every open page where they are shown.

Every page looks at faces, and keeps those of whom it shows.
"""

from app.extensions import db
from app.fragments import partial
from app.live import push
from app.models import User
from app.queries.people import reach_of


def show_name(user: User) -> None:
    """Within a verb: show anew what is made of somebody's name, the letters on their face and their signature."""
    show_face(user)
    show_signature(user)


def show_face(user: User) -> None:
    """Within a verb: show somebody's photo, or what stands for one.

    There is a small one and a large one, each in whatever size it has where it stands.
    """
    push.show_looking(
        "faces",
        reach_of(user),
        lambda: partial("avatar", user=user, size="m") + partial("avatar", user=user, size="xl"),
    )


def show_signature(user: User) -> None:
    """Within a verb: show what somebody signs by now."""
    db.session.flush()
    push.show_looking("faces", reach_of(user), lambda: partial("signature", user=user))
