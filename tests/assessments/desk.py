"""A browser at the school's pages, signed in as somebody."""

import re
from html import unescape
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.assessments import queries
from survey_app.assessments.models import Answer, Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from tests.assessments.conftest import Stage
from tests.conftest import Seat

JSON = {"Accept": "application/json"}
TAG = re.compile(r"<[^>]+>")


def read(markup: str) -> str:
    """What a person reads: no tags, one blank between words."""
    return " ".join(unescape(TAG.sub(" ", markup)).split())


def question(page: str, code: str) -> str:
    """The markup of one indicator of the filling page."""
    return page.partition(f'<article class="card question" id="{code}"')[2].partition("</article>")[0]


@pytest.fixture(autouse=True)
def clock(now) -> Any:
    with time_machine.travel(now, tick=False):
        yield


class Desk:
    """A browser at the school's pages, signed in as somebody."""

    def __init__(self, client: FlaskClient, stage: Stage, seat: Seat) -> None:
        self.client, self.stage, self.seat = client, stage, seat
        self.sit(stage.head)

    def sit(self, actor: Actor | None) -> None:
        self.seat.actor = actor

    def url(self, path: str = "") -> str:
        return f"/assessments/{self.stage.assessment.uid}{path}"

    def get(self, path: str = "", status: int = 200) -> str:
        answer = self.client.get(self.url(path))
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def save(self, script: bool = True, **fields: Any) -> TestResponse:
        start = {
            "indicator": "AT1.2",
            "site": "0",
            "value": "2",
            "comment": "",
            "base_version": "0",
            "key": "k",
        }
        return self.client.post(self.url("/answers"), data=start | fields, headers=JSON if script else {})

    def stored(self, code: str = "AT1.2", site: int = 0) -> Answer | None:
        session.rollback()
        return queries.answers_of(self.stage.assessment.id).get((code, site))

    def state(self) -> str:
        session.rollback()
        return str(session.get_one(Assessment, self.stage.assessment.id).state)


@pytest.fixture
def desk(client: FlaskClient, stored: Stage, seat: Seat) -> Desk:
    return Desk(client, stored, seat)
