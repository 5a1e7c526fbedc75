"""Rows in every table of the models, whatever tables there will be: awkward values, keys that hold."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Column, String, Table, Text, cast, func, insert, literal, null, select, update

from survey_app.core.db import Base, open_database, session, snapshot, unit_of_work
from survey_app.operations.rows import tally_table
from survey_app.operations.shapes import all_shapes, kind_of
from survey_app.operations.vessel import require_empty
from tests.factories.certificates import issue_now, make_batch, make_town

ROWS = 7
TEXTS = ("b", "B", "á", "đ", "Z", "ô 🏫", "_")  # sorted differently by code point and by language
JSONS = ('{"b":1,"a":[1.50,null,"ô"]}', "null", "[]", '"chữ"', "12", "true", '{"x":"\\u0000y"}')
START = datetime(2027, 5, 12, 7, 5, 32, 120, tzinfo=UTC)
# What a constraint wants of a made-up row.
FITTING: Mapping[str, Mapping[str, Any]] = {"certificate_batch": {"state": "prepared"}}


def fill_every_table(app: Flask) -> dict[str, int]:
    """Add rows to every table of the models, in a database without any; returns how many each has."""
    with app.app_context(), unit_of_work():
        for table in Base.metadata.sorted_tables:
            for number in range(ROWS):
                session.execute(insert(table).values(_row(table, number)))
            _point_within(table)
            _count_on(table)
        return count_rows()


def _point_within(table: Table) -> None:
    """Let each row point to the next one of its own table, which comes later."""
    for key in table.foreign_keys:
        if key.column.table is table:
            (own,) = table.primary_key.columns
            session.execute(update(table).where(own < ROWS).values({key.parent.name: own + 1}))


def _count_on(table: Table) -> None:
    """Let the next id follow these: they were given, not drawn."""
    key = table.autoincrement_column
    if key is not None and session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        session.execute(select(func.setval(sequence, ROWS)).where(sequence.is_not(None)))


def count_rows() -> dict[str, int]:
    """{table: rows} of the open session's database."""
    tables = Base.metadata.sorted_tables
    return {one.name: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def _row(table: Table, number: int) -> dict[str, Any]:
    row = {column.name: _value(column, number) for column in table.columns}
    return row | FITTING.get(table.name, {})


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _points_to(column, key.column, number)
    if column.nullable and number % 3 == 0:
        return null()
    kind = kind_of(column.type)
    if kind == "int":
        return number + 1 if column.primary_key or column.unique else -number * 1000
    if kind == "text":
        return _text(column, number)
    if kind == "json":
        return _json(column, number)
    values: dict[str, Any] = {
        "bool": number % 2 == 0,
        "utc": START + timedelta(seconds=number),
        "date": date(2027, 5, 1 + number),
        "bytes": bytes([0, number]),
    }
    return values[kind]


def _points_to(column: Column[Any], target: Column[Any], number: int) -> Any:
    """A row of the other table; of the same table none yet."""
    if target.table is column.table:
        return None
    return number + 1 if kind_of(target.type) == "int" else _text(target, number)


def _text(column: Column[Any], number: int) -> str:
    assert isinstance(column.type, String | Text)
    text = TEXTS[number] + ("x" * 40 if not column.type.length else "")
    return text[: column.type.length]


def _json(column: Column[Any], number: int) -> Any:
    """The text itself, as a program of another kind would have written it."""
    if session.get_bind().dialect.name == "sqlite":
        return literal(JSONS[number], Text())
    return cast(literal(JSONS[number].replace("\\u0000", ""), Text()), JSON())


def make_installation(app: Flask, schools: int = 12) -> None:
    """A town of schools with a published round and issued certificates, through the services."""
    with app.app_context(), unit_of_work():
        town = make_town(schools=schools, failing=2)
        issue_now(town, make_batch(town))


def copy(app: Flask, target: str) -> tuple[int, str]:
    """`flask data copy`: exit status and what it said."""
    done = app.test_cli_runner().invoke(args=["data", "copy", "--to", target])
    return done.exit_code, done.output


def content(url: str) -> dict[str, tuple[int, str]]:
    """{table: (rows, SHA-256)} of a whole database."""
    database = open_database(url)
    with snapshot(database) as connection:
        found = {shape.name: tally_table(connection, shape) for shape in all_shapes()}
    database.dispose()
    return found


def is_without_rows(url: str) -> bool:
    """True when no table of ours holds anything, or there is none."""
    database = open_database(url)
    with snapshot(database) as connection:
        require_empty(connection)
    database.dispose()
    return True
