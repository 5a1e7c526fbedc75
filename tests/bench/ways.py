"""How long the shortest way to the next level takes on the general set, beside one scoring of the form."""

import time
from functools import partial
from pathlib import Path
from random import Random

from survey_app.frameworks.loader import load_folder
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Answers, UnitFacts, score
from survey_app.rules.shortest_path import shortest_way
from tests.bench.figures import Figure, benchmark, in_turn

GENERAL = Path(__file__).parents[2] / "criteria" / "pho-thong" / "0.2"
SITES = (1, 2, 3, 4, 5)
# The slowest kind of some 800 forms tried: five sites that differ, mostly level 1, and Khá is asked for.
SLOWEST = (0, (1, 5, 1, 0), "kha")


def general_set() -> Framework:
    """The set as its files have it."""
    framework = load_folder(GENERAL).framework
    assert framework is not None
    return framework


def scattered_form(
    framework: Framework, seed: int, weights: tuple[int, ...], sites: tuple[int, ...] = SITES
) -> tuple[UnitFacts, Answers]:
    """A school to which everything applies, with values drawn by weight for levels 0 to 3 at every site."""
    chance = Random(seed)
    profile = {question.code: True for question in framework.profile}
    stages = frozenset(stage.code for stage in framework.stages)
    facts = UnitFacts(stages, "truong", profile, sites)
    answers = {
        (code, site): min(chance.choices(range(4), weights)[0], indicator.scale.highest)
        for code, indicator in framework.by_code.items()
        for site in (sites if indicator.per_site else (0,))
    }
    return facts, answers


@benchmark("shortest_path_ms")
def shortest_path_ms() -> Figure:
    """The slowest way found, in milliseconds of processor time; bare: `score()` of the same form.

    It only computes; on a busy machine wall time would tell what else runs there.
    """
    seed, weights, band = SLOWEST
    framework = general_set()
    facts, answers = scattered_form(framework, seed, weights)
    value, bare = in_turn(
        lambda: _ms(partial(shortest_way, framework, facts, answers, band=band)),
        lambda: _ms(partial(score, framework, facts, answers)),
    )
    return Figure("shortest_path_ms", value, "ms", bare)


def _ms(act: partial[object]) -> float:
    start = time.process_time()
    act()
    return 1000 * (time.process_time() - start)
