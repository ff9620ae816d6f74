"""What somebody is about to say, and what is wrong with it."""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from flask import request
from flask_babel import gettext

from app.blueprints.keys import PATTERN, key
from app.blueprints.uploads import keep_all
from app.models import Picture, User
from app.models.message import PICTURES
from app.queries.messages import message_said
from app.queries.pictures import waiting_pictures
from app.text import clean


@dataclass(slots=True)
class MessageForm:
    """The composer: its words, the pictures that wait in it, and a sentence if it could not be sent."""

    body: str = ""
    waiting: list[Picture] = field(default_factory=list)
    client_id: str = field(default_factory=lambda: str(uuid4()))
    error: str | None = None
    reply_to_id: int | None = None

    @classmethod
    def sent_by(cls, author: User) -> "MessageForm":
        """Return the form that the request carries."""
        files = request.files.getlist("images")[: PICTURES + 1]
        if files and message_said(author, sent_id()):
            files = []  # what was said already needs no second reading of its pictures
        kept, reasons = keep_all(author, files)
        ids = [int(text) for text in request.form.getlist("image_ids") if re.fullmatch(PATTERN, text)]
        waiting = [*waiting_pictures(author, ids), *kept]
        if len(waiting) < len({*ids}) + len(kept) and not message_said(author, sent_id()):
            reasons.append(gettext("A picture is no longer here. Add it again."))
        return cls(
            clean(request.form.get("body")),
            waiting,
            sent_id() or str(uuid4()),
            " ".join(reasons) or None,
            request.form.get("reply_to", type=key),
        )


def sent_id() -> str:
    """Return the id that the page gave to what it sends, so that sending it again says it once."""
    return clean(request.form.get("client_id"))[:36]
