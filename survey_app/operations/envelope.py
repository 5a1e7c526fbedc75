"""The envelope of a backup: a stream in sealed pieces; nothing can be cut, moved, changed or appended.

Header (45 bytes): magic 12, mode 1 (0 open, 1 AES-256-GCM), salt 16, key check 16. Then pieces of 1 MiB (the
last one shorter), each followed by its tag. Piece n is sealed under nonce n (11 bytes, big-endian) + 1 byte
that is 1 for the last piece only, with the header as associated data: the STREAM construction (Hoang,
Reyhanitabar, Rogaway, Vizár 2015). Key and key check come from the passphrase by scrypt (N 2^15, r 8, p 3);
the salt is new for each file, so no nonce is ever used twice. An open envelope has SHA-256 in place of the
tag: it shows damage, not forgery.
"""

import hashlib
import os
import unicodedata
from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from survey_app.rules.errors import N_, RuleError

MAGIC = b"NTAT-BACKUP\x01"
OPEN, SEALED = 0, 1
SALT, CHECK = 16, 16
HEADER = len(MAGIC) + 1 + SALT + CHECK
PIECE = 1024 * 1024
Seal = Callable[[bytes, bytes], bytes]


class NotABackup(RuleError):
    """The file does not begin like a backup of ours."""

    status = 422
    message = N_("Tệp này không phải là bản sao lưu của hệ thống.")


class KeyMissing(RuleError):
    """The file is encrypted and no key is given."""

    message = N_("Bản sao lưu này được mã hóa. Hãy đặt BACKUP_KEY là khóa đã dùng khi sao lưu.")


class WrongKey(RuleError):
    """The passphrase is another one than the file was sealed with."""

    message = N_("BACKUP_KEY không phải là khóa đã dùng cho bản sao lưu này.")


class Damaged(RuleError):
    """The file is cut off, changed, or has something appended."""

    status = 422
    message = N_("Bản sao lưu bị thiếu hoặc bị thay đổi (%(where)s) nên không dùng được.")


def _derive(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """(key, key check): the check tells a wrong passphrase from a damaged file, and nothing of the key."""
    text = unicodedata.normalize("NFC", passphrase).encode()
    secret = Scrypt(salt=salt, length=64, n=2**15, r=8, p=3).derive(text)
    return secret[:32], hashlib.sha256(secret[32:]).digest()[:CHECK]


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class EnvelopeWriter:
    """Takes bytes, writes sealed pieces to `target`; void until `close()` has written the last one."""

    def __init__(self, target: BinaryIO, passphrase: str | None) -> None:
        self._target, self._waiting, self._number = target, bytearray(), 0
        salt = os.urandom(SALT)
        key, check = _derive(passphrase, salt) if passphrase else (b"", bytes(CHECK))
        self._header = MAGIC + bytes([SEALED if passphrase else OPEN]) + salt + check
        self._cipher = AESGCM(key) if passphrase else None
        target.write(self._header)

    def write(self, data: bytes) -> int:
        """Take some bytes; a piece is written when more than one is waiting."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last)
        if self._cipher:
            self._target.write(self._cipher.encrypt(nonce, piece, self._header))
        else:
            self._target.write(piece + hashlib.sha256(self._header + nonce + piece).digest())
        self._number += 1


class EnvelopeReader:
    """Reads what an `EnvelopeWriter` was given; every byte it hands out has been checked.

    Raises `NotABackup`, `KeyMissing` or `WrongKey` at once, `Damaged` at the first piece that was changed.
    """

    def __init__(self, source: BinaryIO, passphrase: str | None) -> None:
        self._source, self._ready, self._number = source, bytearray(), 0
        self._header = source.read(HEADER)
        if len(self._header) < HEADER or not self._header.startswith(MAGIC):
            raise NotABackup()
        mode = self._header[len(MAGIC)]
        if mode not in (OPEN, SEALED):
            raise NotABackup()
        self.encrypted = mode == SEALED
        self._cipher = self._open_cipher(passphrase) if self.encrypted else None
        self._size = PIECE + (16 if self.encrypted else 32)
        self._ahead = source.read(self._size)
        self._ended = False

    def _open_cipher(self, passphrase: str | None) -> AESGCM:
        if not passphrase:
            raise KeyMissing()
        key, check = _derive(passphrase, self._header[-SALT - CHECK : -CHECK])
        if check != self._header[-CHECK:]:
            raise WrongKey()
        return AESGCM(key)

    def read(self, size: int) -> bytes:
        """At most `size` bytes; fewer only at the end."""
        while len(self._ready) < size and not self._ended:
            self._take()
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _take(self) -> None:
        piece, self._ahead = self._ahead, self._source.read(self._size)
        self._ended = not self._ahead
        self._ready += self._opened(piece, _nonce(self._number, self._ended))
        self._number += 1

    def _opened(self, piece: bytes, nonce: bytes) -> bytes:
        if self._cipher:
            try:
                return self._cipher.decrypt(nonce, piece, self._header)
            except InvalidTag as error:
                raise self._damaged() from error
        data, tag = piece[:-32], piece[-32:]
        if len(piece) < 32 or hashlib.sha256(self._header + nonce + data).digest() != tag:
            raise self._damaged()
        return data

    def _damaged(self) -> Damaged:
        return Damaged(where=f"MiB {self._number + 1}")
