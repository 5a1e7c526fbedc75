"""The documented workbook: nothing lost on the way out and back, and every fault at its cell."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from survey_app.documents.xlsx_intake import UnreadableTable
from survey_app.frameworks.documents import documents_of
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.reading import read_documents
from survey_app.frameworks.sheets import CRITERIA, INFO, LISTS, RULES
from survey_app.frameworks.spreadsheet import WorkbookReading, read_workbook
from survey_app.frameworks.workbook import template_bytes, workbook_bytes
from survey_app.rules.framework import EVERY_TYPE
from survey_app.rules.levels import level_for
from survey_app.rules.scoring import UnitFacts, score
from tests.factories.whole_framework import whole_framework
from tests.frameworks.books import HEADINGS, Cells, make_book, official

NOW = datetime(2027, 5, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2] / "criteria"


def sentences(reading: WorkbookReading) -> list[str]:
    return [str(fault) for fault in reading.faults]


@pytest.mark.parametrize("key", ["pho-thong/0.2", "mam-non/0.2"])
def test_a_shipped_set_comes_back_equal(key: str) -> None:
    framework = load_folder(ROOT / key).framework
    assert framework is not None
    reading = read_workbook(workbook_bytes(framework, NOW))
    assert (reading.framework, sentences(reading)) == (framework, [])


def test_a_set_with_every_kind_of_part_comes_back_equal() -> None:
    reading = read_workbook(workbook_bytes(whole_framework(), NOW))
    assert (reading.framework, sentences(reading)) == (whole_framework(), [])


def test_documents_come_back_equal() -> None:
    assert read_documents(documents_of(whole_framework())).framework == whole_framework()


def test_text_that_looks_like_a_formula_stays_text() -> None:
    """In the workbook it is a cell of text, no formula; on the way back the same text."""
    framework = whole_framework(texts={"note": whole_framework().texts["note"]})
    words = framework.title.__class__("=HYPERLINK(1)", "+1")
    reading = read_workbook(workbook_bytes(whole_framework(title=words), NOW))
    assert reading.framework is not None and reading.framework.title == words


def test_the_template_lacks_only_what_the_department_writes() -> None:
    reading = read_workbook(template_bytes(NOW))
    assert reading.framework is None
    assert sentences(reading) == [
        "Trang “Thông tin”: Thiếu mục “Mã bộ tiêu chí”.",
        "Trang “Thông tin”: Thiếu mục “Phiên bản”.",
        "Trang “Thông tin”: Thiếu mục “Tên bộ tiêu chí”.",
        "Trang “Tiêu chí”: Chưa có dòng nào.",
        "Trang “Quy tắc”, dòng 3, cột “Tiếng Việt”: "
        "Không có tiêu chí bắt buộc nào nên điều kiện này không có nghĩa.",
    ]


def test_an_official_looking_checklist_is_imported_and_scored() -> None:
    framework = read_workbook(make_book(official())).framework
    assert framework is not None
    assert len(framework.by_code) == 50 and [area.weight for area in framework.areas] == [1, 1]
    assert [len(c.indicators) for c in framework.criteria.values()] == [17, 9, 9, 9, 6]
    assert sum(EVERY_TYPE in i.mandatory_for for i in framework.by_code.values()) == 20
    first = framework.by_code["A1.1"]
    assert [level.sentence.vi for level in first.levels] == ["Không đạt", "Đạt"]

    def result(unit_type: str, met: int) -> str | None:
        facts = UnitFacts(frozenset({"mam_non"}), unit_type, {}, (1,))
        answers = {(code, 0): int(place < met) for place, code in enumerate(framework.by_code)}
        return level_for(framework, score(framework, facts, answers)).level

    assert [result("truong", met) for met in (39, 40, 50)] == ["khong_dat", "dat", "dat"]
    assert [result("lop_doc_lap", met) for met in (29, 30)] == ["khong_dat", "dat"]


def test_names_of_the_lists_are_taken_where_codes_are() -> None:
    """ "Đạt, Chưa đạt" for pass2, "Ảnh chụp" for photo: what an official writes."""

    def book(scale: str, evidence: str, policy: str, mandatory: str) -> Any:
        sheets = official()
        del sheets[LISTS]
        sheets[RULES][1:3] = [["Tỷ lệ tiêu chí đạt (%)", None, None, 80]]
        sheets[CRITERIA] = [
            [*HEADINGS, "Minh chứng", "Quy định minh chứng"],
            ["A", "Phần một", "A1", "Nội dung", "A1.1", "Câu", mandatory, scale, evidence, policy],
        ]
        reading = read_workbook(make_book(sheets))
        assert not reading.faults, [str(fault) for fault in reading.faults]
        return reading.framework

    words = book("Đạt, Chưa đạt", "Ảnh chụp; Biên bản", "Không tải dữ liệu cá nhân", "Trường")
    assert words == book("pass2", "photo, minutes", "no_personal", "truong")
    levels = book("Mức 0 đến 3", "ảnh chụp", "bình thường", "có")
    assert levels == book("level4", "photo", "normal", "có")


def test_merged_cells_of_the_upper_tiers_are_understood() -> None:
    sheets = official()

    def merge(book: Any, pages: dict[str, Any]) -> None:
        pages[CRITERIA].merge_range(1, 0, 17, 0, "A")
        pages[CRITERIA].merge_range(1, 1, 17, 1, "Cơ sở vật chất")

    assert read_workbook(make_book(sheets, merge)).framework == read_workbook(make_book(sheets)).framework


def test_without_a_sheet_of_lists_the_usual_lists_hold() -> None:
    sheets = official()
    del sheets[LISTS]
    sheets[RULES][2:2] = [["Số tiêu chí đạt, bắt buộc đạt", "trung_tam", None, 1, 1]]
    framework = read_workbook(make_book(sheets)).framework
    assert framework is not None and [stage.code for stage in framework.stages][0] == "mam_non"
    assert set(framework.scales) == {"pass2", "level4"} and "photo" in framework.evidence_kinds


def spoil(change: Callable[[Cells], None]) -> list[str]:
    sheets = official()
    change(sheets)
    return sentences(read_workbook(make_book(sheets)))


def put(sheet: str, row: int, column: int, value: Any) -> Callable[[Cells], None]:
    """Write one cell: `row` as Excel counts, `column` from 0."""

    def change(sheets: Cells) -> None:
        line = sheets[sheet][row - 1]
        line += [None] * (column + 1 - len(line))
        line[column] = value

    return change


def drop(sheet: str) -> Callable[[Cells], None]:
    return lambda sheets: sheets.pop(sheet) and None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (drop(RULES), "Trang “Quy tắc”: Thiếu trang “Quy tắc”"),
        (drop(INFO), "Trang “Thông tin”: Thiếu trang “Thông tin”"),
        (put(CRITERIA, 1, 7, "Thanh"), "Trang “Tiêu chí”, dòng 1: Thiếu cột “Thang”"),
        (
            put(CRITERIA, 1, 6, "Bắt buột"),
            "cột “Bắt buột”: Không có cột nào tên “Bắt buột” (có phải “Bắt buộc”?)",
        ),
        (put(CRITERIA, 1, 8, "Thang"), "Trang “Tiêu chí”, dòng 1, cột “Thang”: Có hai cột “Thang”"),
        (put(INFO, 3, 1, 1.0), "Trang “Thông tin”, dòng 3, cột “Tiếng Việt”: Ô đang là số (1)"),
        (put(INFO, 2, 1, "Bộ 1"), "Trang “Thông tin”, dòng 2, cột “Tiếng Việt”: Mã bộ tiêu chí phải gồm"),
        (put(INFO, 4, 1, "có lẽ"), "dòng 4, cột “Tiếng Việt”: Chỉ ghi có hoặc không"),
        (put(INFO, 9, 1, "trung bình"), "dòng 9, cột “Tiếng Việt”: Chỉ ghi thấp nhất hoặc điểm chính"),
        (put(INFO, 6, 0, "Tên gọi bậc một"), "dòng 6, cột “Mục”: Không có mục nào tên “Tên gọi bậc một”"),
        (put(CRITERIA, 5, 4, 1.4), "Trang “Tiêu chí”, dòng 5, cột “Mã tiêu chí”: Ô đang là số (1.4)"),
        (put(CRITERIA, 5, 4, "A2.4"), "dòng 5, cột “Mã tiêu chí”: Mã “A2.4” phải bắt đầu bằng “A1.”"),
        (put(CRITERIA, 5, 4, "A1.3"), "dòng 5, cột “Mã tiêu chí”: Mã “A1.3” đã dùng"),
        (put(CRITERIA, 5, 4, None), "dòng 5, cột “Mã tiêu chí”: Để trống"),
        (put(CRITERIA, 5, 5, None), "dòng 5, cột “Tiêu chí”: Để trống"),
        (
            put(CRITERIA, 5, 5, "Tiêu chí thứ 3 của danh mục chính thức."),
            "dòng 5, cột “Tiêu chí”: Câu này trùng",
        ),
        (put(CRITERIA, 5, 5, "Ẩn\u202ehướng"), "dòng 5, cột “Tiêu chí”: Có ký tự điều khiển"),
        (
            put(CRITERIA, 5, 6, "truong, lop"),
            "dòng 5, cột “Bắt buộc”: “lop” không có trong danh mục loại đơn vị",
        ),
        (put(CRITERIA, 5, 7, "level9"), "dòng 5, cột “Thang”: “level9” không có trong danh mục thang"),
        (put(CRITERIA, 2, 0, None), "Trang “Tiêu chí”, dòng 2, cột “Mã lĩnh vực”: Chưa có mã"),
        (put(CRITERIA, 5, 1, "Tên khác"), "dòng 5, cột “Lĩnh vực”: Khác với dòng 2 của cùng mã"),
        (put(RULES, 2, 3, "bốn mươi"), "Trang “Quy tắc”, dòng 2, cột “Số thứ nhất”: Phải là số nguyên"),
        (put(RULES, 2, 3, 51), "dòng 2, cột “Số thứ nhất”: Đòi 51 tiêu chí đạt nhưng chỉ có 50"),
        (put(RULES, 2, 4, 21), "dòng 2, cột “Số thứ hai”: Đòi 21 tiêu chí bắt buộc đạt nhưng chỉ có 20"),
        (put(RULES, 3, 1, "lop"), "dòng 3, cột “Mã”: Không có loại đơn vị “lop”"),
        (put(RULES, 4, 0, "Kết quả cuối"), "Trang “Quy tắc”, dòng 4, cột “Mục”: Không có mục nào"),
        (put(LISTS, 6, 3, 7), "Trang “Danh mục”, dòng 5"),
        (put(LISTS, 6, 4, "không"), "Trang “Danh mục”, dòng 5"),
        (put(LISTS, 2, 1, "Mầm non"), "Trang “Danh mục”, dòng 2, cột “Mã”: Mã phải gồm chữ thường"),
        (put(LISTS, 2, 0, "Cấp"), "Trang “Danh mục”, dòng 2, cột “Danh mục”: Không có mục nào"),
    ],
)
def test_a_fault_names_sheet_row_and_column(change: Callable[[Cells], None], expected: str) -> None:
    found = spoil(change)
    assert any(expected in sentence for sentence in found), found


@pytest.mark.parametrize(
    "change",
    [
        put(CRITERIA, 1, 8, "Ghi chú của Sở"),
        put(CRITERIA, 2, 9, "ngoài các cột"),
        put(INFO, 10, 0, "Phiên bản"),  # a line with nothing but its name
        put(INFO, 5, 2, "ngoài các cột"),
        put(RULES, 2, 3, "41"),
        put(RULES, 2, 3, 41.0),
    ],
)
def test_columns_and_lines_of_the_department_are_no_fault(change: Callable[[Cells], None]) -> None:
    assert spoil(change) == []


def test_an_entry_written_twice_is_a_fault() -> None:
    def change(sheets: Cells) -> None:
        sheets[INFO].append(["Phiên bản", "2.0"])

    assert any("Mục này đã ghi ở dòng 3" in sentence for sentence in spoil(change))


def test_all_faults_come_at_once() -> None:
    def change(sheets: Cells) -> None:
        for one in (put(CRITERIA, 5, 4, "A2.4"), put(RULES, 2, 3, 51), put(INFO, 2, 1, "Bộ 1")):
            one(sheets)

    found = spoil(change)
    assert [sentence.split(",")[0] for sentence in found] == [
        "Trang “Thông tin”",
        "Trang “Tiêu chí”",
        "Trang “Quy tắc”",
    ]


def test_a_formula_is_refused_where_it_stands() -> None:
    def formula(book: Any, pages: dict[str, Any]) -> None:
        pages[CRITERIA].write_formula(4, 5, '=HYPERLINK("http://x.vn")', value="Câu")
        pages[CRITERIA].write_formula(5, 12, "=1+1")  # outside the columns we read

    found = sentences(read_workbook(make_book(official(), formula)))
    assert found == ["Trang “Tiêu chí”, dòng 5, cột “Tiêu chí”: Ô có công thức. Hãy dán lại thành giá trị."]


def test_a_date_in_a_text_cell_is_refused() -> None:
    def dated(book: Any, pages: dict[str, Any]) -> None:
        pages[CRITERIA].write_datetime(4, 5, date(2026, 1, 1), book.add_format({"num_format": "dd/mm/yyyy"}))

    found = sentences(read_workbook(make_book(official(), dated)))
    assert found == [
        "Trang “Tiêu chí”, dòng 5, cột “Tiêu chí”: Ô đang là ngày. Hãy đổi ô sang kiểu Văn bản rồi gõ lại."
    ]


def test_ten_thousand_rows_are_refused_quickly() -> None:
    def change(sheets: Cells) -> None:
        sheets[CRITERIA] += [
            ["A", "x", "A1", "y", f"A1.{n}", f"câu {n}", "có", "pass2"] for n in range(10_000)
        ]

    assert spoil(change) == ["Trang “Tiêu chí”, dòng 502: Trang có hơn 500 dòng. Hãy xóa các dòng thừa."]


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04", template_bytes(NOW)[:2000]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTable, match="Không đọc được tệp"):
        read_workbook(content)


def test_a_broken_part_inside_a_good_zip_is_refused() -> None:
    source, broken = zipfile.ZipFile(io.BytesIO(template_bytes(NOW))), io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for entry in source.infolist():
            text = b"<not xml" if entry.filename.startswith("xl/worksheets/sheet2") else source.read(entry)
            archive.writestr(entry.filename, text)
    with pytest.raises(UnreadableTable):
        read_workbook(broken.getvalue())


def test_blanks_and_marks_typed_apart_are_tidied() -> None:
    sheets = official()
    put(CRITERIA, 5, 5, "  Ca\u0302u  co\u0301 da\u0302\u0301u\u00a0rời \n ")(sheets)
    framework = read_workbook(make_book(sheets)).framework
    assert framework is not None and framework.by_code["A1.4"].statement.vi == "Câu có dấu rời"
