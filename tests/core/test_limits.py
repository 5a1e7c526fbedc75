"""The fence against a script gone wild."""

from pathlib import Path

import pytest
from flask import Flask

from survey_app.app import create_app
from survey_app.core import limits
from survey_app.core.db import unit_of_work
from survey_app.core.edge import set_actor_loader
from survey_app.rules.permissions import Role
from tests.conftest import Seat, make_settings
from tests.factories.organisations import make_school


@pytest.fixture
def fenced(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with its fence up, low enough to touch."""
    monkeypatch.setattr(limits, "PER_ADDRESS", "3 per minute")
    monkeypatch.setattr(limits, "PER_PERSON", "5 per minute")
    return create_app(make_settings(tmp_path, RATELIMIT_ENABLED=True))


def test_an_address_that_asks_too_often_is_told_to_wait(fenced: Flask) -> None:
    client = fenced.test_client()
    answers = [client.get("/tra-cuu") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Hãy chờ vài phút rồi thử lại" in answers[3].get_data(as_text=True)
    assert client.get("/tra-cuu", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_people_behind_one_address_are_counted_apart(fenced: Flask) -> None:
    seat, client = Seat(), fenced.test_client()
    set_actor_loader(fenced, lambda: seat.actor)
    for _person in range(2):
        with fenced.app_context(), unit_of_work():
            seat.take(Role.UNIT_HEAD, make_school())
        assert [client.get("/plans/new").status_code == 429 for _ in range(6)] == [False] * 5 + [True]
