"""A disk that can be filled, or limits that the program meets as the same errors at the same places.

Where this process may mount one, the disk is a small one of its own. Elsewhere `PRAGMA max_page_count` bounds
the database and RLIMIT_FSIZE the files.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, event

from tests.faults.servers import Server, members

BLOCK, ENOUGH = 64 * 1024, 1_000_000


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount an empty disk of this size on `folder`; False (and nothing mounted) where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path, leave: int = 0) -> Iterator[None]:
    """The disk of this folder is full but for `leave` bytes inside the block."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as target, suppress(OSError):
        while target.write(b"\0" * BLOCK):
            pass
    os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    try:
        yield
    finally:
        ballast.unlink()


def bound_pages(engine: Engine, limit: Path) -> None:
    """Let the database grow no further than the pages that the file `limit` names, read at each checkout."""

    @event.listens_for(engine, "checkout")
    def _checkout(connection: object, record: object, proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {int(limit.read_text())}")  # type: ignore[attr-defined]


@contextmanager
def pages_used_up(database: Path, limit: Path, more: int) -> Iterator[None]:
    """The database may take `more` pages inside the block, and as many as it likes afterwards."""
    limit.write_text(str(database.stat().st_size // 4096 + more))
    try:
        yield
    finally:
        limit.write_text(str(ENOUGH))


@contextmanager
def short_files(server: Server, size: int) -> Iterator[None]:
    """No process of the server writes a file beyond `size` bytes inside the block."""
    _limit(server, size)
    try:
        yield
    finally:
        _limit(server, resource.RLIM_INFINITY)


def _limit(server: Server, size: int) -> None:
    for process in members(server.group):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
