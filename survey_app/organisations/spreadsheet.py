"""Reading a list from .csv or .xlsx into rows of text, nothing lost on the way and nothing dangerous opened.

Workbooks are read by calamine (no macros, no formulas, no external links) after the zip has been looked at;
every cell becomes text: whole numbers without ".0", so a code typed as a number keeps its digits.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from survey_app.documents.xlsx_intake import UnreadableTable, open_workbook, sheet_rows
from survey_app.rules.errors import N_

MAX_ROWS = 20_000
MAX_CELLS_IN_ROW = 200

NOT_TABLE = N_("chỉ nhận tệp .csv hoặc .xlsx.")
NOT_UTF8 = N_("tệp .csv không phải UTF-8. Trong Excel hãy lưu kiểu “CSV UTF-8” hoặc .xlsx.")
NUL_BYTE = N_("tệp .csv có ký tự NUL (tệp hỏng hoặc không phải văn bản).")
BROKEN_CSV = N_("tệp .csv hỏng ở dòng %(row)s.")
TOO_MANY = N_("tệp có hơn %(limit)s dòng. Hãy chia thành nhiều tệp.")
EMPTY = N_("tệp không có dòng nào.")


@dataclass(frozen=True)
class Table:
    """Heading cells and (row number as the spreadsheet shows it, cells) of every row that is not blank."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(name: str, content: bytes) -> Table:
    """Read a list by its file name's ending and its content. Raises `UnreadableTable`."""
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        return _table(_csv_rows(content))
    if ending == "xlsx":
        return _table(_xlsx_rows(content))
    raise UnreadableTable(reason=NOT_TABLE)


def _table(rows: Iterable[tuple[str, ...]]) -> Table:
    headings: tuple[str, ...] | None = None
    kept: list[tuple[int, tuple[str, ...]]] = []
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if headings is None:
            headings = tuple(cell.strip() for cell in row[:MAX_CELLS_IN_ROW])
        elif len(kept) == MAX_ROWS:
            raise UnreadableTable(reason=TOO_MANY % {"limit": MAX_ROWS})
        else:
            kept.append((number, row[:MAX_CELLS_IN_ROW]))
    if headings is None:
        raise UnreadableTable(reason=EMPTY)
    return Table(headings, tuple(kept))


def _csv_rows(content: bytes) -> Iterator[tuple[str, ...]]:
    if b"\x00" in content:
        raise UnreadableTable(reason=NOT_UTF8 if content[:2] in (b"\xff\xfe", b"\xfe\xff") else NUL_BYTE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTable(reason=NOT_UTF8) from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield tuple(row)
    except csv.Error as error:
        raise UnreadableTable(reason=BROKEN_CSV % {"row": reader.line_num}) from error


def _xlsx_rows(content: bytes) -> Iterator[tuple[str, ...]]:
    for row in sheet_rows(open_workbook(content), 0):
        yield tuple(_as_text(value) for value in row)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
