"""Forms by which accounts begin, are entered, and change hands: addresses, passwords, codes."""

import re
from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import Form, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from app.blueprints.fields import Email, NewPassword
from app.models.code import Coded


def stripped(text: str | None) -> str:
    """Return text without the spaces that came along when it was copied."""
    return (text or "").strip()


class AddressForm(Form):
    """An e-mail address."""

    email = StringField(
        lazy_gettext("E-mail"),
        filters=[stripped],
        validators=[DataRequired(lazy_gettext("Enter your e-mail.")), Email()],
    )


class LoginForm(Form):
    """Who claims to be who."""

    email = StringField(
        lazy_gettext("E-mail"), filters=[stripped], validators=[DataRequired(lazy_gettext("Enter your e-mail."))]
    )
    password = PasswordField(lazy_gettext("Password"), validators=[DataRequired(lazy_gettext("Enter your password."))])


def new_password(label: str) -> PasswordField:
    """Return a field for a password that is hard to guess."""
    enough = Length(8, 1000, lazy_gettext("A password has at least 8 characters, and at most 1000."))
    checks = [DataRequired(lazy_gettext("Enter a password.")), enough, NewPassword()]
    return PasswordField(label, id="new-password", validators=checks)


class NewPasswordForm(Form):
    """Another password, twice; ``names`` are what others know of its owner."""

    names: Sequence[str | None] = ()
    password = new_password(lazy_gettext("New password"))
    password_repeat = PasswordField(
        lazy_gettext("Confirm password"),
        validators=[
            DataRequired(lazy_gettext("Repeat the password.")),
            EqualTo("password", lazy_gettext("The passwords differ.")),
        ],
    )


class SignupForm(AddressForm, NewPasswordForm):
    """What an account begins with."""

    password = new_password(lazy_gettext("Password"))


class CodeForm(Form):
    """The six digits, however they were pasted."""

    code = StringField(
        lazy_gettext("Confirmation code"),
        filters=[lambda text: re.sub("[^0-9]", "", text or "")],
        validators=[
            DataRequired(lazy_gettext("Enter the code.")),
            Length(6, 6, lazy_gettext("The code has 6 digits.")),
        ],
    )


class EmailForm(Form):
    """Another address, and the present password."""

    email = StringField(
        lazy_gettext("New e-mail"),
        id="new-email",
        filters=[stripped],
        validators=[DataRequired(lazy_gettext("Enter your e-mail.")), Email()],
    )
    password = PasswordField(
        lazy_gettext("Current password"),
        id="email-password",
        validators=[DataRequired(lazy_gettext("Enter your password."))],
    )


class PasswordForm(NewPasswordForm):
    """The present password, and another one."""

    current_password = PasswordField(
        lazy_gettext("Current password"), validators=[DataRequired(lazy_gettext("Enter your password."))]
    )


def wrong_code(waiting: Coded) -> str:
    """Say that the code is wrong, and how often another may be tried."""
    if waiting.tries_left == 0:
        return str(gettext("This code is wrong, and was tried too often. Ask for a new one."))
    return str(
        ngettext(
            "This code is wrong. You can try %(num)d more time.",
            "This code is wrong. You can try %(num)d more times.",
            waiting.tries_left,
        )
    )
