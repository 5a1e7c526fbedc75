"""The audit page: who did what, when, from what to what, and who may read it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.home.audit_words import ACTION_NAMES, act_of, changes_of
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor, make_user
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_department, make_school
from tests.factories.rounds import make_open_round

AT = datetime(2027, 5, 12, 17, 30, tzinfo=UTC)  # 13/05/2027 in Vietnam


class Site:
    """A school whose head has acted, an administrator in the seat."""

    def __init__(self, app: Flask, client: FlaskClient, seat: Seat) -> None:
        self.app, self.client, self.seat = app, client, seat
        school = make_school(name="THCS Mẫu <b>")
        _round, part = make_open_round(school)
        self.form = make_assessment(part)
        self.subject = ("Assessment", self.form.uid)
        assert school.parent is not None and school.parent.parent_id is not None
        self.department = school.parent.parent_id
        self.head: Actor = make_actor(Role.UNIT_HEAD, school, name="Lê Thị Ân", search_text="le thi an")
        seat.take(Role.DEPARTMENT_ADMIN, session.get_one(OrganisationUnit, self.department))

    def record(self, action: str, at: datetime = AT, actor: Actor | None = None, **values: Any) -> None:
        with self.app.app_context(), unit_of_work():
            audit.record(actor or self.head, action, self.subject, now=at, **values)

    def page(self, query: str = "", status: int = 200) -> str:
        answer = self.client.get(f"/audit{query}")
        assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
        return answer.get_data(as_text=True)


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)


def test_an_act_is_told_in_words_with_its_change(site: Site) -> None:
    site.record("assessment.submit", old={"state": "draft"}, new={"state": "submitted"})
    text = site.page()
    assert "Nộp phiếu" in text and "Lê Thị Ân" in text and "Thủ trưởng đơn vị" in text
    assert "<del>Nháp</del> → Đã nộp" in text and "00:30:00, 13/05/2027" in text
    assert "THCS Mẫu &lt;b&gt; – Phường" in text


def test_an_act_without_a_name_shows_its_code(site: Site) -> None:
    site.record("new.act", new={"a<b>": "<script>"})
    text = site.page()
    assert "new.act" in text and "&lt;script&gt;" in text and "<script>" not in text.partition("<main")[2]


def test_denied_acts_are_marked_and_can_be_listed_alone(site: Site) -> None:
    site.record("assessment.submit")
    admin, site.seat.actor = site.seat.actor, site.head
    assert site.client.get("/audit").status_code == 403
    site.seat.actor = admin
    text = site.page("?denied=1")
    assert "Bị từ chối: không có quyền dùng trang" in text and "/audit" in text and "1 thao tác" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?person=le thi an", 1),
        ("?person=Ân", 1),
        ("?person=nobody", 0),
        ("?person=%25", 0),
        ("?action=assessment.submit", 1),
        ("?action=round.open", 0),
        ("?first=13/5/2027&last=13/5/2027", 1),
        ("?first=14/05/2027", 0),
        ("?last=12/05/2027", 0),
        ("?action=rubbish&page=0", 1),
    ],
)
def test_the_trail_is_narrowed(site: Site, query: str, count: int) -> None:
    site.record("assessment.submit")
    assert f"{count} thao tác" in site.page(query)


def test_a_day_that_cannot_be_read_is_said(site: Site) -> None:
    site.record("assessment.submit")
    assert "Ngày chưa đúng" in site.page("?first=31/02/2027", 422)


def test_a_span_that_ends_before_it_begins_is_said(site: Site) -> None:
    text = site.page("?first=20/05/2027&last=01/05/2027", 422)
    assert "phải từ “Từ ngày” trở đi" in text


def test_only_administrators_of_the_department_read_it(site: Site) -> None:
    site.record("assessment.submit")
    with site.app.app_context(), unit_of_work():
        site.seat.take(Role.DEPARTMENT_LEADER, session.get_one(OrganisationUnit, site.department))
    site.page(status=403)
    with site.app.app_context(), unit_of_work():
        site.seat.take(Role.DEPARTMENT_ADMIN, make_department())
    assert "Lê Thị Ân" not in site.page("?action=assessment.submit")


def test_fifty_a_page_and_a_bounded_number_of_statements(site: Site, count_queries: Any) -> None:
    for number in range(60):
        site.record("assessment.submit", at=AT + timedelta(minutes=number))
    with count_queries() as seen:
        text = site.page()
    assert text.count("Nộp phiếu</") <= 52 and "Trang của danh sách" in text
    assert len(seen) <= 12
    assert "page=2" in text and "Nộp phiếu" in site.page("?page=2")


def test_units_people_and_roles_are_named_and_digests_are_not_shown(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        who = make_user(name="Trần Thị Được Thêm")
        new = {"unit_id": site.department, "role": "commune_officer", "user_id": who.id, "sha256": "f" * 64}
        audit.record(None, "membership.add", ("FrameworkVersion", "999"), now=AT, new=new)
        name = session.get_one(OrganisationUnit, site.department).name
    text = site.page()
    told = text[text.index("Thêm người vào đơn vị</") :]
    assert name in told and "Trần Thị Được Thêm" in told and "Cán bộ kiểm tra" in told
    for code in ("unit_id", "commune_officer", "user_id", "sha256", "f" * 64, "FrameworkVersion"):
        assert code not in told, code


def test_every_change_is_in_words() -> None:
    event = audit.AuditEvent(
        action="plan.change",
        subject_type="PlanItem",
        old={"status": "todo", "same": 1, "flag": True, "list": ["a", "b"]},
        new={"status": "done", "same": 1, "flag": False, "list": ["a"], "long": "x" * 300},
        outcome="done",
    )
    app = Flask("words")
    Babel(app)
    with app.test_request_context():
        changes = {name: (old, new) for name, old, new in changes_of(event)}
        assert changes["flag"] == ("có", "không") and changes["list"] == ("a, b", "a")
        assert "same" not in changes and len(changes["long"][1]) == 200
        assert act_of(event) == ACTION_NAMES["plan.change"]
