"""Reading jobs and workers: a person sees the jobs they asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import OperationalError

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.jobs.models import DONE, FAILED, QUEUED, RUNNING, Job, JobStep, WorkerBeat
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import in_department
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
    """The job with this address, if the actor may see it (`visible_jobs`); else `NotFound`."""
    job = session.scalar(select(Job).where(Job.uid == uid, visible_jobs(actor)))
    if job is None:
        raise NotFound()
    return job


def visible_jobs(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the jobs an actor may see: those they asked for, not those of colleagues.

    Who looks after the system sees every job of the department, and those that nobody asked for.
    """
    mine = Job.requested_by_id == actor.user_id
    if not actor.may("operations.see"):
        return mine
    units = select(OrganisationUnit.id).where(in_department(actor.department_id))
    return or_(mine, Job.unit_id.in_(units), Job.unit_id.is_(None))


def list_open_jobs(actor: Actor, *, since: datetime, limit: int) -> Sequence[tuple[Job, str | None]]:
    """Jobs asked for since then that wait, run or failed, with the unit that asked; newest first."""
    rows = session.execute(
        select(Job, OrganisationUnit.name)
        .outerjoin(OrganisationUnit, OrganisationUnit.id == Job.unit_id)
        .where(visible_jobs(actor), Job.created_at >= since, Job.state != DONE)
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return [(job, name) for job, name in rows]


def count_jobs() -> dict[str, int]:
    """How many jobs there are in each state, of all units."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    counted = {state: number for state, number in rows}  # noqa: C416 - rows are not tuples to a type checker
    return {state: counted.get(state, 0) for state in (QUEUED, RUNNING, DONE, FAILED)}


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


def worker_state_if_any(now: datetime) -> WorkerState | None:
    """As `worker_state`; None when the database does not answer."""
    try:
        return worker_state(now)
    except OperationalError:
        return None


def unfinished(uids: Collection[str]) -> list[str]:
    """Those of the addresses whose job has not ended."""
    open_ones = select(Job.uid).where(Job.uid.in_(uids), Job.state.in_((QUEUED, RUNNING)))
    return list(session.scalars(open_ones)) if uids else []


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
