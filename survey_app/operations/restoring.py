"""Bringing a backup back: into an empty database and folder, whole and checked, or not at all."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, insert, table, update

from survey_app.accounts.models import UserSession
from survey_app.core.audit import AuditEvent
from survey_app.core.db import filling, open_database, snapshot
from survey_app.jobs import engine
from survey_app.jobs.service import requeue_unfinished
from survey_app.operations import vessel
from survey_app.operations.archive import ArchiveReader, Look, Manifest
from survey_app.operations.envelope import Damaged, EnvelopeReader
from survey_app.operations.fault_words import say
from survey_app.operations.heads import FILE, FOLDER
from survey_app.operations.rows import tally_table, write_rows
from survey_app.operations.sealing import check_database
from survey_app.operations.shapes import Shape
from survey_app.operations.stores import FILES
from survey_app.rules.chain import Head
from survey_app.rules.errors import N_, RuleError

WORKING = ".restore"


class BrokenTrail(RuleError):
    """The audit trail in the backup does not hold: it was broken before it was backed up."""

    message = N_(
        "Nhật ký trong bản sao lưu có %(faults)s lỗi niêm phong (%(first)s). Muốn vẫn khôi phục để điều tra, "
        "thêm --accept-broken-trail."
    )


@dataclass(frozen=True)
class Backup:
    """A backup file and the passphrase it was sealed with (empty: none)."""

    file: Path
    passphrase: str

    def read(self, taker: Any) -> Manifest:
        """Read it to its end; raises the refusals of `envelope` and `archive`."""
        with self.file.open("rb") as stream:
            return ArchiveReader(EnvelopeReader(stream, self.passphrase), taker).read()


def verify(backup: Backup) -> Manifest:
    """Check every byte of a backup without a database; returns what it holds."""
    return backup.read(Look())


class Filler:
    """Puts the rows into the open transaction and the files into a working folder."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection, self._folder = connection, folder
        self.head_lines = b""

    def open(self, opening: dict[str, Any], shapes: list[Shape]) -> None:
        """Lay the tables as they were when the backup was made."""
        vessel.lay(self._connection, opening["revision"])
        vessel.loosen(self._connection, shapes)

    def rows(self, shape: Shape, rows: Iterator[list[Any]]) -> None:
        """Add the rows."""
        with vessel.named(shape.name):
            write_rows(self._connection, shape, rows)

    def heads(self, content: bytes) -> None:
        """Keep the exported heads."""
        self.head_lines = content

    def file(self, place: str, pieces: Iterator[bytes]) -> None:
        """Write the file; the disk is told to keep everything at once, at the end."""
        path = self._folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)


@dataclass(frozen=True)
class Target:
    """Where a backup goes: the address of an empty database and a folder without stored files."""

    address: str
    data: Path


def restore(backup: Backup, target: Target, *, now: datetime, accept_broken_trail: bool = False) -> Manifest:
    """Restore a backup and check it: counts, content, foreign keys, audit trail; all or nothing.

    The whole file is read and checked first, before anything is touched. A backup of an older revision is
    laid as it was and then upgraded, in the same transaction. Jobs that had not ended are queued anew,
    sessions end.
    Raises the refusals of `envelope` and `vessel`, and `BrokenTrail`.
    """
    _require_empty_folder(target.data)
    told = verify(backup)
    _require_known_revision(told)
    database, working = open_database(target.address), target.data / WORKING
    placed = False
    target.data.mkdir(parents=True, exist_ok=True)
    try:
        with vessel.reached(), snapshot(database) as looking:
            vessel.require_empty(looking)
        engine.prepare(database)
        shutil.rmtree(working, ignore_errors=True)
        with filling(database) as connection:
            _fill(backup, connection, working, told)
            _check_trail(connection, told, accept=accept_broken_trail)
            _settle_in(connection, told, now)
            placed = True
            _place_files(working, target.data)
    except BaseException:
        if placed:  # they were empty before
            for name in (FILES, FOLDER):
                shutil.rmtree(target.data / name, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(working, ignore_errors=True)
        database.dispose()
    return told


def _require_known_revision(told: Manifest) -> None:
    known = vessel.known_revisions()
    if told.opening["revision"] not in known:
        raise vessel.WrongRevision(revision=told.opening["revision"], head=known[-1])


def _require_empty_folder(data: Path) -> None:
    for name in (FILES, FOLDER):
        if any(path.is_file() for path in (data / name).rglob("*")):
            raise vessel.NotEmpty(what=data / name)


def _fill(backup: Backup, connection: Connection, working: Path, told: Manifest) -> None:
    vessel.require_empty(connection)
    filler = Filler(connection, working / FILES)
    if backup.read(filler) != told:
        raise Damaged(where="changed while it was read")
    shapes = told.shapes()
    vessel.settle(connection, shapes)
    for shape in shapes:
        if tally_table(connection, shape) != told.tables[shape.name]:
            raise vessel.CopyDiffers(table=shape.name)
    vessel.lay(connection, vessel.head_revision())
    if filler.head_lines:
        (working / FOLDER).mkdir(parents=True)
        (working / FOLDER / FILE).write_bytes(filler.head_lines)


def _check_trail(connection: Connection, told: Manifest, *, accept: bool) -> None:
    heads = [Head(told.head["block"], told.head["hash"])] if told.head else []
    report = check_database(connection, heads)
    if not report.ok and not accept:
        raise BrokenTrail(faults=report.faults, first=say(report.findings[0]))


def _settle_in(connection: Connection, told: Manifest, now: datetime) -> None:
    """What the time since the backup makes of it: nobody is signed in, exported workbooks are drawn anew."""
    open_sessions = update(UserSession).where(UserSession.ended_at.is_(None))
    connection.execute(open_sessions.values(ended_at=now, ended_why="restored"))
    connection.execute(update(table("export_file", column("sha256"))).values(sha256=None))
    requeue_unfinished(connection, now=now)
    event = {
        "at": now,
        "action": "backup.restore",
        "subject_type": "Backup",
        "subject_id": told.opening["made_at"],
        "new": {"revision": told.opening["revision"], "head": told.head},
    }
    blank = dict.fromkeys(("actor_name", "role", "address", "request_id"), "")
    connection.execute(insert(AuditEvent).values(**event, **blank, outcome="done"))


def _place_files(working: Path, data: Path) -> None:
    """Move the files to their place, on the disk for good, just before the rows are committed."""
    os.sync()
    for name in (FILES, FOLDER):
        if (working / name).exists():
            shutil.rmtree(data / name, ignore_errors=True)  # empty folders at most
            os.replace(working / name, data / name)
    os.sync()
