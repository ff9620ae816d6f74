"""The socket of a tab: checked before the handshake, told what it missed, then given to the hub."""

import logging

from flask import Blueprint, Response, abort, request
from flask_login import current_user
from markupsafe import Markup
from simple_websocket import Server

from app.blueprints.keys import key
from app.extensions import db, sock
from app.fragments import partial
from app.language import current_language
from app.live import bus, presence
from app.live.frames import text_frame
from app.live.sockets import detach
from app.models import User
from app.queries.badges import badges_of
from app.queries.chats import ChatRow, chat_for, furthest_readers, latest, may_write, standing_ids
from app.queries.groups import online_in
from app.queries.messages import hidden_since, messages_before, messages_changed_after, pins_of, quotes_changed_after
from app.queries.presence import shown_to
from app.queries.sessions import session_stands
from app.viewer import viewer

bp = Blueprint("live", __name__)

logger = logging.getLogger(__name__)

ROWS = 10


@bp.before_request
def check() -> Response | None:
    """Refuse before the handshake whoever may not listen; where the request comes from has been checked already."""
    if bus.hub.full:
        return Response(status=503, headers={"Retry-After": "5"})
    if not current_user.is_authenticated:
        return Response(status=401)
    if "chat" in request.args and chat_for(viewer(), request.args.get("chat", 0, key)) is None:
        abort(404)
    return None


@sock.route("/live", bp=bp)
def connect(server: Server) -> None:
    """Give a tab to the hub. Where that fails, for there is no room or no hub for a moment, the tab tries again."""
    try:
        take_in(server, viewer(), request.args.get("chat", type=key))
    except OSError as reason:
        logger.warning("a tab was not taken in: %s", reason)


def take_in(server: Server, person: User, chat_id: int | None) -> None:
    """Subscribe first, then read what was missed: what is said in between waits in the hub, and is not sent twice."""
    connection = bus.hub.adopt(
        detach(server),
        person=person.id,
        session=person.session_id or 0,
        language=current_language(),
        chat=chat_id,
        shown=person.shows_presence,
    )
    if not session_stands(person):  # it ended after the check, and perhaps before there was a socket to close
        bus.hub.refuse(connection)
        return
    row = chat_for(person, chat_id) if chat_id else None
    upto = row.chat.last_revision if row else 0
    missed = missed_by(person, row, max(0, request.args.get("after", 0, int)))
    db.session.remove()  # the tab stays for hours; a database connection must not
    bus.hub.release(connection, [text_frame(missed)], upto)


def missed_by(person: User, row: ChatRow | None, after: int) -> Markup:
    """Return the present state of whatever may have changed while the tab was not listening."""
    in_chat = missed_in(person, row, after) if row else Markup()
    badges, rows, online = badges_of(person), latest(person, ROWS), presence.online(shown_to(person))
    fragments = [
        partial("badge", name="requests", count=badges.requests, muted=None),
        partial("badge", name="chats", count=badges.chats, muted=badges.muted),
        partial("present", ids=online),
        partial("standing", ids=standing_ids(person), archived=badges.archived),
        *(
            partial("chat_row", row=one, current=row is not None and one.chat.id == row.chat.id, online=online)
            for one in reversed(rows)
        ),
    ]
    closed = request.args.get("closed", type=key)
    if closed and chat_for(person, closed):
        fragments.append(partial("chat_opened", chat_id=closed))
    return in_chat + Markup("").join(fragments)


def missed_in(person: User, row: ChatRow, after: int) -> Markup:
    """Return the present state of whatever may have changed in an open chat."""
    chat = row.chat
    if row.last:
        # Remembered from before: beside what was changed after it, its older state would never be mended.
        db.session.expunge(row.last)
    fragments, after = [partial("replayed", upto=chat.last_revision)], min(after, chat.last_revision)
    if chat.last_revision > after:
        changed = messages_changed_after(person, chat, after)
        if changed is None:
            newest = messages_before(person, chat)
            fragments.append(
                partial("message_log", chat=chat, found=newest, at=None, first_unread=None, membership=row.membership)
            )
        else:
            fragments += [partial("message", message=message) for message in changed]
            fragments += [partial("quote", message=message) for message in quotes_changed_after(chat, after)]
    fragments += [partial("message_hidden", message_id=one) for one in hidden_since(person, chat, after)]
    fragments.append(partial("pins", chat_id=chat.id, pins=pins_of(person, chat)))
    fragments.append(partial("readers", chat_id=chat.id, readers=furthest_readers(chat.id)))
    if chat.is_group:
        fragments += [
            partial("member_count", chat=chat),
            partial("online_count", chat_id=chat.id, online=online_in(person, row)),
            partial("group_name", chat=chat),
            partial("group_avatar", chat=chat, size="m"),
        ]
    elif may_write(row):
        fragments.append(partial("chat_opened", chat_id=chat.id))
    else:
        fragments.append(partial("chat_closed", chat_id=chat.id, why=row.closed))
    if row.other and row.other.deleted_at is None:
        online = row.friends and bool(presence.online([row.other.id]))
        fragments.append(partial("last_seen", user=row.other, online=online, known=row.friends))
    return Markup("").join(fragments)
