"""How the system is doing: jobs, worker, storage, refused sign-ins; for a page and for Prometheus."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.core.files import ROOM, free_bytes
from survey_app.evidence.models import EvidenceFile
from survey_app.jobs import queries as jobs
from survey_app.jobs.models import FAILED, QUEUED, RUNNING, Job
from survey_app.jobs.queries import WorkerState
from survey_app.operations import queries

RECENT, SHOWN = timedelta(days=7), 50
LATELY = timedelta(hours=24)
SLOW_SECONDS = 600  # no job of ours waits so long while a worker lives
KEPT_SECONDS = 600.0
_evidence: dict[str, tuple[float, int]] = {}


@dataclass(frozen=True)
class Storage:
    """Bytes: of the database, of all evidence, free on the disk of the data folder."""

    database: int
    evidence: int
    free: int

    @property
    def low(self) -> bool:
        """True when the next uploads may find no room."""
        return self.free < ROOM


@dataclass(frozen=True)
class Ground:
    """What else an administrator asks first; None: never happened."""

    last_backup: datetime | None = None
    last_audit_check: datetime | None = None
    audit_faults: int = 0


@dataclass(frozen=True)
class Health:
    """All of it at one moment."""

    worker: WorkerState
    open_jobs: Sequence[tuple[Job, str | None]]
    storage: Storage
    denied: int
    ground: Ground

    def count(self, state: str) -> int:
        """How many of the open jobs are in this state."""
        return sum(job.state == state for job, _unit in self.open_jobs)

    @property
    def slow(self) -> bool:
        """True when jobs wait too long although a worker lives."""
        return self.worker.alive and (self.worker.oldest_job_age or 0) > SLOW_SECONDS


def ground() -> Ground:
    """When the last backup was made and the audit trail was last checked."""
    backup, check = queries.last_backup(), queries.last_audit_check()
    return Ground(
        backup.finished_at if backup else None,
        check.finished_at if check else None,
        check.faults if check else 0,
    )


def health(actor: Actor, data: Path, now: datetime) -> Health:
    """What the administrator's page shows; jobs of their department, the rest of the whole system."""
    return Health(
        worker=jobs.worker_state(now),
        open_jobs=jobs.list_open_jobs(actor, since=now - RECENT, limit=SHOWN),
        storage=_storage(data),
        denied=_denied_sign_ins(now - LATELY),
        ground=ground(),
    )


def _denied_sign_ins(since: datetime) -> int:
    where = AuditEvent.at >= since, AuditEvent.action == "account.sign_in", AuditEvent.outcome == "denied"
    return session.scalar(select(func.count()).select_from(AuditEvent).where(*where)) or 0


def _storage(data: Path) -> Storage:
    return Storage(_database_bytes(), _evidence_bytes(), free_bytes(data))


def _database_bytes() -> int:
    engine = session.get_bind()
    statement = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    if engine.dialect.name == "postgresql":
        statement = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(statement)).scalar_one())


def _evidence_bytes() -> int:
    """Summed at most every ten minutes: at the size of a country it reads millions of rows."""
    database = str(session.get_bind().engine.url)
    at, size = _evidence.get(database, (-KEPT_SECONDS, 0))
    if time.monotonic() - at < KEPT_SECONDS:
        return size
    size = int(session.scalar(select(func.sum(EvidenceFile.stored_bytes))) or 0)
    _evidence[database] = (time.monotonic(), size)
    return size


def as_metrics(data: Path, now: datetime) -> Iterator[Metric]:
    """The same for Prometheus; without an answering database only that it does not answer."""
    yield from _gauges(("disk_free_bytes", "Free on the disk of the data folder", free_bytes(data)))
    try:
        worker, states, storage = jobs.worker_state(now), jobs.count_jobs(), _storage(data)
    except OperationalError:
        yield from _gauges(("database_up", "1 when the database answers", 0))
        return
    family = GaugeMetricFamily("jobs", "Background jobs by state", labels=["state"])
    for state in (QUEUED, RUNNING, FAILED, "done"):
        family.add_metric([state], states[state])
    yield family
    yield from _gauges(
        ("database_up", "1 when the database answers", 1),
        ("database_bytes", "Size of the database", storage.database),
        ("evidence_bytes", "Size of all evidence, at most ten minutes old", storage.evidence),
        ("job_oldest_waiting_seconds", "Age of the oldest waiting job", worker.oldest_job_age or 0),
        ("worker_up", "1 when a worker lives", int(worker.alive)),
        ("worker_heartbeat_age_seconds", "Since the last sign of life; absent: never", worker.heartbeat_age),
    )


def _gauges(*facts: tuple[str, str, float | None]) -> Iterable[Metric]:
    return [GaugeMetricFamily(name, words, value) for name, words, value in facts if value is not None]
