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
from app.live import bus
from app.live.frames import text_frame
from app.live.sockets import detach
from app.models import User
from app.queries.badges import badges_of
from app.queries.chats import ChatRow, chat_for, inbox
from app.queries.messages import messages_before, messages_changed_after
from app.queries.sessions import session_stands
from app.viewer import viewer

bp = Blueprint("live", __name__)

log = logging.getLogger(__name__)

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
        log.warning("a tab was not taken in: %s", reason)


def take_in(server: Server, person: User, chat_id: int | None) -> None:
    """Subscribe first, then read what was missed: what is said in between waits in the hub, and is not sent twice."""
    connection = bus.hub.adopt(
        detach(server),
        person=person.id,
        session=person.session_id or 0,
        language=current_language(),
        chat=chat_id,
    )
    if not session_stands(person):  # it ended after the check, and perhaps before there was a socket to close
        bus.hub.refuse(connection)
        return
    row = chat_for(person, chat_id) if chat_id else None
    upto = row.chat.last_revision if row else 0
    missed = missed_by(person, row, request.args.get("after", 0, int))
    db.session.remove()  # the tab stays for hours; a database connection must not
    bus.hub.release(connection, [text_frame(missed)], upto)


def missed_by(person: User, row: ChatRow | None, after: int) -> Markup:
    """Return the present state of whatever may have changed while the tab was not listening."""
    badges = badges_of(person)
    fragments = [
        partial("badge", name="requests", count=badges.requests),
        partial("badge", name="chats", count=badges.chats),
        *(
            partial("chat_row", row=one, current=row is not None and one.chat.id == row.chat.id)
            for one in reversed(inbox(person, limit=ROWS))
        ),
    ]
    if row and row.chat.last_revision > after:
        changed = messages_changed_after(row.chat, after)
        if changed is None:
            fragments.append(partial("message_log", chat=row.chat, found=messages_before(row.chat)))
        else:
            fragments += [partial("message", message=message) for message in changed]
    if row:
        fragments.insert(0, partial("replayed", upto=row.chat.last_revision))
    return Markup("").join(fragments)
