"""Numbers of an overview: parts that add up, weakest first, exact means, no ranks below five."""

from fractions import Fraction

import pytest

from survey_app.rules.aggregation import (
    Mean,
    completion,
    completion_by,
    distribution,
    mean_level_by_criterion,
    most_unmet,
    place_among,
    states_of,
)
from survey_app.rules.workflow import State
from tests.factories.frameworks import plain_framework


def test_the_parts_of_completion_add_up_to_every_form() -> None:
    counts = {state: place + 1 for place, state in enumerate(State)}
    parts = completion(counts)
    assert parts.total == sum(counts.values())
    assert parts.not_submitted == counts[State.DRAFT]
    assert parts.submitted == parts.total - counts[State.DRAFT]


def test_every_state_is_in_exactly_one_part() -> None:
    parts = ("not_submitted", "waiting", "in_review", "returned", "confirmed")
    assert sorted(state for part in parts for state in states_of(part)) == sorted(State)
    with pytest.raises(KeyError):
        states_of("elsewhere")


def test_completion_of_groups() -> None:
    found = completion_by([("Ô Môn", "draft", 3), ("Ô Môn", "approved", 1), ("Cái Răng", "submitted", 2)])
    assert (found["Ô Môn"].total, found["Ô Môn"].submitted, found["Cái Răng"].waiting) == (4, 1, 2)


def test_the_indicator_most_schools_do_not_meet_comes_first() -> None:
    rows = [("AT1.1", 0, 1), ("AT1.1", 2, 9), ("LM1.2", 0, 2), ("LM1.2", 1, 2), ("XX", 0, 9)]
    found = most_unmet(plain_framework(), rows)
    assert [(row.code, row.unmet, row.of) for row in found] == [("LM1.2", 2, 4), ("AT1.1", 1, 10)]
    assert found[0].share == Fraction(1, 2)


def test_ties_keep_the_order_of_the_set() -> None:
    rows = [("LM1.1", 0, 1), ("AT1.2", 0, 1), ("AT1.1", 0, 1)]
    assert [row.code for row in most_unmet(plain_framework(), rows)] == ["AT1.1", "AT1.2", "LM1.1"]


def test_means_are_exact_and_do_not_mix_scales() -> None:
    rows = [("Ô Môn", "AT1.1", 3, 2), ("Ô Môn", "AT1.2", 1, 1), ("Ô Môn", "LM1.2", 1, 4)]
    found = mean_level_by_criterion(plain_framework(), rows)
    assert found == {"Ô Môn": {"AT1": Mean(7, 3)}}
    assert found["Ô Môn"]["AT1"].value == Fraction(7, 3)
    assert Mean(0, 0).value is None


def test_a_distribution_shows_empty_bands() -> None:
    found = distribution(plain_framework(), {"dat": 4})
    assert found == [("chua_dat", 0), ("dat", 4), ("kha", 0), ("tot", 0)]


@pytest.mark.parametrize(
    ("value", "peers", "place"),
    [
        (50, [50] * 4, None),
        (50, [50] * 5, "middle"),
        (90, [10, 20, 30, 40, 50], "upper"),
        (5, [10, 20, 30, 40, 50], "lower"),
    ],
)
def test_a_school_sees_a_band_among_at_least_five_peers(
    value: int, peers: list[int], place: str | None
) -> None:
    assert place_among(value, peers) == place
