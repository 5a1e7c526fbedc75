"""Checking the rows of a school list against what is stored: the plan of an import, nothing written.

Pure: it gets the table, the wards and the stored schools as plain values, so a dry run and the real import
cannot differ.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_app.organisations import row_checks
from survey_app.organisations.columns import BY_FIELD, COLUMNS, Headings, read_headings
from survey_app.organisations.places import WardBook
from survey_app.organisations.row_checks import Note, School
from survey_app.organisations.spreadsheet import Table
from survey_app.rules.errors import N_, BadInput

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"

TWICE = N_("Mã %(code)s có ở các dòng %(rows)s. Mỗi đơn vị chỉ được một dòng.")
NOT_SCHOOL = N_("Mã %(code)s đang là mã của %(name)s, không phải trường.")
OLD_CODE = N_("Mã %(code)s là mã cũ của %(name)s. Hãy dùng mã hiện nay %(now)s.")
NAMESAKE = N_("Trùng tên với dòng %(rows)s (khác xã, phường hoặc khác mã). Vẫn nhận.")
KEPT_SITES = N_("Các điểm lẻ không có trong tệp sẽ kết thúc: %(names)s.")


class BadHeadings(BadInput):
    """The table lacks a column, or has one twice."""

    message = N_("%(reason)s")


MISSING = N_("Thiếu cột: %(names)s. Các cột tìm thấy: %(found)s.")
DOUBLED = N_("Có hai cột cùng tên: %(names)s. Hãy xóa bớt một cột.")


@dataclass(frozen=True)
class Stored:
    """What the database knows: wards, schools by code, codes of other units, old codes."""

    wards: WardBook
    schools: Mapping[str, School]
    other_codes: Mapping[str, str]
    old_codes: Mapping[str, tuple[str, str]]


@dataclass
class RowPlan:
    """One row: what it would do, what is wrong and what should be looked at."""

    row: int
    code: str
    name: str
    ward: str
    school: School | None = None
    faults: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    status: str = WRONG


@dataclass(frozen=True)
class ImportPlan:
    """All rows of a file with their verdicts, and the columns that were not understood."""

    rows: tuple[RowPlan, ...]
    ignored: tuple[str, ...]

    def of(self, *statuses: str) -> list[RowPlan]:
        """The rows with one of these statuses, in file order."""
        return [row for row in self.rows if row.status in statuses]

    def count(self) -> Counter[str]:
        """How many rows are new, changed, same and wrong."""
        return Counter(row.status for row in self.rows)

    @property
    def faults(self) -> list[tuple[int, Note]]:
        """(row, column and reason) of everything that keeps a row out."""
        return [(row.row, note) for row in self.rows for note in row.faults]

    @property
    def warnings(self) -> list[tuple[int, Note]]:
        """(row, column and note) of everything that is taken but should be looked at."""
        return [(row.row, note) for row in self.rows for note in row.warnings]


def make_plan(table: Table, stored: Stored) -> ImportPlan:
    """Check every row. Raises `BadHeadings` when a required column is missing or one is doubled."""
    headings = read_headings(table.headings)
    _check_headings(headings, table.headings)
    rows = [_check_row(number, cells, headings, stored) for number, cells in table.rows]
    _refuse_doubles(rows, headings)
    _note_namesakes(rows, headings)
    for row in rows:
        _settle(row, stored)
    return ImportPlan(tuple(rows), headings.ignored)


def _check_headings(headings: Headings, found: tuple[str, ...]) -> None:
    if headings.doubled:
        raise BadHeadings(reason=DOUBLED % {"names": ", ".join(headings.doubled)})
    if headings.missing:
        words = {"names": ", ".join(headings.missing), "found": ", ".join(found[:20])}
        raise BadHeadings(reason=MISSING % words)


def _check_row(number: int, cells: tuple[str, ...], headings: Headings, stored: Stored) -> RowPlan:
    texts = {name: cells[place] if place < len(cells) else "" for name, place in headings.places.items()}
    checked = row_checks.check(texts, headings.titles, stored.wards)
    row = RowPlan(
        number, checked.code, checked.name, checked.ward, checked.school, checked.faults, checked.warnings
    )
    title = headings.titles["code"]
    if other := stored.other_codes.get(row.code):
        row.faults.append(Note(title, NOT_SCHOOL % {"code": row.code, "name": other}))
    if old := stored.old_codes.get(row.code):
        row.faults.append(Note(title, OLD_CODE % {"code": row.code, "name": old[1], "now": old[0]}))
    return row


def _refuse_doubles(rows: list[RowPlan], headings: Headings) -> None:
    for code, same in _grouped(rows, lambda row: row.code).items():
        numbers = ", ".join(str(row.row) for row in same)
        for row in same:
            row.faults.append(Note(headings.titles["code"], TWICE % {"code": code, "rows": numbers}))


def _note_namesakes(rows: list[RowPlan], headings: Headings) -> None:
    for same in _grouped(rows, lambda row: row.name.casefold()).values():
        for row in same:
            others = ", ".join(str(other.row) for other in same if other is not row)
            row.warnings.append(Note(headings.titles["name"], NAMESAKE % {"rows": others}))


def _grouped(rows: list[RowPlan], key: "row_checks.Key[RowPlan]") -> dict[str, list[RowPlan]]:
    groups: dict[str, list[RowPlan]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: same for name, same in groups.items() if name and len(same) > 1}


def _settle(row: RowPlan, stored: Stored) -> None:
    if row.faults or row.school is None:
        return
    before = stored.schools.get(row.code)
    if before is None:
        row.status = NEW
        return
    row.school = row.school.over(before)
    row.changes = _differences(before, row.school)
    row.status = CHANGED if row.changes else SAME
    gone = [name for name, _ in before.sites if name not in dict(row.school.sites)]
    if gone:
        title = BY_FIELD["sites"].heading
        row.warnings.append(Note(title, KEPT_SITES % {"names": ", ".join(gone)}))


def _differences(before: School, after: School) -> list[tuple[str, str, str]]:
    shown_before, shown_after = before.shown(), after.shown()
    return [
        (column.heading, shown_before[column.field], shown_after[column.field])
        for column in COLUMNS
        if column.field in shown_after and shown_before[column.field] != shown_after[column.field]
    ]
