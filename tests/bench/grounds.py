"""The databases that are measured on: an SQLite file, or a PostgreSQL database that is thrown away."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.bench.figures import CannotRun
from tests.databases import POSTGRES as SERVER

SQLITE, POSTGRES = "sqlite", "postgres"


@contextmanager
def database(kind: str, folder: Path, server: str = SERVER) -> Iterator[str]:
    """The address of an empty database. Raises `CannotRun` when no PostgreSQL server answers."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'app.db'}"
        return
    master = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"bench_{uuid.uuid4().hex}"
    try:
        with master.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except OperationalError as error:
        raise CannotRun("left out, no PostgreSQL server answers (TEST_POSTGRES_URL).") from error
    try:
        yield master.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with master.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
