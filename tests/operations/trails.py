"""Audit trails for tests: events, blocks over them, and somebody who may rewrite the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, text

from survey_app.core import audit
from survey_app.core import db as core_db
from survey_app.core.db import session, snapshot, unit_of_work
from survey_app.operations import sealing
from survey_app.operations.models import AuditBlock, AuditSeal
from survey_app.operations.trail import stream_blocks
from survey_app.rules.chain import Block, line_hash, seal_block

START = datetime(2027, 5, 12, 7, 0, tzinfo=UTC)
SEALED = ("audit_event", "audit_block", "audit_seal")


def record(at: datetime, count: int = 1, action: str = "assessment.submit") -> None:
    """Append events to the open transaction."""
    for number in range(count):
        audit.record(None, action, ("Assessment", f"uid-{number}"), now=at, new={"n": number, "ô": "Ô Môn"})
    session.flush()


def seal(now: datetime, **values: Any) -> int:
    """Seal what there is in one transaction; returns how many events."""
    with unit_of_work():
        step = sealing.seal_next(now=now, **values)
    return step.block.count if step else 0


def make_trail(app: Flask, blocks: int = 3, events: int = 3) -> list[datetime]:
    """Blocks of events, one block a minute; returns the times of the seals."""
    times = []
    with app.app_context():
        for number in range(blocks):
            at = START + timedelta(minutes=number)
            with unit_of_work():
                record(at, events)
            times.append(at + timedelta(seconds=20))
            assert seal(times[-1]) == events
    return times


def tamper(app: Flask, *statements: str) -> None:
    """Somebody with every right on the database, past the app: triggers and keys dropped, then these."""
    database = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])  # SQLite checks no keys unless asked to
    with database.begin() as connection:
        for statement in [*_unlock(database.dialect.name), *statements]:
            connection.execute(text(statement))
    database.dispose()


def _unlock(dialect: str) -> list[str]:
    if dialect == "sqlite":
        acts = ("update", "delete")
        return [f"DROP TRIGGER IF EXISTS {table}_no_{act}" for table in SEALED for act in acts]
    keys = ("fk_audit_seal_event_id_audit_event", "fk_audit_seal_block_audit_block")
    return [
        *(f"DROP TRIGGER IF EXISTS {t}_no_{what} ON {t}" for t in SEALED for what in ("row", "change")),
        *(f"ALTER TABLE audit_seal DROP CONSTRAINT IF EXISTS {key}" for key in keys),
    ]


def rewrite_chain(app: Flask) -> None:
    """Seal everything anew, with the times the blocks had: the whole chain as if it had always been so."""
    with app.app_context(), snapshot(core_db.db.engine) as connection:
        old = [(block, list(events)) for block, events in stream_blocks(connection)]
    tamper(app, "DELETE FROM audit_seal", "DELETE FROM audit_block")
    with app.app_context(), unit_of_work():
        before: Block | None = None
        for block, events in old:
            hashes = [line_hash(event.line or "") for event in events]
            before = seal_block(before, hashes, block.sealed_at, whole_until=block.whole_until)
            session.add(AuditBlock(**vars(before)))
            session.flush()
            rows = zip(events, hashes, strict=True)
            session.add_all(
                AuditSeal(block=before.number, event_id=event.event_id, hash=one) for event, one in rows
            )
            session.flush()
