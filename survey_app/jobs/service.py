"""Changing jobs: ask for one inside the acting transaction; the worker marks how it goes."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.jobs import engine, queries
from survey_app.jobs.models import DONE, FAILED, QUEUED, RUNNING, Job, JobStep, WorkerBeat
from survey_app.jobs.registry import HANDLERS
from survey_app.rules.permissions import Role


def enqueue(
    kind: str,
    params: dict[str, Any],
    *,
    label: str,
    actor: Actor | None,
    now: datetime,
    wait: timedelta | None = None,
) -> Job:
    """Ask for a job: its row and its place in the queue commit with the acting transaction, or neither.

    `params` is plain JSON, `label` the Vietnamese words of the progress page; with `wait` the job is not
    begun earlier than that. Show the person `url_for("jobs.show", uid=job.uid)`. Raises LookupError for a
    kind that no `tasks.py` declares.
    """
    if kind not in HANDLERS:
        raise LookupError(f"no function does jobs of kind {kind!r}")
    job = Job(
        kind=kind,
        label=label,
        params=params,
        created_at=now,
        not_before=now + wait if wait else None,
        acting=asdict(actor) if actor else None,
        requested_by_id=actor.user_id if actor else None,
        unit_id=actor.unit_id if actor else None,
    )
    session.add(job)
    session.flush()
    engine.put_in_queue(session(), job.uid, wait=wait)
    audit.record(actor, "job.enqueue", job, new={"kind": kind}, now=now)
    return job


def actor_of(job: Job) -> Actor | None:
    """The person who asked for the job, as they were when they asked."""
    if job.acting is None:
        return None
    return Actor(**{**job.acting, "role": Role(job.acting["role"])})


def start(job: Job, *, now: datetime) -> bool:
    """Mark a job as running; False when it has ended already and must not run again."""
    if job.state not in (QUEUED, RUNNING):
        return False
    job.state, job.started_at = RUNNING, job.started_at or now
    session.flush()
    return True


def set_progress(job: Job, done: int, total: int) -> None:
    """Note how many of how many parts are done."""
    job.done, job.total = done, total
    session.flush()


def finish(job: Job, result: dict[str, Any] | None, *, now: datetime) -> None:
    """Mark a job as done, with its plain-JSON result; `url` in it is a local address to open next."""
    job.state, job.result, job.finished_at = DONE, result, now
    job.done = job.total
    session.flush()


def fail(job: Job, sentence: str, *, now: datetime) -> None:
    """Mark a job as failed, with a Vietnamese sentence for the person who asked."""
    if job.state in (DONE, FAILED):
        return
    job.state, job.error, job.finished_at = FAILED, sentence, now
    session.flush()


def mark_step(job: Job, key: str, result: Any, *, now: datetime) -> None:
    """Note, in the step's own transaction, that it has taken effect."""
    session.add(JobStep(job_id=job.id, key=key, result=result, at=now))
    session.flush()


def beat(executor_id: str, host: str, pid: int, *, now: datetime) -> None:
    """Note that this worker lives."""
    row = queries.find_beat(executor_id)
    if row is None:
        row = WorkerBeat(executor_id=executor_id, started_at=now)
        session.add(row)
    if row.pid != pid:
        row.started_at = now
    row.host, row.pid, row.beat_at = host, pid, now
    session.flush()


def forget_worker(executor_id: str) -> None:
    """Remove a worker that has ended, or whose work was given to another."""
    row = queries.find_beat(executor_id)
    if row is not None:
        session.delete(row)
        session.flush()


def requeue_unfinished(connection: Connection, *, now: datetime | None = None) -> int:
    """Queue, in a database that has just been filled, every job that had not ended; returns how many.

    The engine's own tables do not travel: the queue follows from our rows. A job that had begun goes on
    after the steps that took effect, because their marks are rows of ours too; one that had ended is not
    queued, one that may not begin yet waits.
    """
    unfinished = select(Job.uid, Job.not_before).where(Job.state.in_((QUEUED, RUNNING))).order_by(Job.id)
    found = connection.execute(unfinished).all()
    for uid, not_before in found:
        wait = max(not_before - now, timedelta(0)) if not_before and now else None
        engine.put_in_queue(connection, uid, wait=wait)
    return len(found)
