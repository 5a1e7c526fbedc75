"""How one value becomes one cell: exact values in, what Excel can hold out."""

import re
from collections.abc import Callable
from datetime import date as Date
from datetime import datetime
from typing import Any

from survey_app.core.clock import local_date, to_local
from survey_app.documents.xlsx import Column

LONGEST = 32_767  # UTF-16 units in one cell; XlsxWriter would cut silently
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
Write = Callable[[int, Any], None]


def plain(text: str) -> str:
    """`text` as a cell can hold it: no characters XML forbids, no more than a cell's length.

    XlsxWriter takes a text from "<r>" to "</r>" for markup and copies it unescaped; a blank at the end stops
    that.
    """
    if _NOT_IN_XML.search(text):
        text = _NOT_IN_XML.sub("", text)
    if len(text) > LONGEST // 2 and len(text.encode("utf-16-le")) > LONGEST * 2:
        text = text.encode("utf-16-le")[: (LONGEST - 1) * 2].decode("utf-16-le", "ignore") + "…"
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def number_format(column: Column) -> str:
    """Excel's format of a column; the person's own Excel chooses comma or point."""
    places = "." + "0" * column.digits if column.digits else ""
    return {
        "text": "@",
        "integer": "#,##0",
        "decimal": "#,##0" + places,
        "percent": "0" + places + "%",
        "date": "dd/mm/yyyy",
        "datetime": "hh:mm dd/mm/yyyy",
    }[column.kind]


def cell_writer(sheet: Any, place: int, column: Column, style: Any) -> Write:
    """A function (line, value) that writes one cell of this column."""
    convert = _CONVERT[column.kind]
    put = sheet.write_datetime if column.kind in ("date", "datetime") else sheet.write_number
    put_text, put_blank = sheet.write_string, sheet.write_blank

    def write(line: int, value: Any) -> None:
        if isinstance(value, str):
            put_text(line, place, plain(value), style)
        elif value is None:
            put_blank(line, place, None, style)
        elif convert is None:
            put_text(line, place, plain(str(value)), style)
        else:
            put(line, place, convert(value), style)

    return write


def _whole(value: Any) -> int:
    if value != int(value):
        raise ValueError(f"{value} is no whole number")
    return int(value)


def _local_day(value: Date | datetime) -> Date:
    if isinstance(value, datetime):
        return local_date(_aware(value))
    return value


def _local_time(value: datetime) -> datetime:
    return to_local(_aware(value)).replace(tzinfo=None)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a naive datetime has no place on the clock of Vietnam")
    return value


_CONVERT: dict[str, Callable[[Any], Any] | None] = {
    "text": None,
    "integer": _whole,
    "decimal": float,
    "percent": float,
    "date": _local_day,
    "datetime": _local_time,
}
