"""What changed from one edition of a set to another, in the words a department uses.

Pure: two sets in, a list of changes out. Codes live for ever, so the same code is the same indicator; an
indicator that only got another code (same sentence) is moved.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from survey_app.rules.errors import N_
from survey_app.rules.framework import EVERY_TYPE, Framework, Indicator, Words


class Kind(StrEnum):
    """How something changed."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RESCORED = "rescored"
    REWORDED = "reworded"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.ADDED: N_("Thêm"),
    Kind.REMOVED: N_("Bỏ"),
    Kind.MOVED: N_("Chuyển chỗ"),
    Kind.RESCORED: N_("Đổi cách tính"),
    Kind.REWORDED: N_("Sửa câu chữ"),
}
PART_NAMES: Mapping[str, str] = {
    "statement": N_("Câu tiêu chí"),
    "level": N_("Câu của mức %(value)s"),
    "next": N_("Việc cần làm để lên trên mức %(value)s"),
    "name": N_("Tên"),
    "weight": N_("Trọng số"),
    "scale": N_("Thang"),
    "mandatory": N_("Bắt buộc"),
    "stages": N_("Cấp học"),
    "unit_types": N_("Loại đơn vị"),
    "applies_when": N_("Áp dụng khi"),
    "per_site": N_("Xét tại từng điểm trường"),
    "evidence": N_("Minh chứng"),
    "anchors": N_("Căn cứ"),
    "place": N_("Vị trí"),
    "rule": N_("Quy tắc đạt"),
    "bands": N_("Kết quả, xếp loại"),
    "awards": N_("Danh hiệu"),
    "site_rule": N_("Cách lấy mức của trường nhiều điểm"),
    "profile": N_("Câu hỏi đặc điểm"),
    "veto": N_("Sự việc loại trừ"),
    "scales": N_("Thang điểm"),
    "texts": N_("Lời văn chung"),
}
YES, NO, ALL = "có", "không", "tất cả"


@dataclass(frozen=True)
class Change:
    """One change: of which code ("" for the set itself), which part, from what to what.

    `value` is the level a level sentence belongs to.
    """

    kind: Kind
    code: str
    part: str
    old: str = ""
    new: str = ""
    value: int | None = None

    @property
    def part_name(self) -> str:
        """The part in Vietnamese."""
        return PART_NAMES[self.part] % {"value": self.value}


def compare(old: Framework, new: Framework) -> list[Change]:
    """Every change from `old` to `new`: the set itself first, then by code in the order of the new set."""
    moved = _moved(old, new)
    found = [*_scheme(old, new), *_parts(old, new)]
    for code, indicator in new.by_code.items():
        if before := old.by_code.get(moved.get(code, code)):
            if code in moved:
                found.append(Change(Kind.MOVED, code, "place", before.code, code))
            found += _indicator(before, indicator)
        else:
            found.append(Change(Kind.ADDED, code, "statement", new=indicator.statement.vi))
    for code, indicator in old.by_code.items():
        if code not in new.by_code and code not in moved.values():
            found.append(Change(Kind.REMOVED, code, "statement", old=indicator.statement.vi))
    return found


def _moved(old: Framework, new: Framework) -> dict[str, str]:
    """New code → old code of indicators whose sentence now stands under another code."""
    gone = {i.statement.vi: code for code, i in old.by_code.items() if code not in new.by_code}
    return {
        code: gone[indicator.statement.vi]
        for code, indicator in new.by_code.items()
        if code not in old.by_code and indicator.statement.vi in gone
    }


def _words(code: str, part: str, old: Words, new: Words, value: int | None = None) -> Iterator[Change]:
    if old.vi != new.vi:
        yield Change(Kind.REWORDED, code, part, old.vi, new.vi, value)
    elif old.en != new.en:
        yield Change(Kind.REWORDED, code, part, old.en, new.en, value)


def _indicator(old: Indicator, new: Indicator) -> Iterator[Change]:
    yield from _words(new.code, "statement", old.statement, new.statement)
    for part, before, after in zip(_RULES, _rules(old), _rules(new), strict=True):
        if before != after:
            yield Change(Kind.RESCORED, new.code, part, before, after)
    levels = {level.value: level for level in old.levels}
    for level in new.levels:
        if known := levels.get(level.value):
            yield from _words(new.code, "level", known.sentence, level.sentence, level.value)
            steps = known.next_step or Words(""), level.next_step or Words("")
            yield from _words(new.code, "next", *steps, level.value)
        else:
            yield Change(Kind.ADDED, new.code, "level", new=level.sentence.vi, value=level.value)
    for value, gone in levels.items():
        if value not in {level.value for level in new.levels}:
            yield Change(Kind.REMOVED, new.code, "level", old=gone.sentence.vi, value=value)
    before_anchors, after_anchors = _anchors(old), _anchors(new)
    if before_anchors != after_anchors:
        yield Change(Kind.REWORDED, new.code, "anchors", before_anchors, after_anchors)


_RULES = ("weight", "scale", "mandatory", "stages", "unit_types", "applies_when", "per_site", "evidence")


def _rules(indicator: Indicator) -> tuple[str, ...]:
    needed = indicator.evidence_required_from
    evidence = [*indicator.evidence, indicator.evidence_policy, f"≥ {needed}" if needed is not None else ""]
    return (
        str(indicator.weight),
        indicator.scale.code,
        _types(indicator.mandatory_for, NO),
        _types(indicator.stages, ALL),
        _types(indicator.unit_types, ALL),
        _types(frozenset(indicator.applies_when), "–"),
        YES if indicator.per_site else NO,
        ", ".join(part for part in evidence if part),
    )


def _types(codes: frozenset[str], none: str) -> str:
    return YES if EVERY_TYPE in codes else ", ".join(sorted(codes)) or none


def _anchors(indicator: Indicator) -> str:
    return "; ".join(
        f"{a.document}, {a.article}{'' if a.verified else ' (?)'}" for a in indicator.legal_anchors
    )


def _parts(old: Framework, new: Framework) -> Iterator[Change]:
    """Areas and criteria: their names, an area's weight, and those that came or went."""
    before = {area.code: area for area in old.areas}
    for area in new.areas:
        if known := before.get(area.code):
            yield from _words(area.code, "name", known.name, area.name)
            if known.weight != area.weight:
                yield Change(Kind.RESCORED, area.code, "weight", str(known.weight), str(area.weight))
        else:
            yield Change(Kind.ADDED, area.code, "name", new=area.name.vi)
    for code, criterion in new.criteria.items():
        if code in old.criteria:
            yield from _words(code, "name", old.criteria[code].name, criterion.name)
        else:
            yield Change(Kind.ADDED, code, "name", new=criterion.name.vi)
    names = {area.code: area.name for area in old.areas}
    names |= {code: criterion.name for code, criterion in old.criteria.items()}
    kept = {area.code for area in new.areas} | set(new.criteria)
    for code, name in names.items():
        if code not in kept:
            yield Change(Kind.REMOVED, code, "name", old=name.vi)


def _scheme(old: Framework, new: Framework) -> Iterator[Change]:
    yield from _words("", "name", old.title, new.title)
    before, after = _scheme_words(old), _scheme_words(new)
    for part in _SCHEME:
        if before[part] != after[part]:
            yield Change(Kind.RESCORED, "", part, before[part], after[part])
    was, now = _passages(old), _passages(new)
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            language = "vi" if _lines(was.get(name), "vi") != _lines(now.get(name), "vi") else "en"
            texts = _lines(was.get(name), language), _lines(now.get(name), language)
            yield Change(Kind.REWORDED, "", "texts", *texts)


def _lines(passage: Sequence[Words] | None, language: str) -> str:
    return "\n".join(words.spoken(language) for words in passage or ())


def _passages(framework: Framework) -> dict[str, tuple[Words, ...]]:
    """Every text of the set outside its criteria, by name."""
    names = [*framework.tiers, *framework.stages, *framework.unit_types, *framework.veto_answers]
    kinds = [*framework.evidence_kinds.values(), *framework.evidence_policies.values()]
    doubts = framework.numbers_to_check
    return {
        **framework.texts,
        "definitions": tuple(words for d in framework.definitions for words in (d.term, d.meaning)),
        "numbers": tuple(Words(f"{', '.join(n.codes)}: {n.note.vi} ({n.verified})") for n in doubts),
        "numbers_en": tuple(number.note for number in doubts),
        "pass_rule": (framework.pass_rule.sentence, framework.pass_rule.basis),
        "names": tuple(part.name for part in names),
        "kinds": tuple(kinds),
        "veto_en": tuple(kind.sentence for kind in framework.veto_kinds),
        "marks": tuple(Words(f"{name}: {mark}") for name, mark in sorted(framework.marks.items())),
        "help": tuple(words for q in framework.profile for words in (q.question, q.help)),
    }


_SCHEME = ("rule", "bands", "awards", "site_rule", "scales", "profile", "veto")


def _scheme_words(framework: Framework) -> dict[str, str]:
    """The parts that decide a result, each as one line of plain words."""
    rule = framework.pass_rule
    conditions = [
        f"≥ {rule.min_met_percent}%" if rule.min_met_percent is not None else "",
        *(f"{code}: {c.min_met}/{c.min_mandatory_met}" for code, c in sorted(rule.counts.items())),
        "mọi tiêu chí bắt buộc đạt" if rule.all_mandatory_met else "",
        "không có sự việc loại trừ" if rule.no_veto_event else "",
    ]
    bands = (
        f"{b.name.vi} ({b.min_quality or 0}/{b.min_each_area or 0})" if b.requires_pass else b.name.vi
        for b in framework.bands
    )
    scales = (
        f"{code}: " + " < ".join(f"{p.name.vi}{' ✓' if p.met else ''}" for p in scale.points)
        for code, scale in framework.scales.items()
    )
    return {
        "rule": "; ".join(part for part in conditions if part),
        "bands": "; ".join(bands),
        "awards": "; ".join(
            f"{a.title.vi} ({', '.join(a.bands)}; {a.valid_years})" for a in framework.awards
        ),
        "site_rule": framework.site_rule,
        "scales": "; ".join(scales),
        "profile": "\n".join(f"{q.code}: {q.question.vi}" for q in framework.profile),
        "veto": "\n".join(f"{kind.code}: {kind.sentence.vi}" for kind in framework.veto_kinds),
    }


@dataclass(frozen=True)
class Run:
    """A run of text that both have ("same"), only the old ("old") or only the new ("new")."""

    kind: str
    text: str


def word_runs(old: str, new: str) -> list[Run]:
    """Both texts as one, word by word, for showing what went and what came."""
    left, right = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    runs: list[Run] = []
    for step, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if step == "equal":
            runs.append(Run("same", "".join(left[i:j])))
            continue
        runs += [Run("old", "".join(left[i:j]))] * (j > i) + [Run("new", "".join(right[k:m]))] * (m > k)
    return runs
