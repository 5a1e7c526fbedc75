"""The room's own folder of letters: encrypted under the program's secret, so that neither a copy of the disk
nor of the database alone opens an account (a backup holds both, but not the secret)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from flask import Flask, current_app

from survey_app.core.files import FileStore


class LetterStore:
    """Files of letters by their digest; what is written can only be read with the same secret."""

    def __init__(self, files: FileStore, secret: str) -> None:
        key = hmac.new(secret.encode(), b"files of activation letters", hashlib.sha256).digest()
        self.files, self._seal = files, Fernet(base64.urlsafe_b64encode(key))

    def write(self, content: bytes) -> str:
        """Store `content` encrypted; returns the digest it is found by."""
        return self.files.write(self._seal.encrypt(content))[0]

    def read(self, digest: str) -> bytes:
        """The content again. Raises OSError when it is gone, InvalidToken under another secret."""
        return self._seal.decrypt(self.files.read(digest))

    def exists(self, digest: str) -> bool:
        """True while it is there."""
        return self.files.exists(digest)

    def remove(self, digest: str) -> None:
        """Take it away for good; no other row names it, for no two are equal once encrypted."""
        self.files.path(digest).unlink(missing_ok=True)


def init_store(app: Flask) -> None:
    """Give the app its store under DATA_DIR/files/letters."""
    files = FileStore(app.config["DATA_DIR"] / "files" / "letters")
    app.extensions["letter_store"] = LetterStore(files, app.config["SECRET_KEY"])


def letter_store() -> LetterStore:
    """The store of the running app."""
    store: LetterStore = current_app.extensions["letter_store"]
    return store
