"""A worker that is killed with SIGKILL in the middle of a job: the job finishes, nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_app.core import db as core_db
from tests.factories.organisations import make_school
from tests.jobs.worker_for_test import PARTS

Spawn = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Start worker processes on the test's database; none outlives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*task: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.worker_for_test", str(tmp_path), *task],
            cwd=Path(__file__).parents[2],
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], Any], seconds: float = 25) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def ask(session: Any, sql: str) -> Any:
    core_db._writing.set(False)
    value = session.scalar(text(sql))
    session.rollback()
    return value


@pytest.fixture
def school(session: Any) -> int:
    unit_id = int(make_school().id)
    session.commit()
    return unit_id


def test_a_killed_job_finishes_after_restart_and_nothing_is_done_twice(
    session: Any, spawn: Spawn, school: int
) -> None:
    spawn("ask", str(school)).wait()
    first = spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT count(*) FROM unit_alias") >= 3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    done = ask(session, "SELECT count(*) FROM unit_alias")
    assert 3 <= done < PARTS
    assert ask(session, "SELECT state FROM job") == "running"
    spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT state FROM job") == "done")
    assert ask(session, "SELECT count(*) FROM unit_alias") == PARTS
    assert ask(session, "SELECT count(DISTINCT code) FROM unit_alias") == PARTS


def test_a_job_for_later_is_not_begun_before_its_time(session: Any, spawn: Spawn, school: int) -> None:
    spawn("later", str(school)).wait()
    spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT started_at FROM job"))
    early = "SELECT started_at < not_before FROM job"
    assert ask(session, early) == 0


def test_another_worker_takes_over_from_a_dead_one(session: Any, spawn: Spawn, school: int) -> None:
    spawn("ask", str(school)).wait()
    first = spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT count(*) FROM unit_alias") >= 2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    core_db._writing.set(True)
    session.execute(text("UPDATE worker_beat SET beat_at = '2020-01-01 00:00:00.000000'"))
    session.commit()
    spawn("work", "worker-2")
    wait_for(lambda: ask(session, "SELECT state FROM job") == "done")
    assert ask(session, "SELECT count(*) FROM unit_alias") == PARTS
    assert ask(session, "SELECT count(*) FROM worker_beat WHERE executor_id = 'worker-1'") == 0


def test_a_worker_ends_within_five_seconds_of_being_asked(session: Any, spawn: Spawn, school: int) -> None:
    spawn("ask", str(school)).wait()
    worker = spawn("work", "worker-1")
    wait_for(lambda: ask(session, "SELECT count(*) FROM unit_alias") >= 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0


def test_a_second_worker_of_the_same_name_waits(session: Any, spawn: Spawn) -> None:
    core_db._writing.set(True)
    session.execute(
        text("INSERT INTO worker_beat VALUES ('worker-1', :host, :pid, :at, :at)"),
        {"host": os.uname().nodename, "pid": os.getpid(), "at": "2999-01-01 00:00:00.000000"},
    )
    session.commit()
    second = spawn("work", "worker-1")
    time.sleep(3)
    assert second.poll() is None
    assert ask(session, "SELECT pid FROM worker_beat") == os.getpid()
