"""Checks of the scheme in the head: lists of codes, scales, profile, pass rule, bands, awards."""

from collections.abc import Iterator, Sequence
from typing import Any

from survey_app.frameworks import schema
from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.faults import Fault, Loc

TWICE = "Mã “%(code)s” ghi hai lần trong mục này."
SCALE_VALUES = "Các giá trị của thang phải là 0, 1, 2 … xếp từ thấp lên cao, không bỏ cách."
SCALE_MET = "Thang phải có mức chưa đạt rồi mới đến mức đạt; mức thấp nhất chưa đạt, mức cao nhất đạt."
UNUSED = "Chưa tiêu chí nào dùng câu hỏi này. Hãy dùng, hoặc ghi là chỉ để so sánh (comparison_only)."
USED = "Có tiêu chí dùng câu hỏi này nên không thể ghi là chỉ để so sánh (comparison_only)."
NO_RULE = "Phải có tỷ lệ tiêu chí đạt (min_met_percent) hoặc số lượng theo loại đơn vị (counts)."
NO_COUNT = "Thiếu số lượng của loại đơn vị “%(code)s”."
NO_TYPE = "Không có loại đơn vị “%(code)s” trong danh mục loại đơn vị (unit_types)."
TOO_MANY = "Đòi %(wanted)s tiêu chí đạt nhưng chỉ có %(there)s tiêu chí áp dụng cho loại đơn vị này."
TOO_MANY_MANDATORY = "Đòi %(wanted)s tiêu chí bắt buộc đạt nhưng chỉ có %(there)s tiêu chí bắt buộc."
MORE_MANDATORY = "Số tiêu chí bắt buộc không được lớn hơn số tiêu chí phải đạt."
NONE_MANDATORY = "Không có tiêu chí bắt buộc nào nên điều kiện này không có nghĩa."
NO_VETO = "Chưa nêu sự việc loại trừ nào (veto) nên điều kiện này không có nghĩa."
VETO_UNUSED = "Đã nêu sự việc loại trừ thì quy tắc đạt phải có điều kiện không có sự việc (no_veto_event)."
FIRST_BAND = "Kết quả đầu tiên là kết quả thấp nhất: không đòi đạt (requires_pass: false), không có ngưỡng."
BAND_PASS = "Từ kết quả thứ hai trở đi phải đòi đạt (requires_pass: true)."
BAND_ORDER = "Ngưỡng phải tăng dần (%(field)s): kết quả trước đã đòi %(before)s."
BAND_AREA = "Ngưỡng từng lĩnh vực không được cao hơn ngưỡng chung (min_quality)."
NO_BAND = "Không có kết quả nào mang mã “%(code)s” (bands)."
AWARD_FAIL = "Không trao danh hiệu cho kết quả chưa đạt (“%(code)s”)."
NO_INDICATOR = "Không có tiêu chí %(code)s trong bộ này."

Members = Sequence[schema.Indicator] | None


def scheme_faults(head: schema.Head, members: Members, unsure: frozenset[str]) -> list[Fault]:
    """Faults of the head; `members` is None when not all indicators could be read."""
    checks = (
        (_codes, ()),
        (_scales, ("scales",)),
        (_profile, ("profile",)),
        (_pass_rule, ("pass_rule", "unit_types", "veto")),
        (_bands, ("bands",)),
        (_awards, ("awards", "bands")),
        (_numbers, ("numbers_to_check",)),
    )
    found: list[Fault] = []
    for check, needs in checks:
        if not unsure.intersection(needs):
            found += check(head, members)
    return [fault for fault in found if fault.loc[0] not in unsure]


def _codes(head: schema.Head, members: Members) -> Iterator[Fault]:
    lists: tuple[tuple[Loc, Sequence[Any]], ...] = (
        (("stages",), head.stages),
        (("unit_types",), head.unit_types),
        (("evidence_kinds",), head.evidence_kinds),
        (("evidence_policies",), head.evidence_policies),
        (("profile", "questions"), head.profile.questions),
        (("bands",), head.bands),
        (("awards",), head.awards),
        (("veto", "events"), head.veto.events if head.veto else ()),
        (("veto", "school_answers"), head.veto.school_answers if head.veto else ()),
    )
    for loc, parts in lists:
        codes = [part.code for part in parts]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                yield Fault(HEAD, (*loc, index, "code"), TWICE % {"code": code})


def _scales(head: schema.Head, members: Members) -> Iterator[Fault]:
    for code, points in head.scales.items():
        if [point.value for point in points] != list(range(len(points))):
            yield Fault(HEAD, ("scales", code), SCALE_VALUES)
        met = [point.met for point in points]
        if met != sorted(met) or met[0] or not met[-1]:
            yield Fault(HEAD, ("scales", code), SCALE_MET)


def _profile(head: schema.Head, members: Members) -> Iterator[Fault]:
    if members is None:
        return
    used = {code for indicator in members for code in indicator.applies_when}
    for index, question in enumerate(head.profile.questions):
        loc: Loc = ("profile", "questions", index)
        if question.code not in used and not question.comparison_only:
            yield Fault(HEAD, (*loc, "code"), UNUSED)
        if question.code in used and question.comparison_only:
            yield Fault(HEAD, (*loc, "comparison_only"), USED)


def _pass_rule(head: schema.Head, members: Members) -> Iterator[Fault]:
    rule, types = head.pass_rule, [kind.code for kind in head.unit_types]
    if rule.min_met_percent is None and not rule.counts:
        yield Fault(HEAD, ("pass_rule",), NO_RULE)
    for code in types if rule.counts else ():
        if code not in rule.counts:
            yield Fault(HEAD, ("pass_rule", "counts"), NO_COUNT % {"code": code})
    for code, count in rule.counts.items():
        loc: Loc = ("pass_rule", "counts", code)
        if code not in types:
            yield Fault(HEAD, loc, NO_TYPE % {"code": code}, at_key=True)
        if count.min_mandatory_met > count.min_met:
            yield Fault(HEAD, (*loc, "min_mandatory_met"), MORE_MANDATORY)
        if members is not None and code in types:
            yield from _satisfiable(loc, code, count, members)
    if rule.all_mandatory_met and members is not None and not any(i.mandatory for i in members):
        yield Fault(HEAD, ("pass_rule", "all_mandatory_met"), NONE_MANDATORY)
    if rule.no_veto_event and head.veto is None:
        yield Fault(HEAD, ("pass_rule", "no_veto_event"), NO_VETO)
    if head.veto is not None and not rule.no_veto_event:
        yield Fault(HEAD, ("veto",), VETO_UNUSED, at_key=True)


def _satisfiable(loc: Loc, code: str, count: schema.Counts, members: Members) -> Iterator[Fault]:
    """There are as many indicators for this type of unit as the rule asks for."""
    there = [i for i in members or () if not i.unit_types or code in i.unit_types]
    mandatory = [i for i in there if i.mandatory is True or (i.mandatory and code in i.mandatory)]
    if count.min_met > len(there):
        words = {"wanted": count.min_met, "there": len(there)}
        yield Fault(HEAD, (*loc, "min_met"), TOO_MANY % words)
    if count.min_mandatory_met > len(mandatory):
        words = {"wanted": count.min_mandatory_met, "there": len(mandatory)}
        yield Fault(HEAD, (*loc, "min_mandatory_met"), TOO_MANY_MANDATORY % words)


def _bands(head: schema.Head, members: Members) -> Iterator[Fault]:
    first, *others = head.bands
    if first.requires_pass or first.min_quality is not None or first.min_each_area is not None:
        yield Fault(HEAD, ("bands", 0), FIRST_BAND)
    before = {"min_quality": 0, "min_each_area": 0}
    for index, band in enumerate(others, start=1):
        loc: Loc = ("bands", index)
        if not band.requires_pass:
            yield Fault(HEAD, (*loc, "requires_pass"), BAND_PASS)
        for field in before:
            value = getattr(band, field) or 0
            if value < before[field]:
                words = {"field": field, "before": before[field]}
                yield Fault(
                    HEAD, (*loc, field) if getattr(band, field) is not None else loc, BAND_ORDER % words
                )
            before[field] = max(value, before[field])
        if (band.min_each_area or 0) > (band.min_quality or 0):
            yield Fault(HEAD, (*loc, "min_each_area"), BAND_AREA)


def _awards(head: schema.Head, members: Members) -> Iterator[Fault]:
    bands = {band.code: band for band in head.bands}
    for index, award in enumerate(head.awards):
        for place, code in enumerate(award.bands):
            loc: Loc = ("awards", index, "bands", place)
            if code not in bands:
                yield Fault(HEAD, loc, NO_BAND % {"code": code})
            elif not bands[code].requires_pass:
                yield Fault(HEAD, loc, AWARD_FAIL % {"code": code})


def _numbers(head: schema.Head, members: Members) -> Iterator[Fault]:
    if members is None:
        return
    codes = {indicator.code for indicator in members}
    for index, number in enumerate(head.numbers_to_check):
        for place, code in enumerate(number.codes):
            if code not in codes:
                yield Fault(HEAD, ("numbers_to_check", index, "codes", place), NO_INDICATOR % {"code": code})
