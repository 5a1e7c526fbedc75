"""Sealing the audit trail: everything gets into a block once, whatever the order it commits in."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DatabaseError

from survey_app.core import db as core_db
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, snapshot, unit_of_work
from survey_app.operations import queries, sealing
from survey_app.operations.heads import export_head, heads_file, load_heads
from survey_app.operations.models import AuditBlock, AuditSeal
from survey_app.operations.trail import last_block
from survey_app.rules.chain import FIELDS, Fault, Finding, Head
from tests.operations.trails import START, make_trail, record, seal


def check() -> sealing.Report:
    with snapshot(core_db.db.engine) as connection:
        return sealing.check_database(connection, [])


def sealed_ids() -> list[tuple[int, int]]:
    with unit_of_work():
        rows = session.execute(select(AuditSeal.block, AuditSeal.event_id).order_by(AuditSeal.event_id))
        return [(row[0], row[1]) for row in rows]


def test_everything_that_is_stored_of_an_event_is_sealed() -> None:
    assert set(FIELDS[1]) == set(AuditEvent.__table__.columns.keys())


def test_events_are_sealed_after_ten_seconds_and_once(site: Flask) -> None:
    with site.app_context():
        with unit_of_work():
            record(START, 3)
            record(START + timedelta(seconds=15))
        assert seal(START + timedelta(seconds=9)) == 0
        assert seal(START + timedelta(seconds=20)) == 3
        assert seal(START + timedelta(seconds=20)) == 0
        assert seal(START + timedelta(seconds=60)) == 1
        assert [block for block, _ in sealed_ids()] == [1, 1, 1, 2]
        report = check()
    assert (report.ok, report.blocks, report.events, report.unsealed) == (True, 2, 4, 0)


def test_a_long_queue_is_sealed_a_thousand_at_a_time(site: Flask) -> None:
    with site.app_context():
        with unit_of_work():
            record(START, 2100)
        later = START + timedelta(days=3)  # the worker was away
        assert [seal(later + timedelta(minutes=n)) for n in range(4)] == [1000, 1000, 100, 0]
        assert check().ok


def test_an_event_that_says_the_future_is_sealed_too(site: Flask) -> None:
    with site.app_context():
        with unit_of_work():
            record(START + timedelta(days=300))
        assert seal(START) == 1


def test_sealing_goes_on_after_a_clock_that_ran_ahead_was_set_back(site: Flask) -> None:
    with site.app_context():
        for at in (START + timedelta(days=4), START):
            with unit_of_work():
                record(at)
            assert seal(at + timedelta(minutes=1)) == 1
        assert check().ok


def test_an_empty_block_each_quiet_hour_tells_that_nothing_happened(site: Flask) -> None:
    with site.app_context():
        assert seal(START) == 0
        with unit_of_work():
            assert queries.last_seal() is None
            record(START)
        seal(START + timedelta(minutes=1))
        for minutes in (30, 60, 62, 65):
            seal(START + timedelta(minutes=minutes))
        with unit_of_work():
            last = queries.last_seal()
            assert last is not None and (last.number, last.count) == (2, 0)
        assert check().ok


def test_an_event_older_than_a_day_is_found_by_the_daily_look(site: Flask) -> None:
    with site.app_context():
        with unit_of_work():
            record(START)
        seal(START + timedelta(days=3))
        with unit_of_work():
            record(START - timedelta(days=30))
        assert seal(START + timedelta(days=3, minutes=1)) == 0
        assert check().findings == [Finding(Fault.ADDED, 2, 2)]
        assert seal(START + timedelta(days=3, minutes=2), everything=True) == 1
        assert check().findings == [Finding(Fault.ADDED, 2, 2)]


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_smaller_id_that_commits_after_a_larger_was_sealed_is_not_forgotten(site: Flask) -> None:
    slow = create_engine(site.config["SQLALCHEMY_DATABASE_URI"])
    insert = (
        "INSERT INTO audit_event (at, actor_name, role, action, subject_type, subject_id, address,"
        " request_id, outcome) VALUES (:at, '', '', 'late', 'x', 'x', '', '', 'done') RETURNING id"
    )
    with site.app_context(), slow.connect() as connection:
        at = START.replace(tzinfo=None)
        smaller = connection.execute(text(insert), {"at": at}).scalar_one()
        with unit_of_work():
            record(START)
        assert seal(START + timedelta(minutes=1)) == 1
        (_, larger), *_ = sealed_ids()
        connection.commit()
        with unit_of_work():  # what a rule by ranges of ids would take next: nothing, for ever
            beyond = select(func.count()).select_from(AuditEvent).where(AuditEvent.id > larger)
            assert smaller < larger and session.scalar(beyond) == 0
        assert seal(START + timedelta(minutes=2)) == 1
        assert sealed_ids() == [(2, smaller), (1, larger)]
        assert check().ok
    slow.dispose()


@pytest.mark.parametrize("table", ["audit_block", "audit_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"])
def test_blocks_and_seals_refuse_raw_sql(site: Flask, table: str, statement: str) -> None:
    make_trail(site, blocks=1)
    with site.app_context(), pytest.raises(DatabaseError), unit_of_work() as open_session:
        open_session.connection().exec_driver_sql(statement.format(table))


def test_two_sealers_at_once_cannot_seal_an_event_twice(site: Flask) -> None:
    make_trail(site, blocks=2, events=1)
    with site.app_context(), pytest.raises(DatabaseError), unit_of_work():
        session.add(AuditSeal(block=2, event_id=1, hash="x" * 64))
        session.flush()
    with site.app_context(), unit_of_work():
        values = vars(session.get_one(AuditBlock, 2)).copy()
    values.pop("_sa_instance_state")
    with site.app_context(), pytest.raises(DatabaseError), unit_of_work():
        session.add(AuditBlock(**values | {"hash": "y" * 64}))
        session.flush()


def test_a_head_is_told_once_a_day_and_only_ever_added(site: Flask, tmp_path: Path) -> None:
    times = make_trail(site)
    with site.app_context(), snapshot(core_db.db.engine) as connection:
        block = last_block(connection)
    assert block is not None
    assert export_head(tmp_path, block, now=times[-1])
    assert not export_head(tmp_path, block, now=times[-1] + timedelta(hours=3))
    assert export_head(tmp_path, block, now=times[-1] + timedelta(hours=12))  # the next day in Vietnam
    assert load_heads(heads_file(tmp_path)) == [Head(3, block.hash)] * 2
    assert load_heads(tmp_path / "none") == []
