"""The section of the settings where people choose how they sign."""

from typing import BinaryIO, cast

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import media
from app.actions import signatures
from app.blueprints import sections
from app.blueprints.sections import form_of, section
from app.errors import Refused
from app.fragments import partial
from app.models import User
from app.viewer import viewer

bp = Blueprint("signatures", __name__, url_prefix="/settings/signature")


@section("signature")
def _signature(user: User) -> Markup:
    return partial("settings_signature", user=user)


@form_of("signature")
def _signature_form() -> Markup:
    return partial("signature_form", user=viewer(), chosen=viewer().signs_by, error=None)


@bp.post("")
@login_required
def update() -> Response:
    """Sign by name or by a drawing, which may come along; or keep no drawing."""
    if "remove" in request.form:
        signatures.erase(viewer())
        return sections.saved("signature", gettext("Your drawn signature is deleted."))
    chosen = request.form.get("signs_by", "drawing")
    try:
        signatures.sign(viewer(), chosen, _drawing())
    except Refused as no:
        form = partial("signature_form", user=viewer(), chosen=chosen, error=no.sentence)
        return sections.wrong("signature", form)
    return sections.saved("signature", gettext("Your signature is saved."))


def _drawing() -> str | None:
    """Develop the drawing that came along, and return its key."""
    file = request.files.get("signature")
    if file is None or not file.filename:
        return None
    return media.develop_signature(cast(BinaryIO, file.stream), file.filename).key
