"""A database of its own for a scenario, laid by the migrations, with schools that are filling in."""

import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from survey_app.app import create_app
from survey_app.core import db as core_db
from tests.bench.site import Desk, stock
from tests.conftest import make_settings
from tests.databases import POSTGRES as SERVER
from tests.faults.scenario import POSTGRES, SQLITE, CannotRun

HOSTS = ["localhost", "127.0.0.1"]


@dataclass(frozen=True)
class Ground:
    """Where the data of a scenario lie; plain text, so that another process can be told."""

    database: str
    folder: Path
    url: str
    log: Path

    def environment(self) -> dict[str, str]:
        """What tells another process its ground."""
        return {f"FAULTS_{name.upper()}": str(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, env: Mapping[str, str]) -> "Ground":
        """The ground that `environment` told."""
        folder, log = Path(env["FAULTS_FOLDER"]), Path(env["FAULTS_LOG"])
        return cls(env["FAULTS_DATABASE"], folder, env["FAULTS_URL"], log)

    def settings(self, **extra: Any) -> dict[str, Any]:
        """Settings of an app on this ground."""
        start = {"TESTING": False, "DEMO": False, "SQLALCHEMY_DATABASE_URI": self.url}
        return make_settings(self.folder, **(start | extra))

    def app(self, **extra: Any) -> Flask:
        """An app of this process on the ground."""
        app = create_app(self.settings(**extra))
        app.config["TRUSTED_HOSTS"] = HOSTS
        return app

    def engine(self) -> Engine:
        """A plain way to look at the rows, without any code of the program."""
        return create_engine(self.url, poolclass=NullPool)


@contextmanager
def ground(database: str, *, server: str = SERVER, folder: Path | None = None) -> Iterator[Ground]:
    """An empty ground, thrown away afterwards. Raises `CannotRun` when no PostgreSQL server answers."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        place, log = folder or Path(name) / "data", Path(name) / "log"
        place.mkdir(exist_ok=True)
        if database == SQLITE:
            yield Ground(SQLITE, place, f"sqlite:///{place / 'app.db'}", log)
        else:
            with _database_of_its_own(server) as url:
                yield Ground(POSTGRES, place, url, log)


@contextmanager
def _database_of_its_own(server: str) -> Iterator[str]:
    master, name = (
        create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool),
        f"faults_{uuid.uuid4().hex}",
    )
    try:
        with master.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except OperationalError as error:
        raise CannotRun("no PostgreSQL server answers (TEST_POSTGRES_URL)") from error
    try:
        yield master.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with master.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class Stocked:
    """A ground with an app of this process on it and schools that are filling in."""

    ground: Ground
    app: Flask
    desks: tuple[Desk, ...]

    @cached_property
    def engine(self) -> Engine:
        """A plain way to look at the rows."""
        return self.ground.engine()


@contextmanager
def stocked(database: str, desks: int, **where: Any) -> Iterator[Stocked]:
    """A ground whose `desks` schools have half filled in the real set."""
    with ground(database, **where) as found, laid(found) as app:
        with app.app_context(), core_db.unit_of_work():
            made = stock(desks)
        yield Stocked(found, app, made)


@contextmanager
def laid(found: Ground) -> Iterator[Flask]:
    """An app on the ground with every table there."""
    app = found.app()
    with app.app_context():
        upgrade()
    try:
        yield app
    finally:
        with app.app_context():
            core_db.db.engine.dispose()
