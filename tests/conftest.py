"""Fixtures every room's tests share: an app on a fresh database, a client, a signed-in client."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError

from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.core.edge import set_actor_loader
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor

PASSWORD = "Mật khẩu rất dài 2026"
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg:///postgres")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Under CI a skipped test is a failure; the one exception needs the folder `../shared` (decision 22)."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not item.get_closest_marker("shared"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


def make_settings(folder: Path, **extra: Any) -> dict[str, Any]:
    """Settings of a test app whose data lies in `folder`."""
    return {
        "SECRET_KEY": "x" * 40,
        "TESTING": True,
        "ENV": "development",
        "DATA_DIR": folder,
        "BASE_URL": "http://localhost",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'app.db'}",
        "DEPARTMENT_NAME": "Sở Giáo dục và Đào tạo thành phố Cần Thơ",
        "DEMO": True,
        "SUPPORT_CONTACT": "",
        "SYSTEM_NAME": "Nhà trường an toàn, lành mạnh, thân thiện",
        "SESSION_COOKIE_SECURE": False,
        "TRUSTED_HOSTS": ["localhost"],
        "ARGON2_FAST": True,
        "RATELIMIT_ENABLED": False,
        **extra,
    }


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file as the migrations leave it, without a row; made once and copied for each test."""
    folder = tmp_path_factory.mktemp("empty")
    app = create_app(make_settings(folder))
    with app.app_context():
        upgrade()
        with core_db.db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        core_db.db.engine.dispose()
    return folder / "app.db"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of an empty PostgreSQL database of its own; skips where no server answers."""
    with postgres_database() as url:
        yield url


@contextmanager
def postgres_database() -> Iterator[str]:
    """The same for fixtures that live longer than one test."""
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"test_{uuid.uuid4().hex}"
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except OperationalError:
        pytest.skip("no PostgreSQL server answers (TEST_POSTGRES_URL)")
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def app(tmp_path: Path, empty_database: Path) -> Iterator[Flask]:
    """An app of its own on a fresh database."""
    shutil.copy(empty_database, tmp_path / "app.db")
    app = create_app(make_settings(tmp_path))
    yield app
    with app.app_context():
        core_db.db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """The database session inside an app context, open for writing; commit with `session.commit()`."""
    with app.app_context():
        core_db._writing.set(True)
        yield core_db.session
        core_db.session.rollback()
        core_db._writing.set(False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An anonymous browser."""
    return app.test_client()


class Seat:
    """Who the next request of this app comes from; nobody at first."""

    def __init__(self) -> None:
        self.actor: Actor | None = None

    def take(self, role: Role, unit: OrganisationUnit, **values: Any) -> Actor:
        """Sit down as a new person with `role` at `unit` (needs the open session); returns the actor."""
        self.actor = make_actor(role, unit, **values)
        return self.actor


@pytest.fixture
def seat(app: Flask) -> Seat:
    """A seat to act from without signing in; forms need no token.

    with app.app_context(), unit_of_work():
        seat.take(Role.UNIT_HEAD, make_school())
    client.get("/…")
    """
    app.config["WTF_CSRF_ENABLED"] = False
    seat = Seat()
    set_actor_loader(app, lambda: seat.actor)
    return seat


@pytest.fixture
def now() -> datetime:
    """A fixed instant in the school year of the tests."""
    return datetime(2027, 5, 12, 7, 5, 32, tzinfo=UTC)


class QueryCount:
    """How many statements ran inside the block."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __len__(self) -> int:
        return len([s for s in self.statements if not s.startswith(("BEGIN", "PRAGMA"))])


@pytest.fixture
def count_queries(app: Flask) -> Iterator[Callable[[], Any]]:
    """`with count_queries() as seen: …; assert len(seen) <= 12`."""

    @contextmanager
    def counting() -> Iterator[QueryCount]:
        seen = QueryCount()
        with app.app_context():
            engine = core_db.db.engine

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    yield counting
