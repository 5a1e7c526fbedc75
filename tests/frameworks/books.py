"""Workbooks for tests, cell by cell: a checklist as the circulars have it, right and spoilt."""

import io
from collections.abc import Callable
from typing import Any

import xlsxwriter

from survey_app.frameworks.sheets import CRITERIA, INFO, LISTS, RULES

Cells = dict[str, list[list[Any]]]


def make_book(sheets: Cells, prepare: Callable[[Any, dict[str, Any]], None] | None = None) -> bytes:
    """An .xlsx with these cells; `prepare` may write formulas and merge cells."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        pages = {name: book.add_worksheet(name) for name in sheets}
        for name, rows in sheets.items():
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        pages[name].write_string(number, place, value)
                    elif value is not None:
                        pages[name].write(number, place, value)
        if prepare:
            prepare(book, pages)
    return buffer.getvalue()


HEADINGS = [
    "Mã lĩnh vực",
    "Lĩnh vực",
    "Mã nội dung",
    "Nội dung",
    "Mã tiêu chí",
    "Tiêu chí",
    "Bắt buộc",
    "Thang",
]
INFO_LINES: list[list[Any]] = [
    ["Mục", "Tiếng Việt"],
    ["Mã bộ tiêu chí", "tt-thu-2026"],
    ["Phiên bản", "1.0"],
    ["Có bản tiếng Anh", "không"],
    ["Tên bộ tiêu chí", "Danh mục chính thức (thử)"],
    ["Tên gọi bậc 1", "Phần"],
    ["Tên gọi bậc 2", "Nội dung"],
    ["Tên gọi bậc 3", "Tiêu chí"],
    ["Mức của trường nhiều điểm", "thấp nhất"],
    ["Ghi chú chung", None],
]
RULE_LINES: list[list[Any]] = [
    ["Mục", "Mã", "Tiếng Việt", "Số thứ nhất", "Số thứ hai"],
    ["Số tiêu chí đạt, bắt buộc đạt", "truong", None, 40, 20],
    ["Số tiêu chí đạt, bắt buộc đạt", "lop_doc_lap", None, 30, 15],
    ["Kết quả", "khong_dat", "Không đạt"],
    ["Kết quả", "dat", "Đạt"],
]
LIST_LINES: list[list[Any]] = [
    ["Danh mục", "Mã", "Tên", "Giá trị", "Đạt"],
    ["Cấp học", "mam_non", "Mầm non"],
    ["Loại đơn vị", "truong", "Trường mầm non"],
    ["Loại đơn vị", "lop_doc_lap", "Lớp độc lập"],
    ["Thang", "pass2", "Không đạt", 0, "không"],
    ["Thang", "pass2", "Đạt", 1, "có"],
]


def official() -> Cells:
    """A checklist as the circulars have it: two points, counts by type of unit, no English, no levels."""
    sheets = {INFO: INFO_LINES, CRITERIA: [HEADINGS, *_checklist()], RULES: RULE_LINES, LISTS: LIST_LINES}
    return {name: [list(line) for line in lines] for name, lines in sheets.items()}


def _checklist() -> list[list[Any]]:
    """50 lines, 17 in the first area; upper tiers are written in their first line only, as merged cells."""
    lines: list[list[Any]] = []
    for number in range(1, 51):
        area, topic = ("A", "A1") if number <= 17 else ("B", f"B{(number - 18) // 9 + 1}")
        place = number if area == "A" else (number - 18) % 9 + 1
        upper = (
            [area, "Cơ sở vật chất" if area == "A" else "Hoạt động"] if number in (1, 18) else [None, None]
        )
        middle = [topic, f"Nội dung {topic}"] if place == 1 else [None, None]
        sentence = f"Tiêu chí thứ {number} của danh mục chính thức."
        lines.append(
            [*upper, *middle, f"{topic}.{place}", sentence, "có" if number <= 20 else "không", "pass2"]
        )
    return lines
