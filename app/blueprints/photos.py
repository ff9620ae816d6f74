"""Photos: pictures in albums."""

from functools import partial as given

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Form, StringField
from wtforms.validators import Length

from app.actions import photos
from app.blueprints.albums import album_page
from app.blueprints.fields import tidy
from app.blueprints.keys import key, keys
from app.blueprints.uploads import keep_each
from app.fragments import beside, leave_for, partial, refusal, reply, retry
from app.models import Album, Picture
from app.models.album import CAPTION
from app.queries.albums import own_album, own_albums
from app.queries.photos import Photo, neighbours, own_photo, own_photos, photo_for
from app.viewer import viewer

bp = Blueprint("photos", __name__)

AT_ONCE = 30  # files of one request; a script sends each alone
INTO_POST = 10


class PhotoForm(Form):
    """What its owner says of a photo, and what is to be seen on it."""

    caption = StringField(
        lazy_gettext("Caption"),
        filters=[tidy],
        validators=[Length(max=CAPTION, message=lazy_gettext("Use 500 characters at most."))],
    )
    alt = StringField(
        lazy_gettext("What the picture shows"),
        filters=[tidy],
        validators=[Length(max=CAPTION, message=lazy_gettext("Use 500 characters at most."))],
    )


@bp.post("/albums/<int:album_id>/photos")
@login_required
def create(album_id: int) -> Response:
    """Put uploaded pictures into an own album: every good one is kept, of every other one it is told why not."""
    album = own_album(viewer(), album_id) or abort(404)
    files = request.files.getlist("images")
    kept, reasons = keep_each(files[:AT_ONCE], given(photos.add, album, viewer()))
    if len(files) > AT_ONCE:
        reasons.append(gettext("Add %(count)s photos at once at most.", count=AT_ONCE))
    if not kept and not reasons:
        reasons = [gettext("Choose photos first.")]
    if reasons and not kept:
        sentence = " ".join(reasons)
        return refusal(sentence, 422, lambda: album_page(album, sentence))
    return reply(
        *(_face(photo, album) for photo in kept),
        otherwise=url_for("albums.show", album_id=album_id),
        said=" ".join(reasons) or None,
    )


@bp.get("/photos/<int:photo_id>")
@login_required
def show(photo_id: int) -> str:
    """A photo alone."""
    photo = photo_for(viewer(), photo_id) or abort(404)
    earlier, later = neighbours(photo)
    editable = photo.album.editable_by(viewer())
    return render_template("photos/show.html", photo=photo, earlier=earlier, later=later, editable=editable)


@bp.get("/photos/<int:photo_id>/edit")
@login_required
def edit(photo_id: int) -> str:
    """What can be said of an own photo, and the albums it can be moved to."""
    photo = _own(photo_id)
    return _form_page(photo, PhotoForm(obj=photo.picture))


@bp.post("/photos/<int:photo_id>")
@login_required
def update(photo_id: int) -> Response:
    """Say something of an own photo."""
    photo, form = _own(photo_id), PhotoForm(request.form)
    if not form.validate():
        fragment = partial("photo_form", photo=photo.picture, form=form)
        return retry(fragment, lambda: _form_page(photo, form))
    picture = photos.describe(photo.picture, viewer(), form.caption.data, form.alt.data)
    return reply(
        partial("photo_form", photo=picture, form=form),
        beside(f"photo-{photo_id}", _face(picture, photo.album)),
        otherwise=url_for(".show", photo_id=photo_id),
        said=gettext("Saved."),
    )


@bp.post("/photos/<int:photo_id>/place")
@login_required
def place(photo_id: int) -> Response:
    """Put an own photo before or after another one of its album; or a step earlier or later."""
    photo = _own(photo_id)
    if "step" in request.form:
        photos.step(photo.picture, viewer(), later=request.form["step"] == "1")
    else:
        after = "after" in request.form
        other_id = request.form.get("after" if after else "before", type=key) or abort(404)
        photos.put_beside(photo.picture, viewer(), other_id, after)
    return reply(otherwise=_album_at(photo))


@bp.post("/photos/<int:photo_id>/move")
@login_required
def move(photo_id: int) -> Response:
    """Move an own photo to another own album."""
    photo = _own(photo_id)
    album = own_album(viewer(), request.form.get("album_id", 0, type=key)) or abort(404)
    photos.move(photo.picture, viewer(), album)
    return reply(
        partial("photo_move", photo=photo.picture, albums=own_albums(viewer())),
        beside(f"photo-{photo_id}", Markup(), swap="delete"),
        otherwise=url_for(".show", photo_id=photo_id),
        said=gettext("The photo is in “%(name)s” now.", name=album.name),
    )


@bp.post("/photos/<int:photo_id>/delete")
@login_required
def delete(photo_id: int) -> Response:
    """Delete an own photo."""
    photo = _own(photo_id)
    photos.remove(photo.picture, viewer())
    undo = url_for(".restore", photo_id=photo_id)
    return reply(
        beside(f"photo-{photo_id}", Markup(), swap="delete"),
        otherwise=url_for("albums.show", album_id=photo.album.id),
        said=gettext("The photo has been deleted."),
        undo=undo,
    )


@bp.post("/photos/<int:photo_id>/restore")
@login_required
def restore(photo_id: int) -> Response:
    """Put back an own photo that was deleted a moment ago."""
    return leave_for(url_for("albums.show", album_id=photos.restore(photo_id, viewer())))


@bp.post("/photos/post")
@login_required
def share() -> Response:
    """Begin a post with some of one's own photos."""
    chosen = own_photos(viewer(), keys(request.form.getlist("photo_ids"))[:INTO_POST]) or abort(404)
    return leave_for(url_for("posts.new", image_ids=photos.take_along(chosen, viewer())))


def _own(photo_id: int) -> Photo:
    return own_photo(viewer(), photo_id) or abort(404)


def _face(picture: Picture, album: Album) -> Markup:
    return partial("photo", photo=picture, owner=album.owner, editable=True)


def _album_at(photo: Photo) -> str:
    return url_for("albums.show", album_id=photo.album.id, _anchor=f"photo-{photo.picture.id}")


def _form_page(photo: Photo, form: PhotoForm) -> str:
    return render_template("photos/edit.html", photo=photo, form=form, albums=own_albums(viewer()))
