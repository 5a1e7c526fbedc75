"""A department with a commune and a school, and somebody in the seat who opens the first page."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.assessments.models import Assessment, Return, ReturnedIndicator
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.rounds import make_participation, make_round

MOST = 12  # statements of one page of the school's side
HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}
AUTHORITIES = [
    (Role.COMMUNE_OFFICER, "commune"),
    (Role.COMMUNE_LEADER, "commune"),
    (Role.DEPARTMENT_OFFICER, "department"),
    (Role.DEPARTMENT_LEADER, "department"),
    (Role.DEPARTMENT_ADMIN, "department"),
    (Role.VIEWER, "department"),
]
EVERYBODY = [*AUTHORITIES, (Role.UNIT_HEAD, "school"), (Role.UNIT_MEMBER, "school")]


class Site:
    """A department with a commune and a school, and a seat; a round when it is asked for."""

    def __init__(self, app: Flask, client: FlaskClient, seat: Seat) -> None:
        self.app, self.client, self.seat = app, client, seat
        department = make_department()
        commune = make_commune(department, name="Phường Mẫu")
        school = make_school(commune, name="THCS <b>Đậm</b>")
        self.units = {"department": department.id, "commune": commune.id, "school": school.id}

    def unit(self, name: str) -> OrganisationUnit:
        return session.get_one(OrganisationUnit, self.units[name])

    def sit(self, role: Role, unit: str) -> None:
        with self.app.app_context(), unit_of_work():
            self.seat.take(role, self.unit(unit))

    def open_round(
        self, values: dict[str, Any] | None = None, of_round: dict[str, Any] | None = None, **columns: Any
    ) -> None:
        """A round that is open now, with the school's form in it."""
        now = clock.now()
        times = {"opens_at": now - timedelta(days=9), "closes_at": now + timedelta(days=12)}
        later = {
            "commune_closes_at": now + timedelta(days=30),
            "department_closes_at": now + timedelta(days=40),
        }
        with self.app.app_context(), unit_of_work():
            round_ = make_round(self.unit("department"), **(times | later | (of_round or {})))
            part = make_participation(round_, self.unit("school"))
            form = make_assessment(part, values, **columns)
            self.round_id, self.round_uid = round_.id, round_.uid
            self.form_id, self.form_uid = form.id, form.uid

    def give_back(self, form_id: int, message: str = "") -> None:
        """The commune gives a form back for its first indicator, to be answered in three days."""
        with self.app.app_context(), unit_of_work():
            officer = make_actor(Role.COMMUNE_OFFICER, self.unit("commune"))
            session.get_one(Assessment, form_id).state = State.RETURNED
            row = Return(
                assessment_id=form_id,
                deadline=clock.now() + timedelta(days=3),
                message=message,
                returned_at=clock.now(),
                returned_by_id=officer.user_id,
            )
            session.add(row)
            session.flush()
            session.add(ReturnedIndicator(return_id=row.id, indicator="AT1.1", reason="Thiếu"))

    def page(self, status: int = 200) -> str:
        answer = self.client.get("/")
        assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
        return answer.get_data(as_text=True)


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)
