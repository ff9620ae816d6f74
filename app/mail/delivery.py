"""How letters leave: by SMTP, or where no mail server is set, into a folder."""

import re
import smtplib
import socket
import ssl
import sys
import threading
from contextlib import suppress
from pathlib import Path

import flask_mail
from flask import current_app

from app.models.columns import now

PATIENCE = 20  # seconds for an answer of the mail server
ALTOGETHER = 60.0  # seconds for a letter: other work waits for it


class Connection(flask_mail.Connection):
    """Flask-Mail's connection, which does not wait for ever and looks at the server's certificate."""

    timer: threading.Timer | None = None

    def configure_host(self) -> smtplib.SMTP:
        """Connect and sign in to the mail server."""
        server, port = self.mail.server, self.mail.port
        context = ssl.create_default_context()
        if self.mail.use_ssl:
            host: smtplib.SMTP = smtplib.SMTP_SSL(server, port, timeout=PATIENCE, context=context)
        else:
            host = smtplib.SMTP(server, port, timeout=PATIENCE)
        self.host, self.timer = host, threading.Timer(ALTOGETHER, _hang_up, [host])
        self.timer.daemon = True
        self.timer.start()
        try:
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return host

    def __exit__(self, *_: object) -> None:
        """Take leave; a letter that was taken is sent, whether or not the server still hears this."""
        if self.timer is not None:
            self.timer.cancel()
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


def _hang_up(host: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):  # it may have gone meanwhile
        host.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def deliver(message: flask_mail.Message) -> None:
    """Send a letter, or keep it in the outbox and say so on the console."""
    if not current_app.config["MAIL_URL"]:
        return keep(message)
    with Connection(current_app.extensions["mail"]) as connection:
        return connection.send(message)


def keep(message: flask_mail.Message) -> None:
    """Write a letter to ``outbox/`` in the instance folder, and show it on the console."""
    outbox = Path(current_app.config["INSTANCE"]) / "outbox"
    outbox.mkdir(exist_ok=True)
    to = str(message.recipients[0])
    path = outbox / f"{now():%Y%m%d-%H%M%S-%f}-{re.sub(r'[^A-Za-z0-9@.+-]', '_', to)}.eml"
    aside = path.with_suffix(".part")  # Whoever watches the folder never sees half a letter.
    aside.write_bytes(message.as_bytes())
    aside.replace(path)
    if current_app.config["LOG"] == "json":
        return  # collected lines hold no addresses
    sys.stdout.write(f"\nLetter to {to} ({path}): {message.subject}\n\n{message.body}\n")
    sys.stdout.flush()
