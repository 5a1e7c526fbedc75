"""Workbooks, opened again with another library and, where it matters, read as the XML they are."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from survey_app.documents.letterhead import SIGN_NAME, Letterhead, Signature
from survey_app.documents.xlsx import Column, Share, Sheet, write_book
from survey_app.documents.xlsx_cells import LONGEST

WALL = datetime(2027, 5, 13, 1, 30)  # noqa: DTZ001 - Excel knows no zones
NOW = datetime(2027, 5, 12, 7, 5, 32, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HEAD = Letterhead(
    "Ủy ban nhân dân thành phố Cần Thơ", "Sở Giáo dục và Đào tạo", place="Cần Thơ", day=date(2027, 5, 2)
)
SUMMARY = (
    Column("Khu vực", merge=True),
    Column("Đơn vị", width=34),
    Column("Số trường", "integer", total="sum"),
    Column("Đã nộp", "integer", group="Tiến độ", total="sum"),
    Column("Tỷ lệ", "percent", digits=1, group="Tiến độ", total=Share("Đã nộp", "Số trường")),
    Column("Điểm", "decimal", digits=1, total="average"),
    Column("Ghi chú"),
)
ROWS = [
    ("Cụm 1", "Phường Ninh Kiều", 12, 7, Fraction(7, 12), Decimal("8.5"), None),
    ("Cụm 1", "Phường Ô Môn", 3, 3, Fraction(1), Decimal("9.1"), "=1+1"),
    ("Cụm 2", "Xã Thới An", 6, 0, Fraction(0), "Chưa có", ""),
]


def book(*sheets: Sheet) -> bytes:
    content = write_book(sheets, title="Tổng hợp", now=NOW)
    assert content is not None
    return content


def plain(columns: Sequence[Column], *rows: Sequence[object], **values: object) -> bytes:
    return book(Sheet("Dữ liệu", columns, rows, **values))


def summary(rows: Sequence[Sequence[object]] = ROWS, **values: object) -> bytes:
    usual: dict[str, object] = {
        "letterhead": HEAD,
        "title": "Bảng tổng hợp kết quả",
        "notes": ["(Số liệu đến 14g05, 12/05/2027; bộ tiêu chí 2.1)"],
        "numbered": True,
        "signatures": [Signature("Người lập biểu", note=SIGN_NAME), Signature("Giám đốc", name="Trần Mẫu")],
    }
    return book(Sheet("Tổng hợp", SUMMARY, rows, **(usual | values)))


def rows_of(content: bytes) -> list[list[object]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(content))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )


def part(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read(name))


def cells(content: bytes) -> Iterator[ElementTree.Element]:
    return part(content).iter(f"{MAIN}c")


def test_a_table_reads_from_the_letterhead_to_the_signatures() -> None:
    lines = [[cell for cell in row if cell != ""] for row in rows_of(summary())]
    assert [line[0] for line in lines[:2]] == ["UBND TP. CẦN THƠ", "SỞ GIÁO DỤC VÀ ĐÀO TẠO"]
    assert lines[3:5] == [["BẢNG TỔNG HỢP KẾT QUẢ"], ["(Số liệu đến 14g05, 12/05/2027; bộ tiêu chí 2.1)"]]
    assert lines[6] == ["STT", "Khu vực", "Đơn vị", "Số trường", "Tiến độ", "Điểm", "Ghi chú"]
    assert lines[7] == ["Đã nộp", "Tỷ lệ"]
    assert lines[8] == [1.0, "Cụm 1", "Phường Ninh Kiều", 12.0, 7.0, float(Fraction(7, 12)), 8.5]
    assert lines[9] == [2.0, "Phường Ô Môn", 3.0, 3.0, 1.0, 9.1, "=1+1"]
    assert lines[13] == ["Cần Thơ, ngày 02 tháng 5 năm 2027"]
    assert lines[14:16] == [["NGƯỜI LẬP BIỂU", "GIÁM ĐỐC"], [SIGN_NAME]]
    assert lines[-1] == ["Trần Mẫu"]


def test_totals_are_formulas_that_carry_their_value() -> None:
    formulas = {
        cell.get("r"): (cell.findtext(f"{MAIN}f"), float(cell.findtext(f"{MAIN}v") or "nan"))
        for cell in cells(summary())
        if cell.find(f"{MAIN}f") is not None
    }
    assert formulas == {
        "D12": ("SUM(D9:D11)", 21),
        "E12": ("SUM(E9:E11)", 10),
        "F12": ('IFERROR(SUM(E9:E11)/SUM(D9:D11),"")', float(Fraction(10, 21))),
        "G12": ('IFERROR(AVERAGE(G9:G11),"")', 8.8),
    }


def test_sums_are_exact_before_they_are_shown() -> None:
    content = plain([Column("Điểm", "decimal", total="sum")], *[(Decimal("0.1"),)] * 10)
    assert rows_of(content)[-1] == [1.0]


def test_a_total_over_nothing_is_empty_and_an_empty_table_says_so() -> None:
    nothing = plain([Column("A", "integer"), Column("B", "percent", total=Share("A", "A"))], (0, None))
    assert rows_of(nothing)[-1] == ["Tổng cộng", ""]
    lines = [row[0] for row in rows_of(summary(rows=()))]
    assert "(Không có dữ liệu)" in lines and "Tổng cộng" not in lines


def test_areas_and_headings_are_merged() -> None:
    merged = {cell.get("ref") for cell in part(summary()).iter(f"{MAIN}mergeCell")}
    assert {"B9:B10", "E7:F7", "A7:A8", "D7:D8", "A12:C12"} <= merged
    assert "B11:B11" not in merged


def test_a_table_is_ready_to_print() -> None:
    sheet = part(summary(frozen=3, mark="BẢN NHÁP"))
    setup = sheet.find(f"{MAIN}pageSetup")
    assert setup is not None and setup.get("paperSize") == "9" and setup.get("orientation") == "landscape"
    assert (
        setup.get("fitToHeight") == "0"
        and sheet.find(f"{MAIN}sheetPr/{MAIN}pageSetUpPr[@fitToPage='1']") is not None
    )
    pane = sheet.find(f".//{MAIN}pane")
    assert pane is not None and (pane.get("xSplit"), pane.get("ySplit")) == ("3", "9")
    assert "BẢN NHÁP" in str(sheet.findtext(f"{MAIN}headerFooter/{MAIN}oddHeader"))
    names = part(summary(), "xl/workbook.xml").iter(f"{MAIN}definedName")
    assert [name.text for name in names] == ["'Tổng hợp'!$7:$8"]


def test_plain_data_starts_with_its_headings_and_can_be_filtered() -> None:
    content = plain([Column("Mã"), Column("Số", "integer", total="sum")], ("01", 1), ("02", 2), filtered=True)
    assert rows_of(content)[0] == ["Mã", "Số"]
    filters = part(content).find(f"{MAIN}autoFilter")
    assert filters is not None and filters.get("ref") == "A1:B3"


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\t=", "=cmd|' /C calc'!A1 ", "{=", "http://x.vn/ ", "0"]
)
def test_what_people_typed_is_a_text_cell(start: str) -> None:
    text = f"{start}1"
    content = plain([Column("Tên"), Column("Số", "integer")], (text, text))
    typed = [cell for cell in cells(content) if str(cell.get("r"))[1:] == "2"]
    assert [cell.get("t") for cell in typed] == ["inlineStr", "inlineStr"]
    assert [cell.findtext(f"{MAIN}is/{MAIN}t") for cell in typed] == [text, text]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "sheet1.xml.rels" in name]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a\x00b\x07c\x1f", "abc"),
        ("a\ud800b\uffff", "ab"),
        ("a\r\nb\rc", "a\nbc"),
        ("_x0041_", "_x0041_"),
        ("]]> & <b>", "]]> & <b>"),
        ("<r><t>1</t></r></is></c><c r='B2'><f>1+1</f></c><r></r>", None),
        ("  hai bên  ", "  hai bên  "),
        ("😀 ẤỮ", "😀 ẤỮ"),
    ],
)
def test_no_text_breaks_the_file(typed: str, read: str | None) -> None:
    content = plain([Column("Tên")], (typed,))
    assert rows_of(content)[1] == [typed + " " if read is None else read]
    assert len(list(cells(content))) == 2


def test_a_text_longer_than_a_cell_ends_with_dots() -> None:
    (cut,), (wide,) = rows_of(plain([Column("Tên")], ("ả" * 40_000,), ("😀" * 20_000,)))[1:]
    assert cut == "ả" * (LONGEST - 1) + "…"
    assert isinstance(wide, str) and wide.endswith("😀…") and len(wide.encode("utf-16-le")) // 2 <= LONGEST


def test_codes_numbers_and_days_are_what_they_are() -> None:
    columns = [
        Column("Mã"),
        Column("Số", "integer"),
        Column("Tỷ lệ", "percent"),
        Column("Ngày", "date"),
        Column("Lúc", "datetime"),
    ]
    late = datetime(2027, 5, 12, 18, 30, tzinfo=UTC)
    content = plain(columns, ("092000", 7, Fraction(1, 4), date(2027, 5, 12), late), ("01", 0, 1, late, None))
    assert rows_of(content)[1] == ["092000", 7.0, 0.25, date(2027, 5, 12), WALL]
    assert rows_of(content)[2] == ["01", 0.0, 1.0, date(2027, 5, 13), ""]


def test_a_naive_time_half_a_number_and_a_short_row_are_refused(tmp_path: Path) -> None:
    for column, value in (
        (Column("Lúc", "datetime"), WALL),
        (Column("Số", "integer"), Fraction(1, 2)),
    ):
        with pytest.raises(ValueError):
            plain([column], (value,))
    with pytest.raises(ValueError):
        plain([Column("A"), Column("B")], ("một",))


def test_a_book_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows() -> Iterator[Sequence[object]]:
        yield ("một",)
        raise RuntimeError("the query broke")

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(RuntimeError):
        write_book([Sheet("A", [Column("A")], rows())], title="x", now=NOW, target=tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == [scratch] and not list(scratch.iterdir())


def test_a_book_is_written_to_a_file_as_to_memory(tmp_path: Path) -> None:
    target = tmp_path / "a.xlsx"
    assert write_book([Sheet("A", [Column("A")], [("x",)])], title="x", now=NOW, target=target) is None
    assert target.read_bytes() == write_book([Sheet("A", [Column("A")], [("x",)])], title="x", now=NOW)


def test_the_file_names_no_machine_and_no_person() -> None:
    archive = zipfile.ZipFile(io.BytesIO(summary()))
    core = archive.read("docProps/core.xml").decode()
    assert "<dc:title>Tổng hợp</dc:title>" in core and "<dc:creator></dc:creator>" in core
    assert re.findall(r">([^<]*Z)<", core) == ["2027-05-12T07:05:32Z"] * 2
    assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_several_sheets_and_names_excel_would_refuse() -> None:
    content = book(
        Sheet("Theo phường/xã: [tổng hợp] rất dài ơi là dài", [Column("A")], [("1",)]),
        Sheet("Ghi chú", [Column("Cột"), Column("Ý nghĩa")], [("STT", "Số thứ tự")]),
    )
    names = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    assert names == ["Theo phường xã   tổng hợp  rất", "Ghi chú"]


def test_one_alone_signs_on_the_right() -> None:
    rows = rows_of(summary(signatures=[Signature("Giám đốc")]))
    (place,) = [row.index("GIÁM ĐỐC") for row in rows if "GIÁM ĐỐC" in row]
    assert place >= 3
