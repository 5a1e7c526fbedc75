"""The plan as a Word file and a workbook, its marks and derived state."""

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import docx
import pytest
import python_calamine
from flask import Flask
from flask.testing import FlaskClient

from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from survey_app.plans.items import MARK_NAMES, marks_total, shown_status
from survey_app.plans.models import PlanItem
from survey_app.rounds.models import Round
from tests.conftest import Seat
from tests.factories.assessments import make_assessment
from tests.factories.frameworks import MANDATORY, plain_framework, plain_indicator
from tests.factories.rounds import make_framework_version, make_participation, make_round
from tests.plans.test_pages import WORK, Site

FORMULA = '=HYPERLINK("http://x.example","Xem")'
ALL_MARKS = {f"mark_{code}": str(mark) for code, mark in zip(MARK_NAMES, (5, 4, 3, 4, 5), strict=True)}


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)


def word_text(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def workbook_cells(content: bytes) -> list[Any]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [cell for row in book.get_sheet_by_index(0).to_python() for cell in row if cell != ""]


def test_overdue_is_derived_and_never_for_what_is_done() -> None:
    today = date(2027, 9, 30)
    assert shown_status("todo", today - timedelta(days=1), today) == "late"
    assert shown_status("doing", today - timedelta(days=1), today) == "late"
    assert shown_status("todo", today, today) == "todo" and shown_status("doing", None, today) == "doing"
    assert shown_status("done", today - timedelta(days=1), today) == "done"


def test_the_word_file_has_the_schools_header_every_row_and_the_signatory(site: Site) -> None:
    site.add(action="Sửa hàng rào\nTrồng cây", due_on="30/9/2020", priority="1")
    answer = site.client.get(f"/plans/{site.uid}/plan.docx")
    assert answer.status_code == 200 and "attachment; filename=KeHoachCaiThien_" in str(answer.headers)
    text = word_text(answer.data)
    for words in (
        "KẾ HOẠCH CẢI THIỆN",
        "HIỆU TRƯỞNG",
        "Sửa hàng rào\nTrồng cây",
        "Trần Văn Mẫu",
        "30/09/2020",
    ):
        assert words in text, words
    assert (
        "Quá hạn" in text
        and "12.500 nghìn đồng" in text
        and "ỦY BAN NHÂN DÂN" in text.replace("UBND", "ỦY BAN NHÂN DÂN")
    )


def test_the_workbook_keeps_what_people_typed_as_text(site: Site) -> None:
    site.add(action=FORMULA, person="=1+1", **ALL_MARKS)
    answer = site.client.get(f"/plans/{site.uid}/plan.xlsx")
    assert answer.status_code == 200
    cells = workbook_cells(answer.data)
    assert FORMULA in cells and "=1+1" in cells and 12_500 in cells and 21 in cells
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        formulas = re.findall("<f>(.*?)</f>", archive.read("xl/worksheets/sheet1.xml").decode())
    assert formulas and all(re.fullmatch(r"(SUM|SUBTOTAL)\([A-Z0-9:,]+\)", one) for one in formulas)


def test_papers_of_a_draft_set_say_so(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        school = session.get_one(OrganisationUnit, site.school)
        version = make_framework_version(plain_framework(status="draft"))
        round_ = make_round(session.get_one(Round, 1).department, [version])
        uid = make_assessment(make_participation(round_, school), {"AT1.1": 1}).uid
    assert site.client.post(f"/plans/{uid}/new", data=WORK).status_code == 302
    assert "BẢN NHÁP" in word_text(site.client.get(f"/plans/{uid}/plan.docx").data)
    cells = workbook_cells(site.client.get(f"/plans/{uid}/plan.xlsx").data)
    assert any("BẢN NHÁP" in str(cell) for cell in cells)


def test_five_marks_are_optional_and_order_the_plan(site: Site) -> None:
    site.add(action="Việc không chấm")
    site.add(action="Việc chấm thấp", **ALL_MARKS | {"mark_importance": "1"})
    site.add(action="Việc chấm cao", **ALL_MARKS)
    site.add(action="Chấm một phần", mark_time="5")
    text = site.page(f"/plans/{site.uid}")
    places = [text.index(words) for words in ("Việc chấm cao", "Việc chấm thấp", "Việc không chấm")]
    assert places == sorted(places) and "21/25 điểm" in text and "17/25 điểm" in text
    part = next(item for item in site.items() if item.action == "Chấm một phần")
    assert part.marks == {"time": 5} and marks_total(part.marks) is None
    edit = site.page(f"/plans/items/{part.uid}")
    assert 'value="5"' in edit and "Quyết tâm" in edit


@pytest.mark.parametrize("mark", ["0", "6", "x", "-1"])
def test_a_mark_outside_one_to_five_is_refused(site: Site, mark: str) -> None:
    answer = site.add(mark_importance=mark)
    assert answer.status_code == 422 and "Hãy chọn một mục" in answer.get_data(as_text=True)
    assert site.items() == []


def test_the_pages_and_papers_of_a_plan_take_few_statements(site: Site, count_queries: Any) -> None:
    for _ in range(3):
        site.add()
    item: PlanItem = site.items()[0]
    for path in (
        f"/plans/{site.uid}",
        f"/plans/{site.uid}/plan.docx",
        f"/plans/{site.uid}/plan.xlsx",
        f"/plans/items/{item.uid}",
    ):
        with count_queries() as seen:
            assert site.client.get(path).status_code == 200
        assert len(seen) <= 12, (path, seen.statements)


def test_an_empty_plan_is_a_paper_that_says_so(site: Site) -> None:
    assert "Kế hoạch chưa có việc nào." in word_text(site.client.get(f"/plans/{site.uid}/plan.docx").data)


def test_at_most_five_priorities_are_suggested_first_mandatory_ones_before(site: Site) -> None:
    members = [plain_indicator(f"AT1.{n}") for n in range(1, 8)]
    members.append(plain_indicator("AT1.8", mandatory_for=MANDATORY))
    with site.app.app_context(), unit_of_work():
        school = session.get_one(OrganisationUnit, site.school)
        version = make_framework_version(plain_framework([("AT", 1, members)]))
        round_ = make_round(session.get_one(Round, 1).department, [version])
        part = make_participation(round_, school)
        uid = make_assessment(part, {item.code: 1 for item in members}).uid
    first, rest = site.page(f"/plans/{uid}").split("Xem thêm 3 gợi ý")
    assert first.count('class="suggestion"') == 5 and rest.count('class="suggestion"') == 3
    assert first.index("AT1.8") < first.index("AT1.1")
