"""Reading the documented workbook of a criteria set: cells in, a checked set or every fault by its cell out.

The sheets become the same documents as the YAML files, with the cell each part came from, and pass the same
schema and checks; nothing is taken from a workbook with a fault.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from survey_app.core.vietnamese import fold
from survey_app.documents.xlsx_intake import NOT_ZIP, UnreadableTable, open_workbook, sheet_rows
from survey_app.frameworks.cells import Cell
from survey_app.frameworks.criteria_rows import CriteriaRows
from survey_app.frameworks.draft import Draft, Row
from survey_app.frameworks.head_rows import read_head
from survey_app.frameworks.sheets import (
    CRITERIA,
    FIELDS,
    LABELS,
    MAX_ROWS,
    REQUIRED_SHEETS,
    SHEET_OF,
    SHEETS,
    Field,
)
from survey_app.rules.framework import Framework

NO_SHEET = "Thiếu trang “%(name)s”. Hãy dùng tệp mẫu và không đổi tên trang."
NO_COLUMN = "Thiếu cột “%(name)s”. Hãy dùng tệp mẫu và không đổi tên cột."
TWO_COLUMNS = "Có hai cột “%(name)s”."
NOT_A_COLUMN = "Không có cột nào tên “%(name)s”%(close)s. Cột riêng hãy đặt tên bắt đầu bằng “Ghi chú”."
CLOSE = " (có phải “%(name)s”?)"
TOO_MANY = "Trang có hơn %(limit)s dòng. Hãy xóa các dòng thừa."
FORMULA = "Ô có công thức. Hãy dán lại thành giá trị."
NO_ROWS = "Chưa có dòng nào."
MISSING = "Thiếu mục “%(name)s”."


@dataclass(frozen=True, order=True)
class SheetFault:
    """One fault: on which sheet, in which row (0: the sheet as a whole) and column, and what to do."""

    sheet: str
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        row = f", dòng {self.row}" if self.row else ""
        column = f", cột “{self.column}”" if self.column else ""
        return f"Trang “{self.sheet}”{row}{column}: {self.sentence}"


@dataclass(frozen=True)
class WorkbookReading:
    """The set of a workbook, or every fault in it."""

    framework: Framework | None
    faults: tuple[SheetFault, ...]


def read_workbook(content: bytes) -> WorkbookReading:
    """The set in an .xlsx file. Raises `documents.xlsx_intake.UnreadableTable` for what is no workbook."""
    from survey_app.frameworks.reading import read_documents

    sheets = _sheets(content)
    faults = [fault for sheet in sheets.values() for fault in sheet.faults]
    shape = [fault for sheet in sheets.values() for fault in sheet.shape]
    shape += [
        SheetFault(name, 0, "", NO_SHEET % {"name": name}) for name in REQUIRED_SHEETS if name not in sheets
    ]
    if shape:  # what the cells mean cannot be judged
        return WorkbookReading(None, tuple(_sorted(shape + faults)))
    tables = {name: sheet.rows for name, sheet in sheets.items()}
    draft = Draft()
    read_head(draft, tables)
    CriteriaRows(draft).put_all(tables[CRITERIA])
    faults += [SheetFault(c.sheet, c.row, c.column, sentence) for c, sentence in draft.faults]
    known = {(fault.sheet, fault.row, fault.column) for fault in faults}
    reading = read_documents(draft.documents)
    placed = [_placed(draft, fault) for fault in reading.faults]
    faults += [fault for fault in placed if (fault.sheet, fault.row, fault.column) not in known]
    if not tables[CRITERIA]:  # one plain sentence for everything that an empty sheet lacks
        faults = [fault for fault in faults if fault.sheet != CRITERIA]
        faults.append(SheetFault(CRITERIA, 0, "", NO_ROWS))
    return WorkbookReading(None if faults else reading.framework, tuple(_sorted(faults)))


def _sorted(faults: list[SheetFault]) -> list[SheetFault]:
    order = list(SHEETS)
    return sorted(set(faults), key=lambda f: (order.index(f.sheet), f.row, f.column, f.sentence))


def _placed(draft: Draft, fault: Any) -> SheetFault:
    """A fault of the documents at the cell it came from, in the words of the workbook."""
    sentence = fault.sentence
    if fault.missing:
        sentence = MISSING % {"name": LABELS.get(fault.loc, fault.missing)}
    if cell := draft.cell_of(fault.file, fault.loc):
        return SheetFault(cell.sheet, cell.row, cell.column, sentence)
    root = str(fault.loc[0]) if fault.loc else ""
    return SheetFault(SHEET_OF.get(root, REQUIRED_SHEETS[0]), 0, "", sentence)


@dataclass(frozen=True)
class _Sheet:
    """The rows of one sheet as cells by field key, faults of its shape, faults of single cells."""

    rows: list[Row]
    shape: list[SheetFault]
    faults: list[SheetFault]


def _sheets(content: bytes) -> dict[str, _Sheet]:
    """Every sheet of the workbook that we know, by the name we know it by."""
    workbook, formulas = open_workbook(content), _formulas(content)
    known = {fold(name): name for name in FIELDS}
    found: dict[str, _Sheet] = {}
    for title in workbook.sheet_names:
        name = known.get(fold(title))
        if name and name not in found:
            found[name] = _sheet(name, sheet_rows(workbook, title), formulas.get(title, frozenset()))
    return found


def _sheet(name: str, rows: list[list[Any]], formulas: frozenset[tuple[int, int]]) -> _Sheet:
    """Headings in the first row with anything in it, then every row that is not blank."""
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(str(c).strip() for c in row)]
    top, headings = filled[0] if filled else (1, [])
    shape: list[SheetFault] = []
    places = _places(name, top, [str(heading).strip() for heading in headings], shape)
    limit, body = MAX_ROWS[name], filled[1:]
    if len(body) > limit:
        shape.append(SheetFault(name, body[limit][0], "", TOO_MANY % {"limit": limit}))
    kept: list[Row] = []
    absent = [field for field in FIELDS[name] if field not in places.values()]
    for number, row in body[:limit]:
        cells = {field.key: Cell(name, number, field.heading, None) for field in absent}
        for place, field in places.items():
            cells[field.key] = Cell(name, number, field.heading, row[place] if place < len(row) else None)
        if any(not cell.empty for cell in cells.values()):
            kept.append(cells)
    faults = [
        SheetFault(name, row, places[place].heading, FORMULA)
        for row, place in sorted(formulas)
        if row > top and place in places
    ]
    return _Sheet(kept, shape, faults)


def _required(name: str) -> Iterator[Field]:
    return (field for field in FIELDS[name] if field.required)


def _places(name: str, row: int, headings: list[str], faults: list[SheetFault]) -> dict[int, Field]:
    """Which column of the sheet is which field."""
    known = {fold(field.heading): field for field in FIELDS[name]}
    places: dict[int, Field] = {}
    for place, heading in enumerate(headings):
        field = known.get(fold(heading))
        if field in places.values():
            faults.append(SheetFault(name, row, heading, TWO_COLUMNS % {"name": heading}))
        elif field:
            places[place] = field
        elif heading and not fold(heading).startswith("ghi chu"):
            near = get_close_matches(fold(heading), known, n=1, cutoff=0.8)
            close = CLOSE % {"name": known[near[0]].heading} if near else ""
            faults.append(SheetFault(name, row, heading, NOT_A_COLUMN % {"name": heading, "close": close}))
    for field in _required(name):
        if field not in places.values():
            faults.append(SheetFault(name, row, "", NO_COLUMN % {"name": field.heading}))
    return places


def _formulas(content: bytes) -> Mapping[str, frozenset[tuple[int, int]]]:
    """Where formulas stand, by sheet title: (row from 1, column from 0); calamine shows their results."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return dict(_formula_sheets(archive))
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError) as error:
        raise UnreadableTable(reason=NOT_ZIP) from error


def _formula_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, frozenset[tuple[int, int]]]]:
    names, links = set(archive.namelist()), "xl/_rels/workbook.xml.rels"
    targets = dict(_links(archive.read(links).decode("utf-8", "replace"))) if links in names else {}
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        title, link = html.unescape(_attribute(tag, "name")), _attribute(tag, r"\w+:id")
        part = "xl/" + targets.get(link, "").removeprefix("/xl/")
        if part in names:
            yield title, frozenset(_formula_cells(archive.read(part)))


def _links(text: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", text):
        yield _attribute(tag, "Id"), _attribute(tag, "Target")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}\s*=\s*(?:"([^"]*)"|\'([^\']*)\')', tag)
    return (found[1] or found[2] or "") if found else ""


def _formula_cells(sheet: bytes) -> Iterator[tuple[int, int]]:
    for letters, row in re.findall(rb'<c\s[^>]*?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<f[\s>/]', sheet):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        yield int(row), column - 1
