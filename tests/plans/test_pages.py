"""The pages of the plan over HTTP."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.assessments.models import Assessment
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.plans.models import PlanItem
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_school
from tests.factories.rounds import OPENS, make_framework_version, make_open_round

OWN = {"AT1.1": 1, "AT1.2": 0, "LM1.1": 2, "LM1.2": 0}
WORK = {
    "indicator": "AT1.1",
    "action": "Sửa <b>hàng rào</b>",
    "person": "Trần Văn Mẫu",
    "due_on": "30/9/2027",
    "cost": "12.500",
    "priority": "1",
    "status": "todo",
    "version": "1",
}


class Site:
    """A school with a half-met form, its head in the seat."""

    def __init__(self, app: Flask, client: FlaskClient, seat: Seat) -> None:
        self.app, self.client, self.seat = app, client, seat
        school = make_school()
        _round, part = make_open_round(school)
        self.uid = make_assessment(part, OWN).uid
        self.school, self.commune, self.other = school.id, school.parent_id, make_school().id
        seat.take(Role.UNIT_HEAD, school)

    def sit(self, role: Role, unit_id: int | None) -> None:
        with self.app.app_context(), unit_of_work():
            self.seat.take(role, session.get_one(OrganisationUnit, unit_id))

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
        return answer.get_data(as_text=True)

    def items(self) -> list[PlanItem]:
        with self.app.app_context():
            return list(session.scalars(select(PlanItem).order_by(PlanItem.id)))

    def add(self, **values: str) -> Any:
        return self.client.post(f"/plans/{self.uid}/new", data=WORK | values)


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)


def test_the_plan_opens_on_the_newest_form_with_its_suggestions(site: Site) -> None:
    assert site.client.get("/plans").location.endswith(f"/plans/{site.uid}")
    text = site.page(f"/plans/{site.uid}")
    assert "Kế hoạch chưa có việc nào" in text and text.count("Thêm vào kế hoạch") == 3


def test_the_menu_opens_the_plan_that_has_something_in_it(site: Site) -> None:
    site.add()
    with site.app.app_context(), unit_of_work():
        school = session.get_one(OrganisationUnit, site.school)
        later = {"opens_at": OPENS + timedelta(days=365), "school_year": "2027-2028"}
        _, part = make_open_round(school, title="Đợt mới", **later)
        newest = make_assessment(part, OWN).uid
        _, part = make_open_round(school, title="Làm quen", purpose="practice", **later)
        make_assessment(part, OWN)
    assert site.client.get("/plans").location.endswith(f"/plans/{site.uid}")
    text = site.page(f"/plans/{site.uid}")
    assert "Kế hoạch của các đợt khác" in text and "Đợt mới" in text and "Làm quen" not in text
    assert "1 việc" in site.page(f"/plans/{newest}")
    with site.app.app_context(), unit_of_work():
        part = session.scalars(select(Assessment).where(Assessment.uid == site.uid)).one().participation
        make_assessment(part, OWN, framework_version_id=make_framework_version().id)
    text = site.page(f"/plans/{newest}").partition("Kế hoạch của các đợt khác")[2]
    assert text.count("1 việc") == 1 and "0 việc" not in text  # a set without a plan is no line


def test_a_practice_round_never_opens_as_the_plan(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        school = session.get_one(OrganisationUnit, site.school)
        later = {"opens_at": OPENS + timedelta(days=365), "school_year": "2027-2028"}
        _, part = make_open_round(school, purpose="practice", **later)
        practice = make_assessment(part, OWN).uid
    assert site.client.get("/plans").location.endswith(f"/plans/{site.uid}")
    assert "THỬ NGHIỆM" in site.page(f"/plans/{practice}")


def test_a_school_without_a_round_is_told_what_comes_next(site: Site) -> None:
    site.sit(Role.UNIT_HEAD, site.other)
    assert "Chưa có kế hoạch" in site.page("/plans")


def test_a_suggestion_becomes_an_item(site: Site) -> None:
    for _ in range(2):
        answer = site.client.post(f"/plans/{site.uid}/suggestions", data={"indicator": "AT1.1"})
        assert answer.status_code == 302
    assert [item.indicator for item in site.items()] == ["AT1.1"]
    assert site.page(f"/plans/{site.uid}").count("Thêm vào kế hoạch<") == 2
    answer = site.client.post(f"/plans/{site.uid}/suggestions", data={"indicator": "nothing"})
    assert answer.status_code == 422 and len(site.items()) == 1


def test_an_item_is_written_shown_changed_and_deleted(site: Site) -> None:
    assert site.add().status_code == 302
    (item,) = site.items()
    assert (str(item.due_on), item.cost, item.priority) == ("2027-09-30", 12_500, 1)
    text = site.page(f"/plans/{site.uid}")
    assert "Sửa &lt;b&gt;hàng rào&lt;/b&gt;" in text and "30/09/2027" in text and "12.500" in text
    edit = f"/plans/items/{item.uid}"
    assert 'value="30/09/2027"' in site.page(edit) and 'value="12.500"' in site.page(edit)
    assert site.client.post(edit, data=WORK | {"action": "Xây rào mới"}).status_code == 302
    done = site.client.post(edit + "/status", data={"status": "done", "version": "2"})
    assert done.status_code == 302
    (item,) = site.items()
    assert (item.action, item.status, item.version) == ("Xây rào mới", "done", 3)
    assert site.client.post(edit + "/delete", data={"version": "3"}).status_code == 302
    assert "Xây rào mới" not in site.page(f"/plans/{site.uid}")
    site.page(edit, 404)


def test_a_stale_save_shows_both_versions_and_can_be_repeated(site: Site) -> None:
    site.add()
    edit = f"/plans/items/{site.items()[0].uid}"
    site.client.post(edit, data=WORK | {"action": "Xây rào mới"})
    answer = site.client.post(edit, data=WORK | {"action": "Trồng hàng cây"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Xây rào mới" in text and "Trồng hàng cây" in text
    assert site.items()[0].action == "Xây rào mới"
    version = re.search(r'name="version"[^>]*value="(\d+)"', text)
    assert version is not None
    again = WORK | {"action": "Trồng hàng cây", "version": version[1]}
    assert site.client.post(edit, data=again).status_code == 302
    assert site.items()[0].action == "Trồng hàng cây"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"action": ""}, "Hãy ghi việc cần làm."),
        ({"action": "x" * 2001}, "Hãy rút gọn"),
        ({"action": "a\x00b"}, "ký tự"),
        ({"due_on": "31/02/2027"}, "Ngày chưa đúng"),
        ({"cost": "mười"}, "Hãy ghi một số nguyên"),
        ({"cost": "9999999999"}, "Kinh phí lớn quá"),
        ({"indicator": "XX"}, "Hãy chọn một mục"),
        ({"priority": "9"}, "Hãy chọn một mục"),
        ({"status": "later"}, "Hãy chọn một mục"),
        ({"person": "x" * 121}, "Hãy rút gọn"),
    ],
)
def test_bad_input_is_answered_on_the_form(site: Site, values: dict[str, str], sentence: str) -> None:
    answer = site.add(**values)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert site.items() == []


def test_a_status_that_does_not_exist_is_refused(site: Site) -> None:
    site.add()
    uid = site.items()[0].uid
    answer = site.client.post(f"/plans/items/{uid}/status", data={"status": "x", "version": "1"})
    assert answer.status_code == 422
    answer = site.client.post(f"/plans/items/{uid}/status", data={"status": "done", "version": "x"})
    assert answer.status_code == 409 and site.items()[0].status == "todo"


def test_the_authority_reads_and_strangers_find_nothing(site: Site) -> None:
    site.add()
    uid = site.items()[0].uid
    site.sit(Role.COMMUNE_OFFICER, site.commune)
    site.page(f"/plans/{site.uid}", 404)  # what is suggested says what the draft says
    with site.app.app_context(), unit_of_work():
        session.query(Assessment).filter_by(uid=site.uid).one().state = State.SUBMITTED
    text = site.page(f"/plans/{site.uid}")
    assert "hàng rào" in text and "Thêm vào kế hoạch" not in text
    assert site.add().status_code == 403
    assert site.client.post(f"/plans/items/{uid}/delete", data={"version": "1"}).status_code == 403
    site.sit(Role.UNIT_HEAD, site.other)
    site.page(f"/plans/{site.uid}", 404)
    site.page(f"/plans/items/{uid}", 404)
    assert site.client.post(f"/plans/items/{uid}/delete", data={"version": "1"}).status_code == 404
    site.sit(Role.VIEWER, site.commune)
    site.page(f"/plans/{site.uid}", 403)
    assert len(site.items()) == 1


def test_the_statements_do_not_grow_with_the_items(site: Site, count_queries: Any) -> None:
    def statements() -> int:
        with count_queries() as seen:
            site.page(f"/plans/{site.uid}")
        return len(seen)

    site.page(f"/plans/{site.uid}")  # the criteria set is read once for all
    before = statements()
    for _ in range(20):
        site.add()
    assert statements() == before <= 12
