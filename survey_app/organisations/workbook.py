"""The empty workbook a department fills in with its schools: headings, one invented example, the meaning."""

import io

from survey_app.organisations.columns import COLUMNS


def template_bytes() -> bytes:
    """An .xlsx whose first sheet can be imported as it is; every cell is text, so codes keep their zeros."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        must = book.add_format({"bold": True, "num_format": "@", "bottom": 1, "bg_color": "#E8F1EC"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        schools, guide = book.add_worksheet("Danh sách trường"), book.add_worksheet("Hướng dẫn")
        schools.freeze_panes(1, 2)
        guide.set_column(0, 0, 18)
        guide.set_column(1, 2, 60, wrap)
        guide.write_row(0, 0, ("Cột", "Cách ghi", "Ví dụ"), head)
        for place, column in enumerate(COLUMNS):
            schools.set_column(place, place, max(14, min(40, len(column.example) + 4)), text)
            schools.write_string(0, place, column.heading, must if column.required else head)
            need = "Bắt buộc. " if column.required else "Không bắt buộc. "
            guide.write_row(place + 1, 0, (column.heading, need + column.note, column.example))
    return buffer.getvalue()
