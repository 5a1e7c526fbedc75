"""The short form of every scenario of `make faults`: nothing is lost, doubled or wrong; each canary sings."""

from collections.abc import Callable, Iterable

import pytest

from tests.faults import full, killing, power, races, restarting, updates, workers
from tests.faults.clocks import clock_on
from tests.faults.scenario import POSTGRES, SQLITE, CannotRun, Outcome

both = pytest.mark.parametrize("database", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.postgres)])


def check(run: Callable[[], Iterable[Outcome]]) -> None:
    """Every outcome of a scenario is good; it skips with a sentence where the machine lacks something."""
    try:
        outcomes = list(run())
    except CannotRun as reason:
        pytest.skip(str(reason))
    for outcome in outcomes:
        assert not outcome.problems(), outcome.line()


@both
def test_what_was_acknowledged_outlives_kill_9(database: str) -> None:
    check(lambda: [killing.kill_on(database, short=True)])


def test_what_was_acknowledged_outlives_a_power_cut() -> None:
    check(lambda: power.power_cut(True))


@both
def test_a_full_disk_under_the_database_refuses_in_plain_words_and_loses_nothing(database: str) -> None:
    check(lambda: [full.disk_full_on(database, short=True)])


def test_a_full_disk_under_the_files_refuses_in_plain_words_and_keeps_no_half_file() -> None:
    check(lambda: full.disk_full_files(True))


@pytest.mark.postgres
def test_the_program_outlives_restarts_of_its_database() -> None:
    check(lambda: restarting.database_restart(True))


@both
def test_a_batch_ends_by_itself_however_often_its_worker_dies(database: str) -> None:
    check(lambda: [workers.worker_kill_on(database, short=True)])


@both
def test_the_clock_of_the_server_decides_and_no_other(database: str) -> None:
    check(lambda: [clock_on(database, short=True)])


@both
def test_no_two_acts_decide_on_the_same_state(database: str) -> None:
    check(lambda: races.races_on(database, short=True))


@both
def test_no_update_is_lost_between_two_tabs(database: str) -> None:
    check(lambda: [updates.lost_updates_on(database, short=True)])
