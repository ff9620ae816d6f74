"""Who is in a group and leads it: taken in, given a role, sent out."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import members
from app.blueprints.chats import columns
from app.blueprints.group_form import GroupForm, chosen_ids, friends_to_choose
from app.blueprints.groups import led
from app.blueprints.keys import key
from app.errors import Refused
from app.fragments import leave_for, partial, reply, retry
from app.queries.chats import ChatRow
from app.queries.groups import banned_from, group_for, member_of, members_of, online_in
from app.viewer import viewer

bp = Blueprint("members", __name__, url_prefix="/chats/<int:chat_id>")


@bp.get("/members")
@login_required
def index(chat_id: int) -> str:
    """Who is in a group."""
    row = group_for(viewer(), chat_id) or abort(404)
    name, last_id = request.args.get("name"), request.args.get("id", type=key)
    q = request.args.get("q", "")[:100]
    found = members_of(viewer(), row, (name, last_id) if name and last_id else None, q)
    more = None
    if found.after:
        more = url_for("members.index", chat_id=chat_id, q=q or None, name=found.after[0], id=found.after[1])
    online = partial("online_count", chat_id=chat_id, online=online_in(viewer(), row))
    page = {"row": row, "members": found.members, "more_members": more, "online_members": online}
    return render_template("members/index.html", **page, words=q, **columns(q=""))


@bp.get("/members/new")
@login_required
def new(chat_id: int) -> str:
    """The friends one can add to a group."""
    return _new(group_for(viewer(), chat_id) or abort(404), None)


@bp.post("/members")
@login_required
def create(chat_id: int) -> Response:
    """Add friends to a group."""
    row = group_for(viewer(), chat_id) or abort(404)
    try:
        members.add(chat_id, viewer(), chosen_ids())
    except Refused as reason:
        sentence = reason.sentence
        return retry(partial("toast", sentence=sentence, undo=None), lambda: _new(row, sentence))
    return leave_for(url_for("members.index", chat_id=chat_id))


@bp.get("/members/<int:user_id>")
@login_required
def show(chat_id: int, user_id: int) -> str:
    """A member, and what can be done about them."""
    row = group_for(viewer(), chat_id) or abort(404)
    found = member_of(viewer(), row, user_id) or abort(404)
    return render_template("members/show.html", row=row, member=found, **columns())


@bp.post("/members/<int:user_id>/role")
@login_required
def update(chat_id: int, user_id: int) -> Response:
    """Make a member an admin, an admin a member, or either the owner."""
    group_for(viewer(), chat_id) or abort(404)
    role = request.form.get("role", "")
    if role == "owner":
        members.hand_over(chat_id, viewer(), user_id)
    else:
        members.promote(chat_id, viewer(), user_id, role)
    return leave_for(url_for("members.index", chat_id=chat_id))


@bp.post("/members/<int:user_id>/delete")
@login_required
def delete(chat_id: int, user_id: int) -> Response:
    """Send somebody out of a group, for good if they are banned."""
    group_for(viewer(), chat_id) or abort(404)
    members.remove(chat_id, viewer(), user_id, ban="ban" in request.form)
    return leave_for(url_for("members.index", chat_id=chat_id))


@bp.get("/bans")
@login_required
def bans(chat_id: int) -> str:
    """Who was banned from a group, for who leads it."""
    row = led(chat_id)
    return render_template("members/bans.html", row=row, banned=banned_from(viewer(), row), **columns())


@bp.post("/bans/<int:user_id>/delete")
@login_required
def lift_ban(chat_id: int, user_id: int) -> Response:
    """Let somebody be added to a group again."""
    group_for(viewer(), chat_id) or abort(404)
    members.lift_ban(chat_id, viewer(), user_id)
    return reply(otherwise=url_for("members.bans", chat_id=chat_id), said=gettext("The ban is lifted."))


def _new(row: ChatRow, error: str | None) -> str:
    choices: dict[str, Any] = friends_to_choose(viewer(), row)
    form = GroupForm.sent_by(viewer())
    return render_template("members/new.html", row=row, form=form, error=error, **choices, **columns(q=""))
