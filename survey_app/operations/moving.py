"""Moving an installation's rows to an empty database: SQLite to PostgreSQL and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from survey_app.core.db import filling, open_database, snapshot
from survey_app.jobs import engine
from survey_app.jobs.service import requeue_unfinished
from survey_app.operations import vessel
from survey_app.operations.holding import held
from survey_app.operations.rows import Tally, read_rows, tally_table, write_line, write_rows
from survey_app.operations.shapes import Shape, all_shapes


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
            vessel.require_current(reading, shapes)
            with vessel.reached(), snapshot(target) as looking:
                vessel.require_empty(looking)
            engine.prepare(target)
            with filling(target) as writing:
                return _fill(reading, writing, shapes, tell)
    finally:
        target.dispose()


def _fill(
    reading: Connection, writing: Connection, shapes: list[Shape], tell: Callable[[Copied], None]
) -> list[Copied]:
    vessel.require_empty(writing)
    vessel.lay(writing, vessel.head_revision())
    sent = {shape.name: _send(reading, writing, shape) for shape in shapes}
    vessel.settle(writing, shapes)
    done = []
    for shape in shapes:
        if tally_table(writing, shape) != sent[shape.name]:
            raise vessel.CopyDiffers(table=shape.name)
        done.append(Copied(shape.name, *sent[shape.name]))
        tell(done[-1])
    requeue_unfinished(writing)
    return done


def _send(reading: Connection, writing: Connection, shape: Shape) -> tuple[int, str]:
    tally = Tally()

    def passing() -> Iterator[tuple[Any, ...]]:
        for row in read_rows(reading, shape):
            tally.add(write_line(row))
            yield row

    with vessel.named(shape.name):
        write_rows(writing, shape, passing())
    return tally.told
