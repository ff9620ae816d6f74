"""Albums: one's own, somebody's, and what is in each."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from werkzeug.wrappers import Response

from app.actions import albums
from app.blueprints.album_form import AlbumForm
from app.blueprints.fields import one_of
from app.blueprints.keys import key
from app.fragments import beside, leave_for, partial, reply, retry
from app.models import Album
from app.models.post import AUDIENCES
from app.queries.albums import album_for, album_made_with, albums_of, own_album
from app.queries.photos import photos_in
from app.queries.pictures import bytes_kept_by, quota_of
from app.viewer import viewer

bp = Blueprint("albums", __name__, url_prefix="/albums")


@bp.get("")
@login_required
def index() -> str:
    """The viewer's albums, and how much room their pictures take."""
    found = albums_of(viewer(), viewer(), request.args.get("before", type=key))
    room = {"used": bytes_kept_by(viewer()), "quota": quota_of(viewer())}
    return render_template("albums/index.html", found=found, room=room)


@bp.get("/new")
@login_required
def new() -> str:
    """The form of a new album."""
    return _form_page(AlbumForm(), None)


@bp.post("")
@login_required
def create() -> Response:
    """Make an album; a form sent again leads to the album it made."""
    form = AlbumForm.sent()
    made = album_made_with(viewer(), form.client_id.data)
    if not made:
        if not form.validate():
            return _again(form, None)
        made = albums.create(viewer(), form.draft(), form.client_id.data)
    return leave_for(url_for(".show", album_id=made))


@bp.get("/<int:album_id>")
@login_required
def show(album_id: int) -> str:
    """An album with its photos."""
    return album_page(album_for(viewer(), album_id) or abort(404))


def album_page(album: Album, error: str | None = None) -> str:
    """Return the page of an album; ``error`` says why nothing could be added to it."""
    found = photos_in(album, request.args.get("after", type=key))
    editable = album.editable_by(viewer())
    return render_template("albums/show.html", album=album, found=found, editable=editable, error=error)


@bp.get("/<int:album_id>/edit")
@login_required
def edit(album_id: int) -> str:
    """The form of an own album."""
    album = _own(album_id)
    return _form_page(AlbumForm.of(album), album)


@bp.post("/<int:album_id>")
@login_required
def update(album_id: int) -> Response:
    """Change an own album."""
    album, form = _own(album_id), AlbumForm.sent()
    if not form.validate():
        return _again(form, album)
    albums.edit(album, viewer(), form.draft())
    return leave_for(url_for(".show", album_id=album_id))


@bp.post("/<int:album_id>/audience")
@login_required
def audience(album_id: int) -> Response:
    """Choose whom an own album is for."""
    albums.show_to(_own(album_id), viewer(), one_of(AUDIENCES, request.form.get("audience")))
    album = _own(album_id)
    return reply(
        partial("album_audience", album=album),
        beside(f"album-facts-{album_id}", partial("album_facts", album=album)),
        otherwise=url_for(".show", album_id=album_id),
    )


@bp.post("/<int:album_id>/cover")
@login_required
def cover(album_id: int) -> Response:
    """Have a photo stand for an own album."""
    albums.choose_cover(_own(album_id), viewer(), request.form.get("photo_id", 0, type=key))
    said = gettext("This photo stands for the album now.")
    return reply(otherwise=url_for(".show", album_id=album_id), said=said)


@bp.post("/<int:album_id>/delete")
@login_required
def delete(album_id: int) -> Response:
    """Delete an own album."""
    albums.remove(_own(album_id), viewer())
    undo = url_for(".restore", album_id=album_id)
    return reply(otherwise=url_for(".index"), said=gettext("The album has been deleted."), undo=undo)


@bp.post("/<int:album_id>/restore")
@login_required
def restore(album_id: int) -> Response:
    """Put back an own album that was deleted a moment ago."""
    albums.restore(album_id, viewer())
    return leave_for(url_for(".show", album_id=album_id))


def _own(album_id: int) -> Album:
    return own_album(viewer(), album_id) or abort(404)


def _form_page(form: AlbumForm, album: Album | None) -> str:
    return render_template("albums/edit.html", form=form, album=album)


def _again(form: AlbumForm, album: Album | None) -> Response:
    fragment = partial("album_form", form=form, album=album)
    return retry(fragment, lambda: _form_page(form, album))
