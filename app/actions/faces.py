"""What of somebody stands beside their name, in every open page where they are shown."""

from app.fragments import partial
from app.live import push
from app.models import User
from app.queries.people import reach_of


def show_face(user: User) -> None:
    """Within a verb: show somebody's photo, or what stands for one, wherever they are to be seen.

    Every page looks at faces, and keeps those of whom it shows: there is a small one and a large one, each in whatever
    size it has where it stands.
    """
    push.show_looking(
        "faces",
        reach_of(user),
        lambda: partial("avatar", user=user, size="m") + partial("avatar", user=user, size="xl"),
    )
