"""E-mail by setting (MAIL_URL, MAIL_FROM): plain text through Flask-Mailman, and whether it is on at all.

Nothing here is called inside a request: the `notices` room's jobs send, with retries (decision 7).
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from flask_mailman import BadHeaderError, EmailMessage, Mail
from flask_mailman.backends.smtp import EmailBackend
from flask_mailman.message import make_msgid, utf8_charset_qp

from survey_app.config import MAILBOX

TIMEOUT = 20  # seconds for each answer of the server


class Refused(Exception):
    """The server, or we ourselves, will not have this letter, now or later; trying again is no use."""


class Unreachable(Exception):
    """No server answers, or it says "later": worth another try."""


@dataclass(frozen=True)
class Letter:
    """One e-mail to one address."""

    to: str
    subject: str
    text: str


class _VerifyingSMTP(smtplib.SMTP):
    """STARTTLS that checks the server's certificate: Python's own default does not."""

    def starttls(self, *given: Any, context: ssl.SSLContext | None = None) -> Any:
        return super().starttls(context=context or ssl.create_default_context())


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return smtplib.SMTP_SSL if self.use_ssl else _VerifyingSMTP


def init_mail(app: Flask) -> None:
    """Give the app its way to send, when the settings name a server."""
    if app.config.get("MAIL_SERVER"):
        app.config["MAIL_BACKEND"] = _Backend
        app.config.setdefault("MAIL_TIMEOUT", TIMEOUT)
        Mail(app)


def mail_is_on() -> bool:
    """True when the settings name a mail server."""
    return bool(current_app.config.get("MAIL_SERVER"))


def site_address(path: str) -> str:
    """A local address as it stands in an e-mail: from BASE_URL, never from a request's Host."""
    return f"{current_app.config['BASE_URL']}{path}"


@contextmanager
def mail_connection() -> Iterator[Callable[[Letter], None]]:
    """One connection; the function given sends one letter after another on it.

    It raises `Refused` for a letter that will never go, `Unreachable` for what a later try may mend (of a
    "later" to one letter the connection stays usable). Raises `Unreachable` when no connection comes about.
    """
    backend = current_app.extensions["mailman"].get_connection()
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as fault:
        raise Unreachable(_short(fault)) from fault
    try:
        yield lambda letter: _send(backend, letter)
    finally:
        _close(backend)


def _send(backend: Any, letter: Letter) -> None:
    if not MAILBOX.match(letter.to) or any(char in letter.subject for char in "\r\n"):
        raise Refused("address or subject")
    sender: str = current_app.config["MAIL_FROM"]
    message = EmailMessage(
        letter.subject,
        letter.text,
        (current_app.config["SYSTEM_NAME"], sender),
        [letter.to],
        connection=backend,
        headers={
            "Message-ID": make_msgid(domain=sender.rpartition("@")[2]),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies, please
        },
    )
    message.encoding = utf8_charset_qp  # seven bits: every relay takes it
    try:
        backend.send_messages([message])
    except BadHeaderError as fault:
        raise Refused("header") from fault
    except smtplib.SMTPRecipientsRefused as fault:
        code = max(code for code, _ in fault.recipients.values())
        raise (Refused if code >= 500 else Unreachable)(str(code)) from fault
    except smtplib.SMTPSenderRefused as fault:  # MAIL_FROM is wrong, not the letter
        raise Unreachable(_short(fault)) from fault
    except smtplib.SMTPResponseException as fault:
        raise (Refused if fault.smtp_code >= 500 else Unreachable)(str(fault.smtp_code)) from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise Unreachable(_short(fault)) from fault


def _close(backend: Any) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        current_app.logger.warning("the mail server went away before the goodbye")


def _short(fault: Exception) -> str:
    return type(fault).__name__
