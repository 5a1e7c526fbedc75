"""Threads of one process take turns at writing to SQLite; a turn ends with its transaction."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError, PendingRollbackError

from survey_app.core import db as core_db
from survey_app.core import turns
from survey_app.core.db import session, unit_of_work, writing_connection
from survey_app.core.turns import BEGIN, Turns
from tests.conftest import make_settings

pytestmark = pytest.mark.sqlite


@pytest.fixture
def begun(app: Flask) -> Iterator[list[str]]:
    """The names of the threads that have asked SQLite for its write lock, in their order."""
    seen: list[str] = []
    with app.app_context():
        engine = core_db.db.engine

    def note(statement: str) -> None:
        if statement == BEGIN:
            seen.append(threading.current_thread().name)

    def listen(connection: Any, record: object) -> None:
        connection.set_trace_callback(note)

    event.listen(engine, "connect", listen)
    engine.dispose()
    yield seen
    event.remove(engine, "connect", listen)


def write() -> None:
    session.execute(text("UPDATE user_account SET name = name"))


def in_a_thread(app: Flask, act: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        with app.app_context(), unit_of_work():
            act()

    thread = threading.Thread(target=run, name="second")
    thread.start()
    return thread


def second_asked_while_first_wrote(app: Flask, begun: list[str]) -> bool:
    with app.app_context(), unit_of_work():
        write()
        second = in_a_thread(app, write)
        second.join(0.3)
        asked = "second" in begun
    second.join(30)
    assert "second" in begun and not second.is_alive()
    return asked


def test_a_thread_that_waits_for_its_turn_does_not_ask_sqlite_again_and_again(
    app: Flask, begun: list[str]
) -> None:
    assert not second_asked_while_first_wrote(app, begun)


def asked_while_another_process_wrote(tmp_path: Path, app: Flask, begun: list[str]) -> int:
    """How often SQLite was asked for a lock that was held outside this engine for a tenth of a second."""
    with closing(sqlite3.connect(tmp_path / "app.db", isolation_level=None)) as other:
        other.execute(BEGIN)
        second = in_a_thread(app, write)
        second.join(0.1)
        other.execute("ROLLBACK")
    second.join(30)
    assert not second.is_alive()
    return begun.count("second")


def test_while_another_process_writes_sqlite_is_asked_every_half_millisecond(
    tmp_path: Path, app: Flask, begun: list[str]
) -> None:
    assert asked_while_another_process_wrote(tmp_path, app, begun) > 10


def test_otherwise_it_is_asked_once_and_sleeps_up_to_a_tenth_of_a_second(
    tmp_path: Path, app: Flask, begun: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "QUICKLY", 0.0)
    assert asked_while_another_process_wrote(tmp_path, app, begun) == 1


def test_what_is_no_busy_database_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(turns.time, "sleep", slept.append)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")  # SQLite has no second one within it
        with pytest.raises(OperationalError, match="within a transaction"):
            Turns(engine, 1.0).begin(connection)
    assert slept == []


def test_without_turns_it_does(app: Flask, begun: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turns, "take", lambda turns, connection: None)
    assert second_asked_while_first_wrote(app, begun)


def refused() -> None:
    with suppress(ZeroDivisionError), unit_of_work():
        write()
        raise ZeroDivisionError


def failed() -> None:
    with suppress(OperationalError), unit_of_work():
        session.execute(text("UPDATE nothing SET x = 1"))


def thrown_away() -> None:
    with writing_connection() as connection, connection.begin():
        connection.execute(text("UPDATE user_account SET name = name"))


def broken_off() -> None:
    with suppress(PendingRollbackError), unit_of_work() as working:
        write()
        working.connection().invalidate()
        write()


@pytest.mark.parametrize("act", [refused, failed, thrown_away, broken_off])
def test_a_turn_ends_however_its_transaction_ends(app: Flask, act: Callable[[], None]) -> None:
    with app.app_context():
        act()
    second = in_a_thread(app, write)
    second.join(5)
    assert not second.is_alive()


def test_a_reader_needs_no_turn(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        write()
        seen: list[int] = []

        def read() -> None:
            with app.app_context():
                seen.append(session.execute(text("SELECT count(*) FROM user_account")).scalar_one())

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(5)
        assert seen == [0]


def test_another_process_that_writes_is_waited_for_and_then_told(
    tmp_path: Path, new_database: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey_app.app import create_app

    monkeypatch.setattr(core_db, "BUSY_TIMEOUT_MS", 100)
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path))
    with closing(sqlite3.connect(tmp_path / "app.db", isolation_level=None)) as other:
        other.execute(BEGIN)
        with app.app_context(), pytest.raises(OperationalError, match="locked"), unit_of_work():
            write()
        other.execute("ROLLBACK")
    with app.app_context(), unit_of_work():  # the turn was given back
        write()
