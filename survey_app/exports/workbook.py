"""Plain rows → the sheets of a round's workbook, in the form of the Department's own tables.

Words or codes: with `coded` a cell holds the code that the sheet of explanations lists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from survey_app.documents.pivot import pivot_sums
from survey_app.documents.xlsx import Column, Kind, Share, Sheet
from survey_app.exports.heading import Heading
from survey_app.exports.queries import FormRow, ValueRow
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES, UNIT_TYPE_NAMES
from survey_app.rules.aggregation import Completion
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Why
from survey_app.rules.workflow import STATE_NAMES, State

NOT_APPLICABLE, NOT_ANSWERED, NOT_CONFIRMED, NOT_HANDED_IN = (
    "Không áp dụng",
    "Chưa trả lời",
    "Chưa xác nhận",
    "Chưa nộp",
)
# What stands in a coded cell that has no value. Empty means that the indicator does not apply.
CODES = {NOT_ANSWERED: "CTL", NOT_CONFIRMED: "CXN", NOT_HANDED_IN: "CN"}
AREA_NAMES = {"phuong": "Phường", "xa": "Xã"}


def ward_sheet(
    heading: Heading,
    rows: Mapping[tuple[str, str], Completion],
    levels: Mapping[str, Mapping[str, int]],
    bands: Mapping[str, str],
) -> Sheet:
    """One line a ward: schools by how far they are, published forms by level, with totals and signatures.

    `rows`: {(ward's public id, name): counts}; `levels`: {ward's public id: {band: forms}}; `bands`:
    {code: name} from the lowest up.
    """
    return Sheet(
        "Tổng hợp",
        _ward_columns(bands),
        _ward_lines(rows, levels, bands),
        letterhead=heading.letterhead,
        title=f"Tổng hợp kết quả đánh giá năm học {heading.school_year}",
        notes=heading.notes,
        numbered=True,
        frozen=2,
        signatures=heading.signatures,
        mark=heading.mark,
    )


def _ward_columns(bands: Mapping[str, str]) -> list[Column]:
    parts = ("Chưa nộp", "Chờ kiểm tra", "Đang kiểm tra", "Yêu cầu bổ sung", "Đã xác nhận")
    return [
        Column("Đơn vị", width=26),
        Column("Số trường", "integer", 9, total="sum", key="all"),
        Column("Đã nộp", "integer", 9, total="sum", key="submitted"),
        *(Column(name, "integer", 9, total="sum", group="Số trường theo tiến độ") for name in parts),
        Column("Tỷ lệ đã nộp", "percent", 10, digits=1, total=Share("submitted", "all")),
        *(
            Column(name, "integer", 10, total="sum", group="Số phiếu theo kết quả đã công bố")
            for name in bands.values()
        ),
        Column("Ghi chú", width=18),
    ]


def _ward_lines(
    rows: Mapping[tuple[str, str], Completion],
    levels: Mapping[str, Mapping[str, int]],
    bands: Mapping[str, str],
) -> Iterator[tuple[Any, ...]]:
    for (uid, name), done in rows.items():
        found = levels.get(uid, {})
        yield (
            name,
            done.total,
            done.submitted,
            done.not_submitted,
            done.waiting,
            done.in_review,
            done.returned,
            done.confirmed,
            Fraction(done.submitted, done.total) if done.total else None,
            *(found.get(band, 0) for band in bands),
            None,
        )


def unmet_sheet(
    heading: Heading,
    name: str,
    framework: Framework,
    wards: Mapping[str, str],
    rows: Iterable[tuple[str, str, int, int]],
) -> Sheet:
    """One line a ward, one column an indicator: how many confirmed schools do not meet it.

    `wards`: {public id: name}; `rows`: (ward's public id, indicator, confirmed value, schools).
    """
    known = framework.by_code
    cells = (
        (ward, code, 0 if known[code].scale.is_met(value) else schools)
        for ward, code, value, schools in rows
        if code in known
    )
    unmet = pivot_sums(cells, rows=list(wards), columns=list(known))
    columns = [Column("Đơn vị", width=26)]
    for area in framework.areas:
        for criterion in area.criteria:
            group = f"{criterion.code}. {criterion.name.vi}"
            for indicator in criterion.indicators:
                columns.append(Column(indicator.code, "integer", 8, total="sum", group=group))
    return Sheet(
        name,
        columns,
        ((wards[uid], *counts) for uid, counts in unmet.items()),
        title=f"Số trường chưa đạt từng tiêu chí: {framework.title.vi}, phiên bản {framework.version}",
        notes=(*heading.notes, "(Theo kết quả kiểm tra đã xác nhận; ô trống: không trường nào áp dụng)"),
        numbered=True,
        frozen=2,
        mark=heading.mark,
    )


def school_sheet(
    heading: Heading,
    rows: Iterable[FormRow],
    frameworks: Mapping[int, Framework],
    *,
    coded: bool,
    with_names: bool,
) -> Sheet:
    """One line a form: who, where it is, what the school claims, what the authority found.

    `with_names` adds who signed for the school: for the department only. Of excluding facts only the number.
    """
    return Sheet(
        "Danh sách trường",
        [*SCHOOL_COLUMNS, *((SIGNATORY,) if with_names else ())],
        _school_lines(rows, frameworks, coded, with_names),
        title=f"Danh sách trường trong đợt đánh giá năm học {heading.school_year}",
        notes=heading.notes,
        numbered=True,
        frozen=3,
        filtered=True,
        mark=heading.mark,
    )


_COUNTS = ("Đạt", "Áp dụng", "Bắt buộc đạt", "Bắt buộc")
_OWN, _CHECKED = "Trường tự đánh giá", "Kết quả kiểm tra"
SCHOOL_COLUMNS = (
    Column("Mã trường", width=14),
    Column("Tên trường", width=36),
    Column("Xã, phường", width=20),
    Column("Cấp học", width=16),
    Column("Loại đơn vị", width=12),
    Column("Địa bàn", width=10),
    Column("Loại hình", width=12),
    Column("Cơ quan kiểm tra", width=22),
    Column("Bộ tiêu chí", width=26),
    Column("Trạng thái", width=18),
    Column("Nộp lúc", "datetime", 18),
    *(Column(name, "integer", 9, group=_OWN) for name in _COUNTS),
    *(Column(name, "integer", 9, group=_CHECKED) for name in _COUNTS),
    Column("Điểm chất lượng", "decimal", 10, digits=1, group=_CHECKED),
    Column("Kết quả", width=20, group=_CHECKED),
    Column("Danh hiệu", width=26, group=_CHECKED),
    Column("Số sự việc loại trừ", "integer", 10),
)
SIGNATORY = Column("Người ký của trường", width=24)


def _school_lines(
    rows: Iterable[FormRow], frameworks: Mapping[int, Framework], coded: bool, with_names: bool
) -> Iterator[tuple[Any, ...]]:
    nothing = (None,) * 4
    for row in rows:
        framework = frameworks[row.version_id]
        line = (
            row.code,
            row.name,
            row.ward,
            _stages(row.stages, coded),
            _word(UNIT_TYPE_NAMES, row.unit_type, coded),
            _word(AREA_NAMES, row.area_type, coded),
            _word(OWNERSHIP_NAMES, row.ownership, coded),
            row.reviewer,
            f"{framework.code} {framework.version}" if coded else framework.title.vi,
            _state(row.state, coded),
            row.submitted_at,
            *(row.own or nothing),
            *(row.result or nothing),
            row.quality,
            _level(framework, row.level, coded),
            _award(framework, row.award, coded),
            row.vetoes,
        )
        yield (*line, row.signatory) if with_names else line


def indicator_sheet(
    heading: Heading, name: str, framework: Framework, rows: Iterable[ValueRow], *, coded: bool
) -> Sheet:
    """One line a form, two columns an indicator: the school's own value and the confirmed one."""
    own, checked = ("TĐG", "KT") if coded else ("Tự đánh giá", "Kết quả kiểm tra")
    kind: Kind = "integer" if coded else "text"
    width = 10 if coded else 16
    columns = [
        Column("Mã trường", width=14),
        Column("Tên trường", width=36),
        Column("Xã, phường", width=20),
        Column("Cấp học", width=16),
        Column("Trạng thái", width=18),
    ]
    for code in framework.by_code:
        for side in (own, checked):
            heading_of = f"{code} {side}" if coded else side
            columns.append(Column(heading_of, kind, width, group="" if coded else code))
    return Sheet(
        name,
        columns,
        _value_lines(framework, rows, coded),
        title=f"Chi tiết từng tiêu chí: {framework.title.vi}, phiên bản {framework.version}",
        notes=heading.notes,
        numbered=True,
        frozen=3,
        filtered=True,
        mark=heading.mark,
    )


def _value_lines(framework: Framework, rows: Iterable[ValueRow], coded: bool) -> Iterator[tuple[Any, ...]]:
    scales = [indicator.scale for indicator in framework.by_code.values()]
    names = [{value: scale.name_of(value).vi for value in scale.values} for scale in scales]

    def cell(place: int, value: int | Why | None, without: str) -> str | int | None:
        if isinstance(value, Why):
            return None if coded else NOT_APPLICABLE
        if value is None:
            return CODES[without] if coded else without
        return value if coded else names[place][value]

    places = range(len(names))
    hidden, open_ = ((CODES[word] if coded else word) for word in (NOT_HANDED_IN, NOT_CONFIRMED))
    for row in rows:
        line: list[Any] = [row.code, row.name, row.ward, _stages(row.stages, coded), _state(row.state, coded)]
        for place in places:
            line.append(hidden if row.own is None else cell(place, row.own[place], NOT_ANSWERED))
            line.append(open_ if row.verified is None else cell(place, row.verified[place], NOT_CONFIRMED))
        yield tuple(line)


def _word(names: Mapping[str, str], code: str, coded: bool) -> str | None:
    return (code if coded else names.get(code, code)) or None


def _stages(stages: Sequence[str], coded: bool) -> str:
    return ", ".join(stages if coded else (STAGE_NAMES.get(stage, stage) for stage in stages))


def _state(state: str, coded: bool) -> str:
    if coded:
        return state
    return NOT_HANDED_IN if state == State.DRAFT else STATE_NAMES[State(state)]


def _level(framework: Framework, level: str | None, coded: bool) -> str | None:
    return level if coded or level is None else framework.band_of[level].name.vi


def _award(framework: Framework, award: str | None, coded: bool) -> str | None:
    if coded or award is None:
        return award
    return next(one.title.vi for one in framework.awards if one.code == award)
