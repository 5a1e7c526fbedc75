"""Which database the tests stand on: SQLite files, or PostgreSQL databases with TEST_DATABASE=postgresql.

A test names a folder; its database is `app.db` in it, or a PostgreSQL database whose name follows from the
folder, so that a process started by the test finds the same one.
"""

import hashlib
import os
import shutil
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine

ON_POSTGRES = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg:///postgres")


@cache
def postgres_server() -> Engine:
    """A way to say CREATE DATABASE and DROP DATABASE; connects at first use."""
    return create_engine(POSTGRES, isolation_level="AUTOCOMMIT")


def run_on_server(statement: str) -> None:
    """Let the PostgreSQL server do one statement outside any transaction."""
    with postgres_server().connect() as connection:
        connection.exec_driver_sql(statement)


def address_of(folder: Path) -> str:
    """The database URL that belongs to this folder."""
    return postgres_address(_name(folder)) if ON_POSTGRES else f"sqlite:///{folder / 'app.db'}"


def postgres_address(name: str) -> str:
    """The URL of a database on the test server."""
    return postgres_server().url.set(database=name).render_as_string(hide_password=False)


def _name(folder: Path) -> str:
    return "test_" + hashlib.sha256(str(folder).encode()).hexdigest()[:24]


def create_database(folder: Path, template: Path | None = None) -> None:
    """Make the database of `folder`: empty, or a copy of the one of `template`, which nobody may be using."""
    if ON_POSTGRES:
        drop_database(folder)  # of a run that was interrupted
        run_on_server(
            f"CREATE DATABASE {_name(folder)} TEMPLATE {_name(template) if template else 'template1'}"
        )
    elif template is not None:
        shutil.copy(template / "app.db", folder / "app.db")


def drop_database(folder: Path) -> None:
    """Throw the database of `folder` away; SQLite's file goes with its folder."""
    if ON_POSTGRES:
        run_on_server(f"DROP DATABASE IF EXISTS {_name(folder)} WITH (FORCE)")
