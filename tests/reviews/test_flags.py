"""Which claims an officer should look at twice."""

from datetime import date

import pytest

from survey_app.reviews.flags import FLAG_NAMES, Claim, Flag, flags_of
from survey_app.rules.framework import Indicator
from tests.factories.frameworks import PASS2, plain_indicator

START = date(2026, 8, 1)
THIS_YEAR, LAST_YEAR = date(2027, 3, 1), date(2026, 7, 31)
PHOTO = plain_indicator("AT1.1", evidence=("photo", "visit"), evidence_required_from=2)
VISIT = plain_indicator("AT1.2", evidence=("visit",))


def seen(indicator: Indicator, **claim: object) -> list[Flag]:
    start: dict[str, object] = {"value": 2, "mandatory": False}
    return list(flags_of(indicator, Claim(**(start | claim)), year_start=START))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({}, []),
        ({"value": None, "mandatory": True}, []),
        ({"value": 3}, [Flag.HIGHEST_BARE]),
        ({"value": 3, "file_dates": (None,)}, []),
        ({"mandatory": True}, [Flag.MANDATORY_BARE]),
        ({"mandatory": True, "value": 3}, [Flag.MANDATORY_BARE]),
        ({"mandatory": True, "value": 1}, []),
        ({"mandatory": True, "file_dates": (THIS_YEAR,)}, []),
        ({"file_dates": (LAST_YEAR,)}, [Flag.OLD_EVIDENCE]),
        ({"file_dates": (None, LAST_YEAR)}, [Flag.OLD_EVIDENCE]),
        ({"file_dates": (LAST_YEAR, START)}, []),
        ({"prior": 0}, [Flag.JUMP]),
        ({"prior": 1}, []),
        ({"value": 3, "prior": 1, "file_dates": (LAST_YEAR,)}, [Flag.OLD_EVIDENCE, Flag.JUMP]),
        ({"value": 3, "prior": 1}, [Flag.HIGHEST_BARE, Flag.JUMP]),
    ],
)
def test_weak_claims_are_named(claim: dict[str, object], expected: list[Flag]) -> None:
    assert seen(PHOTO, **claim) == expected


def test_what_only_a_visit_can_show_lacks_no_file() -> None:
    assert seen(VISIT, value=3, mandatory=True) == []


def test_a_mandatory_claim_lacks_a_file_only_where_the_set_asks_for_one() -> None:
    unasked = plain_indicator("AT1.3", evidence=("photo",))
    assert seen(unasked, value=2, mandatory=True) == []
    assert seen(unasked, value=3, mandatory=True) == [Flag.HIGHEST_BARE]


def test_the_highest_value_is_that_of_the_scale() -> None:
    duty = plain_indicator("LM1.2", PASS2, evidence=("photo",))
    assert seen(duty, value=1) == [Flag.HIGHEST_BARE] and seen(duty, value=0) == []


def test_every_flag_has_words() -> None:
    assert set(FLAG_NAMES) == set(Flag)
