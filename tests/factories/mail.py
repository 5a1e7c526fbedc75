"""A real SMTP server on a free port, and what has arrived there."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope, Session


@dataclass
class MailServer:
    """What came in; `answers` are given to the next letters instead of taking them ("451 later")."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """What a test app needs to send here."""
        return mail_settings(self.port)

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by the server for every letter."""
        if self.answers:
            return self.answers.pop(0)
        content = bytes(envelope.content or b"")
        found = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.raw.append(content)
        self.letters.append(found)
        self.receivers.append(list(envelope.rcpt_tos))
        return "250 taken"


def mail_settings(port: int) -> dict[str, Any]:
    """Settings of an app whose mail server listens on this port of this machine."""
    return {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": port,
        "MAIL_FROM": "thongbao@so.example.vn",
        "MAIL_TIMEOUT": 5,
    }


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """A server that takes letters until the block ends."""
    found = MailServer(port or free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


def text_of(letter: EmailMessage) -> str:
    """The words of a letter."""
    return str(letter.get_content()).replace("\r\n", "\n")
