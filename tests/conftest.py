"""Fixtures every room's tests share: an app on a fresh database, a client, a signed-in client."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.routing import Rule

from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.core.edge import set_actor_loader
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.databases import (
    ON_POSTGRES,
    address_of,
    create_database,
    drop_database,
    drop_databases,
    postgres_address,
    run_on_server,
)
from tests.factories.accounts import make_actor

PASSWORD = "Mật khẩu rất dài 2026"


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
        "SQLALCHEMY_DATABASE_URI": address_of(folder),
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


# Each takes from half a minute to two: begun first, so that no worker waits for one of them at the end.
LONGEST = (
    "journeys/test_one_round.py",
    "walls/test_matrix.py",
    "faults/test_short.py",
    "migrations/test_steps.py",
    "browser/storm/test_storm.py",
    "operations/test_backup.py",
    "browser/test_keyboard.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; on PostgreSQL only what another database can change again, and no browser."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONGEST))
    if ON_POSTGRES:
        kept = [item for item in items if _meets_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _meets_a_database(item: pytest.Item) -> bool:
    elsewhere = item.get_closest_marker("sqlite") or item.get_closest_marker("browser")
    return "new_database" in getattr(item, "fixturenames", ()) and not elsewhere


@pytest.fixture(scope="session", autouse=True)
def quick_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Thousands of tests make an app each: a template is compiled once for all of them, and how to write an
    address when it is first written. Both together took almost half of the time."""
    with pytest.MonkeyPatch.context() as patch:
        compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": compiled})
        patch.setattr(Rule, "_compile_builder", _when_asked(Rule._compile_builder))
        yield


def _when_asked(compile_builder: Callable[..., Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    """`Rule._compile_builder` that does its work at the first call of what it returns."""

    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        @cache
        def builder() -> Callable[..., Any]:
            return compile_builder(rule, append_unknown)

        return lambda _rule, **values: builder()(_rule, **values)

    return compile_later


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a database as the migrations leave it, without a row; copied for each test."""
    folder = tmp_path_factory.mktemp("empty")
    create_database(folder)
    app = create_app(make_settings(folder))
    with app.app_context():
        upgrade()
        if not ON_POSTGRES:
            with core_db.db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        core_db.db.engine.dispose()
    yield folder
    drop_database(folder)


@pytest.fixture(scope="session")
def new_database(empty_database: Path) -> Iterator[Callable[[Path], None]]:
    """`new_database(folder)` gives the folder a fresh, migrated database of its own."""
    made = []

    def make(folder: Path) -> None:
        create_database(folder, template=empty_database)
        made.append(folder)

    yield make
    drop_databases(made)


@contextmanager
def postgres_database(template: str = "template0") -> Iterator[str]:
    """The address of a PostgreSQL database of its own; skips where no server answers."""
    name = f"test_{uuid.uuid4().hex}"
    try:
        run_on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    except OperationalError:
        pytest.skip("no PostgreSQL server answers (TEST_POSTGRES_URL)")
    yield postgres_address(name)
    run_on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of an empty PostgreSQL database of its own."""
    with postgres_database() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database as the migrations leave it; made once and copied for each test."""
    with postgres_database() as url:
        app = create_app(make_settings(tmp_path_factory.mktemp("template"), SQLALCHEMY_DATABASE_URI=url))
        with app.app_context():
            upgrade()
            core_db.db.engine.dispose()
        yield url.rpartition("/")[2]


@pytest.fixture
def postgres_app(tmp_path: Path, postgres_template: str) -> Iterator[Flask]:
    """An app of its own on a fresh PostgreSQL database."""
    with postgres_database(postgres_template) as url:
        app = create_app(make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=url))
        yield app
        with app.app_context():
            core_db.db.engine.dispose()


@pytest.fixture
def on_postgres(postgres_app: Flask) -> Iterator[Flask]:
    """That app inside its context; what was begun and not committed is rolled back."""
    with postgres_app.app_context():
        yield postgres_app
        core_db.session.remove()


@pytest.fixture
def app(tmp_path: Path, new_database: Callable[[Path], None]) -> Iterator[Flask]:
    """An app of its own on a fresh database."""
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path))
    yield app
    with app.app_context():
        core_db.db.engine.dispose()
    drop_database(tmp_path)


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
