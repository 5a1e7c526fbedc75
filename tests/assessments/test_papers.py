"""The printed form, its empty copy and the receipt: what stands on them, as PDF and as Word file."""

import io
import re
from datetime import datetime
from typing import Any

import pytest
from docx import Document
from flask import Flask

from survey_app.assessments import profile, queries, service
from survey_app.assessments.models import Assessment
from survey_app.assessments.saving import Edit, save_answer
from survey_app.core.db import session, unit_of_work
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import Action, State
from tests.assessments.conftest import Stage
from tests.assessments.desk import Desk, clock, desk
from tests.assessments.test_service import fill_in
from tests.documents.reading import fonts_of, pages_of, text_of
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_school

__all__ = ["clock", "desk"]
PDF, DOCX = "/paper.pdf", "/paper.docx"


def fetch(desk: Desk, path: str) -> bytes:
    answer = desk.client.get(desk.url(path))
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return answer.get_data()


def words_of(docx: bytes) -> str:
    """The text of a Word file in the order of its body, tables cell by cell."""
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([line.text for line in document.paragraphs] + cells).replace("\n", " ")


def said(desk: Desk, path: str) -> str:
    content = fetch(desk, path)
    return words_of(content) if path.partition("?")[0].endswith("docx") else text_of(content)


def put(stage: Stage, now: datetime, code: str, value: int, site: int = 0, comment: str = "") -> None:
    edit = Edit(code, site, value, comment, 0, f"{code}-{site}")
    save_answer(stage.form(), edit, actor=stage.head, now=now)


def differing(desk: Desk, now: datetime) -> None:
    """One indicator at two sites with different values, one with words, no kitchen."""
    main, other = desk.stage.sites
    with unit_of_work():
        facts = {question.code: False for question in desk.stage.form().framework.profile}
        profile.save_profile(desk.stage.form(), facts, base_version=1, actor=desk.stage.head, now=now)
        put(desk.stage, now, "AT1.1", 3, main)
        put(desk.stage, now, "AT1.1", 1, other, "Cổng sau chưa có mái")
        put(desk.stage, now, "AT1.2", 2, comment="Đủ bình, kiểm tra hằng tháng")
        put(desk.stage, now, "LM1.2", 1)


@pytest.mark.parametrize("path", [PDF, DOCX])
def test_the_form_has_the_header_the_table_and_the_place_to_sign(
    desk: Desk, now: datetime, path: str
) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)
    text = said(desk, path + "?signatory=Nguyễn+Thị+Mẫu")
    part = queries.form_of(desk.stage.assessment.id).participation
    assert re.search(f"(ỦY BAN NHÂN DÂN|UBND) {part.ward_name.upper()}", text)
    assert part.unit_name.upper() in text
    assert "PHIẾU TỰ ĐÁNH GIÁ" in text and "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    for heading in ("TT", "Nội dung", "Tự đánh giá", "Ghi chú/ minh chứng"):
        assert heading in text
    assert re.search(r"HIỆU TRƯỞNG \(Ký, đóng dấu \(nếu có\)\).*Nguyễn Thị Mẫu", text) or path == DOCX
    assert "Nguyễn Thị Mẫu" in text and "đóng dấu (nếu có)" in text and "KT." not in text


@pytest.mark.parametrize("path", [PDF, DOCX])
def test_a_deputy_signs_for_the_head(desk: Desk, path: str) -> None:
    text = said(desk, path + "?signatory=Lê+Văn+Mẫu&deputy=1")
    assert "KT. HIỆU TRƯỞNG" in text and "PHÓ HIỆU TRƯỞNG" in text and "Lê Văn Mẫu" in text


def test_the_numbers_on_paper_are_those_on_the_page(desk: Desk, now: datetime) -> None:
    differing(desk, now)
    page = desk.get("/check")
    headline = re.search(r'class="headline">([^<]+)<', page)
    assert headline is not None and "Đạt 2/3 tiêu chí áp dụng" in headline[1]
    for path in (PDF, DOCX):
        text = said(desk, path)
        assert headline[1].strip() in text and "1 không áp dụng" in text
    tally = queries.own_scorecard(queries.form_of(desk.stage.assessment.id)).tally
    mandatory = f"{tally.mandatory_met}/{tally.mandatory}"
    total = f"Cộng {tally.applicable} {tally.answered} {tally.met} {mandatory} {tally.not_applicable}"
    assert total in said(desk, PDF) and total in said(desk, DOCX)


@pytest.mark.parametrize("path", [PDF, DOCX])
def test_sites_that_differ_are_named_and_what_does_not_apply_says_so(
    desk: Desk, now: datetime, path: str
) -> None:
    differing(desk, now)
    text = said(desk, path)
    assert re.search(r"Điểm chính: Mức 3 Điểm lẻ 1: Mức 1", text)
    assert "Điểm lẻ 1: Cổng sau chưa có mái" in text and "Đủ bình, kiểm tra hằng tháng" in text
    assert "LM1.1" in text and "Không áp dụng" in text
    with unit_of_work():
        main, other = desk.stage.sites
        edit = Edit("AT1.1", other, 3, "", 1, "same")
        save_answer(desk.stage.form(), edit, actor=desk.stage.head, now=now)
    assert "Điểm chính: Mức" not in said(desk, path)


@pytest.mark.parametrize("path", [PDF, DOCX])
def test_an_unfinished_form_says_what_is_open(desk: Desk, path: str) -> None:
    text = said(desk, path)
    assert "Chưa trả lời" in text and "4 chưa trả lời" in text


def test_a_draft_set_is_marked_on_every_page(desk: Desk, app: Flask) -> None:
    with unit_of_work() as db:
        version = db.get_one(Assessment, desk.stage.assessment.id).framework_version
        version.status, version.content = "draft", version.content | {"status": "draft"}
    for path in (PDF, "/blank.pdf"):
        assert all("BẢN NHÁP" in page for page in pages_of(fetch(desk, path)))
    for path in (DOCX, "/blank.docx"):
        section = Document(io.BytesIO(fetch(desk, path))).sections[0]
        for header in (section.first_page_header, section.header):
            assert "BẢN NHÁP" in [line.text for line in header.paragraphs]


def test_a_set_in_force_carries_no_mark(desk: Desk) -> None:
    assert "BẢN NHÁP" not in said(desk, PDF)


@pytest.mark.parametrize("path", ["/blank.pdf", "/blank.docx"])
def test_the_empty_copy_has_every_level_to_tick_and_no_answer(desk: Desk, now: datetime, path: str) -> None:
    differing(desk, now)
    text = said(desk, path)
    for code in ("AT1.1", "AT1.2", "LM1.2"):
        assert code in text
    assert "LM1.1" not in text  # there is no kitchen
    framework = queries.form_of(desk.stage.assessment.id).framework
    for code in ("AT1.1", "LM1.2"):
        indicator = framework.by_code[code]
        for level in indicator.levels:
            assert indicator.scale.name_of(level.value).vi in text
    assert "Điểm lẻ 1: ………" in text
    assert "Đủ bình" not in text and "Đạt 2/" not in text and "Cổng sau" not in text
    if path.endswith("docx"):
        assert text.count("☐") == sum(
            len(framework.by_code[code].levels) for code in ("AT1.1", "AT1.2", "LM1.2")
        )


def test_what_people_typed_stays_text(desk: Desk, now: datetime) -> None:
    typed = '<img src="file:///etc/x"> & <b>đậm</b>'
    with unit_of_work():
        put(desk.stage, now, "AT1.2", 2, comment=typed)
    for path in (PDF, DOCX):  # a long word is broken over lines
        assert typed.replace(" ", "") in said(desk, path).replace(" ", "")


def test_only_our_fonts_are_used(desk: Desk) -> None:
    assert {family for family, _ in fonts_of(fetch(desk, PDF))} == {"Tinos"}


def test_after_handing_in_the_paper_has_the_number_and_who_signed(desk: Desk, now: datetime) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)
        service.submit_assessment(
            desk.stage.form(), signatory="Lê Văn Mẫu", by_deputy=True, actor=desk.stage.head, now=now
        )
    assert "Mã hồ sơ" not in said(desk, "/blank.pdf")
    desk.sit(desk.stage.officer)  # who checks sees the same paper, whatever the address asks for
    text = said(desk, PDF + "?signatory=Kẻ+khác")
    number = session.get_one(Assessment, desk.stage.assessment.id).receipt_number
    assert number and number in text and "KT. HIỆU TRƯỞNG" in text
    assert "Lê Văn Mẫu" in text and "Kẻ khác" not in text


def test_papers_are_within_the_walls(desk: Desk) -> None:
    desk.sit(desk.stage.officer)  # a draft is its school's alone
    paths = (PDF, DOCX, "/blank.pdf", "/blank.docx", "/receipt.pdf")
    assert {desk.client.get(desk.url(path)).status_code for path in paths} == {404}
    with unit_of_work():
        stranger = make_actor(Role.UNIT_HEAD, make_school())
    desk.sit(stranger)
    assert {desk.client.get(desk.url(path)).status_code for path in paths} == {404}


# ---- the receipt ----


def handed_in(desk: Desk, now: datetime) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)
        service.submit_assessment(desk.stage.form(), signatory="A", actor=desk.stage.head, now=now)


def test_the_receipt_says_number_second_next_step_and_contact_and_no_result(
    desk: Desk, now: datetime, app: Flask
) -> None:
    with unit_of_work():
        reviewer = desk.stage.form().participation.reviewing_unit
        reviewer.contact_name, reviewer.contact_phone = "Trần Văn Cán", "0292 3 000 000"
    handed_in(desk, now)
    text = said(desk, "/receipt.pdf")
    form = queries.form_of(desk.stage.assessment.id)
    number = form.assessment.receipt_number
    assert number and number in text and "BIÊN NHẬN" in text
    assert "14:05:32, 12/05/2027" in text and "4/4 tiêu chí áp dụng" in text
    assert f"{form.participation.reviewing_unit.name} kiểm tra, đánh giá trước 17g00, ngày 09/06/2027" in text
    assert "Trần Văn Cán, 0292 3 000 000" in text
    assert not re.search(r"\bĐạt\b|\bMức\b|%|bắt buộc|xếp loại", text)
    assert len(pages_of(fetch(desk, "/receipt.pdf"))) == 1
    page = desk.get("/receipt")
    assert desk.url("/receipt.pdf") in page and number in page


def test_a_draft_has_no_receipt_on_paper(desk: Desk, now: datetime) -> None:
    assert desk.client.get(desk.url("/receipt.pdf")).location == desk.url()
    handed_in(desk, now)
    with unit_of_work():
        service.withdraw_assessment(desk.stage.form(), actor=desk.stage.head, now=now)
    assert desk.client.get(desk.url("/receipt.pdf")).location == desk.url()


def test_a_form_given_back_keeps_its_receipt(desk: Desk, now: datetime) -> None:
    handed_in(desk, now)
    with unit_of_work():
        stage = desk.stage
        service.change_state(stage.form(stage.officer), Action.START_REVIEW, actor=stage.officer, now=now)
        service.return_assessment(
            stage.form(stage.officer),
            {"AT1.2": "Thiếu ảnh"},
            deadline=now.replace(day=19),
            message="",
            actor=stage.officer,
            now=now,
        )
    assert desk.state() == State.RETURNED and "BIÊN NHẬN" in said(desk, "/receipt.pdf")


def test_papers_need_few_queries(desk: Desk, now: datetime, count_queries: Any) -> None:
    handed_in(desk, now)
    for path in (PDF, DOCX, "/blank.pdf", "/receipt.pdf", "/receipt", "/check", ""):
        desk.client.get(desk.url(path))
        with count_queries() as seen:
            assert desk.client.get(desk.url(path)).status_code == 200
        assert len(seen) <= 12, (path, seen.statements)
