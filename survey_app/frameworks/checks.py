"""What needs more than one place to judge: the tree of codes, references, scales, levels, English.

Each check yields faults; none stops another. Parts of the head that the schema refused are in
`Content.unsure`: nothing is said of what depends on them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.frameworks import schema
from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.faults import Fault, Loc
from survey_app.frameworks.scheme_checks import scheme_faults

TWICE = "Mã “%(code)s” đã dùng ở %(other)s. Mỗi mã chỉ dùng một lần."
SAME_TEXT = "Câu này trùng với câu của %(other)s."
OUTSIDE = "Mã “%(code)s” phải bắt đầu bằng “%(start)s”."
UNKNOWN = "“%(code)s” không có trong danh mục %(where)s (có: %(known)s)."
DOUBLED = "“%(code)s” ghi hai lần."
NO_FILE = "Thiếu tệp %(file)s của lĩnh vực này."
NOT_LISTED = "Lĩnh vực này chưa có trong mục areas của framework.yaml."
WRONG_FILE = "Tệp phải mang tên mã lĩnh vực: %(file)s."
LEVEL_MISSING = "Thiếu câu của mức %(value)s."
LEVEL_TWICE = "Mức %(value)s ghi hai lần."
LEVEL_ORDER = "Các mức phải xếp từ thấp lên cao."
NO_NEXT = "Thiếu việc cần làm để lên mức trên (next_vi)."
NEXT_AT_TOP = "Mức cao nhất không có việc cần làm để lên mức trên (next_vi)."
NO_SUCH_VALUE = "Thang %(scale)s không có mức %(value)s."
NO_EVIDENCE = "Có mức cần minh chứng thì phải nêu loại minh chứng (evidence)."
NOT_THIS_TYPE = "Tiêu chí không áp dụng cho loại đơn vị “%(code)s” nên không thể bắt buộc."
NO_ENGLISH = "Thiếu bản tiếng Anh (%(key)s)."
ENGLISH_TOO = "Bộ này ghi là không có bản tiếng Anh (english: false) nên không ghi câu tiếng Anh."

WHERE: Mapping[str, str] = {
    "stages": "cấp học (stages)",
    "unit_types": "loại đơn vị (unit_types)",
    "profile": "câu hỏi đặc điểm (profile)",
    "evidence_kinds": "loại minh chứng (evidence_kinds)",
    "evidence_policies": "quy định minh chứng (evidence_policies)",
    "scales": "thang (scales)",
}

# What stands in for an indicator or criterion that could not be read, so that the others keep their places.
GHOST, PLACEHOLDER = "ZZZZ99", "…"
_GHOST_INDICATOR = {"code": f"{GHOST}.99", "vi": PLACEHOLDER, "mandatory": False, "scale": "x"}
GHOSTS: Mapping[str, Mapping[str, Any]] = {
    "indicators": _GHOST_INDICATOR,
    "criteria": {"code": GHOST, "vi": PLACEHOLDER, "indicators": [_GHOST_INDICATOR]},
}


@dataclass(frozen=True)
class Content:
    """What could be read: the head, the areas by file; `whole`: no indicator had to be left out."""

    head: schema.Head
    areas: Mapping[str, schema.Area]
    files: frozenset[str]
    unsure: frozenset[str]
    whole: bool

    def sure(self, *names: str) -> bool:
        """True when these parts of the head were read as they stand."""
        return not self.unsure.intersection(names)

    def indicators(self) -> Iterator[tuple[str, Loc, schema.Indicator]]:
        """Every indicator that could be read, with its file and place."""
        for file, area in self.areas.items():
            for i, criterion in enumerate(area.criteria):
                for j, indicator in enumerate(criterion.indicators):
                    if not indicator.code.startswith(GHOST):
                        yield file, ("criteria", i, "indicators", j), indicator

    def members(self) -> list[schema.Indicator] | None:
        """The indicators of the whole set, None when some could not be read."""
        return [indicator for *_, indicator in self.indicators()] if self.whole else None


def cross_faults(content: Content, documents: Mapping[str, Any]) -> list[Fault]:
    """Every fault the schema cannot see."""
    found = [*_files(content), *_tree(content), *_same_texts(content)]
    for file, loc, indicator in content.indicators():
        found += _references(content, file, loc, indicator)
        found += _levels(content, file, loc, indicator)
    found += scheme_faults(content.head, content.members(), content.unsure)
    for file, document in documents.items():
        if content.sure("english"):
            found += _english(content.head.english, file, (), document)
    return found


def _files(content: Content) -> Iterator[Fault]:
    """The areas the head lists and the files there are."""
    if not content.sure("areas"):
        return
    for index, code in enumerate(content.head.areas):
        if f"{code}.yaml" not in content.files:
            yield Fault(HEAD, ("areas", index), NO_FILE % {"file": f"{code}.yaml"})
    for file, area in content.areas.items():
        if area.code not in content.head.areas:
            yield Fault(file, ("code",), NOT_LISTED)
        elif file != f"{area.code}.yaml":
            yield Fault(file, ("code",), WRONG_FILE % {"file": f"{area.code}.yaml"})


def _tree(content: Content) -> Iterator[Fault]:
    """Codes are used once and grow from the area over the criterion to the indicator."""
    seen: dict[str, str] = {}
    if content.sure("areas"):
        yield from twice(HEAD, ("areas",), content.head.areas)
    for file, area in content.areas.items():
        for i, criterion in enumerate(area.criteria):
            loc: Loc = ("criteria", i)
            yield from _code(seen, file, (*loc, "code"), criterion.code, area.code)
            for j, indicator in enumerate(criterion.indicators):
                place = (*loc, "indicators", j, "code")
                yield from _code(seen, file, place, indicator.code, criterion.code + ".")


def _code(seen: dict[str, str], file: str, loc: Loc, code: str, start: str) -> Iterator[Fault]:
    if code.startswith(GHOST):
        return
    if code in seen:
        yield Fault(file, loc, TWICE % {"code": code, "other": seen[code]})
    seen.setdefault(code, file)
    if not code.startswith(start) and not start.startswith(GHOST):
        yield Fault(file, loc, OUTSIDE % {"code": code, "start": start})


def _same_texts(content: Content) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for file, loc, indicator in content.indicators():
        other = seen.setdefault(indicator.vi.casefold(), indicator.code)
        if other != indicator.code and indicator.vi != PLACEHOLDER:
            yield Fault(file, (*loc, "vi"), SAME_TEXT % {"other": other})


def twice(file: str, loc: Loc, codes: Sequence[str]) -> Iterator[Fault]:
    """A list that names one code twice."""
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield Fault(file, (*loc, index), DOUBLED % {"code": code})


def _references(content: Content, file: str, loc: Loc, indicator: schema.Indicator) -> Iterator[Fault]:
    """Stages, types, profile facts, evidence and policy are ones the head names."""
    head = content.head
    mandatory = indicator.mandatory if isinstance(indicator.mandatory, tuple) else ()
    lists = (
        ("stages", indicator.stages, "stages", head.stages),
        ("unit_types", indicator.unit_types, "unit_types", head.unit_types),
        ("mandatory", mandatory, "unit_types", head.unit_types),
        ("applies_when", indicator.applies_when, "profile", head.profile.questions),
        ("evidence", indicator.evidence, "evidence_kinds", head.evidence_kinds),
    )
    for field, codes, where, parts in lists:
        yield from twice(file, (*loc, field), codes)
        if content.sure(where):
            known = [part.code for part in parts]
            yield from _known(file, (*loc, field), codes, where, known)
    policies = [policy.code for policy in head.evidence_policies] or ["normal"]
    if content.sure("evidence_policies") and indicator.evidence_policy not in policies:
        words = {
            "code": indicator.evidence_policy,
            "where": WHERE["evidence_policies"],
            "known": ", ".join(policies),
        }
        yield Fault(file, (*loc, "evidence_policy"), UNKNOWN % words)
    for index, code in enumerate(mandatory):
        if indicator.unit_types and code not in indicator.unit_types:
            yield Fault(file, (*loc, "mandatory", index), NOT_THIS_TYPE % {"code": code})
    if indicator.evidence_required_from is not None and not indicator.evidence:
        yield Fault(file, (*loc, "evidence_required_from"), NO_EVIDENCE)


def _known(file: str, loc: Loc, codes: Iterable[str], where: str, known: Sequence[str]) -> Iterator[Fault]:
    for index, code in enumerate(codes):
        if code not in known:
            words = {"code": code, "where": WHERE[where], "known": ", ".join(known) or "–"}
            yield Fault(file, (*loc, index), UNKNOWN % words)


def _levels(content: Content, file: str, loc: Loc, indicator: schema.Indicator) -> Iterator[Fault]:
    """Every value of the scale has its sentence once, with the next step below the top."""
    if not content.sure("scales"):
        return
    points = content.head.scales.get(indicator.scale)
    if points is None:
        words = {"code": indicator.scale, "where": WHERE["scales"], "known": ", ".join(content.head.scales)}
        yield Fault(file, (*loc, "scale"), UNKNOWN % words)
        return
    wanted = [point.value for point in points]
    if indicator.evidence_required_from not in (None, *wanted):
        words = {"value": indicator.evidence_required_from, "scale": indicator.scale}
        yield Fault(file, (*loc, "evidence_required_from"), NO_SUCH_VALUE % words)
    if indicator.levels:
        yield from _level_list(file, (*loc, "levels"), indicator, wanted)


def _level_list(file: str, loc: Loc, indicator: schema.Indicator, wanted: Sequence[int]) -> Iterator[Fault]:
    values = [level.value for level in indicator.levels]
    for value in wanted:
        if value not in values:
            yield Fault(file, loc, LEVEL_MISSING % {"value": value})
    for index, level in enumerate(indicator.levels):
        words, here = {"value": level.value, "scale": indicator.scale}, (*loc, index)
        if level.value not in wanted:
            yield Fault(file, (*here, "value"), NO_SUCH_VALUE % words)
        elif level.value in values[:index]:
            yield Fault(file, (*here, "value"), LEVEL_TWICE % words)
        elif any(level.value < value for value in values[:index]):
            yield Fault(file, (*here, "value"), LEVEL_ORDER)
        if level.value != max(wanted) and level.next_vi is None:
            yield Fault(file, (*here, "next_vi"), NO_NEXT)
        if level.value == max(wanted) and (level.next_vi or level.next_en):
            yield Fault(file, (*here, "next_vi" if level.next_vi else "next_en"), NEXT_AT_TOP)


def _english(wanted: bool, file: str, loc: Loc, value: Any) -> Iterator[Fault]:
    """A text in Vietnamese without its English, or with one the set does not promise."""
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _english(wanted, file, (*loc, index), part)
    elif isinstance(value, dict):
        for vi, en in (("vi", "en"), ("next_vi", "next_en")):
            if wanted and isinstance(value.get(vi), str) and value.get(en) is None:
                yield Fault(file, (*loc, en), NO_ENGLISH % {"key": en})
            if not wanted and value.get(en) is not None:
                yield Fault(file, (*loc, en), ENGLISH_TOO, at_key=True)
        for key, part in value.items():
            yield from _english(wanted, file, (*loc, key), part)
