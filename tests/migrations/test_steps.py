"""Each revision down and up again with rows in every table: the shape returns, what stays is untouched."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, inspect, text

from survey_app.core import db as core_db
from tests.migrations.test_migrations import REVISIONS, bare, tables
from tests.operations.everything import ROWS, fill_every_table

__all__ = ["bare"]
Rows = dict[str, list[dict[str, Any]]]

# What a column that came with a later revision holds in the rows that were there before it.
CAME: Mapping[str, Mapping[str, Any]] = {
    "returned_indicator": {"kept_because": ""},
    "demo_mark": {"rounds": 2, "finished_at": "as made_at"},
    "job": {"not_before": None},
    "user_account": {"email_confirmed_at": None, "wants_mail": True},
    "notice": {"message_id": None, "occasion": None},
    "plan_item": {"marks": "{}"},
    "assessment": {"signed_by_deputy": False},
    "round": {"signed_copy_required": False},
    "school_profile": {"classes": None, "pupils": None},
}
TRIGGERS = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT relname, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal"
    ),
}


def shape() -> dict[str, Any]:
    """Tables, columns, indexes, keys and triggers as the database has them."""
    looked = inspect(core_db.db.engine)
    with core_db.db.engine.connect() as connection:
        triggers = connection.execute(text(TRIGGERS[connection.dialect.name])).all()
    return {
        table: (
            [
                (column["name"], str(column["type"]), column["nullable"])
                for column in looked.get_columns(table)
            ],
            sorted(str(index["name"]) for index in looked.get_indexes(table)),
            sorted(str(key["name"]) for key in looked.get_foreign_keys(table)),
            sorted(name for of, name in triggers if of == table),
        )
        for table in sorted(tables())
    }


def rows() -> Rows:
    """{table: rows by key} as the database has them, whatever the models say today."""
    with core_db.db.engine.connect() as connection:
        return {table: list(_rows_of(connection, table)) for table in tables()}


def _rows_of(connection: Connection, table: str) -> Iterator[dict[str, Any]]:
    key = ", ".join(inspect(connection).get_pk_constraint(table)["constrained_columns"])
    for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {key}")).mappings():
        yield dict(row)


def changed(one: Rows, other: Rows) -> set[str]:
    """The tables whose rows differ in number, or in a column that both have."""
    return {name for name in set(one) & set(other) if not _alike(one[name], other[name])}


def _alike(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    return len(one) == len(other) and all(
        a[name] == b[name] for a, b in zip(one, other, strict=True) for name in set(a) & set(b)
    )


def came(below: Rows, above: Rows) -> set[tuple[str, str, Any]]:
    """(table, column, value) of what a revision put into rows that were there before it."""
    return {
        (table, column, _plain(column, value, row))
        for table in set(below) & set(above)
        for row in above[table]
        for column, value in row.items()
        if column not in below[table][0]
    }


def _plain(column: str, value: Any, row: Mapping[str, Any]) -> Any:
    """A value that can stand in a set and is the same on both databases: PostgreSQL reads JSON by itself."""
    if column == "finished_at" and value == row["made_at"]:
        return "as made_at"
    return json.dumps(value) if isinstance(value, dict | list) else value


def test_every_step_goes_down_and_up_again_and_keeps_the_rows_that_are_there(bare: Flask) -> None:
    shapes = {}
    for revision in REVISIONS:
        upgrade(revision=revision)
        shapes[revision] = shape()
    assert set(fill_every_table(bare).values()) == {ROWS}
    arrived: set[tuple[str, str, Any]] = set()
    for before, revision in zip(reversed(REVISIONS[:-1]), reversed(REVISIONS), strict=False):
        arrived |= _one_step(before, revision, shapes)
    assert arrived == {(table, *one) for table, columns in CAME.items() for one in columns.items()}
    downgrade(revision="base")
    assert tables() == set()


def _one_step(before: str, revision: str, shapes: Mapping[str, Any]) -> set[tuple[str, str, Any]]:
    """Down, up and down again over a filled database; what came with the revision."""
    above = rows()
    downgrade(revision=before)
    below = rows()
    assert shape() == shapes[before]
    assert (revision, changed(above, below)) == (revision, set())
    assert {len(there) for there in below.values()} == {ROWS}
    upgrade(revision=revision)
    again = rows()
    assert shape() == shapes[revision]
    assert (revision, changed(below, again)) == (revision, set())
    assert not any(again[table] for table in set(again) - set(below))
    downgrade(revision=before)
    assert rows() == below
    return came(below, again)
