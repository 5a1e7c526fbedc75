"""The first page of each role, from an empty system to a published round."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.assessments.models import Assessment
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.jobs.models import FAILED, Job
from survey_app.notices.service import notify
from survey_app.plans.models import PlanItem
from survey_app.rounds.models import PLANNED, Participation, Round
from survey_app.rules.permissions import SCHOOL, Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment, make_submitted
from tests.factories.organisations import make_department
from tests.factories.results import make_checked, make_schools_in, publish_all
from tests.factories.rounds import make_framework_version, make_participation, make_round
from tests.home.site import AUTHORITIES, EVERYBODY, HIGH, MOST, Site, site

__all__ = ["site"]


@pytest.mark.parametrize(("role", "unit"), EVERYBODY)
def test_the_first_page_opens_before_any_round_exists(site: Site, role: Role, unit: str) -> None:
    site.sit(role, unit)
    text = site.page()
    assert "Chưa có đợt đánh giá nào" in text or "Bắt đầu từ đây" in text
    assert "<b>Đậm" not in text


@pytest.mark.parametrize(("role", "unit"), EVERYBODY)
def test_the_first_page_opens_while_a_round_is_being_planned(site: Site, role: Role, unit: str) -> None:
    with site.app.app_context(), unit_of_work():
        make_round(site.unit("department"), state=PLANNED)
    site.sit(role, unit)
    site.page()


def test_an_administrator_is_led_from_nothing_to_the_first_round(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        empty = make_department()
        site.seat.take(Role.DEPARTMENT_ADMIN, empty)
    assert 'class="now" aria-current="step"><b><a href="/organisations/import"' in site.page()
    site.sit(Role.DEPARTMENT_ADMIN, "department")
    text = site.page()
    here = 'class="now" aria-current="step"><b><a href="'
    assert "Đã có 1 trường" in text and here + "/frameworks" in text
    with site.app.app_context(), unit_of_work():
        make_framework_version()
    text = site.page()
    assert "0/1 xã, phường đã có người dùng" in text and here + "/accounts/units?kind=commune" in text
    with site.app.app_context(), unit_of_work():
        make_actor(Role.COMMUNE_OFFICER, site.unit("commune"))
    assert here + "/accounts/codes" in site.page()
    with site.app.app_context(), unit_of_work():
        make_actor(Role.UNIT_HEAD, site.unit("school"))
    text = site.page()
    assert "1/1 trường đã có người dùng" in text and "Chọn bộ tiêu chí, trường, hạn nộp" in text
    with site.app.app_context(), unit_of_work():
        make_round(site.unit("department"), state=PLANNED)
    assert "Đã tạo đợt, chưa mở" in site.page()


def test_an_open_round_names_who_cannot_sign_in(site: Site) -> None:
    """The guide is gone once a round is open; what it still asks for is not."""
    site.open_round(HIGH)
    site.sit(Role.DEPARTMENT_ADMIN, "department")
    text = site.page()
    assert "Trường chưa có người dùng: 1" in text and "Xã, phường kiểm tra chưa có người dùng: 1" in text
    with site.app.app_context(), unit_of_work():
        make_actor(Role.COMMUNE_OFFICER, site.unit("commune"))
        make_actor(Role.UNIT_HEAD, site.unit("school"))
    assert "chưa có người dùng" not in site.page()


def test_a_school_sees_how_far_it_is_and_goes_on(site: Site) -> None:
    site.open_round({"AT1.1": 2, "AT1.2": 2})
    site.sit(Role.UNIT_HEAD, "school")
    text = site.page()
    assert "Đã xong 1/2 nội dung (2/4 tiêu chí)" in text and "còn 12 ngày" in text
    assert f'<a class="btn p" href="/assessments/{site.form_uid}/continue">Tiếp tục: LM1. ' in text
    assert "Tự đánh giá: còn 2 tiêu chí" in text and "THCS &lt;b&gt;Đậm&lt;/b&gt; – Phường Mẫu" in text
    assert text.count('class="btn p"') == 1


def test_a_form_that_is_complete_leads_to_handing_it_in(site: Site) -> None:
    site.open_round(HIGH, veto_confirmed_at=clock.now(), veto_answer="xac_nhan")
    site.sit(Role.UNIT_HEAD, "school")
    assert f'<a class="btn p" href="/assessments/{site.form_uid}/check">Kiểm tra và nộp</a>' in site.page()


def test_practice_stands_below_the_round_that_counts_and_says_so(site: Site) -> None:
    site.open_round({"AT1.1": 2}, {"title": "Đợt thật"})
    later = clock.now() - timedelta(days=1)
    site.open_round(of_round={"title": "Làm quen", "purpose": "practice", "opens_at": later})
    site.sit(Role.UNIT_HEAD, "school")
    text = site.page()
    assert text.index("Đợt thật") < text.index("Làm quen") < text.index("THỬ NGHIỆM")
    assert text.count("THỬ NGHIỆM") == 1


def test_what_was_given_back_comes_first(site: Site) -> None:
    site.open_round(HIGH | {"AT1.2": None}, state=State.RETURNED)
    site.give_back(site.form_id, "Bổ sung <i>biên bản</i>")
    site.sit(Role.UNIT_HEAD, "school")
    text = site.page()
    assert "Còn 1/1 mục cần bổ sung." in text and "Bổ sung &lt;i&gt;biên bản" in text and "còn 3 ngày" in text
    tasks = text[text.index("Việc cần làm") :]
    assert tasks.index("Bổ sung theo yêu cầu") < tasks.index("Làm trước") < tasks.index("Tự đánh giá: còn")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2, minutes=1), "còn 2 ngày"),
        (timedelta(hours=23, minutes=59, seconds=30), "còn 23 giờ 59 phút"),
        (timedelta(minutes=59, seconds=30), "còn 59 phút"),
        (timedelta(seconds=30), "còn chưa đầy 1 phút"),
        (timedelta(seconds=-1), "đã hết hạn"),
    ],
)
@pytest.mark.parametrize("page", ["", "/assessments/{uid}", "/assessments/{uid}/check"])
def test_the_last_day_counts_hours_and_minutes(site: Site, left: timedelta, words: str, page: str) -> None:
    with time_machine.travel(datetime(2027, 5, 12, 3, tzinfo=UTC), tick=False):
        site.open_round({"AT1.1": 2}, {"closes_at": clock.now() + left})
        site.sit(Role.UNIT_HEAD, "school")
        text = site.client.get(page.format(uid=site.form_uid) or "/").get_data(as_text=True)
    assert words in text
    assert ("countdown.js" in text) is (timedelta(0) <= left < timedelta(days=1))


def test_what_was_given_back_comes_before_another_form(site: Site) -> None:
    """A school of two stages has two forms: the one that was given back stands first, whichever it is."""
    site.open_round({"AT1.1": 2})
    with site.app.app_context(), unit_of_work():
        part = session.scalars(select(Participation)).one()
        second = make_assessment(part, HIGH, framework_version_id=make_framework_version().id)
        uid, form_id = second.uid, second.id
    site.give_back(form_id)
    site.sit(Role.UNIT_HEAD, "school")
    text = site.page()
    assert text.index(f"/assessments/{uid}") < text.index(f"/assessments/{site.form_uid}")
    tasks = text[text.index("Việc cần làm") :]
    assert tasks.index("Bổ sung theo yêu cầu") < tasks.index("Tự đánh giá: còn")


def test_a_school_sees_results_notices_and_whom_to_call(site: Site) -> None:
    site.open_round(HIGH)
    with site.app.app_context(), unit_of_work():
        officer = make_actor(Role.COMMUNE_OFFICER, site.unit("commune"), name="Trần Thị Kiểm")
        session.get_one(User, officer.user_id).phone = "0292 000 111"
        earlier = make_round(site.unit("department"), opens_at=clock.now() - timedelta(days=400))
        make_checked(make_participation(earlier, site.unit("school")), HIGH)
        publish_all(earlier)
        for number in range(7):
            notify(site.units["school"], kind="x", title=f"Tin số {number}", now=clock.now())
    site.sit(Role.UNIT_MEMBER, "school")
    text = site.page()
    assert "4/4 · bắt buộc 1/1 · Đạt, xếp loại Tốt" in text
    assert "Trần Thị Kiểm" in text and "tel:0292 000 111" in text
    assert len(re.findall(r'href="/notices/[0-9a-f]{32}"', text)) == 5 and "Tin số 6" in text


def test_an_overdue_plan_is_named(site: Site) -> None:
    site.open_round(HIGH)
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        values = {"indicator": "AT1.1", "action": "Sửa", "created_at": now, "updated_at": now}
        yesterday = clock.local_date(now) - timedelta(days=1)
        session.add(PlanItem(assessment_id=site.form_id, due_on=yesterday, **values))
        session.add(PlanItem(assessment_id=site.form_id, due_on=yesterday, status="done", **values))
    site.sit(Role.UNIT_HEAD, "school")
    assert "Kế hoạch cải thiện: 1 việc quá hạn" in site.page()


@pytest.mark.parametrize(("role", "unit"), AUTHORITIES)
def test_an_authority_sees_the_round_and_numbers_that_add_up(site: Site, role: Role, unit: str) -> None:
    site.open_round(HIGH)
    site.sit(role, unit)
    text = site.page()
    assert "Trường trong đợt" in text and f"/results/{site.round_uid}/schools?part=not_submitted" in text
    assert text.count('class="btn p"') == 1


def test_an_officer_is_led_to_what_waits(site: Site) -> None:
    site.open_round(HIGH)
    with site.app.app_context(), unit_of_work():
        round_ = session.get_one(Round, site.round_id)
        first, second = make_schools_in(round_, site.unit("commune"), 2)
        make_submitted(first, HIGH)
        make_submitted(second, HIGH, state=State.PROPOSED)
    site.sit(Role.COMMUNE_OFFICER, "commune")
    text = site.page()
    assert "Hồ sơ chờ nhận: 1" in text and "view=waiting" in text and "chờ lãnh đạo duyệt" not in text
    site.sit(Role.COMMUNE_LEADER, "commune")
    text = site.page()
    assert "Hồ sơ chờ lãnh đạo duyệt: 1" in text and "Hồ sơ chờ nhận" not in text


def test_an_administrator_sees_failed_jobs_and_what_waits_to_be_published(site: Site) -> None:
    site.open_round(HIGH, state=State.APPROVED)
    with site.app.app_context(), unit_of_work():
        common = {"kind": "x", "params": {}, "unit_id": site.units["department"], "state": FAILED}
        session.add(Job(label="Xuất <b>Excel</b>", created_at=clock.now(), **common))
        session.add(Job(label="Việc cũ", created_at=clock.now() - timedelta(days=8), **common))
    site.sit(Role.DEPARTMENT_ADMIN, "department")
    text = site.page()
    assert "Xuất &lt;b&gt;Excel" in text and "Việc cũ" not in text
    assert "chờ công bố kết quả: 1" in text and f"/results/{site.round_uid}/finalise" in text
    site.sit(Role.DEPARTMENT_OFFICER, "department")
    assert "chờ công bố kết quả" not in site.page()


def test_a_stranger_is_sent_away(site: Site) -> None:
    site.seat.actor = None
    answer = site.client.get("/")
    assert answer.status_code == 302 and "Đậm" not in answer.get_data(as_text=True)


def test_the_statements_do_not_grow_with_schools_and_rounds(site: Site, count_queries: Any) -> None:
    def statements() -> dict[str, int]:
        found = {}
        for role, unit in EVERYBODY:
            site.sit(role, unit)
            with count_queries() as seen:
                site.page()
            found[role.value] = len(seen)
        return found

    site.open_round(HIGH)
    before = statements()
    with site.app.app_context(), unit_of_work():
        round_ = session.get_one(Round, site.round_id)
        for part in make_schools_in(round_, site.unit("commune"), 20):
            make_submitted(part, HIGH)
        for years in (1, 2):
            old = make_round(site.unit("department"), opens_at=clock.now() - timedelta(days=400 * years))
            part = make_participation(old, site.unit("school"))
            session.add(
                Assessment(
                    participation_id=part.id,
                    round_id=old.id,
                    framework_version_id=session.get_one(Assessment, site.form_id).framework_version_id,
                    state_since=clock.now(),
                )
            )
    after = statements()
    assert {role: after[role] - before[role] for role in before if after[role] > before[role] + 2} == {}
    assert max(after.values()) <= 20
    assert max(after[role.value] for role in SCHOOL) <= MOST - 1  # the seat is no session, which takes one
