"""One's photo: another one, an older one, none; and all of them so far."""

from functools import partial as given

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import media
from app.actions import avatars
from app.blueprints import sections
from app.blueprints.keys import key
from app.blueprints.uploads import developed
from app.errors import Refused
from app.fragments import beside, partial, reply
from app.media.darkroom import Crop
from app.models import Avatar
from app.queries.avatars import avatar_for, kept_among, kept_by
from app.viewer import viewer

bp = Blueprint("avatars", __name__)

FEW = 5  # of those so far stand in the form


@bp.get("/settings/avatar")
@login_required
def new() -> str:
    """The settings, with the form for another photo in the place of the profile."""
    return sections.page("profile", _form())


@bp.post("/settings/avatar")
@login_required
def create() -> Response:
    """Take another photo: the square of it that was asked for, or its middle."""
    try:
        photo = developed("avatar", given(media.develop_avatar, crop=crop_in(request.form)))
        if photo is None:
            raise Refused(gettext("Choose a picture first."), "avatar")
        avatars.take(viewer(), photo)
    except Refused as no:
        return sections.wrong("profile", _form(no.sentence))
    return sections.saved("profile", gettext("Your new photo is shown."))


@bp.post("/settings/avatar/delete")
@login_required
def delete_current() -> Response:
    """Show no photo."""
    before = viewer().photo_key
    avatars.choose_none(viewer())
    return _shown_anew(gettext("Your photo is not shown any more."), before)


@bp.get("/settings/photos")
@login_required
def index() -> str:
    """All photos so far."""
    found = kept_by(viewer(), request.args.get("before", type=key))
    return render_template("avatars/index.html", found=found)


@bp.post("/avatars/<int:avatar_id>/current")
@login_required
def choose(avatar_id: int) -> Response:
    """Show one of them."""
    avatar, before = _own(avatar_id), viewer().photo_key
    avatars.choose(avatar, viewer())
    return _shown_anew(gettext("This photo is shown now."), before, avatar.key)


@bp.post("/avatars/<int:avatar_id>/hide")
@login_required
def hide(avatar_id: int) -> Response:
    """Show one to nobody else."""
    avatar = _own(avatar_id)
    avatars.hide(avatar, viewer())
    return _shown_anew(gettext("Only you see this photo."), avatar.key, viewer().photo_key)


@bp.post("/avatars/<int:avatar_id>/show")
@login_required
def show(avatar_id: int) -> Response:
    """Show one to others again."""
    avatar = _own(avatar_id)
    avatars.reveal(avatar, viewer())
    return _shown_anew(gettext("Others see this photo again."), avatar.key)


@bp.post("/avatars/<int:avatar_id>/delete")
@login_required
def delete(avatar_id: int) -> Response:
    """Delete one."""
    avatar, before = _own(avatar_id), viewer().photo_key
    avatars.remove(avatar, viewer())
    undo = url_for(".restore", avatar_id=avatar.id, current=1 if before == avatar.key else None)
    place = Markup('<i id="portrait-{}" hidden></i>').format(avatar.id)
    gone = beside(f"portrait-{avatar.id}", place)
    return _shown_anew(gettext("The photo has been deleted."), viewer().photo_key, undo=undo, gone=gone)


@bp.post("/avatars/<int:avatar_id>/restore")
@login_required
def restore(avatar_id: int) -> Response:
    """Put back one that was deleted a moment ago."""
    before = viewer().photo_key
    avatar = avatars.restore(avatar_id, viewer(), current="current" in request.args)
    return _shown_anew(None, before, avatar.key)


def crop_in(sent: MultiDict[str, str]) -> Crop | None:
    """Return the square that a form asks for, or None if it asks for none there can be."""
    try:
        left, top, side = (float(sent[name][:20]) for name in ("left", "top", "side"))
    except (KeyError, ValueError):
        return None
    return (left, top, side) if 0 <= left <= 1 and 0 <= top <= 1 and 0 < side <= 1 else None


def _form(error: str | None = None) -> Markup:
    return partial("avatar_form", user=viewer(), former=kept_by(viewer(), limit=FEW).avatars, error=error)


def _shown_anew(said: str | None, *keys: str | None, undo: str | None = None, gone: Markup | None = None) -> Response:
    """Answer a deed: what has changed of each place where photos are chosen, whichever of them it was done at."""
    user = viewer()
    tiles = (
        beside(f"portrait-{one.id}", partial("portrait_tile", avatar=one, current=one.key == user.photo_key))
        for one in kept_among(user, keys)
    )
    head = beside("portraits-head", partial("portraits_head", user=user))
    profile = beside("section-profile", sections.closed("profile"))
    return reply(gone or Markup(), *tiles, head, profile, otherwise=url_for(".index"), said=said, undo=undo)


def _own(avatar_id: int) -> Avatar:
    return avatar_for(viewer(), avatar_id) or abort(404)
