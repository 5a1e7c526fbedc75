"""Background work goes along: what had not ended is done in the new place, once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from survey_app.core import db as core_db
from survey_app.core.db import session, unit_of_work
from survey_app.jobs import service as jobs
from survey_app.jobs.models import Job
from survey_app.jobs.registry import HANDLERS, JobCall, job
from survey_app.jobs.runner import run_job
from tests.factories.jobs import run_queued_jobs
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import copy

Way = Callable[[Flask, str], tuple[int, str]]


@pytest.fixture
def acts() -> Iterator[list[str]]:
    """What the jobs of a test did, step by step; the second one dies after its first step, once."""
    before, done = dict(HANDLERS), []

    @job("test.two_steps")
    def two_steps(call: JobCall) -> None:
        for number in (1, 2):
            call.step(f"s{number}", lambda n=number: done.append(f"{call.params['name']}{n}"))
            if call.params["name"] == "b" and done.count("b1") == 1 and "killed" not in done:
                done.append("killed")
                raise KeyboardInterrupt

    yield done
    HANDLERS.clear()
    HANDLERS.update(before)


def queue(app: Flask) -> set[tuple[str, str]]:
    schema = "dbos." if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else ""
    with app.app_context(), unit_of_work():
        rows = session.execute(text(f"SELECT workflow_uuid, status FROM {schema}workflow_status"))
        return {(row[0], row[1]) for row in rows}


def restore(app: Flask, target: str) -> tuple[int, str]:
    """The same by way of a backup."""
    out, runner = Path(app.config["DATA_DIR"]) / "out", app.test_cli_runner()
    assert not runner.invoke(args=["backup", "create", "--unencrypted", "--to", str(out)]).exit_code
    (file,) = out.iterdir()
    there = ["--to-database", target, "--to-folder", str(out / "there")]
    done = runner.invoke(args=["backup", "restore", str(file), *there])
    return done.exit_code, done.output


@pytest.mark.parametrize("way", [copy, restore])
@pytest.mark.parametrize("end", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def test_waiting_and_begun_jobs_are_done_once_in_the_new_place(
    places: Places, open_app: OpenApp, acts: list[str], end: str, now: datetime, way: Way
) -> None:
    app, target = open_app(places.laid(SQLITE)), places.bare(end)
    with app.app_context(), unit_of_work():
        asked: list[Any] = [
            jobs.enqueue("test.two_steps", {"name": name}, label="x", actor=None, now=now) for name in "abc"
        ]
        uids = [one.uid for one in asked]
    run_job(app, uids[0])
    with pytest.raises(KeyboardInterrupt):
        run_job(app, uids[1])
    assert acts == ["a1", "a2", "b1", "killed"]
    code, said = way(app, target)
    assert code == 0, said
    moved = open_app(target)
    assert queue(moved) == {(uid, "ENQUEUED") for uid in uids[1:]}
    for uid in uids:  # the worker takes them from the queue; the ended one would be left alone as well
        run_job(moved, uid)
    assert run_queued_jobs(moved) == 0
    assert acts == ["a1", "a2", "b1", "killed", "b2", "c1", "c2"]
    with moved.app_context():
        states = core_db.session.scalars(select(Job.state).order_by(Job.id)).all()
    assert states == ["done"] * 3
