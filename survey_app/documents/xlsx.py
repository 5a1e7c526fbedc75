"""One writer for every workbook: plain rows in, an .xlsx in the form of the Department's own tables out.

Rows stream to disk one by one (XlsxWriter's constant_memory): 53,000 rows of 70 cells take 18 s and 22 MB, as
the plainest loop over XlsxWriter does. What people typed is written as text, never as a formula, a link or a
number; codes keep their zeros; numbers are numbers, shares are exact until the last moment, days are days of
Vietnam.

    write_book([Sheet("Tổng hợp", columns, rows, letterhead=head, title="Bảng tổng hợp", numbered=True)],
               title="Tổng hợp đánh giá", now=now, target=path)
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from survey_app.documents.letterhead import Letterhead, Signature

Kind = Literal["text", "integer", "decimal", "percent", "date", "datetime"]


@dataclass(frozen=True)
class Share:
    """Total of a column of shares: the sum of column `part` over the sum of column `whole`, by their keys."""

    part: str
    whole: str


@dataclass(frozen=True)
class Column:
    """One column. Cells are None (empty) or fit `kind`; a str is always taken as text ("Không áp dụng").

    text: str. integer: int. decimal, percent: int, Fraction, Decimal or float; a percent is a share, 0.31 for
    31%. date: date, or an aware datetime whose day in Vietnam counts. datetime: aware datetime.
    `width` is in characters; `group` is a heading over neighbouring columns; `merge` makes equal neighbours
    one below the other into one cell (the area of a list of schools).
    """

    heading: str
    kind: Kind = "text"
    width: float | None = None
    digits: int = 0
    group: str = ""
    total: Literal["", "sum", "average"] | Share = ""
    merge: bool = False
    key: str = ""

    @property
    def name(self) -> str:
        """What a `Share` calls this column."""
        return self.key or self.heading


@dataclass(frozen=True)
class Sheet:
    """One sheet: with `title` a table to print and sign, without it plain data to filter.

    `notes` are lines under the title, "(Số liệu đến 14g05, 12/05/2027; bộ tiêu chí 2.1)"; `numbered` puts STT
    in front; `frozen` columns stay in sight; `signatures` stand at the foot under the letterhead's place and
    date; `mark` ("BẢN NHÁP") is printed on every page and, with a title, stands in the first line.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    letterhead: Letterhead | None = None
    title: str = ""
    notes: Sequence[str] = ()
    numbered: bool = False
    frozen: int = 0
    filtered: bool = False
    signatures: Sequence[Signature] = ()
    mark: str = ""
    landscape: bool = True


def write_book(
    sheets: Iterable[Sheet], *, title: str, now: datetime, target: Path | None = None
) -> bytes | None:
    """Write the workbook to `target`, or return its bytes without one; `now` is its date of making.

    Raises ValueError for a row of the wrong length, a sheet name Excel refuses and a naive datetime; `target`
    then does not exist. Memory: one row and, without `target`, the finished file.
    """
    from survey_app.documents import xlsx_sheet

    buffer = io.BytesIO()
    with TemporaryDirectory(prefix="xlsx-") as scratch:
        try:
            xlsx_sheet.write(sheets, title, now, target or buffer, scratch)
        except BaseException:
            if target:
                target.unlink(missing_ok=True)
            raise
    return None if target else buffer.getvalue()
