"""What a process counts of itself, in the form Prometheus reads.

Each web process counts for itself. With PROMETHEUS_MULTIPROC_DIR (an empty folder, the same for the processes
of one gunicorn) they count together; memory and processor time are always of the process that answers.
"""

import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from survey_app.core import clock
from survey_app.core.audit import AuditEvent
from survey_app.core.db import db

disable_created_metrics()  # type: ignore[no-untyped-call]
OURS = CollectorRegistry()
STARTED = clock.now()
KEPT_FAILURES = 20
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # asked all day by machines; "not ready" is an answer

_requests = Counter(
    "http_requests", "Requests answered, by class of status", ["rule", "method", "status"], registry=OURS
)
_seconds = Histogram(
    "http_request_seconds",
    "Seconds until the answer began",
    ["rule", "method"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10),
    registry=OURS,
)
_in_flight = Gauge(
    "http_requests_in_flight", "Requests being answered", multiprocess_mode="livesum", registry=OURS
)
_connections = Gauge(
    "database_connections_in_use",
    "Connections taken from the pool",
    multiprocess_mode="livesum",
    registry=OURS,
)
_sign_ins = Counter("sign_ins", "Attempts to sign in", ["outcome"], registry=OURS)


@dataclass(frozen=True)
class Failure:
    """One request that ended in a failure of ours."""

    at: datetime
    rule: str
    method: str
    status: int
    request_id: str


_failures: deque[Failure] = deque(maxlen=KEPT_FAILURES)


def began() -> None:
    """A request has come in."""
    _in_flight.inc()


def ended(rule: str, method: str, status: int, seconds: float, request_id: str) -> None:
    """A request has been answered."""
    _in_flight.dec()
    _requests.labels(rule, method, f"{status // 100}xx").inc()
    _seconds.labels(rule, method).observe(seconds)
    if status >= 500 and rule not in PROBES:
        _failures.append(Failure(clock.now(), rule, method, status, request_id))


def last_failures() -> list[Failure]:
    """The latest failures of this process, newest first."""
    return list(reversed(_failures))


def failures_since_start() -> int:
    """How many requests ended in a failure of ours since the counting began."""
    samples = (sample for metric in _counted().collect() for sample in metric.samples)
    answered = (s for s in samples if s.name == "http_requests_total" and s.labels["rule"] not in PROBES)
    return int(sum(sample.value for sample in answered if sample.labels["status"] == "5xx"))


class _Fixed(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def exposition(more: Iterable[Metric] = ()) -> bytes:
    """Everything counted, and `more`, in Prometheus' text format."""
    others = CollectorRegistry()
    ProcessCollector(registry=others)
    others.register(_Fixed(more))
    return generate_latest(_counted()) + generate_latest(others)


def _counted() -> CollectorRegistry:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return OURS
    for file in Path(folder).glob("gauge_live*_*.db"):  # a process that died takes its present state with it
        pid = file.stem.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists():
            with suppress(FileNotFoundError):
                mark_process_dead(int(pid), folder)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return registry


@event.listens_for(AuditEvent, "after_insert")
def _count_sign_in(_mapper: Mapper[Any], _connection: object, row: AuditEvent) -> None:
    if row.action == "account.sign_in":
        _sign_ins.labels("denied" if row.outcome == "denied" else "ok").inc()


def init_measures(app: Flask) -> None:
    """Count the connections that the app's engine hands out."""
    with app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", lambda *_: _connections.inc())
    event.listen(engine, "checkin", lambda *_: _connections.dec())
