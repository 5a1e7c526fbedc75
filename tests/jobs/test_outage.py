"""The database or the disk is away while a job runs: it waits or says so, and is not given up for it."""

import errno
import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from survey_app.core.db import unit_of_work
from survey_app.jobs import engine, queries, runner
from survey_app.jobs.registry import JobCall, job
from tests.factories.jobs import run_queued_jobs
from tests.jobs.test_jobs import actor, ask, kinds

__all__ = ["actor", "kinds"]  # fixtures


def away() -> OperationalError:
    origin = sqlite3.OperationalError("database is locked")
    origin.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("SELECT 1", {}, origin)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses a job makes, without making them."""
    made: list[float] = []
    monkeypatch.setattr(runner.time, "sleep", made.append)
    return made


def test_a_job_waits_for_the_database_and_does_nothing_twice(
    app: Flask, session: Any, actor: Any, kinds: Any, now: Any, pauses: list[float]
) -> None:
    acts: list[str] = []

    @job("test.count")
    def count(call: JobCall) -> dict[str, Any]:
        call.step("first", lambda: acts.append("first"))
        if len(pauses) < 3:
            raise away()
        call.step("second", lambda: acts.append("second"))
        return {"ok": True}

    asked = ask(actor, now)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert (asked.state, acts, pauses) == ("done", ["first", "second"], [1, 2, 4])


def test_a_job_does_not_wait_for_ever(
    app: Flask, session: Any, actor: Any, kinds: Any, now: Any, pauses: list[float]
) -> None:
    @job("test.count")
    def count(call: JobCall) -> None:
        raise away()

    asked = ask(actor, now)
    session.commit()
    with pytest.raises(OperationalError):
        run_queued_jobs(app)
    session.expire_all()
    assert (asked.state, sum(pauses)) == ("running", 600)
    assert queries.unfinished([asked.uid, "unknown"]) == [asked.uid]


def test_a_full_disk_is_said_at_once(
    app: Flask, session: Any, actor: Any, kinds: Any, now: Any, pauses: list[float]
) -> None:
    @job("test.count")
    def count(call: JobCall) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    asked = ask(actor, now)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert (asked.state, pauses) == ("failed", [])
    assert "hết chỗ lưu" in asked.error and "device" not in asked.error


def test_a_job_that_gets_on_is_forgiven_the_deaths_of_its_worker(
    app: Flask, session: Any, actor: Any, kinds: Any, now: Any
) -> None:
    deaths: list[int] = []
    known = ("dbos." if session.get_bind().dialect.name == "postgresql" else "") + "workflow_status"

    def died(uid: str) -> int:
        with unit_of_work() as opened:
            sql = f"SELECT recovery_attempts FROM {known} WHERE workflow_uuid = :uid"
            return int(opened.execute(text(sql), {"uid": uid}).scalar_one())

    @job("test.count")
    def count(call: JobCall) -> None:
        for act in (lambda: call.step("part", lambda: None), lambda: call.progress(1, 2)):
            with unit_of_work() as opened:
                opened.execute(text(f"UPDATE {known} SET recovery_attempts = 5"))
            act()
            deaths.append(died(call.uid))

    uid, other = ask(actor, now).uid, ask(actor, now).uid
    session.commit()
    runner.run_job(app, uid)
    assert deaths == [1, 1] and died(other) == 5
    assert engine.ATTEMPTS == 5
