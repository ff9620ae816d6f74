"""What somebody is about to comment, and what is wrong with it."""

from dataclasses import dataclass, field
from uuid import uuid4

from flask import request

from app.blueprints.keys import key
from app.models import Comment, User
from app.queries.comments import comment_for
from app.text import clean


@dataclass(slots=True)
class CommentForm:
    """The form under a post: its words, the comment it answers, and a sentence if it could not be sent."""

    body: str = ""
    answered: Comment | None = None
    client_id: str = field(default_factory=lambda: str(uuid4()))
    error: str | None = None

    @classmethod
    def answering(cls, writer: User, comment: Comment | None) -> "CommentForm":
        """Return the form that answers a comment; who is answered among replies is named."""
        named = comment is not None and comment.parent_id is not None and comment.author_id != writer.id
        return cls(f"@{comment.author.username} " if named and comment else "", comment)

    @classmethod
    def refused(cls, writer: User, sent: "Sent", error: str) -> "CommentForm":
        """Return the form that was sent, with the reason why it could not be taken."""
        answered = comment_for(writer, sent.parent_id) if sent.parent_id is not None else None
        return cls(sent.body, answered, sent.client_id, error)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form of a comment carries: a comment is answered by its id, whether or not it is still there."""

    body: str
    client_id: str
    parent_id: int | None

    @classmethod
    def here(cls) -> "Sent":
        """Return what the request carries."""
        sent = request.form
        client_id = clean(sent.get("client_id"))[:36] or str(uuid4())
        return cls(clean(sent.get("body")), client_id, sent.get("parent_id", type=key))
