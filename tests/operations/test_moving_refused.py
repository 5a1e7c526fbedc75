"""`flask data copy` refuses what it cannot do whole, and then leaves nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, column, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Interval

from survey_app.core.db import Base, db, session, unit_of_work
from survey_app.operations.holding import StillInUse, held
from survey_app.operations.shapes import all_shapes, kind_of, read_shape
from tests.factories.organisations import make_school
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import content, copy, is_without_rows


@pytest.fixture
def source(site: Flask) -> Flask:
    """A small installation on each database."""
    with site.app_context(), unit_of_work():
        make_school(sites=2)
    return site


def address(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


def change(url: str, *statements: str) -> None:
    """Past the app, as somebody at the database's own command line."""
    database = create_engine(url)
    with database.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.dispose()


def test_a_target_with_a_row_is_refused_and_stays_as_it_is(
    places: Places, open_app: OpenApp, source: Flask, kind: str
) -> None:
    other = open_app(places.laid(kind))
    with other.app_context(), unit_of_work():
        make_school()
    before = content(address(other))
    code, said = copy(source, address(other))
    assert code == 1 and "Nơi nhận đã có dữ liệu (organisation_unit)" in said
    assert content(address(other)) == before


def test_copying_onto_itself_and_to_another_kind_of_database_is_refused(source: Flask) -> None:
    assert "Nơi nhận đã có dữ liệu" in copy(source, address(source))[1]
    assert "phải là sqlite" in copy(source, "mysql://localhost/x")[1]


@pytest.mark.postgres
def test_a_target_that_does_not_answer_is_named(source: Flask) -> None:
    for nowhere in ("sqlite:////no/such/folder/app.db", "postgresql://127.0.0.1:1/x"):
        code, said = copy(source, nowhere)
        assert code == 1 and "Không mở được cơ sở dữ liệu nhận" in said, said


@pytest.fixture
def other_session(source: Flask) -> Iterator[Connection]:
    """A web server that has the database open and does nothing just now."""
    database = create_engine(address(source))
    with database.connect() as connection:
        connection.execute(text("SELECT count(*) FROM site"))
        connection.rollback()
        yield connection
    database.dispose()


def test_while_another_process_has_the_database_open_nothing_is_copied(
    places: Places, source: Flask, other_session: Connection
) -> None:
    target = places.bare(SQLITE)
    code, said = copy(source, target)
    assert code == 1 and "Chương trình khác còn mở cơ sở dữ liệu này" in said
    assert is_without_rows(target)


@pytest.mark.postgres
@pytest.mark.parametrize("kind", [POSTGRESQL])
def test_a_writer_in_the_middle_of_its_work_is_named_too(
    places: Places, source: Flask, other_session: Connection
) -> None:
    other_session.execute(text("UPDATE site SET name = 'x'"))
    assert "Chương trình khác còn mở" in copy(source, places.bare(SQLITE))[1]


def test_nobody_can_write_while_the_source_is_held(source: Flask) -> None:
    options: dict[str, Any] = {"timeout": 0.2}
    if address(source).startswith("postgresql"):
        options = {"options": "-c lock_timeout=200"}
    with source.app_context():
        session.remove()
        db.engine.dispose()
        late = create_engine(address(source), connect_args=options)
        with held(db.engine, all_shapes()), pytest.raises(DBAPIError), late.begin() as connection:
            connection.execute(text("UPDATE site SET name = 'x'"))
        with late.begin() as connection:
            connection.execute(text("UPDATE site SET name = 'x'"))
        with late.connect() as connection, pytest.raises(StillInUse), held(db.engine, all_shapes()):
            connection.execute(text("SELECT 1 FROM site"))
        late.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("kind", [SQLITE])
def test_a_value_the_target_cannot_hold_leaves_nothing_there(places: Places, source: Flask) -> None:
    change(address(source), "UPDATE site SET name = printf('%.1000c', 'x') WHERE id = 2")
    target = places.bare(POSTGRESQL)
    code, said = copy(source, target)
    assert code == 1 and "Không chép được bảng site: value too long" in said
    assert is_without_rows(target)


@pytest.mark.parametrize("kind", [SQLITE])
def test_a_row_that_points_nowhere_leaves_nothing_there(places: Places, source: Flask) -> None:
    change(address(source), "UPDATE site SET unit_id = 999 WHERE id = 2")
    target = places.bare(SQLITE)
    code, said = copy(source, target)
    assert code == 1 and "site → organisation_unit" in said
    assert is_without_rows(target)


@pytest.mark.postgres
@pytest.mark.parametrize("kind", [POSTGRESQL])
def test_a_value_that_arrives_changed_leaves_nothing_there(places: Places, source: Flask) -> None:
    """A bare JSON number with a point: SQLite would keep 5 for 5.0."""
    change(
        address(source),
        "INSERT INTO job (kind, label, state, done, total, params, created_at, uid) "
        "VALUES ('x', 'x', 'done', 0, 0, '5.0', '2027-05-12', 'x')",
    )
    target = places.bare(SQLITE)
    code, said = copy(source, target)
    assert code == 1 and "Bảng job ở nơi nhận khác với nguồn" in said
    assert is_without_rows(target)


def test_a_table_the_program_does_not_know_is_not_left_behind_silently(places: Places, source: Flask) -> None:
    change(address(source), "CREATE TABLE forgotten (id INTEGER)")
    code, said = copy(source, places.bare(SQLITE))
    assert code == 1 and "không biết: forgotten" in said


def test_a_database_that_was_not_upgraded_is_refused(places: Places, source: Flask) -> None:
    change(address(source), "UPDATE alembic_version SET version_num = '0001'")
    code, said = copy(source, places.bare(SQLITE))
    assert code == 1 and "(0001) không khớp với chương trình" in said


def test_every_column_of_the_models_has_a_kind_and_an_unknown_type_is_no_surprise() -> None:
    shapes = all_shapes()
    assert {shape.name for shape in shapes} == set(Base.metadata.tables)
    for shape in shapes:
        assert shape.key and read_shape(shape.plain()) == shape
        assert set(shape.names) == set(Base.metadata.tables[shape.name].columns.keys())
    with pytest.raises(LookupError):
        kind_of(column("x", Interval()).type)
    with pytest.raises(ValueError):
        read_shape({"name": "x", "columns": [["id", "interval"]], "key": ["id"]})
