"""The database or the disk is away: plain words, when to come again, nothing stored, no inside shown."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.core.access import public
from survey_app.core.files import FileStore, StoreFull
from survey_app.core.outage import is_disk_full, is_outage
from tests.core.test_edge import add_route, rows, write

JSON = {"Accept": "application/json"}
INSIDE = ("Traceback", "sqlite", "OperationalError", "COMMIT")


def sqlite_error(code: int, words: str = "it said so") -> OperationalError:
    origin = sqlite3.OperationalError(words)
    origin.sqlite_errorcode = code
    return OperationalError("COMMIT", {}, origin)


@pytest.fixture
def saving(app: Flask) -> None:
    """A route that writes one row."""
    add_route(app, public(lambda: write(clock.now()) or "ok"), methods=["POST"])


@pytest.fixture
def at_commit(app: Flask) -> Iterator[Callable[[Exception], None]]:
    """Let the next COMMITs fail."""
    failing: list[Exception] = []
    with app.app_context():
        engine = core_db.db.engine

    def fail(_connection: Any) -> None:
        raise failing[0]

    def arm(error: Exception) -> None:
        failing.append(error)
        event.listen(engine, "commit", fail)

    yield arm
    event.remove(engine, "commit", fail)


@pytest.mark.parametrize(
    ("code", "status"),
    [(sqlite3.SQLITE_BUSY, 503), (sqlite3.SQLITE_IOERR_WRITE, 503), (sqlite3.SQLITE_FULL, 507)],
)
def test_a_commit_that_fails_is_an_outage_and_not_a_crash(
    app: Flask, client: FlaskClient, saving: None, at_commit: Any, code: int, status: int
) -> None:
    at_commit(sqlite_error(code))
    for headers in (JSON, {}):
        answer = client.post("/probe", headers=headers)
        said = answer.get_data(as_text=True)
        assert answer.status_code == status and not any(word in said for word in INSIDE)
        assert ("Retry-After" in answer.headers) == (status == 503)
    assert rows(app) == 0


def test_a_full_disk_says_what_to_do(client: FlaskClient, saving: None, at_commit: Any) -> None:
    at_commit(sqlite_error(sqlite3.SQLITE_FULL))
    said = client.post("/probe", headers=JSON).get_json()["error"]
    assert "hết chỗ lưu" in said and "Hãy báo quản trị" in said


def test_a_commit_that_breaks_a_rule_of_the_database_is_a_crash(
    app: Flask, client: FlaskClient, saving: None, at_commit: Any
) -> None:
    at_commit(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        client.post("/probe")
    app.testing = False
    assert client.post("/probe", headers=JSON).status_code == 500
    assert rows(app) == 0


@pytest.mark.sqlite  # PostgreSQL: tests/core/test_postgres.py
def test_a_lock_that_is_held_too_long_answers_503(
    app: Flask, client: FlaskClient, saving: None, tmp_path: Path
) -> None:
    with app.app_context():
        event.listen(
            core_db.db.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout=20") and None
        )
    other = sqlite3.connect(tmp_path / "app.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert client.post("/probe", headers=JSON).status_code == 503
    other.execute("ROLLBACK")
    assert client.post("/probe", headers=JSON).status_code == 200
    other.close()


def test_a_statement_that_the_database_does_not_understand_is_our_mistake() -> None:
    assert not is_outage(sqlite_error(sqlite3.SQLITE_ERROR, "no such table: x"))
    assert is_outage(sqlite_error(sqlite3.SQLITE_CANTOPEN))


@pytest.mark.parametrize(
    ("number", "outage", "full"),
    [
        (errno.ENOSPC, True, True),
        (errno.EDQUOT, True, True),
        (errno.EFBIG, True, True),
        (errno.EIO, True, False),
        (errno.EROFS, True, False),
        (errno.EACCES, False, False),
    ],
)
def test_what_a_disk_may_say(number: int, outage: bool, full: bool) -> None:
    error = OSError(number, "words")
    assert (is_outage(error), is_disk_full(error)) == (outage, full)


def test_a_full_disk_is_known_behind_what_a_library_makes_of_it() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("cannot create file") from error
    except RuntimeError as wrapped:
        assert is_disk_full(wrapped)


def test_an_upload_that_finds_no_room_is_read_to_its_end_before_the_answer(
    app: Flask, client: FlaskClient
) -> None:
    left: list[bytes] = []

    def view() -> str:
        request.stream.read(10)
        request.environ["probe"] = request.stream
        raise OSError(errno.ENOSPC, "No space left on device")

    add_route(app, public(view), methods=["POST"])
    app.after_request(lambda answer: left.append(request.environ["probe"].read()) or answer)
    answer = client.post("/probe", data=b"x" * 500_000, headers=JSON)
    assert (answer.status_code, left) == (507, [b""])


def test_a_store_that_cannot_even_make_its_folder_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_values: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StoreFull):
        FileStore(tmp_path / "new").write(b"x")
