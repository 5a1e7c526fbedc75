"""The shortest way to the next level: the fewest indicators that have to rise, then the fewest level steps.

A set knows no money or effort for a step, so the cost of a raise is what its data has: the number of level
steps, counted at each place where the indicator is judged and the value is too low (three sites at level 1
cost three steps to level 2; a value given for the whole unit counts once). The way obeys the set's own rule,
as `rules.levels` has it, and is checked by it at the end: share or counts, the mandatory gate, the quality of
the whole and of each area, the lowest (or main) site. What does not apply stays outside both sides of every
fraction; an excluding fact, an unanswered indicator or a missing rule leaves no way, and says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import lcm

from survey_app.rules.framework import Band, Framework, Indicator
from survey_app.rules.levels import Outcome, Term, TermKind, level_for
from survey_app.rules.raising import Choice, Demand, Item, least_raises
from survey_app.rules.scoring import (
    WHOLE_UNIT,
    Answers,
    IndicatorScore,
    Scorecard,
    UnitFacts,
    score,
)


class NoWay(StrEnum):
    """Why there is no way to a higher level."""

    HIGHEST = "highest"
    INCOMPLETE = "incomplete"
    NOTHING_APPLIES = "nothing_applies"
    VETO = "veto"
    NO_RULE = "no_rule"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True)
class Lack:
    """A condition that does not hold yet and by how much: indicators for counts, points 0–100 for quality."""

    term: Term
    missing: int | Fraction


@dataclass(frozen=True)
class Raise:
    """One indicator of the way: from which value to which, in how many steps.

    `sites` are the ids of the sites that are too low and the value of each; empty when one value stands for
    the whole unit. `meets`: it was not met and is then.
    """

    code: str
    value: int
    target: int
    steps: int
    mandatory: bool
    meets: bool
    sites: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Way:
    """The way to `band`, or why there is none: then `raises` is empty and `no_way` says it.

    `lacks` are the conditions of the band that do not hold now; `after` is what the raises lead to.
    """

    band: str
    now: Outcome
    lacks: tuple[Lack, ...]
    raises: tuple[Raise, ...] = ()
    after: Outcome | None = None
    no_way: NoWay | None = None

    @property
    def steps(self) -> int:
        """The level steps of all raises."""
        return sum(one.steps for one in self.raises)


def shortest_way(
    framework: Framework,
    facts: UnitFacts,
    answers: Answers,
    vetoes: Collection[str] = (),
    *,
    band: str | None = None,
) -> Way:
    """The fewest indicators, then the fewest steps, that lead from `answers` to `band` or above it.

    `band` is by default the one after the level reached now. Raises `scoring.OutsideScale`, and KeyError for
    a band the set does not have.
    """
    card = score(framework, facts, answers)
    now = level_for(framework, card, vetoes)
    codes = list(framework.band_of)
    place = codes.index(now.level) if now.level else -1
    wanted = framework.band_of[band] if band else framework.bands[min(place + 1, len(codes) - 1)]
    lacks = lacks_of(now, wanted)
    if place >= codes.index(wanted.code):
        return Way(
            wanted.code, now, (), after=now, no_way=NoWay.HIGHEST if wanted.code == codes[-1] else None
        )
    bands = framework.bands[codes.index(wanted.code) :]
    open_bands = [found for found in bands if _obstacle(found, card, now) is None]
    raises = _best_of_bands(_Form(framework, facts, answers, card), open_bands)
    if raises is None:
        return Way(wanted.code, now, lacks, no_way=_obstacle(wanted, card, now) or NoWay.OUT_OF_REACH)
    then = score(framework, facts, raised(framework, facts, answers, raises))
    return Way(wanted.code, now, lacks, raises, level_for(framework, then, vetoes))


def _obstacle(band: Band, card: Scorecard, now: Outcome) -> NoWay | None:
    """What no raise can clear away."""
    lacking = {term.kind for term in now.terms if not term.holds}
    if TermKind.COMPLETE in lacking:
        return NoWay.INCOMPLETE
    if not band.requires_pass:
        return None
    if not card.tally.applicable:
        return NoWay.NOTHING_APPLIES
    if TermKind.NO_VETO in lacking:
        return NoWay.VETO
    return NoWay.NO_RULE if TermKind.NO_RULE in lacking else None


def lacks_of(now: Outcome, band: Band) -> tuple[Lack, ...]:
    """The conditions of a band that do not hold now, those of the pass rule first."""
    terms = list(now.terms) if band.requires_pass else []
    terms += next(found.terms for found in now.bands if found.band == band.code)
    return tuple(Lack(term, missing(term)) for term in terms if not term.holds)


def missing(term: Term) -> int | Fraction:
    """How much a condition lacks: indicators, points of quality, excluding facts; 0 when it holds."""
    if term.holds:
        return 0
    if term.kind is TermKind.MET_SHARE:
        return _percent_of(term.need, term.of) - term.have
    return max(term.need - term.have, term.have - term.need)


def _percent_of(percent: int, whole: int) -> int:
    """The least count that is `percent` of `whole`."""
    return -(-percent * whole // 100)


def raised(
    framework: Framework, facts: UnitFacts, answers: Answers, raises: Collection[Raise]
) -> dict[tuple[str, int], int | None]:
    """The answers after the raises: every place that counts is at the target or above it."""
    found = dict(answers)
    for one in raises:
        indicator = framework.by_code[one.code]
        for place, value in places_of(framework, indicator, facts, answers).items():
            found[one.code, place] = max(one.target, value)
    return found


def places_of(
    framework: Framework, indicator: Indicator, facts: UnitFacts, answers: Answers
) -> dict[int, int]:
    """The values that make the school's value of an indicator, by site or `WHOLE_UNIT`; all are answered.

    Sites without a value of their own share the one for the whole unit. Under the rule "main" only the main
    site counts.
    """
    sites = facts.sites if indicator.per_site else ()
    judged = (sites[:1] if framework.site_rule == "main" else sites) or (WHOLE_UNIT,)
    keys = {site if (indicator.code, site) in answers else WHOLE_UNIT for site in judged}
    return {key: value for key in sorted(keys) if (value := answers.get((indicator.code, key))) is not None}


@dataclass(frozen=True)
class _Form:
    """A complete form, as far as the way through it goes."""

    framework: Framework
    facts: UnitFacts
    answers: Answers
    card: Scorecard

    @cached_property
    def lines(self) -> dict[str, IndicatorScore]:
        """The lines that count, by code."""
        return {line.code: line for line in self.card.indicators if line.value is not None}

    @cached_property
    def scales(self) -> list["_AreaScale"]:
        """The areas, each with its unit of points."""
        return [
            _area_scale(area.weight, [(one.weight, self.lines.get(one.code)) for one in area.indicators()])
            for area in self.framework.areas
        ]

    def raise_of(self, code: str, target: int) -> Raise:
        """The raise of one indicator to a target above its value."""
        line, indicator = self.lines[code], self.framework.by_code[code]
        places = places_of(self.framework, indicator, self.facts, self.answers)
        low = tuple((place, value) for place, value in places.items() if value < target)
        return Raise(
            code,
            line.value or 0,
            target,
            sum(target - value for _, value in low),
            line.mandatory,
            not line.met and indicator.scale.is_met(target),
            low if WHOLE_UNIT not in places else (),
        )


@dataclass(frozen=True)
class _AreaScale:
    """An area in whole points: one level step of an indicator is weight · `common` / highest points.

    The quality of the area is 100 · `points` / `full`; `full` 0: the area has no quality.
    """

    weight: int
    common: int
    full: int
    points: int


def _area_scale(weight: int, members: list[tuple[int, IndicatorScore | None]]) -> _AreaScale:
    known = [(share, line.value or 0, line.highest) for share, line in members if line]
    common = lcm(*(highest for _, _, highest in known))
    return _AreaScale(
        weight,
        common,
        common * sum(share for share, _, _ in known),
        sum(share * value * (common // highest) for share, value, highest in known),
    )


def _best_of_bands(form: _Form, bands: Sequence[Band]) -> tuple[Raise, ...] | None:
    """The best way to any of the bands; a band that asks for more than an earlier one is not tried."""
    ways = []
    for place, band in enumerate(bands):
        if not any(_asks_for_no_more(other, band) for other in bands[:place]):
            ways.append(_way_to(form, band))
    found = [way for way in ways if way is not None]
    return min(found, key=lambda way: (len(way), sum(one.steps for one in way)), default=None)


def _asks_for_no_more(one: Band, other: Band) -> bool:
    return (
        one.requires_pass <= other.requires_pass
        and (one.min_quality or 0) <= (other.min_quality or 0)
        and (one.min_each_area or 0) <= (other.min_each_area or 0)
    )


def _way_to(form: _Form, band: Band) -> tuple[Raise, ...] | None:
    """The fewest raises, then the fewest steps, with which one band's conditions hold."""
    demand = _demand(form, band)
    items, targets = [], {}
    for part, area in enumerate(form.framework.areas):
        for indicator in area.indicators():
            if indicator.code in form.lines:
                needed = _is_needed(form, band, indicator.code)
                raises = _raises_of(form, indicator, needed)
                targets[indicator.code] = raises
                choices = tuple(_choice(form, indicator, one, part) for one in raises)
                items.append(Item(indicator.code, part, choices, needed))
    found = least_raises(items, demand)
    return (
        None
        if found is None
        else tuple(targets[item.key][found[item.key]] for item in items if item.key in found)
    )


def _is_needed(form: _Form, band: Band, code: str) -> bool:
    """True when the mandatory gate asks for this indicator."""
    line = form.lines[code]
    gate = band.requires_pass and form.framework.pass_rule.all_mandatory_met
    return gate and line.mandatory and not line.met


def _raises_of(form: _Form, indicator: Indicator, needed: bool) -> list[Raise]:
    value = form.lines[indicator.code].value or 0
    found = [
        form.raise_of(indicator.code, target) for target in sorted(indicator.scale.values) if target > value
    ]
    return [one for one in found if one.meets or not needed]


def _choice(form: _Form, indicator: Indicator, one: Raise, part: int) -> Choice:
    points = (
        indicator.weight * (one.target - one.value) * (form.scales[part].common // indicator.scale.highest)
    )
    return Choice(one.steps, points, int(one.meets), int(one.meets and one.mandatory))


def _demand(form: _Form, band: Band) -> Demand:
    """What the band asks for beyond what the form has, in whole numbers."""
    met, must = _counts_needed(form) if band.requires_pass else (0, 0)
    scales = form.scales
    least = [max(0, _percent_of(band.min_each_area or 0, scale.full) - scale.points) for scale in scales]
    rated = [scale for scale in scales if scale.full]
    common, weights = lcm(*(scale.full for scale in rated)), sum(scale.weight for scale in rated)
    worth = [100 * scale.weight * (common // scale.full) if scale.full else 0 for scale in scales]
    need = band.min_quality or 0
    have = sum(share * scale.points for share, scale in zip(worth, scales, strict=True))
    total = max(0, need * weights * common - have) if weights else need
    return Demand(met, must, tuple(least), tuple(worth if total else [0] * len(worth)), total)


def _counts_needed(form: _Form) -> tuple[int, int]:
    """How many more indicators, and mandatory ones, the pass rule asks to be met."""
    rule, tally = form.framework.pass_rule, form.card.tally
    count = rule.counts.get(form.card.unit_type)
    met = max(_percent_of(rule.min_met_percent or 0, tally.applicable), count.min_met if count else 0)
    return max(0, met - tally.met), max(0, (count.min_mandatory_met if count else 0) - tally.mandatory_met)
