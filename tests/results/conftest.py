"""A school that looks at its own results, round after round."""

import html
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.plans.models import PlanItem
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.results import make_checked, make_schools_in, publish_all
from tests.factories.rounds import OPENS, make_framework_version, make_participation, make_round

OWN = {"AT1.1": 3, "AT1.2": 2, "LM1.1": 0, "LM1.2": 1}


class Site:
    """A school with a published result of two rounds, five like it, its head in the seat."""

    def __init__(self, app: Flask, client: FlaskClient, seat: Seat) -> None:
        self.app, self.client, self.seat = app, client, seat
        self.department = make_department()
        self.commune = make_commune(self.department)
        self.school = make_school(self.commune)
        self.school_name, self.commune_id = self.school.name, self.commune.id
        self.version = make_framework_version()
        self.number = 0

    def round_of(self, own: dict, *, others: int = 0, publish: bool = True, **values: Any) -> str:
        """One more round a year later; returns the address of the school's form."""
        self.number += 1
        opens = OPENS + timedelta(days=365 * self.number)
        year = f"{2026 + self.number}-{2027 + self.number}"
        name = values.pop("unit_name", self.school.name)
        version = values.pop("version", self.version)
        round_ = make_round(self.department, [version], opens_at=opens, school_year=year, **values)
        part = make_participation(round_, self.school, unit_name=name)
        if not publish:
            return make_assessment(part, own).uid
        form = make_checked(part, own, {"AT1.1": 1})
        for other in make_schools_in(round_, self.commune, others):
            make_checked(other, own)
        publish_all(round_)
        return form.uid

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        text = html.unescape(answer.get_data(as_text=True))
        assert answer.status_code == status, text[:1500]
        return text

    def sit(self, role: Role, unit_id: int) -> None:
        with self.app.app_context(), unit_of_work():
            self.seat.take(role, session.get_one(OrganisationUnit, unit_id))

    def planned(self) -> list[tuple[str, str, int]]:
        with self.app.app_context():
            rows = session.scalars(select(PlanItem).order_by(PlanItem.id))
            return [(row.indicator, row.action, row.priority) for row in rows]


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Any:
    with app.app_context(), unit_of_work():
        made = Site(app, client, seat)
        seat.take(Role.UNIT_HEAD, made.school)
        yield made


def shown(site: Site, *rounds: dict, **values: Any) -> str:
    """The address of the school's form in the last of these rounds, all committed."""
    uid = ""
    for own in rounds:
        uid = site.round_of(own, **values)
    return uid
