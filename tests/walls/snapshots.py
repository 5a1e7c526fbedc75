"""What stands in the database: every table whole, as the driver hands it over, to be compared."""

from typing import Any

from flask import Flask

from survey_app.core.db import db, session

Snapshot = dict[str, list[tuple[Any, ...]]]
# A denied act is noted and a try at a certificate's code is counted on GET too, each in its own transaction.
LEFT_OUT = frozenset({"audit_event", "throttle"})


def taken(app: Flask) -> Snapshot:
    """Every row of every table by its name."""
    with app.app_context():
        connection = session.connection()
        return {
            name: list(map(tuple, connection.exec_driver_sql(say))) for name, say in _statements().items()
        }


def _statements() -> dict[str, str]:
    """Plain SQL, for nothing here needs the types of our columns."""
    return {
        table.name: f"SELECT {', '.join(_columns(table.name))} FROM {table.name} "
        f"ORDER BY {', '.join(column.name for column in table.primary_key)}"
        for table in db.metadata.sorted_tables
        if table.name not in LEFT_OUT
    }


def _columns(table: str) -> list[str]:
    return [column.name for column in db.metadata.tables[table].columns]


def differences(one: Snapshot, other: Snapshot) -> set[tuple[str, str]]:
    """(table, column) where two states differ; column "" when the number of rows does."""
    found = set()
    for name, rows in one.items():
        if rows == other[name]:
            continue
        if len(rows) != len(other[name]):
            found.add((name, ""))
        for left, right in zip(rows, other[name], strict=False):
            names = zip(_columns(name), left, right, strict=True)
            found |= {(name, column) for column, before, after in names if before != after}
    return found
