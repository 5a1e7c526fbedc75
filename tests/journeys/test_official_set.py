"""A checklist as the circulars have it, loaded from a workbook, lived from opening to the result."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.frameworks.service import create_draft_from_workbook
from survey_app.frameworks.spreadsheet import read_workbook
from survey_app.results import service as results
from survey_app.results.models import Result
from survey_app.rounds import service as rounds
from survey_app.rounds.models import Round
from survey_app.rounds.service import RoundPlan
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import CLOSES, OPENS
from tests.frameworks.books import make_book, official

OF_THE_AUTHORITY = (("officer", "start"), ("officer", "copy"), ("officer", "conclude"), ("leader", "approve"))


def open_official_round(now: datetime) -> tuple[int, str, dict[str, Actor]]:
    """(round, address of the only form, people) of a round that uses the imported checklist."""
    framework = read_workbook(make_book(official())).framework
    assert framework is not None
    version = create_draft_from_workbook(framework, actor=None, now=now)
    commune = make_commune()
    assert commune.parent is not None
    school = make_school(commune, ("mam_non",))
    people = {
        "admin": make_actor(Role.DEPARTMENT_ADMIN, commune.parent),
        "head": make_actor(Role.UNIT_HEAD, school),
        "officer": make_actor(Role.COMMUNE_OFFICER, commune),
        "leader": make_actor(Role.COMMUNE_LEADER, commune),
    }
    until = {
        "commune_closes_at": CLOSES + timedelta(days=20),
        "department_closes_at": CLOSES.replace(month=7),
    }
    sets = {version.id: ["mam_non"]}
    plan = RoundPlan("Cuối năm", "end_of_year", "2026-2027", OPENS, CLOSES, sets=sets, **until)
    made = rounds.create_round(plan, actor=people["admin"], now=now)
    rounds.open_round(made, actor=people["admin"], now=now)
    form = session.query(Assessment).one()
    return made.id, form.uid, people


@pytest.mark.parametrize(("met", "level"), [(50, "dat"), (39, "khong_dat")])
def test_an_imported_checklist_goes_from_opening_to_a_result(
    app: Flask, client: FlaskClient, seat: Seat, now: datetime, met: int, level: str
) -> None:
    with app.app_context(), unit_of_work():
        round_id, uid, people = open_official_round(now)

    def post(who: str, address: str, **fields: Any) -> None:
        seat.actor = people[who]
        answer = client.post(address, data=fields)
        assert answer.status_code == 302, answer.get_data(as_text=True)

    with time_machine.travel(now, tick=False):
        seat.actor = people["head"]
        assert "Đọc và xác nhận" not in client.get("/").get_data(as_text=True)
        for place, code in enumerate(codes()):
            fields = {"indicator": code, "value": str(int(place < met)), "base_version": "0"}
            post("head", f"/assessments/{uid}/answers", site="0", comment="", key=f"k{place}", **fields)
        assert "Đã đủ điều kiện nộp" in client.get(f"/assessments/{uid}/check").get_data(as_text=True)
        post("head", f"/assessments/{uid}/submit", signatory="Nguyễn Thị Mẫu", agreed="y")
        for who, act in (
            ("officer", "start"),
            ("officer", "copy"),
            ("officer", "conclude"),
            ("leader", "approve"),
        ):
            post(who, f"/reviews/{uid}/{act}")
    with app.app_context():
        with unit_of_work():
            made = session.get_one(Round, round_id)
            assert results.finalise_round(made, actor=people["admin"], now=now) == 1
        assert session.query(Assessment).one().state == State.PUBLISHED
        assert session.query(Result).one().level == level


def codes() -> list[str]:
    """The codes of the checklist."""
    framework = read_workbook(make_book(official())).framework
    assert framework is not None
    return list(framework.by_code)
