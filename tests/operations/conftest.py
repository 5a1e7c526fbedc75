"""Fixtures of the room: apps on fresh databases of both kinds."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from survey_app.app import create_app
from survey_app.core import db as core_db
from tests.conftest import make_settings

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg:///postgres")
# Sorted as Vietnamese is, unlike SQLite (PostgreSQL 15 and later).
VIETNAMESE = (
    "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'vi-VN' LC_COLLATE 'C' LC_CTYPE 'C'"
)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)]


class Places:
    """Makes databases: bare ones, and copies of one that the migrations have laid."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        self.made: list[str] = []
        self._laid: dict[str, str] = {}

    def bare(self, kind: str) -> str:
        """The address of a database without any table."""
        return self._make(kind, None)

    def laid(self, kind: str) -> str:
        """The address of a migrated database without a row."""
        if kind not in self._laid:
            self._laid[kind] = self._make(kind, None)
            _migrate(self.folder, self._laid[kind])
        return self._make(kind, self._laid[kind])

    def _make(self, kind: str, template: str | None) -> str:
        name = f"test_{uuid.uuid4().hex}"
        if kind == SQLITE:
            file = self.folder / f"{name}.db"
            if template:
                shutil.copy(template.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        if template:
            self._on_server(f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[2]}")
        else:
            self._on_server(f"CREATE DATABASE {name} " + (VIETNAMESE if self._sorts() else ""))
        self.made.append(name)
        return self.server.url.set(database=name).render_as_string(hide_password=False)

    def _on_server(self, statement: str) -> None:
        try:
            with self.server.connect() as connection:
                connection.exec_driver_sql(statement)
        except OperationalError:
            pytest.skip("no PostgreSQL server answers (TEST_POSTGRES_URL)")

    def _sorts(self) -> bool:
        self._on_server("SELECT 1")
        return (self.server.dialect.server_version_info or (0,)) >= (15,)

    def drop(self) -> None:
        """Throw the databases of the server away."""
        for name in self.made:
            self._on_server(f"DROP DATABASE {name} WITH (FORCE)")
        self.server.dispose()


def _migrate(folder: Path, url: str) -> None:
    app = create_app(make_settings(folder, SQLALCHEMY_DATABASE_URI=url))
    with app.app_context():
        upgrade()
        if url.startswith("sqlite"):
            with core_db.db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        core_db.db.engine.dispose()


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Databases for this session."""
    places = Places(tmp_path_factory.mktemp("places"))
    yield places
    places.drop()


OpenApp = Callable[..., Flask]


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[OpenApp]:
    """`open_app(url, …settings)`: an app on that database; its connections are closed after the test."""
    opened: list[Flask] = []

    def make(url: str, **settings: Any) -> Flask:
        app = create_app(make_settings(tmp_path, **{"SQLALCHEMY_DATABASE_URI": url, **settings}))
        opened.append(app)
        return app

    yield make
    for app in opened:
        with app.app_context():
            core_db.session.remove()
            core_db.db.engine.dispose()


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    return str(request.param)


@pytest.fixture
def site(places: Places, open_app: OpenApp, kind: str) -> Flask:
    """An app on a fresh database of each kind."""
    return open_app(places.laid(kind))
