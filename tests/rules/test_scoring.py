"""From answers to points: what counts, what leaves both sides, what makes a scorecard incomplete."""

from fractions import Fraction

import pytest

from survey_app.rules.framework import Framework, Indicator, Words
from survey_app.rules.scoring import OutsideScale, Scorecard, Why, score, score_indicator, site_values
from tests.factories.frameworks import LEVEL4, MANDATORY, PASS2, plain_facts, plain_framework, plain_indicator


def card_of(answers: dict[str, int | None], framework: Framework | None = None, **facts: object) -> Scorecard:
    """The scorecard of answers for the whole unit."""
    whole = {(code, 0): value for code, value in answers.items()}
    return score(framework or plain_framework(), plain_facts(**facts), whole)


def test_counts_and_quality_follow_the_formula_of_the_set() -> None:
    card = card_of({"AT1.1": 3, "AT1.2": 1, "LM1.1": 2, "LM1.2": 1})
    assert (card.tally.met, card.tally.applicable, card.tally.mandatory_met) == (3, 4, 1)
    area_at, area_lm = Fraction(100, 2) * (1 + Fraction(1, 3)), Fraction(100, 2) * (Fraction(2, 3) + 1)
    assert [area.quality for area in card.areas] == [area_at, area_lm]
    assert card.quality == (60 * area_at + 40 * area_lm) / 100


def test_a_weight_counts_within_its_area() -> None:
    heavy = plain_framework([("AT", 1, [plain_indicator("AT1.1", weight=3), plain_indicator("AT1.2")])])
    assert card_of({"AT1.1": 3, "AT1.2": 0}, heavy).quality == 75


def test_unanswered_is_not_zero() -> None:
    some, none = card_of({"AT1.1": 3}), card_of({"AT1.1": 3, "AT1.2": 0, "LM1.1": 0, "LM1.2": 0})
    assert some.quality == 100 and none.quality is not None and none.quality < 100
    assert not some.tally.complete and none.tally.complete


def test_an_area_without_an_answer_does_not_weigh() -> None:
    assert card_of({"AT1.1": 3, "AT1.2": 3}).quality == 100
    assert card_of({}).quality is None


@pytest.mark.parametrize(
    ("indicator", "facts", "why"),
    [
        (plain_indicator("AT1.1", stages=frozenset({"thpt"})), {}, Why.STAGE),
        (plain_indicator("AT1.1", unit_types=frozenset({"lop_doc_lap"})), {}, Why.UNIT_TYPE),
        (plain_indicator("AT1.1", applies_when=("bep_an",)), {"profile": {"bep_an": False}}, Why.PROFILE),
        (plain_indicator("AT1.1", applies_when=("bep_an",)), {"profile": {"bep_an": True}}, None),
        (plain_indicator("AT1.1", applies_when=("bep_an",)), {"profile": {}}, None),
        (
            plain_indicator("AT1.1", applies_when=("bep_an", "can_tin")),
            {"profile": {"bep_an": False, "can_tin": True}},
            None,
        ),
        (plain_indicator("AT1.1", stages=frozenset({"thpt", "thcs"})), {}, None),
    ],
)
def test_what_does_not_apply_says_why(indicator: Indicator, facts: dict, why: Why | None) -> None:
    line = score_indicator(plain_framework(), indicator, plain_facts(**facts), {("AT1.1", 0): 3})
    assert line.why_not is why
    assert line.value == (None if why else 3)


def test_what_does_not_apply_leaves_both_sides() -> None:
    members = [plain_indicator("AT1.1"), plain_indicator("AT1.2", applies_when=("bep_an",))]
    framework = plain_framework([("AT", 1, members)])
    without = card_of({"AT1.1": 2, "AT1.2": 0}, framework, profile={"bep_an": False})
    assert (without.tally.applicable, without.tally.met, without.tally.not_applicable) == (1, 1, 1)
    assert without.quality == Fraction(200, 3) and without.tally.complete


def test_the_lowest_site_is_the_schools_value() -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1", per_site=True)])])
    facts = plain_facts(sites=(1, 2))
    card = score(framework, facts, {("AT1.1", 1): 3, ("AT1.1", 2): 1})
    assert card.indicator("AT1.1").value == 1
    assert score(framework, facts, {("AT1.1", 1): 3}).indicator("AT1.1").value is None


def test_the_site_rule_is_data() -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1", per_site=True)])], site_rule="main")
    card = score(framework, plain_facts(sites=(1, 2)), {("AT1.1", 1): 3, ("AT1.1", 2): 1})
    assert card.indicator("AT1.1").value == 3


def test_an_answer_for_the_whole_unit_stands_for_every_site_without_its_own() -> None:
    indicator = plain_indicator("AT1.1", per_site=True)
    found = site_values(indicator, plain_facts(sites=(1, 2)), {("AT1.1", 0): 2, ("AT1.1", 2): 1})
    assert found == {1: 2, 2: 1}


def test_mandatory_can_depend_on_the_type_of_unit() -> None:
    member = plain_indicator("AT1.1", mandatory_for=frozenset({"truong"}))
    framework = plain_framework([("AT", 1, [member])])
    assert card_of({"AT1.1": 0}, framework).tally.mandatory == 1
    assert card_of({"AT1.1": 0}, framework, unit_type="lop_doc_lap").tally.mandatory == 0


@pytest.mark.parametrize("value", [-1, 4, 99])
def test_a_value_outside_the_scale_is_refused(value: int) -> None:
    with pytest.raises(OutsideScale):
        card_of({"AT1.1": value})


def test_a_code_the_set_does_not_have_is_ignored() -> None:
    assert card_of({"XX9.9": 3, "AT1.1": 2}) == card_of({"AT1.1": 2})


def test_scales_know_what_counts_as_met() -> None:
    assert (LEVEL4.lowest_met, PASS2.lowest_met, LEVEL4.highest) == (2, 1, 3)
    assert LEVEL4.name_of(2).vi == "Mức 2"
    with pytest.raises(KeyError):
        LEVEL4.is_met(7)


def test_evidence_is_asked_from_the_value_the_set_names() -> None:
    member = plain_indicator("AT1.1", evidence_required_from=2, mandatory_for=MANDATORY)
    assert [member.needs_evidence(value) for value in (None, 0, 1, 2, 3)] == [False, False, False, True, True]
    assert not plain_indicator("AT1.2").needs_evidence(3)


def test_words_fall_back_to_vietnamese() -> None:
    assert Words("Đạt", "Met").spoken("en") == "Met"
    assert Words("Đạt").spoken("en") == "Đạt" == str(Words("Đạt", "Met"))
