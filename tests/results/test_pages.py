"""The pages of the room over HTTP: numbers, links, scopes, refusals."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.assessments.models import Assessment
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.models import Result
from survey_app.results.plugs import NoCertificates
from survey_app.results.ports import certificates
from survey_app.rounds.models import PLANNED, Participation, Round, VetoEvent
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.conftest import Seat
from tests.factories.accounts import make_user
from tests.factories.assessments import make_assessment
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_commune, make_department
from tests.factories.results import CHECKED, make_checked, make_schools_in, publish_all
from tests.factories.rounds import make_round

HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}
NAME = "THCS <b>Mẫu</b> &amp; bạn"
TABS = ("progress", "spread", "heat", "compare", "gap")


class Site:
    """A round with two schools, the first one approved, and a seat to look from."""

    def __init__(self, client: FlaskClient, seat: Seat, app: Flask) -> None:
        self.client, self.seat, self.app = client, seat, app
        department = make_department()
        commune = make_commune(department, name="Phường <i>Mẫu</i>")
        round_ = make_round(department)
        schools = make_schools_in(round_, commune, 2)
        schools[0].unit_name = NAME
        form = make_checked(schools[0], HIGH, {"AT1.1": 1}, reason="Thiếu <u>biên bản</u>")
        make_assessment(schools[1], {"AT1.1": 2})
        session.flush()
        self.uid, self.round_id = round_.uid, round_.id
        self.form_uid, self.form_id, self.version_id = form.uid, form.id, form.framework_version_id
        self.units = {
            "department": department.id,
            "commune": commune.id,
            "school": schools[0].unit_id,
            "other": schools[1].unit_id,
        }

    def unit(self, name: str) -> OrganisationUnit:
        return session.get_one(OrganisationUnit, self.units[name])

    def sit(self, role: Role, unit: str = "department") -> None:
        with self.app.app_context(), unit_of_work():
            self.seat.take(role, self.unit(unit))

    def publish(self) -> None:
        with self.app.app_context(), unit_of_work():
            publish_all(session.get_one(Round, self.round_id))

    def state(self) -> str:
        with self.app.app_context():
            return session.get_one(Assessment, self.form_id).state

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data=fields)


@pytest.fixture
def site(client: FlaskClient, seat: Seat, app: Flask) -> Site:
    with app.app_context(), unit_of_work():
        site = Site(client, seat, app)
    site.sit(Role.DEPARTMENT_ADMIN)
    return site


def numbers(text: str) -> dict[str, int]:
    """The tiles of an overview: words → number."""
    found = re.findall(r'class="tile"[^>]*><b[^>]*>([\d.]+)</b><span>([^<]+)</span>', text)
    return {words: int(number.replace(".", "")) for number, words in found}


def test_the_overview_opens_on_the_round_that_matters(site: Site) -> None:
    answer = site.client.get("/results")
    assert answer.status_code == 302 and answer.location.endswith(f"/results/{site.uid}")
    answer = site.client.get(f"/results?round={site.uid}&tab=heat&stage=thcs&uid=x&_external=1")
    assert answer.location.endswith(f"/results/{site.uid}?tab=heat&stage=thcs")


def test_the_tiles_add_up_and_link_to_their_lists(site: Site) -> None:
    text = site.page(f"/results/{site.uid}?ownership=cong_lap")
    tiles = numbers(text)
    whole = tiles.pop("Trường trong đợt")
    assert whole == sum(tiles.values()) == 2 and tiles["Đã xác nhận"] == 1 and tiles["Chưa nộp"] == 1
    links = re.findall(r'class="tile" href="([^"]+)"', text)
    for link, count in zip(links[1:], tiles.values(), strict=True):
        assert "ownership=cong_lap" in link
        assert f"{count} trường" in site.page(link.replace("&amp;", "&"))


@pytest.mark.parametrize("tab", ["gap", "progress"])
def test_every_number_of_a_chart_leads_to_its_list(site: Site, tab: str) -> None:
    text = site.page(f"/results/{site.uid}?tab={tab}")
    tables = re.findall(r'<table class="chart-table">.*?</table>', text, re.DOTALL)
    cells = [cell for table in tables for cell in re.findall(r'<td class="n">(.*?)</td>', table, re.DOTALL)]
    counts = [cell for cell in cells if tab == "gap" or "/" in re.sub("<.*?>", "", cell)]
    assert counts and all(cell.startswith('<a href="') for cell in counts), cells


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_with_and_without_results(site: Site, tab: str) -> None:
    before = site.page(f"/results/{site.uid}?tab={tab}&ward={'0' * 32}")
    assert 'aria-current="page"' in before
    site.publish()
    site.page(f"/results/{site.uid}?tab={tab}")
    site.page(f"/results/{site.uid}?tab={tab}&full=wards&stage=rubbish&set=none")


def test_filters_stay_on_every_tab(site: Site) -> None:
    text = site.page(f"/results/{site.uid}?tab=heat&stage=thcs&ownership=cong_lap")
    tabs = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
    assert tabs is not None
    links = re.findall(r'href="([^"]+)"', tabs[0])
    assert len(links) == 5 and all("stage=thcs" in link and "ownership=cong_lap" in link for link in links)


def test_the_unmet_indicator_leads_to_the_school(site: Site) -> None:
    text = site.page(f"/results/{site.uid}")
    link = re.search(r'href="([^"]+indicator=AT1\.1)">1/1</a>', text)
    assert link is not None
    listed = site.page(link[1].replace("&amp;", "&"))
    assert "Trường chưa đạt tiêu chí AT1.1" in listed and "1 trường" in listed


def test_a_cell_of_the_coloured_table_leads_to_its_schools(site: Site) -> None:
    text = site.page(f"/results/{site.uid}?tab=heat")
    cell = re.search(r'<td class="lv1"><a href="([^"]+)">2,0</a>', text)
    assert cell is not None and "criterion=AT1" in cell[1]
    listed = site.page(cell[1].replace("&amp;", "&"))
    assert "1/2: AT1.1" in listed


def test_names_are_text_everywhere(site: Site) -> None:
    site.publish()
    pages = [f"/results/{site.uid}?tab={tab}&q=mau" for tab in TABS]
    pages += [f"/results/{site.uid}/schools", f"/results/{site.uid}/schools?criterion=AT1"]
    pages += [f"/results/forms/{site.form_uid}", f"/results/forms/{site.form_uid}/unpublish"]
    pages += [f"/results/{site.uid}?tab=compare&school={site.form_uid}", f"/results/{site.uid}/finalise"]
    for path in pages:
        text = site.page(path)
        assert "<b>Mẫu" not in text and "<i>Mẫu" not in text and "<u>biên" not in text, path
    assert "THCS &lt;b&gt;Mẫu&lt;/b&gt; &amp;amp; bạn" in site.page(f"/results/forms/{site.form_uid}")


def test_without_a_round_the_page_says_what_comes_next(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        site.seat.take(Role.DEPARTMENT_ADMIN, make_department())
    assert "Chưa có đợt đánh giá nào" in site.page("/results")
    site.page(f"/results/{site.uid}", 404)
    site.page(f"/results/{site.uid}/schools", 404)
    site.page(f"/results/{site.uid}/finalise", 404)
    assert site.post(f"/results/{site.uid}/finalise").status_code == 404


def test_a_planned_round_says_when_it_opens(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        session.get_one(Round, site.round_id).state = PLANNED
    assert "Đợt mở ngày 01/05/2027" in site.page(f"/results/{site.uid}")


@pytest.mark.parametrize(
    ("role", "unit", "paths"),
    [
        (Role.UNIT_HEAD, "school", ("/results", "/results/{uid}", "/results/{uid}/schools")),
        (
            Role.DEPARTMENT_LEADER,
            "department",
            ("/results/{uid}/finalise", "/results/forms/{form}/unpublish"),
        ),
        (Role.VIEWER, "department", ("/results/{uid}/finalise",)),
    ],
)
def test_what_a_role_may_not_open(site: Site, role: Role, unit: str, paths: tuple[str, ...]) -> None:
    site.sit(role, unit)
    for path in paths:
        site.page(path.format(uid=site.uid, form=site.form_uid), 403)
    assert site.post(f"/results/{site.uid}/finalise").status_code == 403


def test_the_administrator_publishes_after_seeing_the_counts(site: Site) -> None:
    text = site.page(f"/results/{site.uid}/finalise")
    assert "1 phiếu sẵn sàng công bố" in text and "Trường chưa sẵn sàng" in text
    assert 'class="tag ">Nháp' in text
    answer = site.post(f"/results/{site.uid}/finalise")
    assert answer.status_code == 302 and "/jobs/" in answer.location
    assert run_queued_jobs(site.app) == 1
    assert "Mở kết quả" in site.page(answer.location)
    assert "Chưa có phiếu nào đã xác nhận" in site.page(f"/results/{site.uid}/finalise")
    assert site.post(f"/results/{site.uid}/finalise").status_code == 409
    with site.app.app_context():
        assert session.scalars(select(Result)).one().level == "chua_dat"


def test_the_school_sees_its_result_explained(site: Site) -> None:
    site.publish()
    site.sit(Role.UNIT_HEAD, "school")
    assert f"/results/forms/{site.form_uid}" in site.page("/results/own")
    text = site.page(f"/results/forms/{site.form_uid}")
    assert "Đạt 3/4 tiêu chí áp dụng · bắt buộc 0/1" in text
    assert "Đạt 0/1 tiêu chí bắt buộc áp dụng; cần đạt tất cả." in text
    assert "Thiếu &lt;u&gt;biên bản&lt;/u&gt;" in text and "−2" in text
    assert "Chưa đủ 5 trường để so sánh." in text


def test_before_publication_only_the_school_sees_its_own_claim(site: Site) -> None:
    site.page(f"/results/forms/{site.form_uid}", 404)
    site.sit(Role.UNIT_MEMBER, "school")
    text = site.page(f"/results/forms/{site.form_uid}")
    assert "theo tự đánh giá của trường" in text and "Đạt 4/4 tiêu chí áp dụng" in text
    assert "Thiếu" not in text and "Chưa đạt" not in text
    assert "theo tự đánh giá của trường" in site.page("/results/own")


def test_another_school_and_another_commune_do_not_find_it(site: Site) -> None:
    site.publish()
    site.sit(Role.UNIT_HEAD, "other")
    site.page(f"/results/forms/{site.form_uid}", 404)
    with site.app.app_context(), unit_of_work():
        site.seat.take(Role.COMMUNE_OFFICER, make_commune(site.unit("department")))
    site.page(f"/results/forms/{site.form_uid}", 404)
    site.page(f"/results/{site.uid}", 404)


def test_a_viewer_reads_numbers_but_neither_reasons_nor_facts(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        record_fact(session.get_one(Assessment, site.form_id))
    site.publish()
    site.sit(Role.VIEWER)
    text = site.page(f"/results/forms/{site.form_uid}")
    assert "Có 1 sự việc loại trừ được ghi nhận." in text
    for path in (f"/results/forms/{site.form_uid}", f"/results/{site.uid}", f"/results/{site.uid}/schools"):
        text = site.page(path)
        assert "12/KL" not in text and "Bếp ăn" not in text and "biên bản" not in text


def record_fact(form: Assessment) -> None:
    session.add(
        VetoEvent(
            participation_id=form.participation_id,
            framework_version_id=form.framework_version_id,
            code="V3",
            event_date=CHECKED.date(),
            place="Bếp ăn",
            document_number="12/KL",
            document_date=CHECKED.date(),
            concluding_authority="Cơ quan thử",
            recorded_by_id=make_user().id,
            recorded_at=CHECKED,
        )
    )


def test_taking_a_result_back_asks_for_a_reason(site: Site) -> None:
    site.publish()
    path = f"/results/forms/{site.form_uid}/unpublish"
    assert "Nhà trường sẽ đọc lý do này" in site.page(path)
    answer = site.post(path, reason="  ")
    assert answer.status_code == 422 and "Hãy ghi lý do" in answer.get_data(as_text=True)
    assert site.state() == State.PUBLISHED
    assert site.post(path, reason="Nhập nhầm").status_code == 302
    assert site.state() == State.APPROVED
    assert site.post(path, reason="Nhập nhầm").status_code == 404


def test_a_valid_certificate_is_said_before_a_reason_is_typed(site: Site) -> None:
    class One:
        def has_valid(self, result_id: int) -> bool:
            return True

    site.publish()
    path = f"/results/forms/{site.form_uid}/unpublish"
    certificates.plug(One())
    try:
        text = site.page(path)
        assert "Hãy thu hồi giấy chứng nhận trước" in text and "<textarea" not in text
        assert "/certificates?q=" in text
        assert site.post(path, reason="Nhập nhầm").status_code == 409
    finally:
        certificates.plug(NoCertificates())
    assert site.state() == State.PUBLISHED


def test_a_confirmed_school_is_told_that_publication_is_waited_for(site: Site) -> None:
    site.sit(Role.UNIT_HEAD, "school")
    assert "đang chờ Sở công bố" in site.page("/results/own")
    assert "đang chờ Sở công bố" in site.page(f"/results/forms/{site.form_uid}")


def test_a_school_of_another_round_is_not_compared(site: Site) -> None:
    site.publish()
    with site.app.app_context(), unit_of_work():
        other = make_round(site.unit("department"))
        make_schools_in(other, site.unit("commune"), 1)
        uid = other.uid
    site.page(f"/results/{uid}?tab=compare&school={site.form_uid}", 404)
    site.page(f"/results/{site.uid}?tab=compare&school=zzz", 404)


def test_the_number_of_statements_does_not_grow_with_schools(site: Site, count_queries: Any) -> None:
    def statements() -> dict[str, int]:
        seen = {}
        for tab in TABS:
            with count_queries() as found:
                site.page(f"/results/{site.uid}?tab={tab}&q=mau")
            seen[tab] = len(found)
        with count_queries() as found:
            site.page(f"/results/{site.uid}/schools?criterion=AT1")
        return seen | {"list": len(found)}

    before = statements()
    with site.app.app_context(), unit_of_work():
        round_ = session.get_one(Round, site.round_id)
        for number in range(6):
            commune = make_commune(site.unit("department"))
            for participation in make_schools_in(round_, commune, 50):
                if number < 2:
                    make_checked(participation, HIGH)
                else:
                    bare_form(participation, round_.id, site.version_id)
    after = statements()
    assert after == before and max(after.values()) <= 14


def bare_form(participation: Participation, round_id: int, version_id: int) -> None:
    session.add(
        Assessment(
            participation_id=participation.id,
            round_id=round_id,
            framework_version_id=version_id,
            state_since=CHECKED,
        )
    )
