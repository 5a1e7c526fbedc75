"""Sealing: the job takes what is not sealed yet into the next block of the chain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, insert, or_, select

from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.operations.models import AuditBlock, AuditCheck, AuditSeal
from survey_app.operations.trail import (
    PER_FETCH,
    Trail,
    event_columns,
    last_block,
    read_event,
    stream_blocks,
)
from survey_app.rules.chain import (
    Block,
    Fault,
    Finding,
    Head,
    Sealed,
    check_chain,
    event_line,
    is_late,
    line_hash,
    seal_block,
)

PER_BLOCK = 1000
SETTLED = timedelta(seconds=10)
# An empty block an hour: a row added later with an old time is then told apart to within two hours.
TICK = timedelta(hours=1)
# Each minute only younger events are looked through; once a day all of them.
WINDOW = timedelta(days=1)
FIRST_FINDINGS = 100


@dataclass(frozen=True)
class Step:
    """One block that was sealed; when it was full, where to go on looking."""

    block: Block
    go_on_at: datetime | None


def seal_next(*, now: datetime, everything: bool = False, since: datetime | None = None) -> Step | None:
    """Seal the next events, at most 1,000, into one block in the acting transaction; None: nothing to seal.

    What belongs in is told by membership, not by a range of ids: an event that commits after younger ones
    were sealed goes into the next block. `everything` also looks for events that say they are a day older
    than what has been sealed whole; `since` goes on where a full step ended, which keeps a long queue linear,
    and its last block, empty if need be, says that nothing is left.
    """
    connection = session.connection()
    before = last_block(connection)
    whole, going_on = before.whole_until if before else None, since is not None
    if since is None and whole and not everything:
        since = min(whole, now) - WINDOW  # the clock may have run ahead and been set back
    events = [read_event(row) for row in connection.execute(_unsealed(since, now)).mappings()]
    if not events and not going_on and (before is None or now - before.sealed_at < TICK):
        return None
    full, reached = len(events) == PER_BLOCK, events[-1]["at"] if events else None
    whole = whole if full else now - SETTLED
    events.sort(key=lambda event: event["id"])
    hashes = [line_hash(event_line(event)) for event in events]
    block = seal_block(before, hashes, now, whole_until=whole)
    _keep(block, [event["id"] for event in events], hashes)
    return Step(block, reached if full and isinstance(reached, datetime) else None)


def _keep(block: Block, ids: list[int], hashes: list[str]) -> None:
    session.add(AuditBlock(**vars(block)))
    session.flush()
    rows = [
        {"block": block.number, "event_id": event_id, "hash": one}
        for event_id, one in zip(ids, hashes, strict=True)
    ]
    if rows:
        session.execute(insert(AuditSeal), rows)


def _unsealed(since: datetime | None, now: datetime) -> Select[Any]:
    """Raw events in no block, the oldest first, but not those of the last ten seconds.

    One that says a later time than now was written before the clock was set back.
    """
    settled = or_(AuditEvent.at <= now - SETTLED, AuditEvent.at > now + SETTLED)
    wanted = select(*event_columns()).where(settled, _is_unsealed())
    if since is not None:
        wanted = wanted.where(AuditEvent.at >= since)
    return wanted.order_by(AuditEvent.at, AuditEvent.id).limit(PER_BLOCK)


def _is_unsealed() -> ColumnElement[bool]:
    return ~exists(select(AuditSeal.event_id).where(AuditSeal.event_id == AuditEvent.id))


@dataclass
class Report:
    """What a check of a trail has found; `findings` are the first hundred of `faults`."""

    blocks: int = 0
    events: int = 0
    unsealed: int = 0
    faults: int = 0
    head: Head | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.faults == 0

    def add(self, finding: Finding) -> None:
        """Count a fault and keep it when it is among the first."""
        self.faults += 1
        if len(self.findings) < FIRST_FINDINGS:
            self.findings.append(finding)


def check_trail(trail: Trail, heads: list[Head], report: Report | None = None) -> Report:
    """Recompute a whole trail, one event in memory at a time; `heads` are those that were exported."""
    report = report or Report()
    for finding in check_chain(_count(trail, report), heads):
        report.add(finding)
    return report


def _count(trail: Trail, report: Report) -> Trail:
    def counted(events: Iterable[Sealed]) -> Iterator[Sealed]:
        for event in events:
            report.events += 1
            yield event

    for block, events in trail:
        report.blocks, report.head = report.blocks + 1, Head(block.number, block.hash)
        yield block, counted(events)


def check_database(connection: Connection, heads: list[Head]) -> Report:
    """Recompute the trail of a database, and look for events that should have been sealed long ago."""
    report = check_trail(stream_blocks(connection), heads)
    last = last_block(connection)
    waiting = select(*event_columns()).where(_is_unsealed()).execution_options(yield_per=PER_FETCH)
    for row in connection.execute(waiting.order_by(AuditEvent.id)).mappings():
        report.unsealed += 1
        at = read_event(row)["at"]
        if last and isinstance(at, datetime) and is_late(at, last.whole_until, last.sealed_at):
            report.add(Finding(Fault.ADDED, last.number + 1, row["id"]))
    return report


def keep_check(report: Report, *, started: datetime, now: datetime) -> AuditCheck:
    """Note the daily job's check, for the administrator's page."""
    row = AuditCheck(
        started_at=started,
        finished_at=now,
        ok=report.ok,
        blocks=report.blocks,
        events=report.events,
        faults=report.faults,
        findings=[[str(one.fault), one.block, one.event] for one in report.findings],
    )
    session.add(row)
    session.flush()
    return row
