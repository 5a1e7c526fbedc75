"""The timetable: due in time, one worker at a time, and another goes on where one has died."""

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from survey_app.core import clock
from survey_app.core import db as core_db
from survey_app.core.db import session, unit_of_work
from survey_app.jobs import turns
from survey_app.jobs.models import RegularTurn
from survey_app.jobs.scheduler import Scheduler
from survey_app.jobs.timetable import TIMETABLE, Regular, every
from tests.jobs.test_worker import Spawn, ask, spawn, wait_for

__all__ = ["spawn"]
NOON = datetime(2027, 5, 12, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam


@pytest.fixture(autouse=True)
def timetable() -> Iterator[dict[str, Regular]]:
    """An empty timetable for each test."""
    before = dict(TIMETABLE)
    TIMETABLE.clear()
    yield TIMETABLE
    TIMETABLE.clear()
    TIMETABLE.update(before)


def turn_of(name: str) -> dict[str, Any]:
    with unit_of_work():
        row = session.scalars(select(RegularTurn).where(RegularTurn.name == name)).one()
        return {column.key: getattr(row, column.key) for column in RegularTurn.__table__.columns}


def note(now: datetime = NOON) -> None:
    with unit_of_work():
        turns.note(list(TIMETABLE.values()), now=now)


def claim(name: str, holder: str, now: datetime = NOON) -> bool:
    with unit_of_work():
        return turns.claim(name, holder, now=now)


def test_minutes_count_from_the_end_and_hours_are_vietnamese() -> None:
    minutes, daily = Regular("a", print, 5, None), Regular("b", print, None, 2)
    assert minutes.first_after(NOON) == NOON
    assert minutes.next_after(NOON) == NOON + timedelta(minutes=5)
    two = datetime(2027, 5, 12, 19, 0, tzinfo=UTC)
    assert daily.first_after(NOON) == daily.next_after(NOON) == two
    assert daily.next_after(two) == two + timedelta(days=1)
    assert daily.next_after(two - timedelta(seconds=1)) == two


def test_a_line_says_minutes_or_an_hour_and_has_one_function() -> None:
    for wrong in ({}, {"minutes": 1, "hour": 1}):
        with pytest.raises(ValueError):
            every("x", **wrong)
    every("x", minutes=1)(note)
    every("x", minutes=2)(note)
    with pytest.raises(ValueError):
        every("x", minutes=1)(claim)


def test_what_is_due_is_done_and_due_again_later(app: Flask) -> None:
    done: list[str] = []
    every("test.often", minutes=1)(lambda: done.append("often"))
    every("test.daily", hour=2)(lambda: done.append("daily"))
    worker = Scheduler(app, "worker-1")
    assert worker.turn() == ["test.often"]
    worker.wait(10)
    assert worker.turn() == []
    with app.app_context():
        row = turn_of("test.often")
        assert (row["holder"], row["lease_until"], row["tries"], row["error"]) == (None, None, 0, "")
        assert row["due_at"] > clock.now() + timedelta(seconds=50)
    assert done == ["often"]


def test_one_that_fails_is_noted_and_tried_again_at_its_next_time(app: Flask) -> None:
    @every("test.failing", minutes=1)
    def fail() -> None:
        raise ZeroDivisionError("x / 0")

    worker = Scheduler(app, "worker-1")
    worker.turn()
    worker.wait(10)
    with app.app_context():
        row = turn_of("test.failing")
    assert row["error"] == "ZeroDivisionError: x / 0" and row["due_at"] > clock.now()


def test_a_long_one_does_not_hold_up_the_beat_and_is_not_begun_twice(app: Flask) -> None:
    go_on, begun = threading.Event(), []

    @every("test.long", minutes=1)
    def take_long() -> None:
        begun.append(1)
        assert go_on.wait(10)

    worker, other = Scheduler(app, "worker-1"), Scheduler(app, "worker-2")
    assert worker.turn() == ["test.long"]
    with app.app_context():
        with unit_of_work():
            session.execute(text("UPDATE regular_turn SET lease_until = '2020-01-01 00:00:00.000000'"))
        assert worker.turn() == []  # moves its lease on
        assert turn_of("test.long")["lease_until"] > clock.now() + timedelta(seconds=50)
    assert other.turn() == []
    go_on.set()
    worker.wait(10)
    assert begun == [1]


def test_a_dead_workers_turn_is_taken_when_its_lease_has_run_out(app: Flask) -> None:
    every("test.x", minutes=1)(note)
    with app.app_context():
        note()
        assert claim("test.x", "worker-1")
        assert not claim("test.x", "worker-2", NOON + timedelta(seconds=59))
        assert claim("test.x", "worker-2", NOON + timedelta(seconds=61))
        with unit_of_work():
            turns.end("test.x", "worker-1", now=NOON + timedelta(seconds=62))  # not dead after all: too late
        assert turn_of("test.x")["holder"] == "worker-2"


def test_a_restarted_worker_takes_back_its_own_turn_at_once(app: Flask) -> None:
    every("test.x", minutes=1)(note)
    with app.app_context():
        note()
        assert claim("test.x", "worker-1")
        Scheduler(app, "worker-2").start()
        assert not claim("test.x", "worker-1")
        Scheduler(app, "worker-1").start()
        assert claim("test.x", "worker-1")


def test_what_kills_five_workers_is_put_off(app: Flask) -> None:
    every("test.x", minutes=1)(note)
    with app.app_context():
        note()
        for number in range(5):
            assert claim("test.x", f"worker-{number}", NOON + timedelta(minutes=2 * number))
        at = NOON + timedelta(minutes=12)
        assert not claim("test.x", "worker-6", at)
        row = turn_of("test.x")
        assert (row["due_at"], row["tries"], row["error"]) == (at + timedelta(minutes=1), 0, "given up")


def race(app: Flask, take: Callable[[str], bool]) -> int:
    """How many of eight workers that ask at the same moment get the turn."""
    ready, won = threading.Barrier(8), []

    def run(number: int) -> None:
        with app.app_context():
            if take_when_ready(f"worker-{number}"):
                won.append(number)
            session.remove()

    def take_when_ready(holder: str) -> bool:
        ready.wait(10)
        return take(holder)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(won)


def test_of_eight_workers_one_gets_the_turn(app: Flask) -> None:
    every("test.x", minutes=1)(note)
    gate = threading.Barrier(8)

    def look_then_take(holder: str) -> bool:
        """The guard off: reading that it is free, then writing one's name."""
        free = list(turns.list_due(NOON))
        gate.wait(10)
        with unit_of_work():
            session.execute(text("UPDATE regular_turn SET holder = :h"), {"h": holder})
        return bool(free)

    with app.app_context():
        note()
    assert race(app, look_then_take) == 8
    assert race(app, lambda holder: claim("test.x", holder)) == 1


def test_a_killed_workers_regular_work_is_done_by_another(session: Any, spawn: Spawn) -> None:
    first = spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT count(*) FROM regular_turn WHERE holder = 'worker-1'") == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    spawn("work", "worker-2")
    wait_for(lambda: ask(session, "SELECT count(*) FROM worker_beat WHERE executor_id = 'worker-2'") == 1)
    assert ask(session, "SELECT holder FROM regular_turn WHERE name = 'test.regular'") == "worker-1"
    core_db._writing.set(True)
    session.execute(text("UPDATE regular_turn SET lease_until = '2020-01-01 00:00:00.000000'"))
    session.commit()
    done = "SELECT finished_at FROM regular_turn WHERE name = 'test.regular' AND tries = 0"
    wait_for(lambda: ask(session, done))
