"""Messages of a chat: said, changed, deleted, and read backwards."""

from flask import Blueprint, abort, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import messages
from app.blueprints.chats import chat_page
from app.blueprints.keys import key
from app.blueprints.message_form import MessageForm
from app.errors import Refused
from app.fragments import partial, reply, retry, wants_fragment
from app.models import Message
from app.queries.chats import chat_for
from app.queries.messages import message_for, messages_before
from app.text import clean
from app.viewer import viewer

bp = Blueprint("messages", __name__)


@bp.get("/chats/<int:chat_id>/messages")
@login_required
def index(chat_id: int) -> Markup:
    """Older messages: a fragment."""
    row = chat_for(viewer(), chat_id) or abort(404)
    found = messages_before(row.chat, request.args.get("before", type=key))
    return partial("messages", chat_id=chat_id, found=found)


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
        message = messages.send(chat_id, viewer(), form.body, form.client_id, [picture.id for picture in form.waiting])
    except Refused as reason:
        row = chat_for(viewer(), chat_id) or abort(404)
        form.error = reason.sentence
        page = "" if wants_fragment() else chat_page(row, form)
        return retry(partial("message_error", sentence=reason.sentence, waiting=form.waiting), page)
    return _shown(message)


@bp.post("/messages/<int:message_id>")
@login_required
def update(message_id: int) -> Response:
    """Change one's words."""
    message_for(viewer(), message_id) or abort(404)
    return _shown(messages.edit(message_id, viewer(), clean(request.form.get("body"))))


@bp.post("/messages/<int:message_id>/delete")
@login_required
def delete(message_id: int) -> Response:
    """Take back what one said."""
    message_for(viewer(), message_id) or abort(404)
    return _shown(messages.delete(message_id, viewer()))


def _shown(message: Message) -> Response:
    chat = url_for("chats.show", chat_id=message.chat_id)
    return reply(partial("message", message=message), otherwise=f"{chat}#message-{message.id}")
