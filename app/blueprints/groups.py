"""Groups: made, changed, left and deleted."""

from flask import Blueprint, Response, abort, flash, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.actions import groups
from app.blueprints.chats import columns
from app.blueprints.group_form import GroupForm, chosen_ids, friends_to_choose
from app.blueprints.keys import key as key_of
from app.blueprints.media import variant_sent
from app.errors import Refused
from app.fragments import leave_for, partial, retry
from app.queries.chats import ChatRow
from app.queries.groups import group_for
from app.viewer import viewer

bp = Blueprint("groups", __name__, url_prefix="/chats")


@bp.get("/new")
@login_required
def new() -> str:
    """The form of a new group. Without a script the friends who are searched for and chosen stand in the address."""
    return _new(GroupForm.sent_by(viewer()))


@bp.get("/friends")
@login_required
def friends() -> Markup:
    """Friends to choose from: a fragment."""
    group = request.args.get("group", type=key_of)
    row = group_for(viewer(), group) if group else None
    return partial("friend_choices", **friends_to_choose(viewer(), row), chosen=frozenset(chosen_ids()))


@bp.post("")
@login_required
def create() -> AnyResponse:
    """Make a group."""
    form = GroupForm.sent_by(viewer())
    photo = form.photo()
    if not form.errors:
        try:
            chat_id = groups.create(viewer(), form.name, chosen_ids(), form.description, photo)
            return leave_for(url_for("chats.show", chat_id=chat_id))
        except Refused as reason:
            form.errors[reason.field or "name"] = reason.sentence
    return retry(partial("group_form", form=form, **friends_to_choose(viewer())), lambda: _new(form))


@bp.get("/<int:chat_id>/edit")
@login_required
def edit(chat_id: int) -> str:
    """The form of a group's name, description and photo, for who leads it."""
    row = led(chat_id)
    return _edit(row, GroupForm.of(row.chat))


@bp.post("/<int:chat_id>")
@login_required
def update(chat_id: int) -> AnyResponse:
    """Change a group's name, description and photo."""
    row = led(chat_id)
    form = GroupForm.sent_by(viewer())
    photo = form.photo()
    if not form.errors:
        try:
            groups.describe(chat_id, viewer(), form.name, form.description)
            if photo or "remove_avatar" in request.form:
                groups.show_photo(chat_id, viewer(), photo)
            return leave_for(url_for("chats.show", chat_id=chat_id))
        except Refused as reason:
            form.errors[reason.field or "name"] = reason.sentence
    return retry(partial("group_edit_form", form=form, chat=row.chat), lambda: _edit(row, form))


@bp.get("/<int:chat_id>/leave")
@login_required
def leaving(chat_id: int) -> str:
    """Ask whether one really wants to leave, or to delete the group."""
    row = group_for(viewer(), chat_id) or abort(404)
    return render_template("chats/leave.html", row=row, **columns())


@bp.post("/<int:chat_id>/leave")
@login_required
def leave(chat_id: int) -> AnyResponse:
    """Go out of a group."""
    group_for(viewer(), chat_id) or abort(404)
    groups.leave(chat_id, viewer())
    return reply_home(gettext("You have left the group."))


@bp.post("/<int:chat_id>/delete")
@login_required
def delete(chat_id: int) -> AnyResponse:
    """Delete a group and all that was said in it."""
    group_for(viewer(), chat_id) or abort(404)
    groups.dissolve(chat_id, viewer())
    return reply_home(gettext("The group is deleted."))


@bp.get("/<int:chat_id>/photo/<key>")
@login_required
def photo(chat_id: int, key: str) -> Response:
    """A group's photo."""
    row = group_for(viewer(), chat_id)
    if row is None or row.chat.photo_key != key:
        abort(404)
    return variant_sent(key, "320")


def reply_home(said: str) -> AnyResponse:
    """Go back to all chats, and say what has been done."""
    flash(said)
    return leave_for(url_for("chats.index"))


def led(chat_id: int) -> ChatRow:
    """Return a group that the viewer leads."""
    row = group_for(viewer(), chat_id) or abort(404)
    if not row.membership.leads:
        raise Refused(gettext("Only the owner and the admins of the group can do that."), status=403)
    return row


def _new(form: GroupForm) -> str:
    return render_template("chats/new.html", form=form, **friends_to_choose(viewer()), **columns(q=""))


def _edit(row: ChatRow, form: GroupForm) -> str:
    return render_template("chats/edit.html", row=row, form=form, **columns())
