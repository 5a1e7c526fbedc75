"""Stored files: content-addressed, written whole before any row names them.

A file is outside the transaction: it is written under its SHA-256 first (temporary file, fsync, rename,
fsync of the folder), the row comes second; files without rows are swept. The caller never chooses a path.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from flask import Flask, current_app

from survey_app.core.outage import is_disk_full
from survey_app.rules.errors import N_, RuleError

CHUNK = 1024 * 1024
# Eight uploads of 20 MB at once, each kept as sent, as pictures and in the database's log, need this.
ROOM = 512 * CHUNK
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class StoreFull(RuleError):
    """The disk took no more bytes; nothing was kept."""

    status = 507
    message = N_("Máy chủ hết chỗ lưu tệp nên chưa nhận được tệp này. Hãy báo quản trị và thử lại sau.")


def free_bytes(folder: Path) -> int:
    """How much more fits on the disk where `folder` lies or will lie, for a program that is not root."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free


class FileStore:
    """A folder of files named by their SHA-256."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, content: bytes | BinaryIO) -> tuple[str, int]:
        """Store `content`; returns (sha256 in hex, size in bytes). Storing the same bytes twice is one file.

        Raises `StoreFull` when the disk refuses.
        """
        stream = BytesIO(content) if isinstance(content, bytes) else content
        try:
            return self._write(stream)
        except OSError as error:
            if is_disk_full(error):
                raise StoreFull() from error
            raise

    def _write(self, stream: BinaryIO) -> tuple[str, int]:
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as target:
                digest, size = _copy(stream, target)
                target.flush()
                os.fsync(target.fileno())
            self._keep(Path(name), digest)
        finally:
            Path(name).unlink(missing_ok=True)
        return digest, size

    def _keep(self, part: Path, digest: str) -> None:
        path = self.path(digest)
        path.parent.mkdir(exist_ok=True)
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def path(self, digest: str) -> Path:
        """Where the file with this digest lies. Raises ValueError for anything but a digest."""
        if not _DIGEST.match(digest):
            raise ValueError("not a SHA-256 digest")
        return self.root / digest[:2] / digest

    def read(self, digest: str) -> bytes:
        """The whole content."""
        return self.path(digest).read_bytes()

    def open(self, digest: str) -> BinaryIO:
        """A reading stream of the content."""
        return self.path(digest).open("rb")

    def exists(self, digest: str) -> bool:
        """True when the store has this content."""
        return self.path(digest).exists()

    def sweep(self, wanted: Collection[str], *, before: datetime) -> int:
        """Remove the files written before this moment that are not `wanted` (digests); returns how many.

        Only for a store that one room keeps for itself. A file is taken aside first: one that somebody
        stores again at that very moment is put back.
        """
        removed = 0
        for path in self._files():
            if path.name in wanted or path.stat().st_mtime >= before.timestamp():
                continue
            aside = path.with_name(f".gone-{path.name}")
            path.replace(aside)
            if aside.stat().st_mtime >= before.timestamp():
                aside.replace(path)
            else:
                aside.unlink()
                removed += 1
        return removed

    def _files(self) -> Iterator[Path]:
        yield from self.root.glob("[0-9a-f][0-9a-f]/*")
        yield from self.root.glob(".part-*")


def _copy(stream: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def init_files(app: Flask) -> None:
    """Give the app its store under DATA_DIR/files."""
    app.extensions["file_store"] = FileStore(Path(app.config["DATA_DIR"]) / "files")


def file_store() -> FileStore:
    """The store of the running app."""
    store: FileStore = current_app.extensions["file_store"]
    return store
