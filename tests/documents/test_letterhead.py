"""The words of an official paper: capitals, numbers, dates."""

from datetime import date

import pytest

from survey_app.documents.letterhead import Letterhead, Signature, write_long_date, write_number

DEPARTMENT = Letterhead(
    "Ủy ban nhân dân thành phố Cần Thơ",
    "Sở Giáo dục và Đào tạo",
    "223/SGDĐT-GDTrH",
    "Cần Thơ",
    date(2026, 2, 5),
)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 31), "ngày 31 tháng 01 năm 2026"),
        (date(2027, 3, 9), "ngày 09 tháng 3 năm 2027"),
        (date(2027, 10, 12), "ngày 12 tháng 10 năm 2027"),
        (None, "ngày …… tháng …… năm ………"),
    ],
)
def test_a_zero_stands_before_days_to_nine_and_months_to_two(day: date | None, written: str) -> None:
    assert write_long_date(day) == written


def test_numbers_below_ten_take_a_zero() -> None:
    assert write_number(5, "QĐ-SGDĐT") == "05/QĐ-SGDĐT"
    assert write_number(123, "QĐ-SGDĐT") == "123/QĐ-SGDĐT"


def test_the_lines_of_the_department_are_those_of_its_own_papers() -> None:
    assert DEPARTMENT.superior_line == "UBND TP. CẦN THƠ"
    assert DEPARTMENT.agency_line == "SỞ GIÁO DỤC VÀ ĐÀO TẠO"
    assert DEPARTMENT.number_line == "Số: 223/SGDĐT-GDTrH"
    assert DEPARTMENT.dated == "Cần Thơ, ngày 05 tháng 02 năm 2026"


@pytest.mark.parametrize(
    ("superior", "line"),
    [
        ("Ủy ban nhân dân xã Thới An", "ỦY BAN NHÂN DÂN XÃ THỚI AN"),
        ("Ủy ban nhân dân phường Cái Khế", "UBND PHƯỜNG CÁI KHẾ"),
        ("Uỷ ban nhân dân phường Cái Khế", "UBND PHƯỜNG CÁI KHẾ"),
        ("Sở Giáo dục và Đào tạo thành phố Cần Thơ", "SỞ GIÁO DỤC VÀ ĐÀO TẠO TP. CẦN THƠ"),
    ],
)
def test_only_a_long_superior_is_shortened(superior: str, line: str) -> None:
    assert Letterhead(superior, "Trường").superior_line == line


def test_a_paper_still_to_be_numbered_leaves_room_and_a_form_has_no_number() -> None:
    assert Letterhead("", "Trường", "/BC-THCSMHD").number_line == "Số: ……/BC-THCSMHD"
    assert Letterhead("", "Trường").number_line == ""
    assert Letterhead("", "Trường").dated == ""
    assert Letterhead("", "Trường", place="Cái Khế").dated == "Cái Khế, ngày …… tháng …… năm ………"


def test_a_deputy_signs_for_the_head() -> None:
    deputy = Signature("Phó Hiệu trưởng", on_behalf="KT. Hiệu trưởng", name="Nguyễn Thị Mẫu")
    assert deputy.lines == ("KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG")
    assert Signature("Chủ cơ sở").lines == ("CHỦ CƠ SỞ",)
