"""Nothing entered is lost or doubled, whatever the network does; and the same storm is not harmless.

The long form with a thousand events is `make bench ONLY=outbox_lost,outbox_doubled`.
"""

import pytest

from tests.browser.storm.proxy import Weather
from tests.browser.storm.run import can_run, storm

pytestmark = pytest.mark.browser
EVENTS, CANARY_EVENTS = 32, 12
TWICE = Weather(saves={"double": 0.4, "deaf": 0.3})


@pytest.fixture(autouse=True)
def _chromium() -> None:
    if not can_run():
        pytest.skip("Chromium is not installed")


def test_nothing_entered_in_a_storm_is_lost_doubled_or_taken_from_the_page() -> None:
    seen = storm(EVENTS, seed=1)
    assert (seen.lost, seen.doubled, seen.vanished) == ([], [], [])
    assert seen.conflicts == 0 and min(seen.met[kind] for kind in ("reload", "close", "away", "kill")) > 0


def test_without_the_outbox_the_storm_loses_something() -> None:
    seen = storm(CANARY_EVENTS, seed=2, outbox=False)
    assert seen.lost or seen.vanished


def test_without_key_and_version_the_storm_doubles_something() -> None:
    assert storm(CANARY_EVENTS, 3, "key", "version", weather=TWICE).doubled
