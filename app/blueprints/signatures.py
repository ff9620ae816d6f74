"""The section of the settings where people choose how they sign."""

from flask import Blueprint, request
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import media
from app.actions import signatures
from app.blueprints import sections
from app.blueprints.sections import form_of, section
from app.blueprints.uploads import developed
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
        drawing = developed("signature", media.develop_signature)
        signatures.sign(viewer(), chosen, drawing.key if drawing else None)
    except Refused as no:
        form = partial("signature_form", user=viewer(), chosen=chosen, error=no.sentence)
        return sections.wrong("signature", form)
    return sections.saved("signature", gettext("Your signature is saved."))
