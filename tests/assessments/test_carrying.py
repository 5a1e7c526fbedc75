"""Last year's answers: copied as proposals, kept one indicator at a time, never over what was typed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from survey_app.assessments import carrying, queries, saving
from survey_app.assessments.checks import blocking, gaps_of
from survey_app.assessments.models import Answer, Assessment, EvidenceUse
from survey_app.assessments.queries import Form
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.rounds.models import Round
from survey_app.rules.errors import RuleError
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State, WrongState
from tests.assessments.conftest import small_set
from tests.assessments.desk import question, read
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.evidence import make_file
from tests.factories.organisations import make_school
from tests.factories.results import make_checked, publish_all
from tests.factories.rounds import CLOSES, OPENS, make_framework_version, make_participation, make_round
from tests.journeys.browser import read_page

LAST = {"AT1.1": 3, "AT1.2": 2, "LM1.1": 1, "LM1.2": 1}
NOW = OPENS + timedelta(days=3)


@dataclass
class Years:
    """A school with a published form of last year and a draft of this year."""

    last: Assessment
    this: Assessment
    head: Actor

    def form(self) -> Form:
        return queries.get_visible_form(self.head, self.this.uid, lock=True)

    def copy(self) -> int:
        return carrying.copy_all(self.form(), actor=self.head, now=NOW)

    def keep(self, code: str) -> None:
        carrying.keep_as_before(self.form(), code, actor=self.head, now=NOW)

    def rows(self, code: str) -> list[Answer]:
        return list(queries.answers_of_indicator(self.this.id, code).values())

    def stops(self) -> list[tuple[str, str]]:
        gaps = gaps_of(self.form(), queries.answers_of(self.this.id), [], None, veto_open=False)
        return [(gap.kind, gap.code) for gap in blocking(gaps)]


def make_years(**this: Any) -> Years:
    school = make_school(sites=2)
    assert school.parent is not None and school.parent.parent is not None
    version = make_framework_version(small_set())
    before = make_round(
        school.parent.parent,
        [version],
        opens_at=OPENS - timedelta(days=365),
        closes_at=CLOSES - timedelta(days=365),
        school_year="2025-2026",
    )
    last = make_checked(make_participation(before, school), LAST, {"AT1.1": 1})
    words = queries.answers_of(last.id)
    words["AT1.2", 0].comment = "Có bảng trực"
    publish_all(before)
    now = make_participation(make_round(school.parent.parent, [version]), school)
    return Years(last, make_assessment(now, {}, **this), make_actor(Role.UNIT_HEAD, school))


@pytest.fixture
def years(session: Any) -> Years:
    return make_years()


def test_copied_answers_wait_and_stop_the_submission(years: Years) -> None:
    assert years.copy() == 4
    assert [(row.value, row.comment, row.confirmed) for row in years.rows("AT1.2")] == [
        (2, "Có bảng trực", False)
    ]
    assert years.stops() == [("unconfirmed", code) for code in LAST]


def test_no_more_is_copied_than_the_authority_confirmed(years: Years) -> None:
    years.copy()
    assert [row.value for row in years.rows("AT1.1")] == [1, 1], "the school claimed 3 at both sites"


def test_the_counts_equal_their_recomputation_after_copying_and_keeping(years: Years) -> None:
    years.copy()
    years.keep("AT1.1")
    form = years.form()
    kept = {name: getattr(form.assessment, name) for name in saving.COUNTED}
    saving.recount(form)
    assert kept == {name: getattr(form.assessment, name) for name in saving.COUNTED}
    assert kept["answered"] == 4


def test_copying_twice_copies_once(years: Years) -> None:
    years.copy()
    assert years.copy() == 0
    assert [row.version for row in years.rows("AT1.2")] == [1]


def test_what_was_typed_this_year_stays(years: Years) -> None:
    edit = saving.Edit("AT1.2", 0, 1, "Năm nay mới có", 0, "k")
    saving.save_answer(years.form(), edit, actor=years.head, now=NOW)
    assert years.copy() == 3
    years.keep("AT1.2")
    assert [(row.value, row.comment) for row in years.rows("AT1.2")] == [(1, "Năm nay mới có")]


def test_keeping_confirms_one_indicator_at_every_site(years: Years) -> None:
    years.copy()
    years.keep("AT1.1")
    assert [row.confirmed for row in years.rows("AT1.1")] == [True, True]
    assert ("unconfirmed", "AT1.1") not in years.stops()
    assert ("unconfirmed", "AT1.2") in years.stops()


def test_keeping_without_copying_first_takes_the_answer_over(years: Years) -> None:
    years.keep("AT1.2")
    assert [(row.value, row.confirmed, row.updated_by_id) for row in years.rows("AT1.2")] == [
        (2, True, years.head.user_id)
    ]


def test_keeping_twice_changes_once(years: Years) -> None:
    years.keep("AT1.2")
    years.keep("AT1.2")
    assert len(queries.changes_of(years.this.id, "AT1.2")) == 1


def test_choosing_anew_confirms_too(years: Years) -> None:
    years.copy()
    edit = saving.Edit("AT1.2", 0, 3, "", 1, "k")
    saving.save_answer(years.form(), edit, actor=years.head, now=NOW)
    assert ("unconfirmed", "AT1.2") not in years.stops()


def test_what_no_longer_applies_is_not_copied(session: Any) -> None:
    years = make_years(profile={"bep_an": False})
    assert years.copy() == 3
    assert years.rows("LM1.1") == []
    with pytest.raises(RuleError, match="LM1.1"):
        years.keep("LM1.1")


def test_without_an_answer_of_last_year_there_is_nothing_to_keep(years: Years) -> None:
    queries.answers_of(years.last.id)["AT1.2", 0].value = None
    with pytest.raises(carrying.NothingToKeep):
        years.keep("AT1.2")


def test_a_form_that_was_handed_in_is_not_filled_from_last_year(session: Any) -> None:
    years = make_years(state=State.SUBMITTED)
    for act in (years.copy, lambda: years.keep("AT1.2")):
        with pytest.raises(WrongState):
            act()


@pytest.fixture
def pages(app: Any, client: Any, seat: Seat, clock_at: None) -> tuple[Any, str]:
    with app.app_context(), core_db.unit_of_work() as session:
        years = make_years()
        session.flush()
        seat.actor = years.head
        uid = years.this.uid
    return client, uid


@pytest.fixture
def clock_at() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_pages_lead_from_copying_to_confirming(
    pages: tuple[Any, str], count_queries: Callable[[], Any]
) -> None:
    client, uid = pages
    start = client.get(f"/assessments/{uid}").get_data(as_text=True)
    assert "Chép câu trả lời năm học 2025 – 2026" in start
    assert client.post(f"/assessments/{uid}/copy").status_code == 302
    with count_queries() as seen:
        after = client.get(f"/assessments/{uid}").get_data(as_text=True)
    assert len(seen) <= 12
    assert "Đã chép 4 tiêu chí từ năm trước, đang chờ xác nhận." in after
    assert "Còn 4 tiêu chí chép từ năm trước chờ xác nhận." in after and "Chờ xác nhận 2" in after
    assert client.get(f"/assessments/{uid}/continue").location.endswith("/fill/AT1#AT1.1")
    fill = client.get(f"/assessments/{uid}/fill/AT1").get_data(as_text=True)
    assert fill.count("Giữ như năm trước") == 2
    kept = client.post(f"/assessments/{uid}/keep/AT1.1")
    assert kept.location.endswith("/fill/AT1?saved=AT1.1#AT1.2")  # on to the next that waits
    assert client.get(kept.location).get_data(as_text=True).count("Giữ như năm trước") == 1
    assert client.get(f"/assessments/{uid}/continue").location.endswith("/fill/AT1#AT1.2")
    check = client.get(f"/assessments/{uid}/check").get_data(as_text=True)
    assert check.count("chưa xác nhận câu trả lời chép từ năm trước") == 3


def test_last_years_answer_stands_beside_this_years_question(pages: tuple[Any, str]) -> None:
    client, uid = pages
    fill = client.get(f"/assessments/{uid}/fill/AT1").get_data(as_text=True)
    lower, same = (read(question(fill, code)) for code in ("AT1.1", "AT1.2"))
    assert "Năm học 2025 – 2026: tự đánh giá mức 3 (kết quả kiểm tra: mức 1)" in lower
    assert "Năm học 2025 – 2026: tự đánh giá mức 2 (kết quả kiểm tra: mức 2)" in same
    assert "Xem lý do Hồ sơ chưa đủ" in lower and "Xem lý do" not in same


def test_a_file_of_last_year_gets_a_new_code_in_this_years_form(
    app: Flask, pages: tuple[Any, str], seat: Seat
) -> None:
    client, uid = pages
    address = f"/assessments/{uid}/evidence/AT1.2"
    with app.app_context(), core_db.unit_of_work():
        old, new = (_used(seat, *years) for years in (("2025-2026", 3), ("2026-2027", 1)))
    now = client.get(address).get_data(as_text=True)
    assert f'value="{new}"' in now and old not in now
    before = client.get(read_page(address, 200, now).link("Năm trước")).get_data(as_text=True)
    assert f'value="{old}"' in before and new not in before
    assert client.post(f"{address}/choose", data={"file": old}).status_code == 302
    with app.app_context():
        forms = core_db.session.scalars(select(Assessment.id).order_by(Assessment.id))
        codes = [[item.code for item in queries.evidence_of(form)["AT1.2"]] for form in forms]
    assert codes == [["MC-AT1.2-03"], ["MC-AT1.2-01", "MC-AT1.2-02"]]


def _used(seat: Seat, school_year: str, number: int) -> str:
    """A file used for AT1.2 while the form of that year was open; its public id."""
    assert seat.actor is not None
    file = make_file(seat.actor, school_year=school_year)
    of_year = select(Assessment).join(Round).where(Round.school_year == school_year)
    form = core_db.session.scalars(of_year).one()
    use = {"indicator": "AT1.2", "evidence_id": file.id, "number": number, "added_at": NOW}
    core_db.session.add(EvidenceUse(assessment_id=form.id, **use))
    return file.uid


def test_what_cannot_be_kept_is_said_on_the_page(pages: tuple[Any, str]) -> None:
    client, uid = pages
    assert client.post(f"/assessments/{uid}/keep/XX9").status_code == 404
    with time_machine.travel(CLOSES + timedelta(days=1), tick=False):
        refused = client.post(f"/assessments/{uid}/keep/AT1.2")
    assert refused.status_code == 409
    assert "Đã hết hạn" in refused.get_data(as_text=True)
