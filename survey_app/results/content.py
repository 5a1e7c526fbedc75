"""What a result freezes as plain JSON, and how a page reads it back years later.

`content` holds the verified scorecard with its outcome (`rules.canonical.plain_scorecard`) and beside it
`facts` (unit, ward, set, round as they were), `award` and `reasons` ({indicator: why the values differ}).
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from survey_app.assessments.queries import Form
from survey_app.rules.canonical import canonical_json, plain_scorecard, read_fraction, sha256_of
from survey_app.rules.framework import Framework
from survey_app.rules.levels import BandTerms, Outcome, Term, TermKind, award_for, level_for
from survey_app.rules.scoring import (
    WHOLE_UNIT,
    IndicatorScore,
    PartScore,
    Scorecard,
    Tally,
    UnitFacts,
    Why,
    score,
)

MICRO = 1_000_000


def conclude(
    framework: Framework, facts: UnitFacts, verified: Mapping[str, int | None], vetoes: Collection[str]
) -> tuple[Scorecard, Outcome]:
    """The verified scorecard of a form and what follows from it: {indicator: confirmed value} → level."""
    card = score(framework, facts, {(code, WHOLE_UNIT): value for code, value in verified.items()})
    return card, level_for(framework, card, vetoes)


def freeze(
    form: Form,
    framework: Framework,
    card: Scorecard,
    outcome: Outcome,
    *,
    reasons: Mapping[str, str],
    vetoes: int,
) -> dict[str, Any]:
    """The whole content of a result. Of the excluding facts only their number is kept (decision 20)."""
    award = award_for(framework, outcome.level)
    return plain_scorecard(card, outcome) | {
        "award": award.code if award else None,
        "reasons": {code: reason for code, reason in reasons.items() if reason},
        "facts": _frozen_facts(form, framework) | {"vetoes": vetoes},
    }


def _frozen_facts(form: Form, framework: Framework) -> dict[str, Any]:
    part, round_ = form.participation, form.round
    return {
        "unit": {"code": part.unit_code, "name": part.unit_name},
        "ward": part.ward_name,
        "stages": list(part.stages),
        "sites": len(part.sites),
        "profile": dict(form.profile.facts) if form.profile else {},
        "framework": {
            "code": framework.code,
            "version": framework.version,
            "title": framework.title.vi,
            "status": framework.status,
        },
        "round": {"title": round_.title, "purpose": round_.purpose, "school_year": round_.school_year},
    }


def claimed(framework: Framework, card: Scorecard, vetoes: Collection[str]) -> dict[str, Any]:
    """The school's own scorecard with the level it would have earned, as it is kept beside the content."""
    return plain_scorecard(card, level_for(framework, card, vetoes))


def frozen_columns(card: Scorecard, content: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The columns of `Result` that come out of the scorecard and never change."""
    return {
        "level": content["level"],
        "award": content["award"],
        "met": card.tally.met,
        "applicable": card.tally.applicable,
        "mandatory_met": card.tally.mandatory_met,
        "mandatory": card.tally.mandatory,
        "quality_micro": quality_micro(card),
        "content": content,
        "own": own,
        "sha256": sha256_of(canonical_json(content)),
    }


def quality_micro(card: Scorecard) -> int:
    """The quality score in whole millionths, for statistics only; 0 when nothing is answered."""
    return int(card.quality * MICRO) if card.quality is not None else 0


def read_scorecard(framework: Framework, plain: Mapping[str, Any]) -> Scorecard:
    """The scorecard that was frozen. The set only adds the highest value of each scale."""
    return Scorecard(
        plain["framework"],
        plain["version"],
        plain["unit_type"],
        tuple(_read_line(framework, line) for line in plain["indicators"]),
        tuple(_read_part(part) for part in plain["criteria"]),
        tuple(_read_part(part) for part in plain["areas"]),
        Tally(**plain["tally"]),
        read_fraction(plain["quality"]),
    )


def _read_line(framework: Framework, line: list[Any]) -> IndicatorScore:
    code, value, met, mandatory, why_not = line
    highest = framework.by_code[code].scale.highest
    return IndicatorScore(code, value, highest, met, mandatory, Why(why_not) if why_not else None)


def _read_part(plain: Mapping[str, Any]) -> PartScore:
    return PartScore(plain["code"], Tally(**plain["tally"]), read_fraction(plain["quality"]))


def read_outcome(plain: Mapping[str, Any]) -> Outcome:
    """The level that was frozen, with every term of it."""
    bands = tuple(
        BandTerms(band["band"], tuple(map(_read_term, band["terms"])), band["reached"])
        for band in plain["bands"]
    )
    return Outcome(plain["level"], plain["passed"], tuple(map(_read_term, plain["terms"])), bands)


def _read_term(plain: Mapping[str, Any]) -> Term:
    have = Fraction(*plain["have"]) if isinstance(plain["have"], list) else plain["have"]
    return Term(TermKind(plain["kind"]), have, plain["need"], plain["holds"], plain["of"], plain["part"])


def plain_values(plain: Mapping[str, Any]) -> dict[str, int | None]:
    """{indicator: value} of a frozen scorecard, what does not apply left out."""
    return {code: value for code, value, _met, _mandatory, why_not in plain["indicators"] if not why_not}
