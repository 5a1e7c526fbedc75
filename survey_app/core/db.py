"""The database: base class, column types and the only place that begins, commits or rolls back.

One unit of work is one transaction. Three edges use it: a request (POST, PUT, PATCH, DELETE answering
below 400), a CLI command and a job. A GET runs in a deferred read transaction and may not write.
On SQLite a write transaction opens with ``BEGIN IMMEDIATE`` so that it never fails half-way on a lock
it could not upgrade (decision 1); on PostgreSQL it is an ordinary READ COMMITTED transaction.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, Select, String, Table, create_engine, event, func, select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from survey_app.core.postgres import engine_options, limit_requests
from survey_app.core.turns import Turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 20_000


class Base(DeclarativeBase):
    """Base of every table, with one naming rule for constraints on both databases."""

    metadata = MetaData(naming_convention=NAMING)


class WriteInReadTransaction(RuntimeError):
    """A GET, or code before `begin_write()`, tried to change the database: a programming error."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, naive UTC in the database; a naive value raises (decision 12)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to a UtcDateTime column")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class PublicId:
    """A 128-bit random id for addresses: says nothing about how many rows there are."""

    uid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
session = db.session

_in_request: ContextVar[bool] = ContextVar("in_request", default=False)
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_refused: ContextVar[bool] = ContextVar("refused", default=False)
_check: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)
_check_is_due: ContextVar[bool] = ContextVar("check_is_due", default=False)
_survivors: ContextVar[tuple[Callable[[], None], ...]] = ContextVar("survivors", default=())


def start_request(*, write: bool, check: Callable[[], None] | None = None) -> None:
    """Open the request's unit of work: `write` takes the write lock at the first statement.

    `check` is run in the write transaction that `begin_write` asks for, before its first statement.
    """
    _in_request.set(True)
    _writing.set(write)
    _refused.set(False)
    _survivors.set(())
    _check.set(check)
    _check_is_due.set(False)


def writing() -> bool:
    """True in a unit of work that may write."""
    return _writing.get()


def begin_write() -> None:
    """Turn a read transaction into a write transaction, after all slow work is done.

    Everything loaded so far is expired: what the change depends on must be read again, under the lock.
    """
    if _writing.get():
        return
    session.rollback()
    _writing.set(True)
    _check_is_due.set(True)  # only with the first statement: what is slow may still come before it


def hold(rows: Select[Any], values: Mapping[str, Any] | None = None) -> None:
    """Wait for these rows and keep them until the transaction ends; then read what is to be decided on.

    A statement of its own: one that waits for a row and joins others reads those as they were before it
    waited. On SQLite a write transaction has the whole database.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(rows.with_for_update(key_share=True), values)


def mark_refused() -> None:
    """Note that a rule refused this unit of work: it will be rolled back whatever is answered."""
    _refused.set(True)


def was_refused() -> bool:
    """True when a rule refused the latest unit of work of this request, whatever was answered."""
    return _refused.get()


def survive(action: Callable[[], None]) -> None:
    """Run `action` in a transaction of its own once this one has ended, committed even after a refusal.

    For what must outlive a refusal: a failed sign-in count, the audit row of a denied act.
    """
    _survivors.set((*_survivors.get(), action))


def end_request(*, success: bool) -> None:
    """Commit the request's unit of work when it wrote and succeeded, else roll back; then the survivors."""
    try:
        if success and _writing.get() and not _refused.get():
            session.commit()
        else:
            session.rollback()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.set(False)
        _check_is_due.set(False)
        try:
            _run_survivors()
        finally:
            _in_request.set(False)


def _run_survivors() -> None:
    pending = _survivors.get()
    _survivors.set(())
    for action in pending:
        with unit_of_work():
            action()


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of the unit of work that may fail by itself: what it wrote is undone, the rest stays."""
    with session.begin_nested():
        yield


def abandon() -> None:
    """Roll back whatever is open: the edge of a job does it after a failure, before it notes the failure."""
    session.rollback()


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction for a CLI command or a job: BEGIN IMMEDIATE, then commit, or roll back and raise."""
    before = _writing.get()
    session.rollback()
    _writing.set(True)
    try:
        yield session()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.set(before)


@contextmanager
def writing_connection() -> Iterator[Connection]:
    """A connection for migrations; on SQLite foreign keys rest while tables are rebuilt.

    The caller's `begin()` takes the write lock. SQLite ignores the pragma inside a transaction, so it is
    set before; the connection is thrown away afterwards and the next one has foreign keys on again.
    """
    before = _writing.get()
    _writing.set(True)
    try:
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            yield connection
            connection.invalidate()
    finally:
        _writing.set(before)


def open_database(url: str) -> Engine:
    """An engine on another database than the app's, set up like it; dispose of it afterwards."""
    database = create_engine(url, hide_parameters=True)
    configure_engine(database)
    return database


@contextmanager
def snapshot(database: Engine) -> Iterator[Connection]:
    """One unchanging view of a database for a long reading; writers go on beside it.

    SQLite: a deferred transaction on the write-ahead log. PostgreSQL: REPEATABLE READ, read only.
    """
    before = _writing.get()
    _writing.set(False)
    try:
        with database.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection
    finally:
        _writing.set(before)


@contextmanager
def filling(database: Engine) -> Iterator[Connection]:
    """One transaction that fills a database from scratch: committed whole, or rolled back and raised.

    Foreign keys rest on SQLite: the caller checks them before the end.
    """
    before = _writing.get()
    _writing.set(True)
    try:
        with database.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.invalidate()
    finally:
        _writing.set(before)


# While much is poured: 128 MiB of pages in memory instead of 2, written back every 64 MiB instead of every 4.
POURING = ("synchronous=NORMAL", "cache_size=-131072", "wal_autocheckpoint=16384")


@contextmanager
def pouring() -> Iterator[None]:
    """While everything that a database holds is being poured into it: SQLite hurries, PostgreSQL as ever.

    A commit does not wait for the disk: a loss of power takes the latest transactions with it, whole, and
    never the file. Connections are opened anew before and after, so that none goes on like this.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    session.rollback()
    event.listen(db.engine, "connect", _hurry)
    db.engine.dispose()
    try:
        yield
    finally:
        session.rollback()
        event.remove(db.engine, "connect", _hurry)
        db.engine.dispose()


def _hurry(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for pragma in POURING:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


Stored = str | int | None


def pour(table: Table, columns: Sequence[str], rows: Sequence[Sequence[Stored]]) -> None:
    """Many rows into the acting transaction as fast as the database takes them: executemany or COPY.

    Values are as the database stores them: text, whole numbers, None; an instant as `stored_instant` writes
    it, JSON as text, truth as 0 or 1. Nothing is filled in: name every column that must not be empty.
    """
    if not rows:
        return
    connection = session.connection()
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in (table.name, *columns)]
    target, driver = f"{quoted[0]} ({', '.join(quoted[1:])})", connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {target} VALUES ({places})"  # noqa: S608 - names of our own tables
        driver.cursor().executemany(insert, rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def stored_instant(instant: datetime) -> str:
    """An aware instant as both databases store and read it."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def settle_poured(tables: Iterable[Table]) -> None:
    """After pouring rows with keys of their own: let PostgreSQL count on from them; note how rows lie."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for table in tables:
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, func.max(table.c.id))))
    connection.exec_driver_sql("ANALYZE")


def init_db(app: Flask) -> None:
    """Bind the database to the app and set up its connections and guards."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)


def configure_engine(engine: Engine) -> None:
    """Pragmas of decision 1 on SQLite and the explicit BEGIN that pysqlite would otherwise delay."""
    if engine.dialect.name == "postgresql":
        limit_requests(engine, _in_request.get)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    turns = Turns(engine, BUSY_TIMEOUT_MS / 1000)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writing.get():
            turns.begin(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _check_again() -> None:
    """Run the request's check once, ahead of the first statement after `begin_write`."""
    check = _check.get()
    if check is not None and _check_is_due.get():
        _check_is_due.set(False)
        check()


@event.listens_for(Session, "before_flush")
def _no_flush_without_write(flushed: Session, context: object, instances: object) -> None:
    changed = bool(flushed.new or flushed.deleted or any(map(flushed.is_modified, flushed.dirty)))
    if changed:
        _check_again()
    if changed and not _writing.get():
        raise WriteInReadTransaction("flush outside a write transaction: call core.db.begin_write()")


@event.listens_for(Session, "do_orm_execute")
def _no_statement_without_write(state: ORMExecuteState) -> None:
    _check_again()
    if (state.is_update or state.is_delete or state.is_insert) and not _writing.get():
        raise WriteInReadTransaction("write statement outside a write transaction")
