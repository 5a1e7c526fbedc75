"""A backup made by the program before this one: laid as it was, then brought up to date."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Integer, MetaData, String

from survey_app.core import clock
from survey_app.core.db import Base, db, snapshot
from survey_app.operations import vessel
from survey_app.operations.archive import FORMAT, ArchiveWriter
from survey_app.operations.envelope import EnvelopeWriter
from survey_app.operations.rows import read_rows, tally_table
from survey_app.operations.shapes import Shape
from survey_app.rules.chain import write_instant
from tests.operations.backups import Town
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import make_installation

OLDER = "0016"
KINDS: tuple[tuple[type[Any], str], ...] = (
    (DateTime, "utc"),
    (Date, "date"),
    (Boolean, "bool"),
    (Integer, "int"),
    (JSON, "json"),
    (String, "text"),
)


def shapes_in(connection: Connection) -> list[Shape]:
    """The tables of ours as this database has them, whatever the models say today."""
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(vessel.own_tables(connection)))
    return [
        Shape(
            table.name,
            tuple((c.name, next(k for t, k in KINDS if isinstance(c.type, t))) for c in table.columns),
            tuple(column.name for column in table.primary_key.columns),
        )
        for table in metadata.sorted_tables
    ]


def write_older(app: Flask, file: Path, revision: str = OLDER) -> dict[Shape, tuple[int, str]]:
    """A backup as the program of that time would have written it; returns what is in it."""
    with app.app_context(), file.open("wb") as stream, snapshot(db.engine) as connection:
        shapes = shapes_in(connection)
        opening = {
            "format": FORMAT,
            "made_at": write_instant(clock.now()),
            "program": "0.0.9",
            "revision": revision,
            "database": "sqlite",
            "shapes": [shape.plain() for shape in shapes],
        }
        writer = ArchiveWriter(EnvelopeWriter(stream, None), opening)  # type: ignore[arg-type]
        for shape in shapes:
            writer.add_table(shape, read_rows(connection, shape))
        writer.close()
        return {shape: tally_table(connection, shape) for shape in shapes}


@pytest.mark.parametrize("end", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def test_an_older_backup_is_upgraded_while_it_is_restored(
    places: Places, open_app: OpenApp, tmp_path: Path, end: str
) -> None:
    source, target, file = places.laid(SQLITE), places.bare(end), tmp_path / "older.bak"
    app = open_app(source)
    make_installation(app, schools=2)
    with app.app_context():
        downgrade(revision=OLDER)
    before = write_older(app, file)
    town = Town(app, tmp_path, tmp_path, source)
    arguments = ("--to-database", target, "--to-folder", tmp_path / "there")
    code, said = town.run("backup", "restore", file, *arguments)
    assert code == 0 and f"cấu trúc {OLDER}" in said, said
    there = open_app(target, DATA_DIR=tmp_path / "there")
    with there.app_context(), snapshot(db.engine) as connection:
        assert vessel.own_tables(connection) == set(Base.metadata.tables)
        after = {shape: tally_table(connection, shape) for shape in before}
    assert {shape.name for shape in before if before[shape] != after[shape]} == {"audit_event"}
    assert sum(rows for rows, _ in before.values()) > 50


def test_a_revision_this_program_does_not_know_is_refused_untouched(
    places: Places, open_app: OpenApp, tmp_path: Path
) -> None:
    app, file, target = open_app(places.laid(SQLITE)), tmp_path / "newer.bak", places.bare(SQLITE)
    write_older(app, file, "9999")
    town = Town(app, tmp_path, tmp_path, "")
    arguments = ("--to-database", target, "--to-folder", tmp_path / "there")
    code, said = town.run("backup", "restore", file, *arguments)
    assert code == 1 and f"(9999) không khớp với chương trình ({vessel.head_revision()})" in said
    assert not Path(target.removeprefix("sqlite:///")).exists()
