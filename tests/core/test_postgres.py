"""Connections to PostgreSQL: limits hold for requests only, a lost connection costs nobody an error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.core.access import public
from survey_app.core.db import session, unit_of_work
from survey_app.core.postgres import engine_options
from tests.conftest import make_settings
from tests.core.test_edge import add_route, rows, write

pytestmark = pytest.mark.postgres
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

CUT_THE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Flask]:
    """An app on a PostgreSQL database with its tables."""
    app = create_app(make_settings(tmp_path, SQLALCHEMY_DATABASE_URI=postgres_url))
    with app.app_context():
        with unit_of_work() as opened:
            core_db.Base.metadata.create_all(opened.connection())
        yield app
        core_db.db.engine.dispose()


def limits() -> list[str]:
    return [session.scalar(text(f"SHOW {name}")) for name in LIMITS]


def test_a_request_may_not_wait_for_ever_but_a_job_may(on_postgres: Flask) -> None:
    add_route(on_postgres, public(lambda: limits()))
    asked = on_postgres.test_client()
    for _ in range(2):  # the second time on the same connection, after it served a command
        assert asked.get("/probe").get_json() == ["30s", "20s", "2min"]
        with unit_of_work():
            assert limits() == ["0", "0", "0"]


def test_connections_that_the_server_has_closed_are_not_used(on_postgres: Flask, postgres_url: str) -> None:
    add_route(on_postgres, public(lambda: write(clock.now()) or "ok"), methods=["POST"])
    asked = on_postgres.test_client()
    assert asked.post("/probe").status_code == 200
    session.remove()
    with create_engine(postgres_url, poolclass=NullPool).connect() as other:
        assert other.execute(text(CUT_THE_OTHERS)).all()
    assert asked.post("/probe").status_code == 200
    assert rows(on_postgres) == 2


def test_a_lock_that_is_waited_for_too_long_answers_503(on_postgres: Flask) -> None:
    def view() -> str:
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        session.execute(text("LOCK TABLE audit_event"))
        return "ok"

    add_route(on_postgres, public(view), methods=["POST"])
    with core_db.db.engine.begin() as other:
        other.execute(text("LOCK TABLE audit_event"))
        answer = on_postgres.test_client().post("/probe", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_sqlite_needs_none_of_it() -> None:
    assert engine_options("sqlite:///x.db") == {"hide_parameters": True}
