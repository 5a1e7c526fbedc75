"""The shortest way on the sets that ship: it arrives, and quickly enough for a page."""

import time
from functools import partial

import pytest

from survey_app.rules.framework import Framework
from survey_app.rules.scoring import score
from survey_app.rules.shortest_path import shortest_way
from tests.bench.ways import SLOWEST, general_set, scattered_form

SLOWEST_MS = 200


@pytest.fixture(scope="module")
def general() -> Framework:
    """The general set, read once."""
    return general_set()


@pytest.mark.parametrize("band", ["dat", "kha", "tot"])
@pytest.mark.parametrize("weights", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (3, 1, 1, 1), SLOWEST[1]])
def test_the_way_through_the_general_set_arrives_within_its_time(
    general: Framework, weights: tuple, band: str
) -> None:
    framework = general
    for sites in ((1,), (1, 2, 3, 4, 5)):
        facts, answers = scattered_form(framework, SLOWEST[0], weights, sites)
        ways = partial(shortest_way, framework, facts, answers, band=band)
        way, spent = ways(), min(_spent_ms(ways) for _ in range(3))
        assert way.after is not None and framework.band_of[way.after.level or ""] in framework.bands
        codes = [found.code for found in framework.bands]
        assert codes.index(way.after.level or "") >= codes.index(band)
        assert spent <= SLOWEST_MS
        assert score(framework, facts, answers).tally.complete


def _spent_ms(act: partial[object]) -> float:
    """Processor time of this thread alone: other tests may have left threads and a heap to be tidied."""
    start = time.thread_time()
    act()
    return 1000 * (time.thread_time() - start)
