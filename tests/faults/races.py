"""Races: every pair in both orders and at the door, on both databases, and its canary."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime

import time_machine
from flask import Flask

from survey_app.core.db import unit_of_work
from tests.faults import pairs_files, pairs_forms, pairs_papers, pairs_people, pairs_reviews  # noqa: F401
from tests.faults.ground import empty
from tests.faults.pairs import PAIRS, Answers, Pair, Scene, meet, meet_at_the_door, open_doors
from tests.faults.scenario import POSTGRES, SQLITE, Outcome, scenario, timed

NOW = datetime(2027, 5, 14, 3, tzinfo=UTC)
PATIENCE, CANARY_PATIENCE = {True: 0.06, False: 0.5}, 30.0
AT_THE_DOOR = {True: 0, False: 20}


@scenario("races")
def races(short: bool) -> Iterable[Outcome]:
    """All pairs on both databases."""
    for database in (SQLITE, POSTGRES):
        yield from races_on(database, short)


def races_on(database: str, short: bool) -> Iterable[Outcome]:
    """All pairs on one database."""
    with time_machine.travel(NOW, tick=True), empty(database) as site:
        app = site.app
        open_doors(app)
        for one in PAIRS.values():
            with timed(Outcome(f"race {one.name}", database)) as outcome:
                _run(app, one, outcome, short)
            yield outcome


def _run(app: Flask, one: Pair, outcome: Outcome, short: bool) -> None:
    for slow in (0, 1) if not short or outcome.database == POSTGRES else (0,):
        scene = _made(app, one)
        _judge(app, scene, meet(app, scene, slow, PATIENCE[short]), outcome)
    for _ in range(AT_THE_DOOR[short]):
        scene = _made(app, one)
        _judge(app, scene, meet_at_the_door(app, scene), outcome)
    sung = (_canary(app, one, slow) for slow in (0, 1))
    outcome.canary = next(sung) or next(sung)


def _made(app: Flask, one: Pair) -> Scene:
    with app.app_context(), unit_of_work():
        scene = one.make()
    scene.ready()
    return scene


def _judge(app: Flask, scene: Scene, answers: Answers, outcome: Outcome) -> None:
    with app.app_context():
        verdict = scene.judge(answers)
    outcome.tried += 1
    outcome.acknowledged += sum(answers.done)
    outcome.lost += verdict.lost
    outcome.doubled += verdict.doubled
    outcome.wrong += verdict.wrong
    outcome.wrong += [f"answered {answers.statuses}" for status in answers.statuses if status in (0, 500)]


def _canary(app: Flask, one: Pair, slow: int) -> int:
    scene = _made(app, one)
    with app.app_context(), ExitStack() as stack:
        for off in one.without:
            stack.enter_context(off())
        answers = meet(app, scene, slow, CANARY_PATIENCE, detached=True)
        return scene.judge(answers).bad
