"""A database of its own for a scenario, as the migrations leave it, with or without schools that fill in.

Laying one takes seconds, so each kind is laid once for a process and every scenario gets a copy.
"""

import atexit
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from survey_app.app import create_app
from survey_app.core import db as core_db
from tests.bench.client import cookie_of, signed_in
from tests.bench.load import Sender as Seat
from tests.bench.site import stock
from tests.conftest import make_settings
from tests.databases import POSTGRES as SERVER
from tests.faults.scenario import POSTGRES, SQLITE, CannotRun

HOSTS = ["localhost", "127.0.0.1"]
DESKS = 8


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

    def app(self) -> Flask:
        """The program on the ground, as it is served: nobody is signed out however long a run takes."""
        settings = {"TESTING": False, "DEMO": False, "IDLE_MINUTES": 600}
        app = create_app(make_settings(self.folder, **settings, SQLALCHEMY_DATABASE_URI=self.url))
        app.config["TRUSTED_HOSTS"] = HOSTS
        return app

    def engine(self) -> Engine:
        """A plain way to look at the rows, without any code of the program."""
        return create_engine(self.url, poolclass=NullPool)


@dataclass(frozen=True)
class Site:
    """A ground with an app of this process on it, and the browsers of schools that are filling in."""

    ground: Ground
    app: Flask
    seats: tuple[Seat, ...]

    @cached_property
    def engine(self) -> Engine:
        """A plain way to look at the rows."""
        return self.ground.engine()


@contextmanager
def stocked(
    database: str, schools: int, *, server: str = SERVER, folder: Path | None = None
) -> Iterator[Site]:
    """A site whose schools have half filled in the real set and have signed in through the real form.

    `folder` is where the data lie, a temporary one when left out. Raises `CannotRun` when no PostgreSQL
    server answers.
    """
    with _copied(_laid(database, server, True), server, folder) as found, _app_on(found) as app:
        yield Site(found, app, _seats[found.database, server][:schools])


@contextmanager
def empty(database: str) -> Iterator[Site]:
    """A site with every table and no row. Raises `CannotRun` when no PostgreSQL server answers."""
    with _copied(_laid(database, SERVER, False), SERVER, None) as found, _app_on(found) as app:
        yield Site(found, app, ())


@contextmanager
def _app_on(found: Ground) -> Iterator[Flask]:
    app = found.app()
    try:
        yield app
    finally:
        with app.app_context():
            core_db.db.engine.dispose()


# ---- laid once, copied for each ----

_seats: dict[tuple[str, str], tuple[Seat, ...]] = {}
_laid_ones = ExitStack()
atexit.register(_laid_ones.close)


def forget() -> None:
    """Throw away what was laid; the next scenario lays anew."""
    _laid.cache_clear()
    _laid_ones.close()


@cache
def _laid(database: str, server: str, with_schools: bool) -> Ground:
    """The ground that others are copied from; nobody is connected to it."""
    place = Path(tempfile.mkdtemp(prefix="faults-laid-"))
    _laid_ones.callback(shutil.rmtree, place, ignore_errors=True)
    url = f"sqlite:///{place / 'app.db'}"
    if database == POSTGRES:
        url = _create(server)
        _laid_ones.callback(_drop, server, url)
    found = Ground(database, place, url, place / "log")
    with _app_on(found) as app:
        with app.app_context():
            upgrade()
        if with_schools:
            _seats[database, server] = _seated(app)
        if database == SQLITE:
            with app.app_context(), core_db.db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _seated(app: Flask) -> tuple[Seat, ...]:
    with app.app_context(), core_db.unit_of_work():
        desks = stock(DESKS)
    found = []
    for desk in desks:
        client, token = signed_in(app, desk.login)
        found.append(Seat(f"/assessments/{desk.form}/answers", cookie_of(client), token))
    return tuple(found)


@contextmanager
def _copied(laid: Ground, server: str, folder: Path | None) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        place, log = folder or Path(name) / "data", Path(name) / "log"
        place.mkdir(exist_ok=True)
        if laid.database == SQLITE:
            shutil.copy(laid.folder / "app.db", place)
            yield Ground(SQLITE, place, f"sqlite:///{place / 'app.db'}", log)
            return
        url = _create(server, laid.url)
        try:
            yield Ground(POSTGRES, place, url, log)
        finally:
            _drop(server, url)


def _create(server: str, like: str = "") -> str:
    """Make a database, as a copy of the one at the address `like` if given; its address."""
    name = f"faults_{uuid.uuid4().hex}"
    template = f" TEMPLATE {make_url(like).database}" if like else ""
    try:
        _on_server(server, f"CREATE DATABASE {name}{template}")
    except OperationalError as error:
        raise CannotRun("no PostgreSQL server answers (TEST_POSTGRES_URL)") from error
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop(server: str, url: str) -> None:
    with suppress(OperationalError):  # a server of our own may have ended
        _on_server(server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _on_server(server: str, command: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(command)
