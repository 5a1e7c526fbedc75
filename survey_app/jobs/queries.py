"""Reading jobs and workers: a person sees the jobs of their own unit, or those they asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.jobs.models import QUEUED, Job, JobStep, WorkerBeat
from survey_app.rules.errors import NotFound

STALE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class WorkerState:
    """How the background work is doing: ages in whole seconds, None when there is nothing to be old."""

    alive: bool
    heartbeat_age: int | None
    queued: int
    oldest_job_age: int | None


def get_visible_job(actor: Actor, uid: str) -> Job:
    """The job with this address, if it is of the actor's unit or asked for by them; else `NotFound`."""
    mine = or_(Job.unit_id == actor.unit_id, Job.requested_by_id == actor.user_id)
    job = session.scalar(select(Job).where(Job.uid == uid, mine))
    if job is None:
        raise NotFound()
    return job


def get_job(uid: str) -> Job:
    """The job with this address, for the worker; raises `NotFound`."""
    job = session.scalar(select(Job).where(Job.uid == uid))
    if job is None:
        raise NotFound()
    return job


def find_step(job_id: int, key: str) -> JobStep | None:
    """The mark that this step has taken effect, or None."""
    return session.get(JobStep, (job_id, key))


def find_beat(executor_id: str) -> WorkerBeat | None:
    """The last sign of life of this worker, or None."""
    return session.get(WorkerBeat, executor_id)


def list_silent_workers(now: datetime, *, but: str) -> list[str]:
    """Names of the other workers that have not been heard of for a minute."""
    return list(
        session.scalars(
            select(WorkerBeat.executor_id).where(
                WorkerBeat.beat_at < now - STALE_AFTER, WorkerBeat.executor_id != but
            )
        )
    )


def list_queued_jobs() -> list[str]:
    """Addresses of the jobs that wait, oldest first."""
    return list(session.scalars(select(Job.uid).where(Job.state == QUEUED).order_by(Job.id)))


def worker_state(now: datetime) -> WorkerState:
    """The youngest heartbeat and the oldest waiting job; one that is to begin later does not wait yet."""
    beat = session.scalar(select(func.max(WorkerBeat.beat_at)))
    ripe = func.coalesce(Job.not_before, Job.created_at)
    queued, oldest = session.execute(
        select(func.count(Job.id), func.min(ripe)).where(Job.state == QUEUED, ripe <= now)
    ).one()
    return WorkerState(
        alive=beat is not None and now - beat < STALE_AFTER,
        heartbeat_age=None if beat is None else max(0, int((now - beat).total_seconds())),
        queued=queued,
        oldest_job_age=None if oldest is None else max(0, int((now - oldest).total_seconds())),
    )
