"""The inbox, contacts, and chats."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import chats, reading
from app.blueprints.keys import key
from app.blueprints.message_form import MessageForm
from app.blueprints.throttles import by_person
from app.errors import Refused
from app.fragments import leave_for, partial, reply
from app.language import start_of
from app.live import presence
from app.models import User
from app.queries.chats import (
    PAGE,
    ChatRow,
    chat_for,
    furthest_readers,
    inbox,
    may_write,
    online_others,
)
from app.queries.finding import messages_with, pictures_in, place_of_day
from app.queries.friends import friends_of
from app.queries.groups import groups_called, members_called, online_in
from app.queries.messages import (
    Messages,
    message_for,
    messages_around,
    messages_before,
    pins_of,
)
from app.queries.people import person_for
from app.text import clean
from app.viewer import viewer

bp = Blueprint("chats", __name__)

CONTACTS = 50


@bp.get("/chats")
@login_required
def index() -> str:
    """All chats, the latest first, and the friends one might write to."""
    return render_template("chats/index.html", **columns())


@bp.get("/chats/archive")
@login_required
def archive() -> str:
    """The chats the viewer has put away."""
    rows = inbox(viewer(), PAGE + 1, request.args.get("beyond"), archived=True)
    more = url_for("chats.archive", beyond=rows[PAGE - 1].cursor) if len(rows) > PAGE else None
    page = columns()
    page["online"] |= online_others(rows)
    return render_template("chats/archive.html", archived=rows[:PAGE], more_archived=more, **page)


@bp.get("/chats/contacts")
@login_required
def contacts() -> Markup:
    """Friends by name: a fragment."""
    found = _contacts(request.args.get("q", "")[:100])
    return partial("contacts", **found, online=presence.online(user.id for user in found["contacts"]))


@bp.get("/chats/<int:chat_id>")
@login_required
def show(chat_id: int) -> str:
    """A chat, at what has not been read yet or where it is asked for.

    Without a script, what the page shows is read; with one, it is what has come into view.
    """
    row = chat_for(viewer(), chat_id) or abort(404)
    found = _stretch(row)
    first_unread = row.membership.read_seq + 1 if row.unread else None
    last = found.messages[-1].seq if found.messages else 0
    if "scripted" not in request.cookies and (last > row.membership.read_seq or row.membership.marked):
        reading.read(row.chat.id, viewer(), last)
    form = MessageForm(reply_to_id=request.args.get("reply_to", type=key))
    return chat_page(row, form, found, first_unread)


@bp.get("/chats/<int:chat_id>/row")
@login_required
def row(chat_id: int) -> Markup:
    """A chat's row in the list: a fragment."""
    found = chat_for(viewer(), chat_id) or abort(404)
    return partial("chat_row", row=found, current=False, online=online_others([found]))


@bp.get("/chats/<int:chat_id>/mentions")
@login_required
def mentions(chat_id: int) -> Markup:
    """Members whose names begin so: a fragment."""
    found = chat_for(viewer(), chat_id) or abort(404)
    return partial("mentions", users=members_called(viewer(), found, request.args.get("q", "")[:30]))


@bp.get("/chats/<int:chat_id>/day")
@login_required
def day(chat_id: int) -> Response:
    """Go to the first message of a day, or the first one after it."""
    found = chat_for(viewer(), chat_id) or abort(404)
    try:
        moment = start_of(datetime.fromisoformat(request.args.get("date", ""))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(gettext("Choose a day.")) from None
    at = place_of_day(found.chat, moment)
    return leave_for(url_for("chats.show", chat_id=chat_id, at=at, _anchor="place" if at else None))


@bp.get("/chats/<int:chat_id>/search")
@login_required
@by_person("120 per minute")
def search(chat_id: int) -> str:
    """What was said in a chat with these words in it."""
    found = chat_for(viewer(), chat_id) or abort(404)
    q = clean(request.args.get("q"))[:100]
    hits = messages_with(viewer(), found.chat, q, request.args.get("before", type=key)) if q else None
    return render_template("chats/search.html", row=found, words=q, hits=hits, **columns(q=""))


@bp.get("/chats/<int:chat_id>/gallery")
@login_required
def gallery(chat_id: int) -> str:
    """All pictures of a chat."""
    found = chat_for(viewer(), chat_id) or abort(404)
    pictures = pictures_in(viewer(), found.chat, request.args.get("before", type=key))
    return render_template("chats/gallery.html", row=found, pictures=pictures, **columns())


@bp.post("/chats/<int:chat_id>/read")
@login_required
def read(chat_id: int) -> Response:
    """Note how far the viewer has read."""
    row = chat_for(viewer(), chat_id) or abort(404)
    reading.read(row.chat.id, viewer(), request.form.get("seq", type=key) or 0)
    return reply(otherwise=url_for("chats.show", chat_id=chat_id))


@bp.post("/users/<int:user_id>/chat")
@login_required
def create(user_id: int) -> Response:
    """Open the direct chat with somebody, or make it."""
    person = person_for(viewer(), user_id) or abort(404)
    return leave_for(url_for("chats.show", chat_id=chats.open_direct(viewer(), person.user)))


def _stretch(row: ChatRow) -> Messages:
    """Return the part of a chat that was asked for, or that begins with what is unread."""
    at, before = request.args.get("at", type=key), request.args.get("before", type=key)
    if at is None and before is None and row.unread:
        at = row.membership.read_seq + 1
    if at is not None:
        return messages_around(viewer(), row.chat, at)
    return messages_before(viewer(), row.chat, before)


def chat_page(row: ChatRow, form: MessageForm, found: Messages, first_unread: int | None = None) -> str:
    """Return the page of a chat; the revision was read before the messages, so none can be missed between."""
    answered = message_for(viewer(), form.reply_to_id) if form.reply_to_id else None
    return render_template(
        "chats/show.html",
        row=row,
        form=form,
        found=found,
        at=request.args.get("at", type=key),
        answered=answered if answered and answered.chat_id == row.chat.id else None,
        first_unread=first_unread,
        pins=pins_of(viewer(), row.chat),
        readers=furthest_readers(row.chat.id),
        may_write=may_write(row),
        online_members=online_in(viewer(), row) if row.chat.is_group else 0,
        **columns(),
    )


def columns(q: str | None = None) -> dict[str, Any]:
    """Return what stands left and right of every chat."""
    rows = inbox(viewer(), PAGE + 1, request.args.get("after"))
    more = url_for("chats.index", after=rows[PAGE - 1].cursor) if len(rows) > PAGE else None
    contacts = _contacts(request.args.get("q", "")[:100] if q is None else q)
    here_now = presence.online(user.id for user in contacts["contacts"]) | online_others(rows)
    return {"inbox": rows[:PAGE], "more_chats": more, "online": here_now, **contacts}


def _contacts(q: str) -> dict[str, Any]:
    name, last_id = request.args.get("name"), request.args.get("id", type=key)
    found: list[User] = friends_of(viewer(), q, (name, last_id) if name and last_id else None, CONTACTS + 1)
    last = found[CONTACTS - 1] if len(found) > CONTACTS else None
    more = url_for("chats.contacts", q=q, name=last.search_text, id=last.id) if last else None
    return {"contacts": found[:CONTACTS], "q": q, "more": more, "groups": groups_called(viewer(), q) if q else []}
