"""Messages of a chat: said, changed, deleted, and read in both directions."""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import messages
from app.blueprints.chats import chat_page
from app.blueprints.keys import key
from app.blueprints.message_form import MessageForm
from app.errors import Refused
from app.fragments import partial, reply, retry, toast
from app.models import Message
from app.queries.chats import ChatRow, chat_for, may_write
from app.queries.messages import (
    Messages,
    count_readers,
    may_see,
    message_for,
    messages_after,
    messages_around,
    messages_before,
    readers_of,
)
from app.text import clean
from app.viewer import viewer

bp = Blueprint("messages", __name__)


@bp.get("/chats/<int:chat_id>/messages")
@login_required
def index(chat_id: int) -> Markup:
    """Older messages, or newer ones, or a log: around a place, or the newest; a fragment."""
    row = chat_for(viewer(), chat_id) or abort(404)
    before, after, at = (request.args.get(side, type=key) for side in ("before", "after", "at"))
    if after is not None:
        return _stretch(row, replace(messages_after(viewer(), row.chat, after), before=None))
    if before is not None:
        return _stretch(row, replace(messages_before(viewer(), row.chat, before), after=None))
    found = messages_before(viewer(), row.chat) if at is None else messages_around(viewer(), row.chat, at)
    first_unread = row.membership.read_seq + 1 if row.unread and at is not None else None
    log = {"first_unread": first_unread, "at": None, "membership": row.membership}
    return partial("message_log", chat=row.chat, found=found, **log)


def _stretch(row: ChatRow, found: Messages) -> Markup:
    return partial("messages", chat_id=row.chat.id, found=found, first_unread=None, at=None)


@bp.get("/messages/<int:message_id>")
@login_required
def show(message_id: int) -> str:
    """A message, who has read it and reacted to it, and all that can be done with it."""
    return _page(message_for(viewer(), message_id) or abort(404))


@bp.get("/messages/<int:message_id>/menu")
@login_required
def menu(message_id: int) -> Markup:
    """What can be done with a message: a fragment."""
    message = message_for(viewer(), message_id) or abort(404)
    row = chat_for(viewer(), message.chat_id) or abort(404)
    return partial("message_menu", message=message, may=may(row, message), readers=count_readers(viewer(), message))


@bp.post("/chats/<int:chat_id>/messages")
@login_required
def create(chat_id: int) -> Response:
    """Say something."""
    if request.files and chat_for(viewer(), chat_id) is None:
        abort(404)  # before any work is done on pictures; where there are only words, the verb looks
    form = MessageForm.sent_by(viewer())
    try:
        if form.error:
            raise Refused(form.error, "images")
        pictures = [picture.id for picture in form.waiting]
        message = messages.send(chat_id, viewer(), form.body, form.client_id, pictures, form.reply_to_id)
    except Refused as reason:
        row = chat_for(viewer(), chat_id) or abort(404)
        form.error = reason.sentence
        error = partial("message_error", sentence=reason.sentence, waiting=form.waiting)
        return retry(error, lambda: chat_page(row, form, messages_before(viewer(), row.chat)))
    return shown(message)


@bp.post("/messages/<int:message_id>")
@login_required
def update(message_id: int) -> Response:
    """Change one's words."""
    message = message_for(viewer(), message_id) or abort(404)
    body = clean(request.form.get("body"))
    try:
        return shown(messages.edit(message_id, viewer(), body))
    except Refused as reason:
        if reason.field != "body":
            raise
        sentence = reason.sentence
        return retry(toast(sentence), lambda: _page(message, body, sentence))


@bp.post("/messages/<int:message_id>/delete")
@login_required
def delete(message_id: int) -> Response:
    """Take a message back for everyone."""
    may_see(viewer(), message_id) or abort(404)
    return shown(messages.delete(message_id, viewer()))


@bp.post("/messages/<int:message_id>/hide")
@login_required
def hide(message_id: int) -> Response:
    """Delete a message for oneself."""
    message = message_for(viewer(), message_id) or abort(404)
    messages.hide(message_id, viewer())
    chat = url_for("chats.show", chat_id=message.chat_id, at=message.seq)
    return reply(partial("message_hidden", message_id=message_id), otherwise=chat)


@dataclass(frozen=True, slots=True)
class May:
    """What somebody may do with a message."""

    answer: bool
    edit: bool
    delete: bool
    pin: bool
    know_readers: bool


def may(row: ChatRow, message: Message) -> May:
    """Return what the viewer may do with a message of a chat, as the verbs will judge."""
    said = message.face == "said"
    own = message.author_id == viewer().id
    leads = row.membership.leads if row.chat.is_group else False
    writable = said and may_write(row)
    return May(
        answer=writable,
        edit=writable and own,
        delete=said and (own or leads),
        pin=writable and (leads or not row.chat.is_group),
        know_readers=said and (own or row.chat.is_group),
    )


def _page(message: Message, body: str | None = None, error: str | None = None) -> str:
    row = chat_for(viewer(), message.chat_id) or abort(404)
    readers, count = readers_of(viewer(), message), count_readers(viewer(), message)
    shown = {"message": message, "row": row, "readers": readers, "reader_count": count, "may": may(row, message)}
    return render_template("messages/show.html", **shown, body=body, error=error)


def shown(message: Message) -> Response:
    """Answer with a message that has been changed."""
    here = url_for("chats.show", chat_id=message.chat_id, at=message.seq, _anchor=f"message-{message.id}")
    return reply(partial("message", message=message), otherwise=here)
