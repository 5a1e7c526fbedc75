"""Whose header a school's paper carries and who signs it."""

from datetime import date
from typing import Any

import pytest

from survey_app.assessments.signing import school_letterhead, signature_of
from survey_app.rounds.models import Participation
from tests.factories.organisations import make_commune, make_school, root_department
from tests.factories.rounds import make_open_round


@pytest.mark.parametrize(
    ("unit_type", "deputy", "lines"),
    [
        ("truong", False, ("HIỆU TRƯỞNG",)),
        ("truong", True, ("KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG")),
        ("trung_tam", False, ("GIÁM ĐỐC TRUNG TÂM",)),
        ("trung_tam", True, ("KT. GIÁM ĐỐC TRUNG TÂM", "PHÓ GIÁM ĐỐC TRUNG TÂM")),
        ("lop_doc_lap", False, ("CHỦ CƠ SỞ",)),
        ("lop_doc_lap", True, ("CHỦ CƠ SỞ",)),
    ],
)
def test_the_type_of_unit_says_who_signs(unit_type: str, deputy: bool, lines: tuple[str, ...]) -> None:
    signature = signature_of(unit_type, "Nguyễn Thị Mẫu", deputy=deputy)
    assert signature.lines == lines and "đóng dấu (nếu có)" in signature.note


def test_without_a_name_the_paper_asks_for_it() -> None:
    assert "ghi rõ họ tên" in signature_of("truong").note


def part_under(session: Any, **school: Any) -> Participation:
    commune = make_commune(name="Phường Ô Môn")
    _, part = make_open_round(make_school(commune, name="Trường THCS Châu Văn Liêm", **school))
    return part


def test_a_school_under_its_commune_has_the_committee_above_it(session: Any) -> None:
    head = school_letterhead(part_under(session), day=date(2027, 5, 12))
    assert (head.superior_line, head.agency_line) == (
        "ỦY BAN NHÂN DÂN PHƯỜNG Ô MÔN",
        "TRƯỜNG THCS CHÂU VĂN LIÊM",
    )
    assert head.dated == "Ô Môn, ngày 12 tháng 5 năm 2027" and head.number_line == ""


def test_a_school_under_the_department_has_the_department_above_it(session: Any) -> None:
    part = part_under(session)
    department = root_department(part.unit)
    department.name = "Sở Giáo dục và Đào tạo thành phố Cần Thơ"
    part.unit.managing_authority = department
    head = school_letterhead(part, number="/QĐ-THPT")
    assert head.superior_line == "SỞ GIÁO DỤC VÀ ĐÀO TẠO TP. CẦN THƠ"
    assert head.dated.startswith("Cần Thơ, ngày …") and head.number_line == "Số: ……/QĐ-THPT"


def test_a_paper_dated_above_the_signature_has_no_date_on_top(session: Any) -> None:
    assert school_letterhead(part_under(session), dated=False).dated == ""
