"""One cell of a workbook becomes one value of a document, or a fault that says what to type instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from survey_app.core.vietnamese import fold
from survey_app.frameworks.sheets import CHECKED, NO, UNCHECKED, YES, Field

AS_TEXT = "Ô đang là số (%(value)s). Hãy đổi ô sang kiểu Văn bản rồi gõ lại."
IS_DATE = "Ô đang là ngày. Hãy đổi ô sang kiểu Văn bản rồi gõ lại."
NOT_WHOLE = "Phải là số nguyên, ví dụ 80."
NOT_YES = "Chỉ ghi có hoặc không."
BAD_ANCHOR = "Mỗi dòng trong ô ghi: tên văn bản | điều, khoản | đã xác minh hoặc chưa xác minh."
_YES_WORDS = {"co", "x", "1", "true", "yes"}
_NO_WORDS = {"khong", "0", "false", "no"}


class BadCell(Exception):
    """What is in the cell cannot be taken; the text is the sentence for the person."""


@dataclass(frozen=True)
class Cell:
    """A cell with its place: sheet, row as the spreadsheet counts, heading of its column."""

    sheet: str
    row: int
    column: str
    value: Any

    @property
    def empty(self) -> bool:
        """True when nothing is typed in it."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


def read_cell(field: Field, cell: Cell) -> Any:
    """The value of a cell that is not empty. Raises `BadCell`."""
    if isinstance(cell.value, date | time):
        raise BadCell(IS_DATE)
    return _READERS[field.kind](cell.value)


def tidy(value: Any) -> str:
    """The text of a cell as it is stored: NFC, one blank between words, no blank lines at its ends."""
    if isinstance(value, bool):
        value = YES if value else NO
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip(" ") for line in text.split("\n"))
    return "\n".join(lines).strip("\n")


def _code(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise BadCell(AS_TEXT % {"value": tidy(value)})
    return tidy(value)


def _whole(value: Any) -> int:
    text = tidy(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadCell(NOT_WHOLE)
    return int(text)


def _yes(value: Any) -> bool:
    words = fold(tidy(value))
    if words in _YES_WORDS | _NO_WORDS:
        return words in _YES_WORDS
    raise BadCell(NOT_YES)


def _list(value: Any) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", tidy(value)) if part.strip()]


def _mandatory(value: Any) -> bool | list[str]:
    words = fold(tidy(value))
    return words in _YES_WORDS if words in _YES_WORDS | _NO_WORDS else _list(value)


def _anchors(value: Any) -> list[dict[str, Any]]:
    found = []
    for line in tidy(value).split("\n"):
        document, article, *mark = [part.strip() for part in line.split("|")] + [""] * (line.count("|") < 2)
        marks = {fold(CHECKED): True, fold(UNCHECKED): False, "": False}
        if not document or not article or len(mark) > 1 or fold("".join(mark)) not in marks:
            raise BadCell(BAD_ANCHOR)
        found.append({"document": document, "article": article, "verified": marks[fold("".join(mark))]})
    return found


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": tidy,
    "code": _code,
    "whole": _whole,
    "yes": _yes,
    "list": _list,
    "mandatory": _mandatory,
    "anchors": _anchors,
}
