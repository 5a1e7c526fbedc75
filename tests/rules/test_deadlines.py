"""The last minute: half-open, grace only for work begun before."""

from datetime import UTC, datetime, timedelta

import pytest

from survey_app.rules.deadlines import DeadlinePassed, NotOpenYet, check_open, seconds_until

OPENS, CLOSES = datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 5, 20, 10, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def open_at(instant: datetime, *, begun: bool) -> bool:
    try:
        check_open(instant, opens_at=OPENS, closes_at=CLOSES, grace_minutes=10, begun=begun)
    except (NotOpenYet, DeadlinePassed):
        return False
    return True


@pytest.mark.parametrize(
    ("instant", "begun", "accepted"),
    [
        (OPENS - TICK, False, False),
        (OPENS, False, True),
        (CLOSES - TICK, False, True),
        (CLOSES, False, False),
        (CLOSES, True, True),
        (CLOSES + timedelta(minutes=10) - TICK, True, True),
        (CLOSES + timedelta(minutes=10), True, False),
        (CLOSES + timedelta(days=1), True, False),
    ],
)
def test_each_side_of_the_minute(instant: datetime, begun: bool, accepted: bool) -> None:
    assert open_at(instant, begun=begun) is accepted


def test_the_refusals_say_what_to_do() -> None:
    with pytest.raises(DeadlinePassed) as late:
        check_open(CLOSES, opens_at=OPENS, closes_at=CLOSES, grace_minutes=0, begun=True)
    assert "gia hạn" in str(late.value)


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        (timedelta(hours=1), 3600),
        (timedelta(hours=1) - TICK, 3599),
        (TICK, 0),
        (timedelta(0), -1),
        (-timedelta(hours=5), -1),
    ],
)
def test_what_is_left_is_told_in_whole_seconds(before: timedelta, seconds: int) -> None:
    assert seconds_until(CLOSES, CLOSES - before) == seconds
