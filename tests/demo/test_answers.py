"""The demo's answers: repeatable, inside the scale, skewed but with gaps."""

from collections import Counter

from survey_app.demo.answers import (
    MadeAnswer,
    chance_of,
    character_of,
    make_answers,
    make_profile,
    reason_for,
)
from survey_app.rules.scoring import UnitFacts
from tests.factories.frameworks import MANDATORY, PASS2, plain_facts, plain_framework, plain_indicator

SET = plain_framework(
    [
        (
            "AT",
            1,
            [plain_indicator(f"AT1.{n}", per_site=n % 2 == 0, mandatory_for=MANDATORY) for n in range(1, 9)],
        ),
        ("LM", 1, [plain_indicator("LM1.1", PASS2), plain_indicator("LM1.2", applies_when=("bep_an",))]),
    ]
)


def answers_of(code: str, facts: UnitFacts | None = None, seed: int = 1) -> list[MadeAnswer]:
    chance = chance_of(seed, code, "2026-2027")
    return list(
        make_answers(SET, facts or plain_facts(sites=(1, 2)), character_of(seed, code, "31135"), chance, seed)
    )


def test_the_same_seed_gives_the_same_answers() -> None:
    assert answers_of("99000001") == answers_of("99000001")
    assert answers_of("99000001") != answers_of("99000001", seed=2)


def test_every_place_that_applies_is_answered_on_its_scale() -> None:
    made = answers_of("99000001", plain_facts(sites=(1, 2), profile={"bep_an": False}))
    assert len(made) == 4 + 4 * 2 + 1 and not any(answer.code == "LM1.2" for answer in made)
    for answer in made:
        scale = SET.by_code[answer.code].scale
        assert {answer.value, answer.found} <= scale.values


def test_schools_differ_and_most_are_neither_perfect_nor_hopeless() -> None:
    found = Counter(answer.found for number in range(60) for answer in answers_of(f"99{number:06d}"))
    assert set(found) >= {1, 2, 3} and found[2] + found[3] > found[0] + found[1]


def test_some_schools_claim_more_than_is_found() -> None:
    made = [answer for number in range(60) for answer in answers_of(f"99{number:06d}")]
    over = sum(answer.value > answer.found for answer in made)
    assert 0 < over < len(made) / 5


def test_a_difference_has_a_reason_and_agreement_none() -> None:
    chance = chance_of(1)
    assert reason_for(chance, 3, 2) and reason_for(chance, 1, 2) and reason_for(chance, 2, 2) == ""


def test_a_profile_answers_every_question() -> None:
    assert set(make_profile(chance_of(1), SET)) == {"bep_an"}
