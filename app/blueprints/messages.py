"""Messages of a chat: said, and read backwards."""

from flask import Blueprint, abort, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import messages
from app.blueprints.chats import chat_page
from app.blueprints.keys import key
from app.blueprints.message_form import MessageForm, sent_id
from app.errors import Refused
from app.fragments import partial, reply, retry, wants_fragment
from app.queries.chats import chat_for
from app.queries.messages import message_said, messages_before
from app.viewer import viewer

bp = Blueprint("messages", __name__, url_prefix="/chats/<int:chat_id>/messages")


@bp.get("")
@login_required
def index(chat_id: int) -> Markup:
    """Older messages: a fragment."""
    row = chat_for(viewer(), chat_id) or abort(404)
    found = messages_before(row.chat, request.args.get("before", type=key))
    return partial("messages", chat_id=chat_id, found=found)


@bp.post("")
@login_required
def create(chat_id: int) -> Response:
    """Say something."""
    row = chat_for(viewer(), chat_id) or abort(404)
    said = message_said(viewer(), sent_id())
    if said and said.chat_id != chat_id:
        said = None  # and the verb refuses it
    form = MessageForm() if said else MessageForm.sent_by(viewer())
    try:
        if form.error:
            raise Refused(form.error, "images")
        message = said or messages.send(
            chat_id, viewer(), form.body, form.client_id, [picture.id for picture in form.waiting]
        )
    except Refused as reason:
        form.error = reason.sentence
        page = "" if wants_fragment() else chat_page(row, form)
        return retry(partial("message_error", sentence=reason.sentence, waiting=form.waiting), page)
    return reply(
        partial("message", message=message), otherwise=url_for("chats.show", chat_id=chat_id) + f"#message-{message.id}"
    )
