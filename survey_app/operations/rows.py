"""Rows on their way out of one database and into another: read, written, hashed as lines of JSON."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from psycopg import sql
from sqlalchemy import ColumnElement, Connection, Text, cast, collate, insert, select

from survey_app.operations.shapes import READERS, TEXTS, WRITERS, Shape

PER_FETCH = 2000
Row = Sequence[Any]


def read_rows(connection: Connection, shape: Shape) -> Iterator[tuple[Any, ...]]:
    """Every row of a table as plain values, in the order of its key, which is the same on both databases."""
    clause, kinds = shape.clause(), dict(shape.columns)
    wanted = [
        cast(clause.c[name], Text).label(name) if kind == "json" else clause.c[name]
        for name, kind in shape.columns
    ]
    order = [_order(connection, clause.c[name], kinds[name]) for name in shape.key]
    rows = connection.execute(select(*wanted).order_by(*order).execution_options(yield_per=PER_FETCH))
    write = [(place, WRITERS[kind]) for place, (_, kind) in enumerate(shape.columns) if kind in WRITERS]
    for row in rows:
        yield tuple(row) if not write else _changed(row, write)


def _order(connection: Connection, column: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """Texts by their code points, as SQLite sorts; PostgreSQL would sort by the language of the server."""
    return collate(column, "C") if kind in TEXTS and connection.dialect.name == "postgresql" else column


def _changed(row: Row, changes: list[tuple[int, Any]]) -> tuple[Any, ...]:
    values = list(row)
    for place, change in changes:
        if values[place] is not None:
            values[place] = change(values[place])
    return tuple(values)


def write_line(row: Row) -> bytes:
    """A row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_line(line: bytes) -> list[Any]:
    """The row of a line; raises ValueError when it is no JSON array."""
    row = json.loads(line)
    if not isinstance(row, list):
        raise ValueError("not a row")
    return row


class Tally:
    """How many rows passed, and the SHA-256 over their lines: equal for equal tables on any database."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def add(self, line: bytes) -> bytes:
        """Count a line and hand it on."""
        self.rows += 1
        self._digest.update(line)
        return line

    @property
    def told(self) -> tuple[int, str]:
        """(rows, SHA-256 in hex) so far."""
        return self.rows, self._digest.hexdigest()


def tally_table(connection: Connection, shape: Shape) -> tuple[int, str]:
    """(rows, SHA-256) of a whole table."""
    tally = Tally()
    for row in read_rows(connection, shape):
        tally.add(write_line(row))
    return tally.told


def write_rows(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    """Add plain rows to a table of the open transaction; the caller's rows stream through."""
    changes = [(place, READERS[kind]) for place, (_, kind) in enumerate(shape.columns) if kind in READERS]
    ready = (_changed(row, changes) if changes else row for row in rows)
    if connection.dialect.name == "postgresql":
        _copy_in(connection, shape, ready)
        return
    statement = insert(shape.clause())
    while batch := [dict(zip(shape.names, row, strict=True)) for row in islice(ready, PER_FETCH)]:
        connection.execute(statement, batch)


def _copy_in(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    """PostgreSQL's own way for many rows, several times as fast as INSERT."""
    names = sql.SQL(", ").join(map(sql.Identifier, shape.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(shape.name), names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
