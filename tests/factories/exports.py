"""Rows for workbooks without a database: as many schools as a measurement wants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

from survey_app.exports.heading import Heading, letterhead_of, signatures_of
from survey_app.exports.queries import FormRow, ValueRow
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Why
from survey_app.rules.workflow import State

MADE = datetime(2027, 5, 12, 7, 5, tzinfo=UTC)


def a_heading() -> Heading:
    """The heading of a department's workbook."""
    return Heading(
        letterhead_of("Sở Giáo dục và Đào tạo thành phố Cần Thơ", is_department=True),
        signatures_of(is_department=True),
        "Đợt thử",
        "2026 – 2027",
        "Phạm vi: tất cả trường trong đợt",
        ("Bộ tiêu chí thử, phiên bản 1",),
        MADE,
        draft=False,
    )


def made_up_values(framework: Framework, schools: int) -> Iterator[ValueRow]:
    """`schools` published forms with a value for every indicator, each seventh of which does not apply."""
    highest = [indicator.scale.highest for indicator in framework.by_code.values()]
    for school in range(schools):
        own = tuple(
            Why.PROFILE if (school + place) % 7 == 0 else (school * 3 + place) % (most + 1)
            for place, most in enumerate(highest)
        )
        name, ward = f"THCS Mẫu Số {school}", f"Phường Mẫu {school % 103}"
        yield ValueRow(f"{92000000 + school}", name, ward, ("thcs",), State.PUBLISHED, own, own)


def made_up_forms(version_id: int, schools: int) -> Iterator[FormRow]:
    """`schools` published forms with counts and a level."""
    counts = (58, 62, 35, 35)
    for school in range(schools):
        yield FormRow(
            code=f"{92000000 + school}",
            name=f"THCS Mẫu Số {school}",
            ward=f"Phường Mẫu {school % 103}",
            unit_type="truong",
            area_type="phuong",
            ownership="cong_lap",
            stages=("thcs",),
            reviewer=f"Phường Mẫu {school % 103}",
            version_id=version_id,
            state=State.PUBLISHED,
            submitted_at=MADE,
            signatory="Trần Thị Mẫu",
            own=counts,
            result=counts,
            quality=Fraction(8800 + school % 1000, 100),
            level="tot",
            award="danh_hieu",
            vetoes=0,
        )
