"""Form fields for what people say about themselves, as they are to be stored."""

import re
import unicodedata
from datetime import date, datetime

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, Form, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.errors import Refused
from app.language import day_of
from app.models.columns import now
from app.models.user import BIO, STATUS
from app.text import clean, fold

FIRST_BIRTHDAY = date(1900, 1, 1)
# Format characters that are part of emoji and of some scripts; the others could turn text around or hide in it.
JOINERS = "\u200c\u200d"

# The most common passwords of eight and more characters that are not all digits.
COMMON_PASSWORDS = frozenset(
    """password password1 password12 password123 passw0rd p@ssw0rd p@ssword qwertyui qwertyuiop qwerty12 qwerty123
    qwerty1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx q1w2e3r4 qazwsxedc asdfghjk asdfghjkl zxcvbnm1 iloveyou iloveyou1
    sunshine princess football baseball basketball superman batman123 trustno1 whatever starwars computer michelle
    jennifer letmein1 welcome1 welcome123 admin123 administrator changeme secret123 abcd1234 abc12345 a1b2c3d4 aa123456
    internet samsung1 qwer1234 asdf1234 master123 monkey123 dragon123 shadow123 ukraine1 ukraine123 worldit1 world-it
    пароль123 йцукенгш йцукенгшщз йцукен123 україна1 qwertyqwerty passwordpassword""".split()
)


def tidy(text: str | None) -> str:
    """Return one line as it should be kept: composed, with single spaces, without characters nobody sees."""
    composed = unicodedata.normalize("NFC", text or "")
    seen = (
        c for c in composed if c in JOINERS or c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )
    return " ".join("".join(seen).split()).strip(JOINERS + " ")


def one_of(allowed: tuple[str, ...], wanted: str | None) -> str:
    """Return what was chosen, if it is among what can be."""
    if wanted not in allowed:
        raise Refused(gettext("This cannot be chosen."))
    return wanted


def email_of(text: str) -> str | None:
    """Return an e-mail address as it is stored and compared, or None if there can be no such address."""
    try:
        # Whether its domain exists is told by the letter; the product works without a network.
        return fold(validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized)
    except EmailNotValidError:
        return None


class Email:
    """Require a possible e-mail address, and take it as it is stored."""

    def __call__(self, form: Form, field: StringField) -> None:
        """Check the field and replace what was typed."""
        email = email_of(field.data)
        if email is None:
            raise ValidationError(gettext("This is not an e-mail address. It looks like name@example.com."))
        field.data = email


class NewPassword:
    """Require a password that is hard to guess for somebody who knows its owner's names and the popular ones."""

    def __call__(self, form: Form, field: PasswordField) -> None:
        """Check the field against the form's ``names``: an address, a username."""
        password = fold(field.data)
        names = [fold(name) for name in form.names if name]
        if password.isdigit():
            raise ValidationError(gettext("A password of digits only is easy to guess. Add letters."))
        if password in COMMON_PASSWORDS or len(set(password)) < 4:
            raise ValidationError(gettext("This password is one of the first anybody would try. Choose another."))
        for name in names:
            if password in name or name.split("@")[0] == password.rstrip("0123456789!."):
                like_email = gettext("This password is too much like your e-mail address.")
                like_name = gettext("This password is too much like your username.")
                raise ValidationError(like_email if "@" in name else like_name)


class Username:
    """Require a username: Latin letters, digits, underscores and dots, so that nobody can be mistaken for another."""

    def __call__(self, form: Form, field: StringField) -> None:
        """Check the field."""
        if not 3 <= len(field.data) <= 30:
            raise ValidationError(gettext("A username has 3 to 30 characters."))
        if not re.fullmatch(r"[A-Za-z0-9_.]+", field.data):
            raise ValidationError(gettext("Use Latin letters, digits, _ and . only."))
        if not re.fullmatch(r"[^.]+(\.[^.]+)*", field.data):
            raise ValidationError(gettext("A dot stands between other characters, and alone."))


class PersonalForm(Form):
    """What people are called by their parents."""

    first_name = StringField(
        lazy_gettext("First name"),
        filters=[tidy],
        validators=[
            DataRequired(lazy_gettext("Enter your first name.")),
            Length(max=60, message=lazy_gettext("Use 60 characters at most.")),
        ],
    )
    last_name = StringField(
        lazy_gettext("Last name"),
        filters=[tidy],
        validators=[
            DataRequired(lazy_gettext("Enter your last name.")),
            Length(max=60, message=lazy_gettext("Use 60 characters at most.")),
        ],
    )


class UsernameForm(Form):
    """What people are found by."""

    username = StringField(
        lazy_gettext("Username"),
        filters=[lambda text: tidy(text).removeprefix("@")],
        validators=[DataRequired(lazy_gettext("Choose a username.")), Username()],
    )


class NameForm(PersonalForm, UsernameForm):
    """What people are called and found by."""


class BirthDate(DateField):
    """A day on which somebody who is alive may have been born; none, where it is left empty."""

    @property
    def typed(self) -> str:
        """What the field shows: what was typed, also where it is no such day."""
        return str(self._value())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed."""
        self.data = None
        typed = tidy(valuelist[0]) if valuelist else ""
        if not typed:
            return
        try:
            day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 -- a birthday has no zone
        except ValueError:
            raise ValueError(gettext("This is not a date.")) from None
        if day > day_of(now()):
            raise ValueError(gettext("This day has not come yet."))
        if day < FIRST_BIRTHDAY:
            raise ValueError(gettext("Nobody who was born so long ago is among us."))
        self.data = day


class ProfileForm(NameForm):
    """Everything people tell about themselves."""

    status = StringField(
        lazy_gettext("Status"),
        filters=[tidy],
        validators=[Length(max=STATUS, message=lazy_gettext("Use 100 characters at most."))],
    )
    bio = TextAreaField(
        lazy_gettext("About me"),
        filters=[clean],
        validators=[Length(max=BIO, message=lazy_gettext("Use 500 characters at most."))],
    )
    birth_date = BirthDate(lazy_gettext("Date of birth"))
