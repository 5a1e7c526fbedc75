"""The table of a sheet: headings in one or two lines, rows as they come, totals as formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_range

from survey_app.documents.xlsx import Share, Sheet
from survey_app.documents.xlsx_canvas import Canvas
from survey_app.documents.xlsx_cells import Write, cell_writer


@dataclass(frozen=True)
class Lines:
    """Where the table lies, rows counted from 0; an empty table has one empty row."""

    heading: int
    first: int
    last: int


@dataclass
class Tally:
    """Exact sum and number of the numbers of one column."""

    sum: Fraction | int = 0
    count: int = 0

    def add(self, value: Any) -> None:
        """Count a number; text and empty cells do not count, as in Excel."""
        if value is not None and not isinstance(value, str):
            self.sum += value if isinstance(value, int) else Fraction(value)
            self.count += 1


@dataclass
class Joined:
    """A writer that leaves a cell equal to the one above empty and makes the run one cell."""

    canvas: Canvas
    place: int
    put: Write
    value: object = None
    first: int = 0
    last: int = -1

    def __call__(self, line: int, value: Any) -> None:
        if value is not None and value == self.value:
            self.put(line, None)
        else:
            self.close()
            self.value, self.first = value, line
            self.put(line, value)
        self.last = line

    def close(self) -> None:
        """Declare the run that ended."""
        if self.last > self.first:
            self.canvas.join_down(self.first, self.last, self.place)


def write_table(canvas: Canvas, sheet: Sheet) -> Lines:
    """Headings, rows and totals from the canvas's line on; says where they came to lie."""
    heading = canvas.line
    _headings(canvas)
    first = canvas.line
    tallies = _rows(canvas, sheet)
    lines = Lines(heading, first, max(first, canvas.line - 1))
    if canvas.line > first:
        _totals(canvas, lines, tallies)
    elif sheet.title:
        canvas.full_line("(Không có dữ liệu)", italic=True, border=1)
    return lines


def _headings(canvas: Canvas) -> None:
    style = canvas.styles.middle(bold=True, border=1, bg_color="#EEF2F1")
    grouped = any(column.group for column in canvas.columns)
    if grouped:
        _group_headings(canvas, style)
    tallest = max(canvas.height(column.heading, at, at, 1.3) for at, column in enumerate(canvas.columns))
    canvas.page.set_row(canvas.line, tallest + 4)
    for place, column in enumerate(canvas.columns):
        if grouped and not column.group:
            canvas.page.write_blank(canvas.line, place, None, style)
            canvas.join_down(canvas.line - 1, canvas.line, place)
        else:
            canvas.span(column.heading, place, place, style)
    canvas.line += 1


def _group_headings(canvas: Canvas, style: Any) -> None:
    for group, run in groupby(enumerate(canvas.columns), key=lambda item: item[1].group):
        places = [place for place, _ in run]
        if group:
            canvas.span(group, places[0], places[-1], style)
        else:
            for place in places:
                canvas.span(canvas.columns[place].heading, place, place, style)
    canvas.line += 1


def _rows(canvas: Canvas, sheet: Sheet) -> dict[int, Tally]:
    writers: list[Write] = []
    for place, column in enumerate(canvas.columns):
        put = cell_writer(canvas.page, place, column, canvas.styles.cell(column))
        writers.append(Joined(canvas, place, put) if column.merge else put)
    tallies = {place: Tally() for place in _tallied(canvas)}
    counted = tuple(tallies.items())
    for number, row in enumerate(sheet.rows, 1):
        cells: Sequence[object] = (number, *row) if sheet.numbered else row
        for put, value in zip(writers, cells, strict=True):
            put(canvas.line, value)
        for place, tally in counted:
            tally.add(cells[place])
        canvas.line += 1
    for put in writers:
        if isinstance(put, Joined):
            put.close()
    return tallies


def _tallied(canvas: Canvas) -> set[int]:
    places: set[int] = set()
    for place, column in enumerate(canvas.columns):
        if isinstance(column.total, Share):
            places |= {_place(canvas, column.total.part), _place(canvas, column.total.whole)}
        elif column.total:
            places.add(place)
    return places


def _place(canvas: Canvas, name: str) -> int:
    names = [column.name for column in canvas.columns]
    return names.index(name)


def _totals(canvas: Canvas, lines: Lines, tallies: dict[int, Tally]) -> None:
    totals = [place for place, column in enumerate(canvas.columns) if column.total]
    if not totals:
        return
    if totals[0] > 0:
        canvas.span("Tổng cộng", 0, totals[0] - 1, canvas.styles.middle(bold=True, border=1))
    for place in range(totals[0], len(canvas.columns)):
        column = canvas.columns[place]
        style = canvas.styles.cell(column, bold=True)
        if column.total:
            formula, value = _total(canvas, lines, tallies, place)
            canvas.page.write_formula(canvas.line, place, formula, style, value)
        else:
            canvas.page.write_blank(canvas.line, place, None, style)
    canvas.line += 1


def _total(canvas: Canvas, lines: Lines, tallies: dict[int, Tally], place: int) -> tuple[str, float | str]:
    """The formula of a total and the value it has now, for readers that do not calculate."""

    def cells(at: int) -> str:
        return str(xl_range(lines.first, at, lines.last, at))

    total = canvas.columns[place].total
    if isinstance(total, Share):
        part, whole = _place(canvas, total.part), _place(canvas, total.whole)
        value = _quotient(tallies[part].sum, tallies[whole].sum)
        return f'=IFERROR(SUM({cells(part)})/SUM({cells(whole)}),"")', value
    tally = tallies[place]
    if total == "average":
        return f'=IFERROR(AVERAGE({cells(place)}),"")', _quotient(tally.sum, tally.count)
    return f"=SUM({cells(place)})", float(tally.sum)


def _quotient(part: Fraction | int, whole: Fraction | int) -> float | str:
    return float(Fraction(part) / whole) if whole else ""
