"""The shortest way to the next level: against trying everything, and what it says when there is none."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.rules.framework import Band, CountRule, Framework, PassRule, Scale, ScalePoint, Words
from survey_app.rules.levels import TermKind, level_for
from survey_app.rules.scoring import UnitFacts, score
from survey_app.rules.shortest_path import NoWay, Way, places_of, raised, shortest_way
from tests.factories.frameworks import LEVEL4, MANDATORY, PASS2, plain_facts, plain_framework, plain_indicator

LEVEL5 = Scale("level5", tuple(ScalePoint(n, Words(f"Mức {n}"), n >= 3) for n in range(5)))
PERCENT = st.sampled_from((None, 0, 20, 35, 50, 60, 75, 80, 90, 100))


@st.composite
def schemes(draw: st.DrawFn) -> Framework:
    """Any pass rule and any three bands over two or three areas with up to five indicators together."""
    sizes = draw(st.sampled_from(((1, 2), (2, 2), (1, 1, 1), (2, 1, 2))))
    areas = []
    for code, size in zip(("AT", "LM", "TT"), sizes, strict=False):
        members = [
            plain_indicator(
                f"{code}1.{n}",
                draw(st.sampled_from((LEVEL4, PASS2, LEVEL5))),
                per_site=draw(st.booleans()),
                mandatory_for=draw(st.sampled_from((MANDATORY, frozenset()))),
                applies_when=("bep_an",) if draw(st.integers(0, 5)) == 0 else (),
                weight=draw(st.integers(1, 3)),
            )
            for n in range(size)
        ]
        areas.append((code, draw(st.integers(1, 40)), members))
    counts = {"truong": CountRule(draw(st.integers(0, 4)), draw(st.integers(0, 2)))}
    rule = PassRule(
        min_met_percent=draw(PERCENT),
        counts=counts if draw(st.booleans()) else {},
        all_mandatory_met=draw(st.booleans()),
        no_veto_event=draw(st.booleans()),
    )
    bands = [Band("b0", Words("Thấp"), requires_pass=False)]
    for n in (1, 2, 3):
        bands.append(
            Band(f"b{n}", Words(f"Bậc {n}"), draw(st.integers(0, 4)) > 0, draw(PERCENT), draw(PERCENT))
        )
    site_rule = draw(st.sampled_from(("lowest", "lowest", "main")))
    return plain_framework(areas, pass_rule=rule, bands=tuple(bands), site_rule=site_rule)


@st.composite
def forms(draw: st.DrawFn) -> tuple[Framework, UnitFacts, dict]:
    framework = draw(schemes())
    facts = plain_facts(profile={"bep_an": draw(st.booleans())}, sites=draw(st.sampled_from(((1,), (1, 2)))))
    answers: dict[tuple[str, int], int] = {}
    for code, indicator in framework.by_code.items():
        values = st.sampled_from(sorted(indicator.scale.values))
        answers[code, 0] = draw(values)
        for site in facts.sites if indicator.per_site else ():
            if draw(st.booleans()):
                answers[code, site] = draw(values)
    return framework, facts, answers


def tried_out(
    framework: Framework, facts: UnitFacts, answers: dict, vetoes: tuple, band: str
) -> tuple | None:
    """(indicators, steps) of the best way, by trying every value of every indicator."""
    card = score(framework, facts, answers)
    lines = [line for line in card.indicators if line.applicable]
    codes = [found.code for found in framework.bands]
    best = None
    for targets in product(*(range(line.value or 0, line.highest + 1) for line in lines)):
        after, steps = dict(answers), 0
        for line, target in zip(lines, targets, strict=True):
            places = places_of(framework, framework.by_code[line.code], facts, answers)
            for place, value in places.items() if target > (line.value or 0) else ():
                after[line.code, place] = max(value, target)
                steps += max(0, target - value)
        number = sum(target > (line.value or 0) for line, target in zip(lines, targets, strict=True))
        if best is None or (number, steps) < best:
            level = level_for(framework, score(framework, facts, after), vetoes).level
            if level is not None and codes.index(level) >= codes.index(band):
                best = number, steps
    return best


@given(forms(), st.sampled_from((1, 1, 2, 3)), st.sampled_from(((), (), ("V1",))))
@settings(max_examples=150, deadline=None)
def test_no_other_way_is_shorter_or_cheaper(form: tuple, rank: int, vetoes: tuple) -> None:
    framework, facts, answers = form
    band = f"b{rank}"
    way = shortest_way(framework, facts, answers, vetoes, band=band)
    best = tried_out(framework, facts, answers, vetoes, band)
    if best is None:
        assert way.no_way is not None and not way.raises
    else:
        assert way.after is not None and way.after.level is not None
        assert (len(way.raises), way.steps) == best
        after = score(framework, facts, raised(framework, facts, answers, way.raises))
        assert level_for(framework, after, vetoes) == way.after
        assert way.after.level >= band


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


def way_of(values: str, framework: Framework = TEN, vetoes: tuple = (), band: str | None = None) -> Way:
    """The way of a form with these values in the order of the set; "-" is not answered."""
    answers = {
        (code, 0): int(value) for code, value in zip(framework.by_code, values, strict=True) if value != "-"
    }
    return shortest_way(framework, plain_facts(), answers, vetoes, band=band)


def test_an_unmet_mandatory_indicator_alone_may_be_the_whole_way() -> None:
    way = way_of("1222222222")
    assert way.band == "dat" and way.now.level == "chua_dat" and way.after.level == "dat"
    (only,) = way.raises
    assert (only.code, only.value, only.target, only.steps, only.mandatory) == ("AT1.1", 1, 2, 1, True)
    (lack,) = way.lacks
    assert lack.term.kind is TermKind.ALL_MANDATORY and lack.missing == 1


def test_of_two_ways_with_as_many_indicators_the_one_of_fewer_steps_is_taken() -> None:
    way = way_of("2222222010")
    assert [one.code for one in way.raises] == ["LM1.4"] and way.steps == 1
    assert [(lack.term.kind, lack.missing) for lack in way.lacks] == [(TermKind.MET_SHARE, 1)]


def test_a_pass_becomes_good_by_quality_and_the_floor_of_each_area() -> None:
    way = way_of("3333322200")
    assert way.band == "kha" and way.after.level == "kha"
    missing = {(lack.term.kind, lack.term.part): lack.missing for lack in way.lacks}
    assert missing == {
        (TermKind.QUALITY, "kha"): Fraction(5),
        (TermKind.AREA_QUALITY, "LM"): Fraction(25),
    }
    # Two of LM have to rise by four steps together; no single one of them could.
    assert len(way.raises) == 2 and way.steps == 4 and all(one.code.startswith("LM") for one in way.raises)


def test_the_top_has_no_further_way() -> None:
    way = way_of("3" * 10)
    assert way.no_way is NoWay.HIGHEST and not way.raises and not way.lacks


def test_an_excluding_fact_leaves_no_way_and_is_named() -> None:
    way = way_of("1" * 10, vetoes=("V1",))
    assert way.no_way is NoWay.VETO and not way.raises
    assert TermKind.NO_VETO in {lack.term.kind for lack in way.lacks}


def test_an_unanswered_form_has_no_way_yet() -> None:
    assert way_of("333333333-").no_way is NoWay.INCOMPLETE


def test_a_type_of_unit_without_a_rule_has_no_way() -> None:
    framework = replace(TEN, pass_rule=PassRule(counts={"trung_tam": CountRule(1, 0)}))
    assert way_of("1" * 10, framework).no_way is NoWay.NO_RULE


def test_more_than_there_is_to_reach_is_out_of_reach() -> None:
    framework = replace(TEN, pass_rule=PassRule(counts={"truong": CountRule(11, 0)}))
    assert way_of("1" * 10, framework).no_way is NoWay.OUT_OF_REACH


def test_what_does_not_apply_is_on_neither_side() -> None:
    members = [plain_indicator(f"AT1.{n}") for n in range(1, 6)]
    members.append(plain_indicator("AT1.6", mandatory_for=MANDATORY, applies_when=("bep_an",)))
    framework = plain_framework([("AT", 1, members)])
    answers = {(f"AT1.{n}", 0): 2 if n < 4 else 1 for n in range(1, 6)}
    facts = plain_facts(profile={"bep_an": False})
    way = shortest_way(framework, facts, answers)
    assert len(way.raises) == 1 and way.after.level == "dat"
    (lack,) = way.lacks
    assert (lack.term.have, lack.term.of, lack.missing) == (3, 5, 1)


def test_every_site_that_is_too_low_counts_its_own_steps() -> None:
    framework = plain_framework(
        [("AT", 1, [plain_indicator("AT1.1", per_site=True, mandatory_for=MANDATORY)])]
    )
    facts = plain_facts(sites=(7, 8, 9))
    answers = {("AT1.1", 7): 2, ("AT1.1", 8): 0, ("AT1.1", 9): 1}
    way = shortest_way(framework, facts, answers)
    (only,) = way.raises
    assert (only.value, only.target, only.steps, only.sites) == (0, 2, 3, ((8, 0), (9, 1)))
    of_main = shortest_way(replace(framework, site_rule="main"), facts, answers, band="tot")
    assert [(one.steps, one.sites) for one in of_main.raises] == [(1, ((7, 2),))]


def test_a_value_for_the_whole_unit_counts_once() -> None:
    framework = plain_framework([("AT", 1, [plain_indicator("AT1.1", per_site=True)])])
    way = shortest_way(framework, plain_facts(sites=(7, 8, 9)), {("AT1.1", 0): 1})
    assert way.steps == 1 and way.raises[0].sites == ()


def test_the_way_goes_to_the_level_asked_for_and_may_pass_another() -> None:
    way = way_of("2" * 10, band="tot")
    assert way.now.level == "dat" and way.band == "tot" and way.after.level == "tot"
    assert len(way.raises) == 7
