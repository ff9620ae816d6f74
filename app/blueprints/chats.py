"""The inbox, contacts, and chats."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import chats
from app.blueprints.keys import key
from app.blueprints.message_form import MessageForm
from app.fragments import leave_for, partial, reply
from app.models import User
from app.queries.chats import PAGE, ChatRow, chat_for, inbox
from app.queries.friends import are_friends, friends_of
from app.queries.groups import online_in
from app.queries.messages import messages_before
from app.queries.people import person_for
from app.viewer import viewer

bp = Blueprint("chats", __name__)

CONTACTS = 50


@bp.get("/chats")
@login_required
def index() -> str:
    """All chats, the latest first, and the friends one might write to."""
    return render_template("chats/index.html", **columns())


@bp.get("/chats/contacts")
@login_required
def contacts() -> Markup:
    """Friends by name: a fragment."""
    return partial("contacts", **_contacts())


@bp.get("/chats/<int:chat_id>")
@login_required
def show(chat_id: int) -> str:
    """A chat. Opening it at its end is reading it, with or without a script."""
    row = chat_for(viewer(), chat_id) or abort(404)
    before = request.args.get("before", type=key)
    if before is None and row.unread:
        chats.read(row.chat.id, viewer(), row.chat.last_seq)
    return chat_page(row, MessageForm(), before)


@bp.post("/chats/<int:chat_id>/read")
@login_required
def read(chat_id: int) -> Response:
    """Note how far the viewer has read."""
    row = chat_for(viewer(), chat_id) or abort(404)
    chats.read(row.chat.id, viewer(), request.form.get("seq", type=key) or 0)
    return reply(otherwise=url_for("chats.show", chat_id=chat_id))


@bp.post("/users/<int:user_id>/chat")
@login_required
def create(user_id: int) -> Response:
    """Open the direct chat with somebody, or make it."""
    person = person_for(viewer(), user_id) or abort(404)
    return leave_for(url_for("chats.show", chat_id=chats.open_direct(viewer(), person.user)))


def chat_page(row: ChatRow, form: MessageForm, before: int | None = None) -> str:
    """Return the page of a chat; the revision was read before the messages, so none can be missed between."""
    return render_template(
        "chats/show.html",
        row=row,
        form=form,
        found=messages_before(row.chat, before),
        may_write=row.chat.is_group or (row.other is not None and are_friends(viewer().id, row.other.id)),
        online=partial("online_count", chat_id=row.chat.id, online=online_in(viewer(), row))
        if row.chat.is_group
        else None,
        **columns(),
    )


def columns() -> dict[str, Any]:
    """Return what stands left and right of every chat."""
    rows = inbox(viewer(), PAGE + 1, request.args.get("after"))
    more = url_for("chats.index", after=rows[PAGE - 1].cursor) if len(rows) > PAGE else None
    return {"inbox": rows[:PAGE], "more_chats": more, **_contacts()}


def _contacts() -> dict[str, Any]:
    q = request.args.get("q", "")[:100]
    name, last_id = request.args.get("name"), request.args.get("id", type=key)
    found: list[User] = friends_of(viewer(), q, (name, last_id) if name and last_id else None, CONTACTS + 1)
    last = found[CONTACTS - 1] if len(found) > CONTACTS else None
    more = url_for("chats.contacts", q=q, name=last.search_text, id=last.id) if last else None
    return {"contacts": found[:CONTACTS], "q": q, "more": more}
