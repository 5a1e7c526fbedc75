"""Moving an installation's rows to an empty database: SQLite to PostgreSQL and back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from survey_app.core.db import filling, open_database, snapshot
from survey_app.jobs import engine
from survey_app.jobs.service import requeue_unfinished
from survey_app.operations import vessel
from survey_app.operations.holding import held
from survey_app.operations.rows import Tally, read_rows, tally_table, write_line, write_rows
from survey_app.operations.shapes import Shape, all_shapes
from survey_app.rules.errors import N_, RuleError


class UnknownTables(RuleError):
    """The database has tables this program knows nothing of: nothing is left behind silently."""

    message = N_("Cơ sở dữ liệu có bảng mà chương trình không biết: %(tables)s. Chưa chép gì.")


class CopyFailed(RuleError):
    """A database refused a row or was lost; the target was rolled back."""

    message = N_("Không chép được bảng %(table)s: %(reason)s. Nơi nhận đã được trả về như cũ.")


class CopyDiffers(RuleError):
    """What arrived is not what was sent; the target was rolled back."""

    message = N_("Bảng %(table)s ở nơi nhận khác với nguồn. Nơi nhận đã được trả về như cũ.")


@dataclass(frozen=True)
class Copied:
    """One table that arrived: its rows and the SHA-256 of its content, equal on both sides."""

    table: str
    rows: int
    sha256: str


def copy_installation(
    source: Engine, address: str, tell: Callable[[Copied], None] = lambda _: None
) -> list[Copied]:
    """Copy every row to the empty database at `address`, in one transaction there, and compare both.

    The source is held still meanwhile and not changed. Jobs that had not ended are queued anew. Raises
    `StillInUse`, `NotEmpty`, `WrongRevision`, `UnknownTables`, `CopyFailed`, `CopyDiffers`; the target then
    holds no row.
    """
    if address == source.url.render_as_string(hide_password=False):
        raise vessel.NotEmpty(what=source.url.database)
    source.dispose()
    shapes = all_shapes()
    target = open_database(address)
    try:
        with held(source, shapes) as reading:
            _require_known(reading, shapes)
            with _named("–"), snapshot(target) as looking:
                vessel.require_empty(looking)
            engine.prepare(target)
            with filling(target) as writing:
                return _fill(reading, writing, shapes, tell)
    finally:
        target.dispose()


def _require_known(reading: Connection, shapes: list[Shape]) -> None:
    present, head = vessel.revision_of(reading), vessel.head_revision()
    if present != head:
        raise vessel.WrongRevision(revision=present, head=head)
    strange = vessel.own_tables(reading) - {shape.name for shape in shapes}
    if strange:
        raise UnknownTables(tables=", ".join(sorted(strange)))


def _fill(
    reading: Connection, writing: Connection, shapes: list[Shape], tell: Callable[[Copied], None]
) -> list[Copied]:
    vessel.require_empty(writing)
    vessel.lay(writing, vessel.head_revision())
    vessel.loosen(writing, shapes)
    sent = {shape.name: _send(reading, writing, shape) for shape in shapes}
    vessel.settle(writing, shapes)
    done = []
    for shape in shapes:
        if tally_table(writing, shape) != sent[shape.name]:
            raise CopyDiffers(table=shape.name)
        done.append(Copied(shape.name, *sent[shape.name]))
        tell(done[-1])
    requeue_unfinished(writing)
    return done


@contextmanager
def _named(table: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise CopyFailed(table=table, reason=reason) from error


def _send(reading: Connection, writing: Connection, shape: Shape) -> tuple[int, str]:
    tally = Tally()

    def passing() -> Iterator[tuple[Any, ...]]:
        for row in read_rows(reading, shape):
            tally.add(write_line(row))
            yield row

    with _named(shape.name):
        write_rows(writing, shape, passing())
    return tally.told
