"""Looking for the mark of a demo at the first request of a process."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.core import audit, clock
from survey_app.core import db as core_db
from survey_app.core.access import public
from survey_app.core.audit import AuditEvent
from survey_app.core.edge import set_actor_loader
from tests.conftest import make_settings


def test_a_process_whose_first_request_writes_does_not_wait_for_itself(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look once had a connection of its own: the first save waited in vain, holding the lock."""
    monkeypatch.setattr(core_db, "BUSY_TIMEOUT_MS", 300)
    fresh = create_app(make_settings(tmp_path, DEMO=False, WTF_CSRF_ENABLED=False))

    def who() -> None:
        core_db.session.scalar(select(AuditEvent.id))  # as the session of a person is read first

    def save() -> str:
        audit.record(None, "probe", ("probe", "1"), now=clock.now())
        return "ok"

    set_actor_loader(fresh, who)
    fresh.add_url_rule("/probe", "probe", public(save), methods=["POST"])
    assert fresh.test_client().post("/probe").status_code == 200
    assert fresh.config["DEMO"] is False
