"""The sheet being written: where we are, how wide the columns are, how a line of text is laid over them.

XlsxWriter's constant_memory writes a row when the next begins: everything goes down the sheet in order,
and a cell that spans rows is written in its first row and only declared a span afterwards.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from survey_app.documents.xlsx import Column, Sheet
from survey_app.documents.xlsx_cells import number_format, plain

FONT = {"font_name": "Times New Roman", "font_size": 12}
WIDTHS = {"text": 24.0, "integer": 10.0, "decimal": 10.0, "percent": 10.0, "date": 12.0, "datetime": 18.0}
ORDINAL = Column("STT", "integer", 6)
LINE_HEIGHT = 16.5


@dataclass
class Styles:
    """Formats of one workbook, each made once."""

    book: Any
    made: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def get(self, **properties: object) -> Any:
        """The format with these properties over the workbook's font."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({**FONT, **properties})
        return self.made[key]

    def middle(self, **properties: object) -> Any:
        """Centred both ways, wrapped."""
        return self.get(align="center", valign="vcenter", text_wrap=True, **properties)

    def cell(self, column: Column, **properties: object) -> Any:
        """A bordered cell of this column."""
        if column is ORDINAL:
            properties["align"] = "center"
        wrap, form = column.kind == "text", number_format(column)
        return self.get(border=1, valign="vcenter", text_wrap=wrap, num_format=form, **properties)


class Canvas:
    """One sheet of the book; `line` is the row to write next, counted from 0."""

    def __init__(self, book: Any, styles: Styles, sheet: Sheet) -> None:
        """Add the sheet; signs that Excel forbids in a name become blanks."""
        name = "".join(" " if sign in "[]:*?/\\" else sign for sign in plain(sheet.name))
        self.page: Any = book.add_worksheet(name[:31].strip("' "))
        self.styles = styles
        self.columns = (ORDINAL, *sheet.columns) if sheet.numbered else tuple(sheet.columns)
        self.widths = [column.width or WIDTHS[column.kind] for column in self.columns]
        self.last = len(self.columns) - 1
        self.line = 0
        for place, width in enumerate(self.widths):
            self.page.set_column(place, place, width)

    def span(self, text: str, first: int, last: int, style: Any) -> None:
        """`text` over the columns `first` to `last` of this line."""
        if first == last:
            self.page.write_string(self.line, first, plain(text), style)
        else:
            self.page.merge_range(self.line, first, self.line, last, plain(text), style)

    def join_down(self, first: int, last: int, place: int) -> None:
        """Declare the cells of one column from line `first` to `last`, written already, one cell."""
        self.page.merge.append([first, place, last, place])

    def full_line(self, text: str, **properties: object) -> None:
        """Text over the whole width, as high as it needs: Excel does not fit spanned cells itself."""
        self.page.set_row(self.line, self.height(text, 0, self.last))
        self.span(text, 0, self.last, self.styles.middle(**properties))
        self.line += 1

    def height(self, text: str, first: int, last: int, wide: float = 1.1) -> float:
        """Height of a line whose text, each letter `wide` digits, wraps in these columns."""
        room = sum(self.widths[first : last + 1])
        return LINE_HEIGHT * max(1, ceil(len(text) * wide / room))

    def place_at(self, width: float) -> int:
        """The first column that, with all on its left, is `width` wide; the last if all are narrower."""
        total = 0.0
        for place, own in enumerate(self.widths):
            total += own
            if total >= width:
                return place
        return self.last
