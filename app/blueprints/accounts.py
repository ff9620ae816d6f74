"""Signing up, in and out."""

from flask import Blueprint, flash, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_required, login_user, logout_user
from werkzeug.wrappers import Response

from app.actions import sessions, signups, users
from app.blueprints.account_form import CodeForm, LoginForm, SignupForm, wrong_code
from app.blueprints.doorkeeper import own_path, visitors_only
from app.blueprints.fields import email_of
from app.blueprints.pages import theme_of
from app.blueprints.throttles import by_address, by_email, by_signup
from app.errors import Refused
from app.extensions import passwords
from app.fragments import leave_for, partial, retry
from app.language import current_language
from app.models import Signup, User
from app.queries.signups import signup_of
from app.queries.users import user_with_password
from app.viewer import viewer

bp = Blueprint("accounts", __name__)


@bp.get("/signup")
@visitors_only
def signup() -> str:
    """The way to an account."""
    return render_template("accounts/signup.html", form=SignupForm())


@bp.post("/signup")
@visitors_only
@by_address("60 per hour")
@by_email("5 per hour")
def begin() -> Response:
    """Mail a code to the address, and ask for it."""
    form = SignupForm(request.form)
    form.names = [form.email.data]
    if not form.validate():
        return retry(partial("signup_form", form=form), lambda: render_template("accounts/signup.html", form=form))
    signup = signups.begin(str(form.email.data), passwords.hash(str(form.password.data)), current_language())
    session["signup_id"] = signup.id
    session.permanent = True  # Reading the letter may take the browser away from a phone's memory.
    return leave_for(url_for("accounts.verify"))


@bp.get("/verify")
@visitors_only
def verify() -> Response | str:
    """Ask for the code."""
    signup = signup_of(session.get("signup_id"))
    return render_template("accounts/verify.html", form=CodeForm(), signup=signup) if signup else sign_up_first()


@bp.post("/verify")
@visitors_only
@by_address("120 per hour")
def confirm() -> Response:
    """Open the account, and let its owner in at once."""
    signup, form = signup_of(session.get("signup_id")), CodeForm(request.form)
    if signup is None:
        return sign_up_first()
    if not form.validate():
        return ask_again(form, signup)
    try:
        user = signups.confirm(signup, str(form.code.data), theme_of(None))
    except Refused as no:
        return ask_again(form, signup, no.sentence)
    if user is None:
        return ask_again(form, signup, wrong_code(signup))
    let_in(user)
    return leave_for(url_for("welcome.show"))


@bp.post("/verify/resend")
@visitors_only
@by_address("60 per hour")
@by_signup("5 per hour")
def resend() -> Response:
    """Mail another code."""
    signup = signup_of(session.get("signup_id"))
    if signup is None:
        return sign_up_first()
    try:
        signups.resend(signup)
    except Refused as no:
        return ask_again(CodeForm(), signup, no.sentence)
    flash(gettext("A new code is on its way."))
    return leave_for(url_for("accounts.verify"))


@bp.get("/login")
@visitors_only
def login() -> str:
    """The way in."""
    return render_template(
        "accounts/login.html", form=LoginForm(), next=own_path(request.args.get("next")), problem=None
    )


@bp.post("/login")
@visitors_only
@by_address("60 per 15 minutes", failures_only=True)
@by_email("15 per 15 minutes", failures_only=True)
def enter() -> Response:
    """Let in whoever knows the password; what was wrong stays untold."""
    form, way = LoginForm(request.form), own_path(request.args.get("next"))
    known = form.validate()
    user = user_with_password(email_of(str(form.email.data)) or "", str(form.password.data)) if known else None
    if user is None:
        problem = gettext("Wrong e-mail or password") if known else None
        things = {"form": form, "next": way, "problem": problem}
        return retry(partial("login_form", **things), lambda: render_template("accounts/login.html", **things))
    if passwords.check_needs_rehash(user.password_hash):
        users.renew_password_hash(user, passwords.hash(str(form.password.data)))
    let_in(user)
    return leave_for(way or url_for("posts.index"))


@bp.post("/logout")
@login_required
def logout() -> Response:
    """End the session of this device."""
    session_id = viewer().session_id
    assert session_id is not None
    sessions.end(session_id)
    logout_user()
    return leave_for(url_for("accounts.login"))


def let_in(user: User) -> None:
    """Begin a login session in this browser; nothing a visitor's cookie held goes with it."""
    session.clear()
    session.permanent = True
    user.session_token = sessions.start(user, request.user_agent.string, request.remote_addr or "")
    login_user(user)


def sign_up_first() -> Response:
    """Send a browser that waits for no code to where one is asked for."""
    flash(gettext("This sign-up is over. Log in, or sign up again."))
    return leave_for(url_for("accounts.login"))


def ask_again(form: CodeForm, signup: Signup, sentence: str | None = None) -> Response:
    """Show the code's form with what is wrong."""
    if sentence:
        form.code.errors = [sentence]
    things = {"form": form, "signup": signup}
    return retry(partial("signup_code", **things), lambda: render_template("accounts/verify.html", **things))
