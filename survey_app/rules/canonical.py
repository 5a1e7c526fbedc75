"""One byte sequence for one meaning: what is frozen and hashed (scorecards, certificates)."""

import hashlib
import json
from fractions import Fraction
from typing import Any

from survey_app.rules.levels import Outcome, Term
from survey_app.rules.scoring import PartScore, Scorecard, Tally


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys, no blanks and no floats. Raises TypeError for a float."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    return text


def sha256_of(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_float(written: str) -> None:
    """What JSON can only mean as a float; reading the text finds it faster than walking the value."""
    raise TypeError(f"{written}: a float has no one written form: give [numerator, denominator]")


def plain_fraction(value: Fraction | int | None) -> list[int] | None:
    """A fraction as [numerator, denominator]; None stays None."""
    return None if value is None else [value.numerator, value.denominator]


def read_fraction(value: list[int] | None) -> Fraction | None:
    """The fraction that `plain_fraction` wrote."""
    return None if value is None else Fraction(value[0], value[1])


def plain_scorecard(card: Scorecard, outcome: Outcome) -> dict[str, Any]:
    """A scorecard and its outcome as plain JSON values, whole: a page can explain it years later.

    Lines are [code, value or None, met, mandatory, reason why it does not apply or None].
    """
    return {
        "framework": card.framework_code,
        "version": card.framework_version,
        "unit_type": card.unit_type,
        "indicators": [
            [line.code, line.value, line.met, line.mandatory, line.why_not and str(line.why_not)]
            for line in card.indicators
        ],
        "criteria": [_plain_part(part) for part in card.criteria],
        "areas": [_plain_part(part) for part in card.areas],
        "tally": _plain_tally(card.tally),
        "quality": plain_fraction(card.quality),
        "level": outcome.level,
        "passed": outcome.passed,
        "terms": [_plain_term(term) for term in outcome.terms],
        "bands": [
            {"band": band.band, "reached": band.reached, "terms": [_plain_term(term) for term in band.terms]}
            for band in outcome.bands
        ],
    }


def _plain_tally(tally: Tally) -> dict[str, int]:
    return dict(vars(tally))


def _plain_part(part: PartScore) -> dict[str, Any]:
    return {"code": part.code, "tally": _plain_tally(part.tally), "quality": plain_fraction(part.quality)}


def _plain_term(term: Term) -> dict[str, Any]:
    have = plain_fraction(term.have) if isinstance(term.have, Fraction) else term.have
    return {
        "kind": str(term.kind),
        "have": have,
        "need": term.need,
        "of": term.of,
        "part": term.part,
        "holds": term.holds,
    }
