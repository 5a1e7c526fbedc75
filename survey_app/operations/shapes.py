"""The shape of a table as it travels: its columns with their kinds, its key. Shared by backup and copying.

A value travels as plain JSON: `int`, `bool`, `text` as they are; `utc` and `date` as ISO text; `json` as the
text the database holds, so that SQL NULL, JSON null and every way of writing stay what they are; `bytes` in
hex. A column of any other type cannot travel until it is given a kind here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    column,
    table,
)
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from survey_app.core.db import Base, UtcDateTime

KINDS: tuple[tuple[type[Any], str], ...] = (
    (UtcDateTime, "utc"),
    (Boolean, "bool"),
    (Integer, "int"),
    (JSON, "json"),
    (String, "text"),
    (Date, "date"),
    (LargeBinary, "bytes"),
)
TYPES: dict[str, TypeEngine[Any]] = {
    "utc": DateTime(),
    "bool": Boolean(),
    "int": BigInteger(),
    "json": Text(),
    "text": Text(),
    "date": Date(),
    "bytes": LargeBinary(),
}
WRITERS: dict[str, Callable[[Any], Any]] = {
    "utc": lambda value: value.isoformat(timespec="microseconds"),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: value.hex(),
}
READERS: dict[str, Callable[[Any], Any]] = {
    "utc": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": bytes.fromhex,
}
TEXTS = frozenset({"text", "json"})


@dataclass(frozen=True)
class Shape:
    """One table: its columns as (name, kind) and the names of its primary key."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(name for name, _ in self.columns)

    def clause(self) -> TableClause:
        """The table for statements, without what only the models know."""
        return table(self.name, *(column(name, TYPES[kind]) for name, kind in self.columns))

    def plain(self) -> dict[str, Any]:
        """The shape as plain JSON."""
        return {"name": self.name, "columns": [list(one) for one in self.columns], "key": list(self.key)}


def read_shape(plain: dict[str, Any]) -> Shape:
    """The shape that `Shape.plain` wrote; raises KeyError or ValueError for anything else."""
    columns = tuple((str(name), str(kind)) for name, kind in plain["columns"])
    if not {kind for _, kind in columns} <= set(TYPES):
        raise ValueError("a kind of column this program does not know")
    return Shape(str(plain["name"]), columns, tuple(str(name) for name in plain["key"]))


def kind_of(column_type: TypeEngine[Any]) -> str:
    """How values of this type travel; raises LookupError for a type that has no kind yet."""
    for known, kind in KINDS:
        if isinstance(column_type, known):
            return kind
    raise LookupError(f"no kind for columns of type {column_type!r}: add one to operations.shapes")


def shape_of(described: Table) -> Shape:
    """The shape of a table of the models."""
    columns = tuple((one.name, kind_of(one.type)) for one in described.columns)
    return Shape(described.name, columns, tuple(one.name for one in described.primary_key.columns))


def all_shapes(tables: Iterable[Table] | None = None) -> list[Shape]:
    """Every table of the models, each after those it points to."""
    return [shape_of(one) for one in (Base.metadata.sorted_tables if tables is None else tables)]
