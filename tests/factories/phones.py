"""Authenticator apps for tests: codes as RFC 6238 has them, in our own words, by the program's clock."""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field

from survey_app.core import clock


def rfc_6238(secret: bytes, step: int, digits: int = 6) -> str:
    """The code of a 30-second step as the standard has it, in our own words."""
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    place = mac[-1] & 15
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return str(number)[-digits:].zfill(digits)


@dataclass
class Phone:
    """A person's authenticator app and their sheet of recovery codes."""

    secret: bytes
    recovery: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many 30-second steps later."""
        return rfc_6238(self.secret, int(clock.now().timestamp()) // 30 + steps)

    def wrong(self) -> str:
        """Six digits that the app shows neither now nor in the steps around."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in ("123456", "123457", "123458") if code not in near)
