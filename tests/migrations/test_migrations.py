"""The line of migrations on both databases, and what they forbid raw SQL to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import DatabaseError

from survey_app.app import create_app
from survey_app.certificates.models import Certificate
from survey_app.core import db as core_db
from survey_app.core.audit import AuditEvent
from survey_app.jobs import engine
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.models import Result
from tests.conftest import make_settings
from tests.factories.certificates import issue_now, make_batch, make_town
from tests.factories.organisations import make_school

REVISIONS = [
    revision.revision
    for revision in reversed(list(ScriptDirectory(Path(__file__).parents[2] / "migrations").walk_revisions()))
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database without any table."""
    more = {}
    if request.param == "postgresql":
        more["SQLALCHEMY_DATABASE_URI"] = request.getfixturevalue("postgres_url")
    app = create_app(make_settings(tmp_path, **more))
    with app.app_context():
        yield app
        core_db.session.remove()
        core_db.db.engine.dispose()


def tables() -> set[str]:
    """The tables of ours that are there."""
    return set(inspect(core_db.db.engine).get_table_names()) - engine.TABLES - {"alembic_version"}


def test_there_is_one_line_of_numbered_revisions() -> None:
    assert REVISIONS == [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)]


def test_the_last_revision_is_what_the_models_say(bare: Flask) -> None:
    upgrade()
    with core_db.db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, core_db.Base.metadata) == []


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not (reflected and table in engine.TABLES | {"alembic_version"})


def test_rows_of_the_tables_that_stay_survive_going_down_and_up(bare: Flask) -> None:
    upgrade()
    with core_db.unit_of_work():
        for _ in range(3):
            make_school(sites=2)
    before = _units()
    downgrade(revision="0002")
    assert _units() == before
    upgrade()
    assert _units() == before


def _units() -> list[tuple[str, str]]:
    with core_db.unit_of_work() as session:
        rows = session.execute(
            select(OrganisationUnit.code, OrganisationUnit.name).order_by(OrganisationUnit.id)
        )
        return [(code, name) for code, name in rows]


@pytest.fixture
def issued(bare: Flask) -> Flask:
    """A database with results and certificates."""
    upgrade()
    with core_db.unit_of_work():
        town = make_town(schools=2)
        issue_now(town, make_batch(town))
    return bare


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET number = 99",
        "UPDATE certificate SET content = '{}'",
        "DELETE FROM certificate",
        "UPDATE result SET level = 'tot'",
        "UPDATE result SET met = 80",
        "DELETE FROM result",
        "UPDATE audit_event SET actor_name = 'x'",
        "DELETE FROM audit_event",
    ],
)
def test_what_is_frozen_refuses_raw_sql(issued: Flask, statement: str) -> None:
    with core_db.unit_of_work() as session:
        before = [
            session.scalar(select(func.count()).select_from(t)) for t in (Certificate, Result, AuditEvent)
        ]
    assert all(before)
    with pytest.raises(DatabaseError), core_db.unit_of_work() as session:
        session.connection().exec_driver_sql(statement)


def test_what_may_change_of_a_certificate_still_changes(issued: Flask) -> None:
    with core_db.unit_of_work() as session:
        session.connection().exec_driver_sql("UPDATE certificate SET revoked_reason = 'Cấp nhầm'")
        session.connection().exec_driver_sql("UPDATE result SET superseded_at = NULL")
