"""The database that is filled: laid by the migrations, empty, and sound when the rows are in."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, literal, select, table, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import TextClause

from survey_app.core.setup import FOLDER
from survey_app.jobs import engine
from survey_app.operations.shapes import Shape
from survey_app.rules.errors import N_, RuleError

VERSION_TABLE = "alembic_version"


class NotEmpty(RuleError):
    """The target holds something already: nothing is ever mixed or replaced."""

    message = N_("Nơi nhận đã có dữ liệu (%(what)s). Hãy dùng cơ sở dữ liệu và thư mục còn trống.")


class WrongRevision(RuleError):
    """The rows were written by a program this one does not know, or the database lags behind."""

    message = N_(
        "Cấu trúc dữ liệu (%(revision)s) không khớp với chương trình (%(head)s). Hãy dùng đúng phiên bản "
        "chương trình, hoặc chạy flask db upgrade trước."
    )


class BrokenKeys(RuleError):
    """Rows point to rows that are not there."""

    message = N_("Có dòng tham chiếu tới dòng không tồn tại: %(rows)s. Chưa ghi gì vào nơi nhận.")


class Unreachable(RuleError):
    """The target does not answer, or may not be opened."""

    status = 503
    message = N_("Không mở được cơ sở dữ liệu nhận: %(reason)s.")


class UnknownTables(RuleError):
    """The database has tables this program knows nothing of: nothing is left behind silently."""

    message = N_("Cơ sở dữ liệu có bảng mà chương trình không biết: %(tables)s. Chưa chép gì.")


class CopyFailed(RuleError):
    """A database refused a row or was lost; the target was rolled back."""

    message = N_("Không chép được bảng %(table)s: %(reason)s. Nơi nhận đã được trả về như cũ.")


class CopyDiffers(RuleError):
    """What arrived is not what was sent; the target was rolled back."""

    message = N_("Bảng %(table)s ở nơi nhận khác với nguồn. Nơi nhận đã được trả về như cũ.")


@contextmanager
def reached() -> Iterator[None]:
    """A database that cannot be opened becomes a refusal."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise Unreachable(reason=_reason(error)) from error


@contextmanager
def named(table: str) -> Iterator[None]:
    """What a database says against rows of this table becomes a refusal."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise CopyFailed(table=table, reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def own_tables(connection: Connection) -> set[str]:
    """The tables of ours in this database, as it really is."""
    return set(inspect(connection).get_table_names()) - engine.TABLES - {VERSION_TABLE}


def require_current(connection: Connection, shapes: list[Shape]) -> None:
    """Raise `WrongRevision` or `UnknownTables` when a database is not as this program's models say."""
    present, head = revision_of(connection), head_revision()
    if present != head:
        raise WrongRevision(revision=present, head=head)
    strange = own_tables(connection) - {shape.name for shape in shapes}
    if strange:
        raise UnknownTables(tables=", ".join(sorted(strange)))


def require_empty(connection: Connection) -> None:
    """Raise `NotEmpty` when any table has a row, or the job engine has ever worked there."""
    for name in sorted(own_tables(connection)):
        if connection.execute(select(literal(1)).select_from(table(name)).limit(1)).first():
            raise NotEmpty(what=name)
    if engine.holds_work(connection):
        raise NotEmpty(what="dbos")


def head_revision() -> str:
    """The revision this program writes."""
    return str(ScriptDirectory(str(FOLDER)).get_current_head())


def known_revisions() -> list[str]:
    """Every revision this program can lay, the oldest first."""
    return [one.revision for one in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))]


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None when it has not been laid."""
    return MigrationContext.configure(connection).get_current_revision()


def lay(connection: Connection, revision: str) -> None:
    """Bring a database up to this revision within the open transaction.

    Raises `WrongRevision` for one this program does not know, or older than the database's.
    """
    known, present = known_revisions(), revision_of(connection)
    place = known.index(present) if present in known else -1
    if revision not in known[max(place, 0) :] or (present is not None and place < 0):
        raise WrongRevision(revision=revision, head=present or known[-1])
    if present != revision:
        config = Config(str(FOLDER / "alembic.ini"))
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def loosen(connection: Connection, shapes: list[Shape]) -> None:
    """Let rows of one table point to rows of the same table that come in a later part, until `settle`."""
    for name, key in _self_references(connection, shapes):
        connection.execute(_alter(name, key, "DEFERRABLE INITIALLY DEFERRED"))


def settle(connection: Connection, shapes: list[Shape]) -> None:
    """Check the foreign keys, close them again and set the sequences; raises `BrokenKeys`.

    PostgreSQL has checked each table against the others while the rows came in.
    """
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if lost:
            raise BrokenKeys(rows=", ".join(f"{row[0]} → {row[2]}" for row in lost))
        return
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for name, key in _self_references(connection, shapes):
        connection.execute(_alter(name, key, "NOT DEFERRABLE"))
    for shape in shapes:
        _set_sequences(connection, shape)
    connection.exec_driver_sql("ANALYZE")


def _self_references(connection: Connection, shapes: list[Shape]) -> list[tuple[str, str]]:
    if connection.dialect.name != "postgresql":
        return []
    looked = inspect(connection)
    return [
        (shape.name, str(key["name"]))
        for shape in shapes
        for key in looked.get_foreign_keys(shape.name)
        if key["referred_table"] == shape.name
    ]


def _alter(name: str, key: str, how: str) -> TextClause:
    quote = '"{}"'.format
    return text(f"ALTER TABLE {quote(name)} ALTER CONSTRAINT {quote(key)} {how}")


def _set_sequences(connection: Connection, shape: Shape) -> None:
    """The next id follows the largest one."""
    clause = shape.clause()
    for column in inspect(connection).get_columns(shape.name):
        if "nextval" in str(column["default"]):
            sequence = func.pg_get_serial_sequence(shape.name, column["name"])
            largest = select(func.max(clause.c[column["name"]])).scalar_subquery()
            connection.execute(select(func.setval(sequence, func.coalesce(largest, 1), largest.is_not(None))))
