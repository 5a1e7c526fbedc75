"""Reading .csv and .xlsx files, broken ones too."""

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter

from survey_app.organisations.columns import read_headings
from survey_app.organisations.spreadsheet import UnreadableTable, read_table
from survey_app.organisations.workbook import template_bytes


def make_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_csv_with_bom_semicolons_and_quoted_line_breaks() -> None:
    table = read_table("a.CSV", '\ufeffMã;Tên\r\n\r\n01;"Một\nhai"\r\n'.encode())
    assert table.headings == ("Mã", "Tên")
    assert table.rows == ((3, ("01", "Một\nhai")),)


def test_xlsx_keeps_text_zeros_and_whole_numbers() -> None:
    table = read_table("a.xlsx", make_xlsx([["Mã", "Xã"], ["01000711", 31135], [9200000002.0, "31168"]]))
    assert [cells for _, cells in table.rows] == [("01000711", "31135"), ("9200000002", "31168")]


def test_the_template_is_a_table_with_every_required_heading() -> None:
    headings = read_headings(read_table("mau.xlsx", template_bytes()).headings)
    assert not headings.missing and not headings.ignored


def test_headings_are_read_without_marks_and_prefer_the_2026_list() -> None:
    headings = read_headings(
        ["MA_TRUONG", "Tên  trường", "cấp học", "ma_xa", "ma_xa_2026", "ten_xa_2026", "khác"]
    )
    assert not headings.missing
    assert headings.places["ward_code"] == 4
    assert headings.ignored == ("ma_xa", "khác")


def _zip(**entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/"), text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.xls", b"x", ".xlsx"),
        ("a.csv", "Mã,Tên".encode("utf-16"), "UTF-8"),
        ("a.csv", b"ma,t\xean", "UTF-8"),
        ("a.csv", b"ma,ten\n1,a\x00b", "NUL"),
        ("a.csv", b"\n\n", "dòng nào"),
        ("a.xlsx", b"<html>", "xlsx"),
        ("a.xlsx", _zip(readme="x"), "xlsx"),
        ("a.xlsx", _zip(xl__workbook="x") + b"", "xlsx"),
        ("a.xlsx", template_bytes()[:900], "xlsx"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_vietnamese(name: str, content: bytes, part: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        read_table(name, content)
    assert part in str(refused.value) and "Không đọc được tệp" in str(refused.value)


def test_macros_and_zip_bombs_are_refused_before_opening() -> None:
    macro = io.BytesIO(template_bytes())
    with zipfile.ZipFile(macro, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(UnreadableTable, match="macro"):
        read_table("a.xlsx", macro.getvalue())
    bomb = io.BytesIO(template_bytes())
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(101 * 1024 * 1024))
    with pytest.raises(UnreadableTable, match="quá lớn"):
        read_table("a.xlsx", bomb.getvalue())


def test_a_broken_sheet_inside_a_good_zip_is_refused() -> None:
    source, broken = zipfile.ZipFile(io.BytesIO(template_bytes())), io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for entry in source.infolist():
            text = b"<not xml" if entry.filename.startswith("xl/worksheets") else source.read(entry)
            archive.writestr(entry.filename, text)
    with pytest.raises(UnreadableTable):
        read_table("a.xlsx", broken.getvalue())
