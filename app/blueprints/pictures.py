"""Pictures that wait in a form until it is sent."""

from flask import Blueprint, request, url_for
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import pictures
from app.blueprints.post_pictures import FormPicture
from app.blueprints.uploads import keep_all
from app.errors import Refused
from app.fragments import partial, reply
from app.viewer import viewer

bp = Blueprint("pictures", __name__, url_prefix="/pictures")


@bp.post("")
@login_required
def create() -> Response:
    """Keep the uploaded pictures, and answer with what stands for them in the form."""
    kept, reasons = keep_all(viewer(), request.files.getlist("images")[:10])
    if reasons:
        raise Refused(" ".join(reasons), "images")
    previews = Markup("").join(
        partial("post_picture", one=FormPicture(picture), label=gettext("Picture"), error=None) for picture in kept
    )
    return reply(previews, otherwise=url_for("posts.new"))


@bp.post("/<int:picture_id>/delete")
@login_required
def delete(picture_id: int) -> Response:
    """Take a waiting picture back."""
    pictures.discard(viewer(), picture_id)
    return reply(otherwise=url_for("posts.new"))
