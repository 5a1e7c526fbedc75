"""What people see when the program itself fails: a page in words, never a trace, and nothing half written."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from survey_app.core import audit
from survey_app.core.access import public
from survey_app.core.audit import AuditEvent
from survey_app.core.db import db, session
from tests.databases import take_away

SECRET = "mật khẩu của cơ sở dữ liệu"
JSON = {"Accept": "application/json"}


@pytest.fixture
def served(app: Flask) -> Flask:
    """The app as it is served: what fails is answered, not raised."""
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


def fails(app: Flask, error: Exception, now: datetime) -> None:
    """An address that writes a row and then fails."""

    def view() -> str:
        audit.record(None, "probe", ("probe", "1"), now=now)
        session.flush()
        raise error

    app.add_url_rule("/probe", "probe", public(view), methods=["POST"])


def rows(app: Flask) -> int:
    with app.app_context():
        return session.query(AuditEvent).count()


def test_a_fault_in_the_program_is_a_page_without_a_trace(
    served: Flask, client: FlaskClient, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    fails(served, RuntimeError(SECRET), now)
    answer = client.post("/probe")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500 and "Hệ thống gặp trục trặc, việc vừa làm chưa được ghi." in page
    assert '<html lang="vi">' in page and answer.headers["X-Request-Id"] in page
    assert not any(word in page for word in (SECRET, "Traceback", "RuntimeError", "survey_app", ".py"))
    assert rows(served) == 0
    assert SECRET in caplog.text and answer.headers["X-Request-Id"] in caplog.text


def test_our_scripts_get_the_same_as_json(served: Flask, client: FlaskClient, now: datetime) -> None:
    fails(served, RuntimeError(SECRET), now)
    answer = client.post("/probe", headers=JSON)
    assert answer.status_code == 500 and answer.json is not None
    assert set(answer.json) == {"error", "code"} and "gặp trục trặc" in answer.json["error"]
    assert SECRET not in answer.get_data(as_text=True) and rows(served) == 0


def test_a_lock_that_never_comes_free_is_a_busy_system(
    served: Flask, client: FlaskClient, now: datetime
) -> None:
    fails(served, OperationalError("UPDATE answer", {}, Exception("database is locked")), now)
    for headers in ({}, JSON):
        answer = client.post("/probe", headers=headers)
        said = answer.get_data(as_text=True) if not headers else answer.json["error"]  # type: ignore[index]
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Hệ thống đang bận hoặc đang bảo trì." in said
        assert "locked" not in said and "UPDATE" not in said
    assert rows(served) == 0


def test_without_a_database_every_page_says_that_the_system_rests(
    served: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    with served.app_context():
        session.execute(text("SELECT 1"))
        session.remove()
        db.engine.dispose()
    take_away(tmp_path)
    for address in ("/tra-cuu?q=0001/GCN", "/tra-cuu/" + "A" * 26):
        answer = client.get(address)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503 and "Hệ thống đang bận hoặc đang bảo trì." in page, page
        assert "Traceback" not in page and "sqlite" not in page.lower()
    assert client.get("/healthz").status_code == 200
