"""Two administrators at the same moment: every form is published once, and the guards are what sees to it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.assessments.models import AssessmentEvent
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.results import queries, service
from survey_app.results.models import Result
from survey_app.results.queries import finalising
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import WrongState
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_commune
from tests.factories.results import CHECKED, make_checked, make_schools_in
from tests.factories.rounds import make_round

HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}


class Race:
    """A round with six approved forms and two administrators who have the same list of them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), unit_of_work():
            commune = make_commune()
            assert commune.parent is not None
            round_ = make_round(commune.parent)
            for participation in make_schools_in(round_, commune, 6):
                make_checked(participation, HIGH)
            self.round_id, self.ids = round_.id, queries.approved_ids(round_.id)
            self.admins = [make_actor(Role.DEPARTMENT_ADMIN, commune.parent) for _ in range(2)]
        self.together = Barrier(2)

    def publish(self, admin: Actor) -> int:
        self.together.wait(10)
        with self.app.app_context():
            try:
                with unit_of_work():
                    done = service.finalise_forms(self.round_id, self.ids, actor=admin, now=CHECKED)
                with unit_of_work():
                    service.close_round(self.round_id, actor=admin, now=CHECKED)
                return done
            finally:
                session.remove()

    def run(self) -> list[int]:
        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(self.publish, self.admins))


def test_two_at_once_publish_each_form_once(app: Flask) -> None:
    race = Race(app)
    assert race.run() == [0, 6]
    with app.app_context():
        assert session.execute(select(func.count(), func.max(Result.number)).select_from(Result)).one() == (
            6,
            1,
        )
        assert session.scalar(select(func.count()).select_from(AssessmentEvent)) == 6


def test_without_the_list_of_approved_forms_the_state_itself_refuses(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_round(round_id: int) -> list[Any]:
        return [finalising.Assessment.round_id == round_id]

    race = Race(app)
    monkeypatch.setattr(finalising, "_approved", of_round)
    with pytest.raises(WrongState):
        race.run()
    with app.app_context():
        assert session.scalar(select(func.count()).select_from(Result)) == 6
