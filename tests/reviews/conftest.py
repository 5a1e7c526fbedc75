"""Fixtures of the authority's side."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.assessments.models import Assessment
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.reviews import queries
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.reviews import Scene, make_scene


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Lets the pages see another present instant."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return set_to


@pytest.fixture
def build(app: Flask, seat: Seat) -> Callable[..., Scene]:
    """Makes a scene, its officer in the seat."""

    def make(**values: Any) -> Scene:
        with app.app_context(), unit_of_work() as session:
            scene = make_scene(**({"state": State.IN_REVIEW} | values))
            seat.actor = scene.officer
            session.expunge_all()
        return scene

    return make


@pytest.fixture
def page(client: FlaskClient) -> Callable[..., str]:
    """The text of a page, once its status is the one expected."""

    def get(address: str, status: int = 200) -> str:
        answer = client.get(address)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    return get


@pytest.fixture
def send(client: FlaskClient) -> Callable[..., TestResponse]:
    """Posts one act on a scene's form."""

    def post(scene: Scene, act: str, **fields: Any) -> TestResponse:
        return client.post(f"/reviews/{scene.row.uid}/{act}", data=fields)

    return post


def stored(app: Flask, scene: Scene, code: str = "AT1.1") -> tuple[Any, ...] | None:
    """(value, reason, to_return, version) of an indicator, None without a row."""
    with app.app_context():
        row = queries.find_verified(scene.row.id, code)
        return row and (row.value, row.reason, row.to_return, row.version)


def state_of(app: Flask, scene: Scene) -> str:
    """Where the form is now."""
    with app.app_context(), unit_of_work() as session:
        state: str = session.get_one(Assessment, scene.row.id).state
        return state


def written(answer: TestResponse) -> str:
    """The text of an answer."""
    return answer.get_data(as_text=True)
