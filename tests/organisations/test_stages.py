"""Reading stages, types and ownership from the words of a list."""

import pytest

from survey_app.organisations.stages import read_ownership, read_stages, read_unit_type, read_yes, stages_in
from survey_app.rules.authority import Authority, managing_authority

CATCH_ALL = "Liên cấp (TH/THCS/THPT)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("THCS", ("thcs",)),
        ("TH và THCS", ("tieu_hoc", "thcs")),
        ("TH-THCS-THPT", ("tieu_hoc", "thcs", "thpt")),
        ("Mầm non", ("mam_non",)),
        ("Trung học phổ thông", ("thpt",)),
        ("GDNN-GDTX", ("gdtx",)),
        ("tieu_hoc", ("tieu_hoc",)),
        ("Đại học", ()),
        ("", ()),
    ],
)
def test_stages_are_read_from_words(text: str, expected: tuple[str, ...]) -> None:
    assert stages_in(text) == expected


def test_the_name_decides_where_the_list_says_only_multi_level() -> None:
    reading = read_stages(CATCH_ALL, "THCS và THPT Mẫu Bằng Lăng")
    assert reading.stages == ("thcs", "thpt") and reading.note
    reading = read_stages(CATCH_ALL, "TH, THCS và THPT Mẫu Sen Hồng")
    assert reading.stages == ("tieu_hoc", "thcs", "thpt") and not reading.note


def test_a_multi_level_school_whose_name_is_silent_takes_all_and_says_so() -> None:
    reading = read_stages(CATCH_ALL, "Trường Mẫu Quốc Tế")
    assert reading.stages == ("tieu_hoc", "thcs", "thpt") and "kiểm tra lại" in reading.note


def test_the_column_wins_over_the_name_with_a_note() -> None:
    reading = read_stages("THCS", "TH và THCS Mẫu")
    assert reading.stages == ("thcs",) and reading.note


def test_a_name_that_starts_a_word_with_th_is_not_primary() -> None:
    assert read_stages("THPT", "THPT Mẫu Thực hành sư phạm").stages == ("thpt",)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("", "THCS Mẫu", "truong"),
        ("", "Trung tâm GDNN-GDTX Mẫu", "trung_tam"),
        ("", "Nhóm trẻ độc lập Mẫu", "lop_doc_lap"),
        ("Lớp độc lập", "Mẫu", "lop_doc_lap"),
        ("Nhà máy", "Mẫu", None),
    ],
)
def test_unit_types(text: str, name: str, expected: str | None) -> None:
    assert read_unit_type(text, name) == expected


def test_ownership_and_yes() -> None:
    assert [read_ownership(t) for t in ("Công lập", "Ngoài công lập", "tư thục", "", "?")] == [
        "cong_lap",
        "tu_thuc",
        "tu_thuc",
        "",
        None,
    ]
    assert [read_yes(t) for t in ("1", "", "0", "Có", "?")] == [True, False, False, True, None]


@pytest.mark.parametrize(
    ("stages", "specialised", "expected"),
    [
        (("thcs",), False, Authority.COMMUNE),
        (("tieu_hoc", "thcs"), False, Authority.COMMUNE),
        (("mam_non",), False, Authority.COMMUNE),
        (("thcs", "thpt"), False, Authority.DEPARTMENT),
        (("gdtx",), False, Authority.DEPARTMENT),
        (("thcs",), True, Authority.DEPARTMENT),
    ],
)
def test_who_manages_a_unit(stages: tuple[str, ...], specialised: bool, expected: Authority) -> None:
    assert managing_authority(stages, specialised=specialised) is expected
