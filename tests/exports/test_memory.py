"""A workbook of any size needs the memory of a small one."""

import tracemalloc
from pathlib import Path

from survey_app.documents.xlsx import write_book
from survey_app.exports.workbook import indicator_sheet, school_sheet
from tests.factories.exports import MADE, a_heading, made_up_forms, made_up_values
from tests.factories.frameworks import plain_framework


def peak(target: Path, schools: int) -> int:
    """The most bytes in use while a workbook of so many schools is written."""
    framework = plain_framework()
    tracemalloc.start()
    sheets = [
        school_sheet(a_heading(), made_up_forms(1, schools), {1: framework}, coded=False, with_names=True),
        indicator_sheet(a_heading(), "Chi tiết", framework, made_up_values(framework, schools), coded=True),
    ]
    write_book(sheets, title="Danh sách", now=MADE, target=target)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_four_times_the_schools_take_no_more_memory(tmp_path: Path) -> None:
    peak(tmp_path / "first.xlsx", 20)  # what the writer loads once
    small = peak(tmp_path / "small.xlsx", 1000)
    large = peak(tmp_path / "large.xlsx", 4000)
    assert large < 1.5 * small, (small, large)
    assert (tmp_path / "large.xlsx").stat().st_size > 3 * (tmp_path / "small.xlsx").stat().st_size
