"""From answers to points: one pure function for what the school claims and what the authority confirms.

Points are whole numbers, shares exact fractions; nothing is rounded here. What does not apply leaves both
sides of every fraction; what is unanswered is not zero but makes the scorecard incomplete.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import lcm

from survey_app.rules.errors import N_, BadInput
from survey_app.rules.framework import Area, Criterion, Framework, Indicator

WHOLE_UNIT = 0
Answers = Mapping[tuple[str, int], int | None]


class OutsideScale(BadInput):
    """A value that the indicator's scale does not have."""

    message = N_("Tiêu chí %(code)s không có giá trị này. Hãy tải lại trang rồi chọn lại.")


@dataclass(frozen=True)
class UnitFacts:
    """What decides which indicators apply: stages, type, profile (a missing fact is not yet answered), sites.

    `sites` are the ids of the sites that count, the main one first.
    """

    stages: frozenset[str]
    unit_type: str
    profile: Mapping[str, bool]
    sites: tuple[int, ...] = ()


class Why(StrEnum):
    """Why an indicator does not apply."""

    STAGE = "stage"
    UNIT_TYPE = "unit_type"
    PROFILE = "profile"


def why_not_applicable(indicator: Indicator, facts: UnitFacts) -> Why | None:
    """The reason an indicator leaves both sides of the fraction, or None when it applies.

    A profile question not answered yet leaves the indicator in: the form cannot be submitted before it is.
    """
    if indicator.unit_types and facts.unit_type not in indicator.unit_types:
        return Why.UNIT_TYPE
    if indicator.stages and not indicator.stages & facts.stages:
        return Why.STAGE
    if indicator.applies_when and all(facts.profile.get(fact) is False for fact in indicator.applies_when):
        return Why.PROFILE
    return None


def _of_main(values: list[int]) -> int:
    return values[0]


# Which site's value is the school's: named in the set as `site_rule`.
SITE_RULES: dict[str, Callable[[list[int]], int]] = {"lowest": min, "main": _of_main}


def site_values(indicator: Indicator, facts: UnitFacts, answers: Answers) -> dict[int, int | None]:
    """The value at each place where the indicator is judged; an answer for the whole unit stands for
    every site that has none of its own."""
    whole = answers.get((indicator.code, WHOLE_UNIT))
    if not indicator.per_site or not facts.sites:
        return {WHOLE_UNIT: whole}
    return {site: answers.get((indicator.code, site), whole) for site in facts.sites}


def unit_value(framework: Framework, indicator: Indicator, facts: UnitFacts, answers: Answers) -> int | None:
    """The school's value of one indicator: None until every site has one. Raises `OutsideScale`."""
    allowed = indicator.scale.values
    if not indicator.per_site or not facts.sites:
        whole = answers.get((indicator.code, WHOLE_UNIT))
        if whole is not None and whole not in allowed:
            raise OutsideScale(code=indicator.code)
        return whole
    found = site_values(indicator, facts, answers).values()
    values = [value for value in found if value is not None]
    if not allowed.issuperset(values):
        raise OutsideScale(code=indicator.code)
    return SITE_RULES[framework.site_rule](values) if len(values) == len(found) else None


@dataclass(frozen=True)
class Tally:
    """Counts over some indicators. `applicable` = `answered` + not yet answered; `met` of those answered."""

    applicable: int = 0
    answered: int = 0
    met: int = 0
    mandatory: int = 0
    mandatory_met: int = 0
    not_applicable: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.applicable + other.applicable,
            self.answered + other.answered,
            self.met + other.met,
            self.mandatory + other.mandatory,
            self.mandatory_met + other.mandatory_met,
            self.not_applicable + other.not_applicable,
        )

    def __sub__(self, other: "Tally") -> "Tally":
        return self + replace(other, **{name: -count for name, count in vars(other).items()})

    @property
    def complete(self) -> bool:
        """True when everything that applies is answered."""
        return self.answered == self.applicable


@dataclass(frozen=True)
class IndicatorScore:
    """One line of a scorecard. `value` is None when it does not apply or is not answered."""

    code: str
    value: int | None
    highest: int
    met: bool
    mandatory: bool
    why_not: Why | None = None

    @property
    def applicable(self) -> bool:
        """False when the indicator leaves both sides of the fraction."""
        return self.why_not is None

    def tally(self) -> Tally:
        """This line as counts of one."""
        if not self.applicable:
            return Tally(not_applicable=1)
        return Tally(
            applicable=1,
            answered=int(self.value is not None),
            met=int(self.met),
            mandatory=int(self.mandatory),
            mandatory_met=int(self.mandatory and self.met),
        )


@dataclass(frozen=True)
class PartScore:
    """An area or a criterion: its counts and its quality score 0–100 (None: nothing answered there)."""

    code: str
    tally: Tally
    quality: Fraction | None


@dataclass(frozen=True)
class Scorecard:
    """The points of one form, with everything needed to explain them."""

    framework_code: str
    framework_version: str
    unit_type: str
    indicators: tuple[IndicatorScore, ...]
    criteria: tuple[PartScore, ...]
    areas: tuple[PartScore, ...]
    tally: Tally
    quality: Fraction | None

    def indicator(self, code: str) -> IndicatorScore:
        """The line of one indicator. Raises KeyError."""
        for line in self.indicators:
            if line.code == code:
                return line
        raise KeyError(code)


def score_indicator(
    framework: Framework, indicator: Indicator, facts: UnitFacts, answers: Answers
) -> IndicatorScore:
    """One line: does it apply, what is its value, is it met. Raises `OutsideScale`."""
    mandatory, highest = indicator.is_mandatory(facts.unit_type), indicator.scale.highest
    if why := why_not_applicable(indicator, facts):
        return _line(indicator.code, None, highest, False, mandatory, why)
    value = unit_value(framework, indicator, facts, answers)
    met = value is not None and indicator.scale.is_met(value)
    return _line(indicator.code, value, highest, met, mandatory, None)


# Lines never change and there are few different ones: finding one takes a fifth of the time of making it.
_line = lru_cache(maxsize=4096)(IndicatorScore)


def score(framework: Framework, facts: UnitFacts, answers: Answers) -> Scorecard:
    """The scorecard of `answers`: {(indicator code, site id or 0): value or None}.

    Quality of an area: 100 · Σ(weight · value / highest) / Σ weight over its answered indicators; of the
    whole: Σ(area weight · area quality) / Σ area weight over areas with an answered indicator.
    Answers of codes the set does not have are ignored. Raises `OutsideScale`.
    """
    lines = {
        code: score_indicator(framework, indicator, facts, answers)
        for code, indicator in framework.by_code.items()
    }
    areas = tuple(_part(area, area.indicators(), lines) for area in framework.areas)
    return Scorecard(
        framework.code,
        framework.version,
        facts.unit_type,
        tuple(lines.values()),
        tuple(_part(part, part.indicators, lines) for part in framework.criteria.values()),
        areas,
        sum((area.tally for area in areas), Tally()),
        _mean((area.weight, part.quality) for area, part in zip(framework.areas, areas, strict=True)),
    )


def _part(
    part: Area | Criterion, indicators: Iterable[Indicator], lines: Mapping[str, IndicatorScore]
) -> PartScore:
    """The counts and the mean share of some lines in one pass over them: a form has some eighty lines.

    Quality: 100 · Σ(weight · value / highest) / Σ weight over the answered lines, whole numbers to the end.
    """
    applicable = answered = met = mandatory = mandatory_met = not_applicable = 0
    whole, points, common = 0, 0, 1  # so far: Σ weight, and Σ(weight · value / highest) = points / common
    for indicator in indicators:
        line = lines[indicator.code]
        if line.why_not is not None:
            not_applicable += 1
            continue
        applicable += 1
        met += line.met
        mandatory += line.mandatory
        mandatory_met += line.mandatory and line.met
        if line.value is None:
            continue
        answered += 1
        if common % line.highest:
            wider = lcm(common, line.highest)
            points, common = points * (wider // common), wider
        whole += indicator.weight
        points += indicator.weight * line.value * (common // line.highest)
    tally = Tally(applicable, answered, met, mandatory, mandatory_met, not_applicable)
    return PartScore(part.code, tally, Fraction(100 * points, common * whole) if whole else None)


def _mean(weighted: Iterable[tuple[int, Fraction | None]]) -> Fraction | None:
    """The weighted mean of the values that are there; None when there is none or no weight."""
    known = [(weight, value) for weight, value in weighted if value is not None]
    whole = sum(weight for weight, _ in known)
    return sum((weight * value for weight, value in known), Fraction(0)) / whole if whole else None
