"""The sheets of explanations: every indicator with its scale, every code a cell may hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from survey_app.documents.xlsx import Column, Sheet
from survey_app.exports.heading import Heading
from survey_app.exports.workbook import (
    AREA_NAMES,
    CODES,
    NOT_ANSWERED,
    NOT_APPLICABLE,
    NOT_CONFIRMED,
    NOT_HANDED_IN,
)
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES, UNIT_TYPE_NAMES
from survey_app.rules.framework import EVERY_TYPE, Framework, Indicator
from survey_app.rules.workflow import STATE_NAMES

SITE_WORDS = {"lowest": "thấp nhất", "main": "chính"}
MEANINGS = (
    (
        NOT_APPLICABLE,
        "ô trống",
        "Không áp dụng theo cấp học, loại đơn vị hoặc đặc điểm của trường; không tính vào tỷ lệ.",
    ),
    (NOT_ANSWERED, CODES[NOT_ANSWERED], "Tiêu chí áp dụng nhưng trường chưa chọn mức."),
    (NOT_HANDED_IN, CODES[NOT_HANDED_IN], "Phiếu chưa nộp: mức trường đang chọn chưa gửi cơ quan kiểm tra."),
    (NOT_CONFIRMED, CODES[NOT_CONFIRMED], "Phiếu chưa được xác nhận nên chưa có kết quả kiểm tra."),
)


def indicator_codebook(heading: Heading, frameworks: Iterable[Framework]) -> Sheet:
    """One line an indicator of every set in the workbook."""
    columns = (
        Column("Bộ tiêu chí", width=30, merge=True),
        Column("Phiên bản", width=11),
        Column("Lĩnh vực", width=18),
        Column("Nội dung", width=26),
        Column("Mã", width=10),
        Column("Tiêu chí", width=60),
        Column("Các mức", width=44),
        Column("Bắt buộc", width=16),
        Column("Tính theo điểm trường", width=14),
        Column("Trọng số", "integer", 9),
        Column("Áp dụng khi", width=44),
    )
    return Sheet(
        "Giải thích tiêu chí",
        columns,
        _indicator_lines(frameworks),
        title="Giải thích tiêu chí",
        notes=heading.notes[:-1],
        frozen=5,
        mark=heading.mark,
    )


def _indicator_lines(frameworks: Iterable[Framework]) -> Iterator[tuple[Any, ...]]:
    for framework in frameworks:
        for code, indicator in framework.by_code.items():
            yield (
                framework.title.vi,
                framework.version + (" (bản nháp)" if framework.is_draft else ""),
                framework.area_of[code].name.vi,
                framework.criterion_of[code].name.vi,
                code,
                indicator.statement.vi,
                "; ".join(f"{point.value} = {point.name.vi}" for point in indicator.scale.points),
                _mandatory(framework, indicator),
                _per_site(framework, indicator),
                indicator.weight,
                _applies_when(framework, indicator),
            )


def _per_site(framework: Framework, indicator: Indicator) -> str:
    if not indicator.per_site:
        return "Không"
    return f"Có, lấy mức của điểm {SITE_WORDS[framework.site_rule]}"


def _mandatory(framework: Framework, indicator: Indicator) -> str:
    if EVERY_TYPE in indicator.mandatory_for:
        return "Có"
    names = {one.code: one.name.vi for one in framework.unit_types}
    return _names(names, indicator.mandatory_for) or "Không"


def _applies_when(framework: Framework, indicator: Indicator) -> str:
    """When the indicator applies; "Luôn áp dụng" when nothing limits it."""
    stages = {one.code: one.name.vi for one in framework.stages}
    types = {one.code: one.name.vi for one in framework.unit_types}
    questions = {one.code: one.question.vi for one in framework.profile}
    limits = []
    if indicator.stages:
        limits.append(f"Cấp học: {_names(stages, indicator.stages)}")
    if indicator.unit_types:
        limits.append(f"Loại đơn vị: {_names(types, indicator.unit_types)}")
    if indicator.applies_when:
        asked = " hoặc ".join(f"“{questions.get(fact, fact)}”" for fact in indicator.applies_when)
        limits.append(f"Trường trả lời Có: {asked}")
    return ". ".join(limits) or "Luôn áp dụng"


def _names(names: Mapping[str, str], codes: Collection[str]) -> str:
    return ", ".join(name for code, name in names.items() if code in codes)


def code_sheet(heading: Heading, frameworks: Iterable[Framework]) -> Sheet:
    """Every code of the coded cells with its words."""
    columns = (Column("Cột", width=22), Column("Mã", width=20), Column("Nghĩa", width=70))
    lines = _code_lines(frameworks)
    return Sheet("Giải thích mã", columns, lines, title="Giải thích mã", mark=heading.mark)


def _code_lines(frameworks: Iterable[Framework]) -> Iterator[tuple[str, str, str]]:
    for words, code, meaning in MEANINGS:
        yield "Giá trị của tiêu chí", code, f"{words}. {meaning}"
    yield "TĐG, KT", "TĐG", "Mức trường tự đánh giá; nhiều điểm trường thì đã gộp theo quy tắc của bộ."
    yield "TĐG, KT", "KT", "Mức theo kết quả kiểm tra, chỉ có khi phiếu đã xác nhận."
    named: tuple[tuple[str, Mapping[Any, str]], ...] = (
        ("Trạng thái", STATE_NAMES),
        ("Cấp học", STAGE_NAMES),
        ("Loại đơn vị", UNIT_TYPE_NAMES),
        ("Địa bàn", AREA_NAMES),
        ("Loại hình", OWNERSHIP_NAMES),
    )
    for column, names in named:
        for code, words in names.items():
            yield column, str(code), words
    for framework in frameworks:
        for band in framework.bands:
            yield f"Kết quả ({framework.code})", band.code, band.name.vi
        for award in framework.awards:
            yield f"Danh hiệu ({framework.code})", award.code, award.title.vi
