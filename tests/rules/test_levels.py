"""From a scorecard to a level: share or counts, the mandatory gate, vetoes, bands with area minima."""

from fractions import Fraction

import pytest

from survey_app.rules.framework import CountRule, PassRule
from survey_app.rules.levels import Outcome, TermKind, award_for, level_for
from survey_app.rules.scoring import score
from tests.factories.frameworks import MANDATORY, PASS2, plain_facts, plain_framework, plain_indicator

TEN = plain_framework(
    [
        (
            "AT",
            50,
            [
                plain_indicator(f"AT1.{n}", mandatory_for=MANDATORY if n < 3 else frozenset())
                for n in range(1, 6)
            ],
        ),
        ("LM", 50, [plain_indicator(f"LM1.{n}") for n in range(1, 6)]),
    ]
)


def outcome_of(values: list[int | None], vetoes: tuple[str, ...] = (), framework=TEN) -> Outcome:
    answers = {(code, 0): value for code, value in zip(framework.by_code, values, strict=True)}
    return level_for(framework, score(framework, plain_facts(), answers), vetoes)


def test_eighty_percent_and_every_mandatory_passes() -> None:
    assert outcome_of([2] * 8 + [0, 0]).level == "dat"


def test_one_below_eighty_percent_fails_without_rounding() -> None:
    below = outcome_of([2] * 7 + [0, 0, 0])
    assert below.level == "chua_dat" and not below.passed
    share = next(term for term in below.terms if term.kind is TermKind.MET_SHARE)
    assert (share.have, share.of, share.need, share.holds) == (7, 10, 80, False)


def test_one_unmet_mandatory_fails_whatever_the_share() -> None:
    assert outcome_of([1] + [3] * 9).level == "chua_dat"


def test_a_recorded_event_fails_whatever_the_points() -> None:
    excluded = outcome_of([3] * 10, vetoes=("V1",))
    assert excluded.level == "chua_dat"
    assert not next(term for term in excluded.terms if term.kind is TermKind.NO_VETO).holds


def test_an_unanswered_form_has_no_level_yet() -> None:
    assert outcome_of([3] * 9 + [None]).level is None


def test_bands_need_quality_and_a_floor_in_each_area() -> None:
    assert outcome_of([3] * 10).level == "tot"
    assert outcome_of([3] * 5 + [2] * 5).level == "kha"
    lopsided = outcome_of([3] * 5 + [3, 3, 2, 0, 1])
    assert lopsided.level == "dat"
    floors = [term for band in lopsided.bands for term in band.terms if term.kind is TermKind.AREA_QUALITY]
    assert any(term.part == "LM" and term.have == Fraction(60) and not term.holds for term in floors)


def test_a_pass_rule_may_be_counts_by_type_of_unit() -> None:
    members = [plain_indicator(f"AT1.{n}", PASS2, mandatory_for=MANDATORY) for n in range(1, 5)]
    rule = PassRule(counts={"truong": CountRule(3, 2), "lop_doc_lap": CountRule(2, 1)})
    framework = plain_framework([("AT", 1, members)], pass_rule=rule)
    assert outcome_of([1, 1, 1, 0], framework=framework).passed
    assert not outcome_of([1, 1, 0, 0], framework=framework).passed
    card = score(framework, plain_facts(unit_type="lop_doc_lap"), {("AT1.1", 0): 1, ("AT1.2", 0): 1})
    assert not level_for(framework, card).passed  # not complete
    answers = {(code, 0): int(code in ("AT1.1", "AT1.2")) for code in framework.by_code}
    assert level_for(framework, score(framework, plain_facts(unit_type="lop_doc_lap"), answers)).passed


def test_counts_that_leave_a_type_of_unit_out_let_it_not_pass_and_say_so() -> None:
    framework = plain_framework(pass_rule=PassRule(counts={"truong": CountRule(1, 0)}))
    card = score(framework, plain_facts(unit_type="trung_tam"), {(c, 0): 1 for c in framework.by_code})
    outcome = level_for(framework, card)
    assert not outcome.passed
    assert [term.kind for term in outcome.terms if not term.holds] == [TermKind.NO_RULE]


def test_nothing_applicable_does_not_pass() -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1", stages=frozenset({"thpt"}))])])
    assert level_for(framework, score(framework, plain_facts(), {})).level == "chua_dat"


@pytest.mark.parametrize(("level", "title"), [("tot", "Danh hiệu thử"), ("dat", "Danh hiệu thử")])
def test_a_level_earns_the_title_its_set_names(level: str, title: str) -> None:
    award = award_for(TEN, level)
    assert award is not None and award.title.vi == title and award.valid_years == 2


def test_no_level_or_a_failed_one_earns_nothing() -> None:
    assert award_for(TEN, "chua_dat") is None and award_for(TEN, None) is None
