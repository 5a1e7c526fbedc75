"""Passwords and one-time codes: Argon2id for what people choose, a keyed hash for what we draw by lot.

The secret of an authenticator app must be read again, so it is sealed instead.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from survey_app.core.vietnamese import clean, fold
from survey_app.rules.errors import N_, BadInput

LEAST, MOST = 12, 128
NONCE = 12  # bytes, as AES-GCM wants them
AT_ONCE = 4  # 19 MiB each: a storm of sign-ins cannot take the machine's memory (decision 17)
_LIST = Path(__file__).parent / "data" / "common_passwords.txt"


class BadPassword(BadInput):
    """The password chosen is too short, too long, well known or made of the login."""


class TooShort(BadPassword):
    """Fewer characters than we ask for."""

    message = N_("Mật khẩu phải có ít nhất %(least)s ký tự. Có thể dùng một câu dài, có dấu và khoảng trắng.")


class TooLong(BadPassword):
    """More characters than we take."""

    message = N_("Mật khẩu dài quá %(most)s ký tự. Hãy rút gọn.")


class TooCommon(BadPassword):
    """A password that many people choose."""

    message = N_("Mật khẩu này quá phổ biến, dễ đoán. Hãy chọn một câu khác chỉ Thầy/Cô biết.")


class HoldsLogin(BadPassword):
    """The login, which is no secret, is part of the password."""

    message = N_("Mật khẩu không được chứa mã đơn vị hoặc tên đăng nhập.")


class Hashing:
    """Argon2id at 19 MiB, t=2, p=1, at most four at once; `fast` is for tests alone."""

    def __init__(self, secret: str, *, fast: bool = False) -> None:
        cost = (1, 8) if fast else (2, 19 * 1024)
        self._argon2 = PasswordHasher(time_cost=cost[0], memory_cost=cost[1], parallelism=1)
        self._seats = threading.BoundedSemaphore(AT_ONCE)
        self._key = hashlib.sha256(b"one-time codes:" + secret.encode()).digest()
        self._seal = AESGCM(hashlib.sha256(b"sealed secrets:" + secret.encode()).digest())
        self._nobody = self._argon2.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """The hash to store of a password in NFC."""
        with self._seats:
            return self._argon2.hash(_stored_form(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """True when `password` made `stored`; without a stored hash it takes as long and says False."""
        with self._seats:
            try:
                return self._argon2.verify(stored or self._nobody, _stored_form(password)) and bool(stored)
            except (Argon2Error, InvalidHashError):
                return False

    def digest(self, code: str) -> str:
        """A keyed hash of a code drawn by lot: the database alone does not tell which codes are open."""
        return hmac.new(self._key, code.encode(), hashlib.sha256).hexdigest()

    def seal(self, secret: bytes, owner: str) -> str:
        """A secret as the database may keep it: AES-256-GCM under a key of ours, bound to `owner`.

        passlib's own wallet encrypts without a seal (AES-CTR): whoever can write to the database could move
        one person's secret to another's row or flip its bits unnoticed. Here such a row opens for nobody.
        """
        nonce = secrets.token_bytes(NONCE)
        return base64.b64encode(nonce + self._seal.encrypt(nonce, secret, owner.encode())).decode()

    def unseal(self, sealed: str, owner: str) -> bytes | None:
        """The secret sealed for `owner`; None when it was changed, moved or sealed with another key."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._seal.decrypt(raw[:NONCE], raw[NONCE:], owner.encode())
        except (InvalidTag, binascii.Error, ValueError):
            return None


def init_hashing(app: Flask) -> None:
    """Give the app its hashing, keyed by its secret."""
    app.extensions["hashing"] = Hashing(
        app.config["SECRET_KEY"], fast=bool(app.config.get("ARGON2_FAST", False))
    )


def hashing() -> Hashing:
    """The hashing of the running app."""
    found: Hashing = current_app.extensions["hashing"]
    return found


def hash_password(text: str) -> str:
    """Argon2id hash of a password. Slow on purpose: call it before the write lock is taken."""
    return hashing().hash(text)


def check_new_password(password: str, *, login: str) -> None:
    """Raise a `BadPassword` unless `password` may become the password of the account `login`.

    Length and well-known passwords decide, no kinds of characters (NIST SP 800-63B, ASVS 5.0 V6.2).
    Raises `BadText` for control characters.
    """
    clean(password)  # refuses control characters; blanks at the ends belong to the password
    text = _stored_form(password)
    if len(text) < LEAST:
        raise TooShort(least=LEAST)
    if len(text) > MOST:
        raise TooLong(most=MOST)
    if is_common(text):
        raise TooCommon()
    if len(login) >= 4 and login.lower() in text.lower():
        raise HoldsLogin()


def is_common(password: str) -> bool:
    """True for a password on the shipped list, whatever its case, marks, blanks and added digits."""
    whole, words = _common()
    lowered = password.lower()
    folded = fold(password).replace(" ", "")
    letters = re.sub(r"[^a-z]", "", folded)
    return lowered in whole or folded in whole or letters in words or len(set(lowered)) < 5


@lru_cache(maxsize=1)
def _common() -> tuple[frozenset[str], frozenset[str]]:
    lines = [line for line in _LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    words = {line.removeprefix("word ") for line in lines if line.startswith("word ")}
    return frozenset(line.lower() for line in lines if not line.startswith("word ")), frozenset(words)


def _stored_form(password: str) -> str:
    return unicodedata.normalize("NFC", password)
