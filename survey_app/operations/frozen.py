"""The database at one moment, to be read for as long as a backup takes, while people go on working."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from survey_app.core.db import open_database, snapshot

PREFIX = ".backup-"
LEFT_OVER = timedelta(days=1)


@contextmanager
def frozen(database: Engine, data: Path, *, now: datetime) -> Iterator[Connection]:
    """A connection that sees everything committed before, nothing committed later, and holds up nobody.

    SQLite: its own online backup, in one step and so of one moment, into a file beside the data; there the
    rows are read in peace, and the write-ahead log of the living file need not wait for it. PostgreSQL: one
    REPEATABLE READ transaction.
    """
    if database.dialect.name != "sqlite":
        with snapshot(database) as connection:
            yield connection
        return
    data.mkdir(parents=True, exist_ok=True)
    sweep_left_over(data, now=now)
    folder = Path(tempfile.mkdtemp(dir=data, prefix=PREFIX))
    try:
        copy = open_database(f"sqlite:///{_copy_file(database, folder / 'copy.db')}")
        try:
            with snapshot(copy) as connection:
                yield connection
        finally:
            copy.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_file(database: Engine, target: Path) -> Path:
    with open(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600), "wb"):
        pass
    living = database.raw_connection()
    try:
        copy = sqlite3.connect(target)
        driver = living.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copy, pages=-1)
        copy.close()
    finally:
        living.close()
    return target


def sweep_left_over(folder: Path, *, now: datetime) -> None:
    """Remove the working folders and half files of backups that were cut off more than a day ago."""
    for path in folder.glob(f"{PREFIX}*"):
        if path.stat().st_mtime < (now - LEFT_OVER).timestamp():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
