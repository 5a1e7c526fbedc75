"""An installation held still: nobody else has its database open while its rows are moved.

There is no maintenance marker to forget: the hold itself is the proof that the program has been stopped. It
is kept until the last row has been compared, so what is counted cannot change; whoever tries to write
meanwhile waits or is refused by the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from survey_app.core.db import configure_engine, snapshot
from survey_app.operations.shapes import Shape
from survey_app.rules.errors import N_, RuleError

PATIENCE_SECONDS = 2

OTHERS = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid"
)


class StillInUse(RuleError):
    """Another process has the database open: what it writes from now on would be left behind."""

    message = N_(
        "Chương trình khác còn mở cơ sở dữ liệu này%(who)s. Hãy dừng máy chủ web và tiến trình xử lý nền "
        "rồi chạy lại."
    )


@contextmanager
def held(database: Engine, shapes: list[Shape]) -> Iterator[Connection]:
    """A reading connection to a database that nobody else has open; raises `StillInUse`.

    SQLite: the file is locked exclusively, which fails while any other connection is open. PostgreSQL: no
    other session of the same role, and every table locked against writing (the snapshot begins after that).
    """
    if database.dialect.name == "sqlite":
        yield from _held_file(database)
        return
    with snapshot(database) as connection:
        names = ", ".join(f'"{shape.name}"' for shape in shapes)
        try:
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE NOWAIT")
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise StillInUse(who="") from error
            raise
        if others := connection.scalars(OTHERS).all():
            raise StillInUse(who=f" (PostgreSQL: {', '.join(map(str, others))})")
        yield connection


def _held_file(database: Engine) -> Iterator[Connection]:
    waiting = {"timeout": PATIENCE_SECONDS}
    alone = create_engine(database.url, hide_parameters=True, connect_args=waiting)

    @event.listens_for(alone, "connect")
    def _lock(connection: Any, record: object) -> None:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # before the first look into the file

    configure_engine(alone)
    try:
        with _refusing_locked(), snapshot(alone) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            yield connection
    finally:
        alone.dispose()


@contextmanager
def _refusing_locked() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise StillInUse(who="") from error
        raise
