"""What we write to people: ``templates/mail/<name>.txt``, its first line the subject."""

from email import policy

from flask import current_app
from flask_babel import gettext
from flask_mail import Message

from app.language import force_locale
from app.mail import delivery

ONCE = policy.SMTP.clone(refold_source="none")


class Letter(Message):
    """Flask-Mail's message as its headers were folded: Python that folds them again loses spaces of long subjects."""

    def as_bytes(self) -> bytes:
        """Return it as mail servers take it."""
        return self._message().as_bytes(policy=ONCE)


def send(letter: dict[str, str]) -> None:
    """Write the letter called ``name`` in ``language`` to the address ``to``, and send it; the rest are its facts."""
    delivery.deliver(compose(**letter))


def compose(name: str, language: str, to: str, **facts: str) -> Letter:
    """Return a letter ready to be sent."""
    with force_locale(language):
        # Not render_template: a letter is written where nobody is looking.
        text = current_app.jinja_env.get_template(f"mail/{name}.txt").render(_=gettext, site=_site(), **facts)
    subject, body = text.split("\n", 1)
    return Letter(subject.strip(), [to], body.strip() + "\n", extra_headers={"Auto-Submitted": "auto-generated"})


def _site() -> str:
    config = current_app.config
    return str(config["PUBLIC_URL"] or f"http://{config['HOST']}:{config['PORT']}")
