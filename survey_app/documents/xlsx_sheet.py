"""A workbook sheet by sheet, each from its letterhead down; only `xlsx.py` imports this, at first use."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import xlsxwriter

from survey_app.documents.letterhead import Letterhead
from survey_app.documents.xlsx import Sheet
from survey_app.documents.xlsx_canvas import FONT, Canvas, Styles
from survey_app.documents.xlsx_cells import plain
from survey_app.documents.xlsx_table import Lines, write_table

CAPITAL = 1.35  # width of a bold capital beside a digit, by which Excel counts
A4, MM = 9, 1 / 25.4
LINES_TO_SIGN = 5


def write(sheets: Iterable[Sheet], title: str, now: datetime, target: Path | IO[bytes], scratch: str) -> None:
    """Write the workbook; see `xlsx.write_book`."""
    options = {
        "constant_memory": True,
        "tmpdir": scratch,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_format_properties": FONT,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": plain(title), "created": now.astimezone(UTC)})
    styles = Styles(book)
    for sheet in sheets:
        canvas = Canvas(book, styles, sheet)
        if sheet.title:
            _head(canvas, sheet)
        lines = write_table(canvas, sheet)
        if sheet.signatures:
            _foot(canvas, sheet)
        _print_settings(canvas, sheet, lines)
    book.close()


def _head(canvas: Canvas, sheet: Sheet) -> None:
    if sheet.mark:
        canvas.full_line(sheet.mark, bold=True, font_color="#7F7F7F")
    if sheet.letterhead:
        _issuer(canvas, sheet.letterhead)
    canvas.full_line(sheet.title.upper(), bold=True, font_size=14)
    for note in sheet.notes:
        canvas.full_line(note, italic=True)
    canvas.line += 1


def _issuer(canvas: Canvas, head: Letterhead) -> None:
    last = canvas.place_at(len(head.agency_line) * CAPITAL)
    for text, bold in ((head.superior_line, False), (head.agency_line, True)):
        canvas.page.set_row(canvas.line, canvas.height(text, 0, last, CAPITAL))
        canvas.span(text, 0, last, canvas.styles.middle(bold=bold))
        canvas.line += 1
    canvas.line += 1


def _foot(canvas: Canvas, sheet: Sheet) -> None:
    signers = tuple(zip(sheet.signatures, _blocks(canvas, len(sheet.signatures)), strict=True))
    middle = canvas.styles.middle
    canvas.line += 1
    if sheet.letterhead and sheet.letterhead.dated:
        canvas.span(sheet.letterhead.dated, *signers[-1][1], middle(italic=True))
        canvas.line += 1
    for number in range(max(len(signature.lines) for signature, _ in signers)):
        for signature, block in signers:
            canvas.span("".join(signature.lines[number : number + 1]), *block, middle(bold=True))
        canvas.line += 1
    for signature, block in signers:
        canvas.span("" if signature.name else signature.note, *block, middle(italic=True))
    canvas.line += LINES_TO_SIGN
    for signature, block in signers:
        canvas.span(signature.name, *block, middle(bold=True))


def _blocks(canvas: Canvas, count: int) -> list[tuple[int, int]]:
    """For each signer a run of columns about equally wide; one alone signs on the right."""
    if count == 1:
        return _blocks(canvas, 2)[1:]
    whole, blocks, first = sum(canvas.widths), [], 0
    for number in range(1, count + 1):
        last = max(first, canvas.place_at(whole * number / count - 0.01))
        blocks.append((first, last))
        first = last + 1
    return blocks


def _print_settings(canvas: Canvas, sheet: Sheet, lines: Lines) -> None:
    page = canvas.page
    page.freeze_panes(lines.first, sheet.frozen)
    page.repeat_rows(lines.heading, lines.first - 1)
    if sheet.filtered:
        page.autofilter(lines.first - 1, 0, lines.last, canvas.last)
    if sheet.landscape:
        page.set_landscape()
    if sheet.title:
        page.hide_gridlines(2)
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=20 * MM, right=15 * MM, top=20 * MM, bottom=20 * MM)
    page.center_horizontally()
    page.set_footer('&C&"Times New Roman,Regular"&12&P/&N')
    if sheet.mark:
        page.set_header(f'&R&"Times New Roman,Bold"&12{sheet.mark.replace("&", "&&")}')
