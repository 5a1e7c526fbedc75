"""Making a backup: one file with everything an installation needs to stand up elsewhere."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Connection, Engine

from survey_app.core import audit
from survey_app.core.db import session, unit_of_work
from survey_app.operations import vessel
from survey_app.operations.archive import FORMAT, ArchiveWriter, Manifest
from survey_app.operations.envelope import EnvelopeWriter
from survey_app.operations.frozen import PREFIX, frozen, sweep_left_over
from survey_app.operations.heads import heads_file
from survey_app.operations.models import BackupRun
from survey_app.operations.rows import read_rows
from survey_app.operations.shapes import all_shapes
from survey_app.operations.stores import FILES, named_places, stored_files
from survey_app.operations.trail import last_block
from survey_app.rules.chain import write_instant
from survey_app.rules.errors import N_, RuleError

PROGRAM = "0.1.0"
FIRST_MISSING = 100
NAME = "sao-luu-{:%Y%m%dT%H%M%SZ}-{}.bak"
NAMES = "sao-luu-*.bak"


class NoKey(RuleError):
    """A backup that anyone can read is made only when asked for in so many words."""

    message = N_(
        "Chưa có khóa sao lưu. Hãy đặt BACKUP_KEY (ít nhất 20 ký tự), hoặc thêm --unencrypted nếu chấp nhận "
        "ai có tệp cũng đọc được."
    )


@dataclass(frozen=True)
class Source:
    """What is backed up: the database and the folder with the files."""

    database: Engine
    data: Path


@dataclass(frozen=True)
class Made:
    """A finished backup file."""

    path: Path
    bytes: int
    sha256: str
    manifest: Manifest


class _Hashing:
    """A file that remembers the SHA-256 of what was written to it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target, self.digest, self.size = target, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._target.write(data)


def write_backup(source: Source, folder: Path, passphrase: str | None, *, now: datetime) -> Made:
    """Write a backup into `folder`: under a working name, to the disk, then under its own name.

    Raises OSError when the folder takes no more; nothing with the name of a backup is left then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep_left_over(folder, now=now)
    handle, working = tempfile.mkstemp(dir=folder, prefix=PREFIX)
    try:
        with os.fdopen(handle, "wb") as stream:
            hashing = _Hashing(stream)
            manifest = _write(source, cast(BinaryIO, hashing), passphrase, now)
            stream.flush()
            os.fsync(stream.fileno())
        path = folder / NAME.format(now.astimezone(UTC), secrets.token_hex(2))
        os.replace(working, path)
        _sync_folder(folder)
    finally:
        Path(working).unlink(missing_ok=True)
    return Made(path, hashing.size, hashing.digest.hexdigest(), manifest)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(source: Source, target: BinaryIO, passphrase: str | None, now: datetime) -> Manifest:
    shapes = all_shapes()
    with frozen(source.database, source.data, now=now) as connection:
        vessel.require_current(connection, shapes)
        writer = ArchiveWriter(EnvelopeWriter(target, passphrase), _opening(source, connection, now))
        for shape in shapes:
            writer.add_table(shape, read_rows(connection, shape))
        heads = heads_file(source.data)
        writer.add_heads(heads.read_bytes() if heads.exists() else b"")
        _add_files(writer, source, connection)
        block = last_block(connection)
        writer.manifest.head = {"block": block.number, "hash": block.hash} if block else None
    return writer.close()


def _opening(source: Source, connection: Connection, now: datetime) -> dict[str, object]:
    return {
        "format": FORMAT,
        "made_at": write_instant(now),
        "program": PROGRAM,
        "revision": vessel.revision_of(connection),
        "database": source.database.dialect.name,
        "shapes": [shape.plain() for shape in all_shapes()],
    }


def _add_files(writer: ArchiveWriter, source: Source, connection: Connection) -> None:
    """Every stored file, read after the rows that name them; what rows name in vain is told, not hidden."""
    missing = [place for place, path in stored_files(source.data) if not writer.add_file(place, path)]
    told = set(missing)
    for place in named_places(connection, all_shapes()):
        if not (source.data / FILES / place).exists():
            told.add(place)
    writer.manifest.missing, writer.manifest.missing_first = len(told), sorted(told)[:FIRST_MISSING]


def make_backup(
    source: Source, folder: Path, passphrase: str | None, *, made_by: str, now: datetime
) -> tuple[Made, int]:
    """Write a backup and note the run in a transaction of its own; returns the file and the run's key.

    A failure is noted and raised; a success is for the caller to note (`note_made`).
    """
    with unit_of_work():
        run = BackupRun(started_at=now, made_by=made_by, encrypted=bool(passphrase))
        session.add(run)
        session.flush()
        run_id = run.id
    try:
        made = write_backup(source, folder, passphrase, now=now)
    except Exception as fault:
        with unit_of_work():
            _end_run(run_id, now=now, error=f"{type(fault).__name__}: {fault}")
        raise
    return made, run_id


def note_made(run_id: int, made: Made, *, now: datetime) -> BackupRun:
    """Note that a backup is there, in the acting transaction and in the audit trail."""
    run = _end_run(run_id, now=now, made=made)
    new = {"file": made.path.name, "bytes": made.bytes, "sha256": made.sha256, "missing": run.missing}
    audit.record(None, "backup.make", ("BackupRun", run_id), now=now, new=new)
    session.flush()
    return run


def _end_run(run_id: int, *, now: datetime, made: Made | None = None, error: str = "") -> BackupRun:
    run = session.get_one(BackupRun, run_id)
    run.finished_at, run.ok, run.error = now, made is not None, error[:500]
    if made:
        run.file_name, run.bytes, run.sha256 = made.path.name, made.bytes, made.sha256
        run.missing = made.manifest.missing
    session.flush()
    return run


def require_key(passphrase: str, *, unencrypted: bool) -> str | None:
    """The key to seal with; None when a backup without key was asked for. Raises `NoKey`."""
    if unencrypted:
        return None
    if not passphrase:
        raise NoKey()
    return passphrase


def keep_newest(folder: Path, count: int) -> int:
    """Remove all but the newest backups from a folder; returns how many went. Other files are left alone."""
    old = sorted(folder.glob(NAMES))[:-count]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
