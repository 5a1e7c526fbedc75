"""Jobs: asked for inside a transaction, done once, seen by who asked only."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.jobs import engine, queries, service
from survey_app.jobs.models import Job, JobStep
from survey_app.jobs.registry import HANDLERS, JobCall, job
from survey_app.jobs.runner import run_job
from survey_app.rules.errors import NotFound, RuleError
from survey_app.rules.permissions import Role
from tests.factories.jobs import list_queued_jobs, run_queued_jobs
from tests.factories.organisations import make_school


class Refused(RuleError):
    """A rule that says no to a job."""

    message = "Đợt này chưa đóng."


@pytest.fixture
def kinds() -> Any:
    """Job kinds declared by a test disappear with it."""
    before = dict(HANDLERS)
    yield HANDLERS
    HANDLERS.clear()
    HANDLERS.update(before)


@pytest.fixture
def actor(session: Any) -> Actor:
    """A principal at a school that exists."""
    unit = make_school(code="79000101", name="Trường THCS Lương Định Của")
    session.flush()
    return Actor(
        user_id=1,
        membership_id=1,
        role=Role.UNIT_HEAD,
        unit_id=unit.id,
        unit_kind="school",
        department_id=unit.id,
        unit_name=unit.name,
        name="Nguyễn Thị Đào",
        session_id=1,
    )


def ask(actor: Actor, now: Any, kind: str = "test.count") -> Job:
    return service.enqueue(kind, {"n": 3}, label="Đếm đến ba", actor=actor, now=now)


def queue_of_engine() -> list[tuple[str, str]]:
    schema = "" if core_db.session.get_bind().dialect.name == "sqlite" else "dbos."
    rows = core_db.session.execute(text(f"SELECT workflow_uuid, status FROM {schema}workflow_status"))
    return [(row[0], row[1]) for row in rows]


def test_a_job_and_its_place_in_the_queue_commit_together(
    session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    job("test.count")(lambda call: None)
    asked = ask(actor, now)
    session.commit()
    assert queue_of_engine() == [(asked.uid, "ENQUEUED")]


def test_a_rolled_back_request_leaves_neither_job_nor_queue_entry(
    session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    job("test.count")(lambda call: None)
    session.commit()
    ask(actor, now)
    session.rollback()
    assert queue_of_engine() == []
    assert list_queued_jobs() == []


def test_an_unknown_kind_is_refused_at_once(session: Any, actor: Actor, now: Any) -> None:
    with pytest.raises(LookupError):
        ask(actor, now, "test.unknown")


def test_a_job_gets_its_parameters_its_actor_and_reports_its_result(
    app: Flask, session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    seen: list[JobCall] = []

    @job("test.count")
    def count(call: JobCall) -> dict[str, Any]:
        seen.append(call)
        call.progress(3, 3)
        return {"url": "/exports/1"}

    asked = ask(actor, now)
    session.commit()
    assert run_queued_jobs(app) == 1
    session.expire_all()
    assert (seen[0].params, seen[0].actor) == ({"n": 3}, actor)
    assert (asked.state, asked.result, asked.done) == ("done", {"url": "/exports/1"}, 3)


def test_a_step_takes_effect_once_however_often_the_job_runs(
    app: Flask, session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    acts: list[str] = []

    @job("test.count")
    def count(call: JobCall) -> dict[str, Any]:
        answers = [call.step(f"part-{i}", lambda i=i: acts.append(f"part-{i}") or i) for i in range(3)]
        if len(acts) == 3 and not session.get(JobStep, (1, "crash")):
            call.step("crash", lambda: None)
            raise KeyboardInterrupt  # the process dies here: no mark of the job's end
        return {"answers": answers}

    asked = ask(actor, now)
    uid = asked.uid
    session.commit()
    with pytest.raises(KeyboardInterrupt):
        run_job(app, uid)
    run_job(app, uid)
    run_job(app, uid)
    assert acts == ["part-0", "part-1", "part-2"]
    assert asked.result == {"answers": [0, 1, 2]}


def test_a_step_that_raises_leaves_no_trace(
    app: Flask, session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    @job("test.count")
    def count(call: JobCall) -> None:
        def write_then_fail() -> None:
            make_school(code="79000999", name="Trường chưa có")
            session.flush()
            raise Refused()

        call.step("write", write_then_fail)

    asked = ask(actor, now)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert (asked.state, asked.error) == ("failed", "Đợt này chưa đóng.")
    assert session.scalar(text("SELECT count(*) FROM organisation_unit WHERE code = '79000999'")) == 0


def test_a_crashing_job_says_so_in_vietnamese_without_a_trace(
    app: Flask, session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    @job("test.count")
    def count(call: JobCall) -> None:
        raise ZeroDivisionError("division by zero")

    asked = ask(actor, now)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert asked.state == "failed"
    assert "trục trặc" in asked.error and "division" not in asked.error


def test_a_job_of_another_unit_is_not_found(session: Any, actor: Actor, kinds: Any, now: Any) -> None:
    job("test.count")(lambda call: None)
    asked = ask(actor, now)
    other = replace(actor, user_id=2, unit_id=actor.unit_id + 1)
    assert queries.get_visible_job(actor, asked.uid) is asked
    with pytest.raises(NotFound):
        queries.get_visible_job(other, asked.uid)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT_ADMIN])
def test_a_job_of_a_colleague_is_not_found(
    session: Any, actor: Actor, kinds: Any, now: Any, role: Role
) -> None:
    job("test.count")(lambda call: None)
    asked = ask(actor, now)
    colleague = replace(actor, user_id=2, role=role)
    with pytest.raises(NotFound):
        queries.get_visible_job(colleague, asked.uid)


def test_readiness_names_the_worker_and_the_oldest_job(
    session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    job("test.count")(lambda call: None)
    assert queries.worker_state(now) == queries.WorkerState(False, None, 0, None)
    service.beat("worker-1", "host", 1, now=now)
    ask(actor, now)
    assert queries.worker_state(now + timedelta(seconds=9)) == queries.WorkerState(True, 9, 1, 9)
    assert not queries.worker_state(now + timedelta(minutes=2)).alive


def test_a_job_for_later_waits_in_the_engine_and_is_not_late_before_its_time(
    session: Any, actor: Actor, kinds: Any, now: Any
) -> None:
    job("test.count")(lambda call: None)
    wait = timedelta(minutes=5)
    later = service.enqueue("test.count", {}, label="Để sau", actor=actor, now=now, wait=wait)
    session.flush()
    assert queue_of_engine() == [(later.uid, "DELAYED")] and later.not_before == now + wait
    assert queries.worker_state(now + timedelta(minutes=4)).oldest_job_age is None
    assert queries.worker_state(now + timedelta(minutes=6)).oldest_job_age == 60


def test_readyz_answers_503_until_a_worker_lives(client: Any) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "database": "ok",
        "worker": "silent",
        "heartbeat_age": None,
        "queued": 0,
        "oldest_job_age": None,
        "disk": "ok",
    }


def test_a_job_page_asks_for_signing_in(client: Any) -> None:
    assert client.get("/jobs/" + "0" * 32, headers={"Accept": "text/html"}).status_code in (302, 401)


@pytest.mark.sqlite  # PostgreSQL keeps them in a schema of their own
def test_the_tables_of_the_engine_are_named_one_by_one(session: Any) -> None:
    ours = set(core_db.Base.metadata.tables) | {"alembic_version"}
    assert set(inspect(session.get_bind()).get_table_names()) - ours == engine.TABLES
