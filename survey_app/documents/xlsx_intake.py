"""Opening a workbook from outside: the zip is looked at before anything in it is opened.

Calamine reads no macros, formulas or external links; what is no workbook, carries macros or unpacks too
large is refused first.
"""

import io
import zipfile
from typing import Any

from survey_app.rules.errors import N_, BadInput

MAX_UNPACKED = 100 * 1024 * 1024
MAX_ENTRIES = 1_000


class UnreadableTable(BadInput):
    """The file is not a table we can read; `reason` says what to do."""

    message = N_("Không đọc được tệp: %(reason)s")


NOT_ZIP = N_("tệp .xlsx hỏng hoặc là tệp khác đổi tên. Hãy mở bằng Excel và lưu lại kiểu .xlsx.")
TOO_BIG = N_("tệp giải nén ra quá lớn.")
MACROS = N_("tệp có macro. Hãy lưu lại kiểu .xlsx không có macro.")


def open_workbook(content: bytes) -> Any:
    """The workbook (a `CalamineWorkbook`) of an .xlsx file. Raises `UnreadableTable`.

    Reading a sheet of it may still raise `CalamineError`: use `sheet_rows`.
    """
    _check_zip(content)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, ValueError, OSError) as error:
        raise UnreadableTable(reason=NOT_ZIP) from error


def sheet_rows(workbook: Any, name: str | int) -> list[list[Any]]:
    """Every row of a sheet from the first cell on, as calamine types it. Raises `UnreadableTable`."""
    from python_calamine import CalamineError

    get = workbook.get_sheet_by_index if isinstance(name, int) else workbook.get_sheet_by_name
    try:
        rows: list[list[Any]] = get(name).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as error:
        raise UnreadableTable(reason=NOT_ZIP) from error
    return rows


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableTable(reason=NOT_ZIP) from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise UnreadableTable(reason=NOT_ZIP)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableTable(reason=MACROS)
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise UnreadableTable(reason=TOO_BIG)
