"""What an authenticator app and this program agree on: six digits every 30 seconds (RFC 6238)."""

import base64
import secrets
from datetime import datetime, timedelta

from passlib.exc import TokenError, UsedTokenError
from passlib.totp import TOTP

STEP = timedelta(seconds=30)
DIGITS = 6
BYTES = 20  # 160 bits, what RFC 4226 recommends


class UsedCode(ValueError):
    """A code that fits, but it or a later one was taken before."""


def draw() -> bytes:
    """A new secret to share with one person's app."""
    return secrets.token_bytes(BYTES)


def in_words(secret: bytes) -> str:
    """The secret to be typed by hand: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def address(secret: bytes, *, login: str, issuer: str) -> str:
    """The otpauth: address that the QR code holds; the app shows issuer and login beside the code."""
    return str(_totp(secret).to_uri(label=login, issuer=issuer.replace(":", " ")))


def is_shaped_like_one(code: str) -> bool:
    """True for six digits, whatever they are."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def counter_of(secret: bytes, code: str, *, now: datetime, after: int = 0) -> int | None:
    """The step (30 seconds each since 1970) whose code this is, one step early and late included, or None.

    `after` is the step of the last code taken. Raises `UsedCode` for a code of that step.
    """
    if not is_shaped_like_one(code):
        return None
    try:
        found = _totp(secret).match(
            code, time=now, window=int(STEP.total_seconds()), last_counter=max(after, 0)
        )
    except UsedTokenError as error:
        raise UsedCode from error
    except TokenError:
        return None
    return int(found.counter)


def _totp(secret: bytes) -> TOTP:
    return TOTP(key=secret, format="raw", digits=DIGITS, period=int(STEP.total_seconds()))
