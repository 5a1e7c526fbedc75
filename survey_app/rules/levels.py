"""From a scorecard to a level: the pass rule and the bands of the set, each term kept for the explanation."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from survey_app.rules.framework import Award, Band, CountRule, Framework
from survey_app.rules.scoring import Scorecard, Tally


class TermKind(StrEnum):
    """What one term of a result asks."""

    COMPLETE = "complete"
    MET_SHARE = "met_share"
    MET_COUNT = "met_count"
    MANDATORY_COUNT = "mandatory_count"
    ALL_MANDATORY = "all_mandatory"
    NO_VETO = "no_veto"
    NO_RULE = "no_rule"
    QUALITY = "quality"
    AREA_QUALITY = "area_quality"


@dataclass(frozen=True)
class Term:
    """One condition: what there is, out of what, what is asked for, and whether it holds.

    For MET_SHARE `have` of `of` indicators against `need` percent; for counts and quality `have` against
    `need`; `part` is the band of a QUALITY term and the area of an AREA_QUALITY term.
    """

    kind: TermKind
    have: int | Fraction
    need: int
    holds: bool
    of: int = 0
    part: str = ""


@dataclass(frozen=True)
class BandTerms:
    """The terms of one band beyond the pass rule, and whether the band is reached."""

    band: str
    terms: tuple[Term, ...]
    reached: bool


@dataclass(frozen=True)
class Outcome:
    """The level of a whole form with its reasons. `level` is None while something is unanswered."""

    level: str | None
    passed: bool
    terms: tuple[Term, ...]
    bands: tuple[BandTerms, ...]


def pass_terms(framework: Framework, card: Scorecard, vetoes: Collection[str]) -> tuple[Term, ...]:
    """The conditions of the set's pass rule, each with what the form has. Compared exactly, never rounded."""
    rule, tally = framework.pass_rule, card.tally
    terms = [Term(TermKind.COMPLETE, tally.answered, tally.applicable, tally.complete, tally.applicable)]
    if rule.min_met_percent is not None:
        enough = 100 * tally.met >= rule.min_met_percent * tally.applicable
        terms.append(Term(TermKind.MET_SHARE, tally.met, rule.min_met_percent, enough, tally.applicable))
    if rule.counts:
        terms += _count_terms(rule.counts.get(card.unit_type), tally)
    if rule.all_mandatory_met:
        terms.append(_at_least(TermKind.ALL_MANDATORY, tally.mandatory_met, tally.mandatory, tally.mandatory))
    if rule.no_veto_event:
        terms.append(Term(TermKind.NO_VETO, len(vetoes), 0, not vetoes))
    return tuple(terms)


def _count_terms(count: CountRule | None, tally: Tally) -> list[Term]:
    """The least numbers for this type of unit; a type the set says nothing of never passes."""
    if count is None:
        return [Term(TermKind.NO_RULE, 0, 0, False)]
    return [
        _at_least(TermKind.MET_COUNT, tally.met, count.min_met, tally.applicable),
        _at_least(TermKind.MANDATORY_COUNT, tally.mandatory_met, count.min_mandatory_met, tally.mandatory),
    ]


def _at_least(kind: TermKind, have: int | Fraction, need: int, of: int = 0, part: str = "") -> Term:
    return Term(kind, have, need, have >= need, of, part)


def level_for(framework: Framework, card: Scorecard, vetoes: Collection[str] = ()) -> Outcome:
    """The highest band whose conditions all hold.

    `vetoes` are the codes of the recorded excluding facts. Nothing applicable at all does not pass.
    """
    terms = pass_terms(framework, card, vetoes)
    passed = card.tally.applicable > 0 and all(term.holds for term in terms)
    bands = tuple(_band_terms(band, card, passed) for band in framework.bands)
    reached = [band.band for band in bands if band.reached]
    return Outcome(reached[-1] if card.tally.complete and reached else None, passed, terms, bands)


def _band_terms(band: Band, card: Scorecard, passed: bool) -> BandTerms:
    terms: list[Term] = []
    if band.min_quality is not None:
        terms.append(
            _at_least(TermKind.QUALITY, card.quality or Fraction(0), band.min_quality, part=band.code)
        )
    if band.min_each_area is not None:
        terms += [
            _at_least(TermKind.AREA_QUALITY, area.quality, band.min_each_area, part=area.code)
            for area in card.areas
            if area.quality is not None
        ]
    reached = (passed or not band.requires_pass) and all(term.holds for term in terms)
    return BandTerms(band.code, tuple(terms), reached)


def award_for(framework: Framework, level: str | None) -> Award | None:
    """The title that this level earns under the set, or None."""
    return next((award for award in framework.awards if level in award.bands), None)
