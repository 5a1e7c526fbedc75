"""Properties that hold for every set and every form (Hypothesis)."""

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.rules.canonical import canonical_json, plain_scorecard
from survey_app.rules.framework import Framework
from survey_app.rules.levels import level_for
from survey_app.rules.scoring import Tally, UnitFacts, score
from tests.factories.frameworks import LEVEL4, MANDATORY, PASS2, plain_facts, plain_framework, plain_indicator

FACTS = ("bep_an", "can_tin", "ho_boi")
RANKS = {None: -1, "chua_dat": 0, "dat": 1, "kha": 2, "tot": 3}


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    def members(area: str) -> list:
        return [
            plain_indicator(
                f"{area}1.{n}",
                draw(st.sampled_from((LEVEL4, PASS2))),
                per_site=draw(st.booleans()),
                mandatory_for=draw(st.sampled_from((MANDATORY, frozenset()))),
                applies_when=tuple(draw(st.lists(st.sampled_from(FACTS), max_size=2, unique=True))),
                weight=draw(st.integers(1, 3)),
            )
            for n in range(draw(st.integers(1, 5)))
        ]

    areas = [(code, draw(st.integers(1, 40)), members(code)) for code in ("AT", "LM", "TT")]
    return plain_framework(areas)


@st.composite
def forms(draw: st.DrawFn, complete: bool = False) -> tuple[Framework, UnitFacts, dict]:
    framework = draw(frameworks())
    sites = tuple(range(1, 1 + draw(st.integers(1, 3))))
    facts = plain_facts(profile={fact: draw(st.booleans()) for fact in FACTS}, sites=sites)
    answers = {}
    for code, indicator in framework.by_code.items():
        values = st.sampled_from(sorted(indicator.scale.values))
        for site in sites if indicator.per_site else (0,):
            value = draw(values if complete else st.one_of(st.none(), values))
            if value is not None:
                answers[code, site] = value
    return framework, facts, answers


@given(forms(), st.randoms())
def test_the_order_of_answers_is_irrelevant(form: tuple, chance: random.Random) -> None:
    framework, facts, answers = form
    mixed = list(answers.items())
    chance.shuffle(mixed)
    assert score(framework, facts, dict(mixed)) == score(framework, facts, answers)


@given(forms(complete=True), st.data())
@settings(max_examples=200)
def test_raising_a_level_never_lowers_the_result(form: tuple, data: st.DataObject) -> None:
    framework, facts, answers = form
    place = data.draw(st.sampled_from(sorted(answers)))
    highest = framework.by_code[place[0]].scale.highest
    raised = answers | {place: data.draw(st.integers(answers[place], highest))}
    before, after = score(framework, facts, answers), score(framework, facts, raised)
    assert (after.quality or 0) >= (before.quality or 0)
    assert after.tally.met >= before.tally.met and after.tally.mandatory_met >= before.tally.mandatory_met
    assert RANKS[level_for(framework, after).level] >= RANKS[level_for(framework, before).level]


@given(forms())
def test_counts_add_up(form: tuple) -> None:
    card = score(*form)
    for parts in (card.areas, card.criteria):
        assert sum((part.tally for part in parts), Tally()) == card.tally
    assert card.tally.applicable + card.tally.not_applicable == len(card.indicators)
    assert card.tally.met <= card.tally.answered <= card.tally.applicable


@given(forms())
def test_what_does_not_apply_changes_nothing_whatever_is_answered_there(form: tuple) -> None:
    framework, facts, answers = form
    card = score(framework, facts, answers)
    gone = {line.code for line in card.indicators if not line.applicable}
    without = {place: value for place, value in answers.items() if place[0] not in gone}
    assert score(framework, facts, without) == card


@given(forms())
def test_quality_stays_between_the_bounds_and_exact(form: tuple) -> None:
    card = score(*form)
    for part in (*card.areas, *card.criteria):
        assert part.quality is None or 0 <= part.quality <= 100
    assert (card.quality is None) == (card.tally.answered == 0)


@given(forms())
def test_a_part_is_what_the_formula_says_line_by_line(form: tuple) -> None:
    framework, facts, answers = form
    card = score(framework, facts, answers)
    for area, part in zip(framework.areas, card.areas, strict=True):
        lines = [(indicator.weight, card.indicator(indicator.code)) for indicator in area.indicators()]
        assert part.tally == sum((line.tally() for _, line in lines), Tally())
        known = [(w, Fraction(100 * line.value, line.highest)) for w, line in lines if line.value is not None]
        whole = sum(weight for weight, _ in known)
        assert part.quality == (sum(w * share for w, share in known) / Fraction(whole) if whole else None)


@given(forms(), st.sampled_from(["V1", "V2"]))
def test_a_veto_bars_every_pass(form: tuple, code: str) -> None:
    framework, facts, answers = form
    outcome = level_for(framework, score(framework, facts, answers), [code])
    assert outcome.level in (None, "chua_dat") and not outcome.passed


@given(forms())
def test_a_frozen_scorecard_is_the_same_bytes_each_time(form: tuple) -> None:
    framework, facts, answers = form
    card = score(framework, facts, answers)
    again = score(framework, facts, dict(reversed(answers.items())))
    texts = [canonical_json(plain_scorecard(one, level_for(framework, one))) for one in (card, again)]
    assert texts[0] == texts[1]


@given(forms(), st.data())
def test_the_difference_of_one_line_updates_the_counts(form: tuple, data: st.DataObject) -> None:
    framework, facts, answers = form
    code = data.draw(st.sampled_from(sorted(framework.by_code)))
    indicator = framework.by_code[code]
    site = facts.sites[0] if indicator.per_site else 0
    changed = answers | {(code, site): data.draw(st.sampled_from(sorted(indicator.scale.values)))}
    before, after = score(framework, facts, answers), score(framework, facts, changed)
    step = after.indicator(code).tally() - before.indicator(code).tally()
    assert before.tally + step == after.tally
