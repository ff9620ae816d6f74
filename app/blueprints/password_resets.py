"""The way back in for who has forgotten their password: a link is mailed, and behind it another is chosen."""

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from app.actions import passwords
from app.blueprints.account_form import AddressForm, NewPasswordForm
from app.blueprints.throttles import by_address, by_email
from app.extensions import passwords as hasher
from app.fragments import leave_for, partial, reply, retry
from app.queries.confirmations import who_forgot

bp = Blueprint("password_resets", __name__, url_prefix="/password")


@bp.after_request
def keep_nowhere(response: Response) -> Response:
    """Have browsers forget a page whose address lets somebody in."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/forgot")
def forgot() -> str:
    """Ask for the address."""
    return render_template("password_resets/forgot.html", form=AddressForm())


@bp.post("/forgot")
@by_address("60 per hour")
@by_email("5 per hour")
def create() -> AnyResponse:
    """Have a link mailed, if anybody has the address; whoever typed it learns nothing."""
    form = AddressForm(request.form)
    if not form.validate():
        page = "password_resets/forgot.html"
        return retry(partial("forgot_form", form=form), lambda: render_template(page, form=form))
    passwords.forget(str(form.email.data))
    return leave_for(url_for("password_resets.sent"))


@bp.get("/forgot/sent")
def sent() -> str:
    """Say where to look for the letter."""
    return render_template("password_resets/sent.html")


@bp.get("/reset/<token>")
def edit(token: str) -> Response | str:
    """Ask for another password."""
    user, form = who_forgot(token), NewPasswordForm()
    if user is None:
        return Response(render_template("password_resets/gone.html"), 410)
    return render_template("password_resets/edit.html", form=form, token=token, email=user.email)


@bp.post("/reset/<token>")
@by_address("60 per hour")
def update(token: str) -> AnyResponse:
    """Take another password, and sign every device out."""
    user, form = who_forgot(token), NewPasswordForm(request.form)
    if user is None:
        return gone(token)
    form.names = [user.email, user.username]
    if not form.validate():
        things = {"form": form, "token": token, "email": user.email}
        return retry(partial("reset_form", **things), lambda: render_template("password_resets/edit.html", **things))
    if not passwords.reset(user, token, hasher.hash(str(form.password.data))):
        return gone(token)
    flash(gettext("Your password is changed. Log in with it."))
    return leave_for(url_for("accounts.login"))


def gone(token: str) -> AnyResponse:
    """Say that a link was used, or is too old."""
    return reply(partial("reset_gone"), otherwise=url_for("password_resets.edit", token=token), status=410)
