"""Which database the tests stand on: SQLite files, or PostgreSQL databases with TEST_DATABASE=postgresql.

A test names a folder; its database is `app.db` in it, or a PostgreSQL database whose name follows from the
folder, so that a process started by the test finds the same one.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, text

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


def drop_databases(folders: Iterable[Path]) -> None:
    """Throw away those of these folders that are still there: asked once, for most are gone."""
    if ON_POSTGRES:
        with postgres_server().connect() as connection:
            there = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
        for folder in folders:
            if _name(folder) in there:
                drop_database(folder)


def take_away(folder: Path) -> None:
    """Let no database be where that of `folder` was."""
    drop_database(folder)
    if not ON_POSTGRES:
        for file in folder.glob("app.db*"):
            file.unlink()
        (folder / "app.db").mkdir()


def every_row(connection: Connection) -> str:
    """All that any table holds, those of the job engine too, as text to search in."""
    looked, rows = inspect(connection), []
    for schema in looked.get_schema_names() if ON_POSTGRES else [None]:
        for table in looked.get_table_names(schema) if schema != "information_schema" else []:
            place = f'"{schema}"."{table}"' if schema else f'"{table}"'
            rows += connection.execute(text(f"SELECT * FROM {place}")).all()
    return "\n".join(map(str, rows))
