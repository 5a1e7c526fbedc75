"""What the timetable of the whole program holds, and that each line does its work."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.jobs import turns
from survey_app.jobs.timetable import TIMETABLE
from survey_app.operations import queries
from survey_app.operations.heads import heads_file, load_heads
from tests.operations.trails import record, tamper

NIGHTLY = {"audit.head", "audit.check", "accounts.forget", "evidence.sweep", "exports.sweep"}


def do(app: Flask, name: str) -> None:
    with app.app_context():
        TIMETABLE[name].act()
        session.remove()


def test_seals_are_due_each_minute_and_the_rest_at_night(site: Flask) -> None:
    assert TIMETABLE["audit.seal"].minutes == 1
    assert set(TIMETABLE) >= NIGHTLY
    assert all(TIMETABLE[name].hour in range(5) for name in NIGHTLY)


def test_the_trail_is_sealed_told_and_checked(site: Flask) -> None:
    with site.app_context(), unit_of_work():
        record(clock.now() - timedelta(minutes=1), 1001)
    for name in ("audit.seal", "audit.head", "audit.check", "audit.head"):
        do(site, name)
    heads = load_heads(heads_file(Path(site.config["DATA_DIR"])))
    with site.app_context():
        last, checked = queries.last_seal(), queries.last_audit_check()
        assert last is not None and checked is not None
        assert [(head.number, head.hash) for head in heads] == [(2, last.hash)]
        assert (checked.ok, checked.blocks, checked.events, checked.findings) == (True, 2, 1001, [])


def test_a_queue_of_exactly_full_blocks_ends_with_one_that_says_so(site: Flask) -> None:
    with site.app_context(), unit_of_work():
        record(clock.now() - timedelta(days=2), 2000)
    do(site, "audit.seal")
    with site.app_context():
        last = queries.last_seal()
        assert last is not None and (last.number, last.count) == (3, 0)
        assert last.whole_until is not None


def test_the_daily_check_keeps_what_it_found(site: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with site.app_context(), unit_of_work():
        record(clock.now() - timedelta(minutes=1), 3)
    do(site, "audit.seal")
    tamper(site, "UPDATE audit_event SET actor_name = 'ai khác' WHERE id = 2")
    do(site, "audit.check")
    with site.app_context():
        checked = queries.last_audit_check()
        assert checked is not None and not checked.ok
        assert (checked.faults, checked.findings) == (1, [["changed", 1, 2]])
    assert "sự kiện 2: nội dung đã bị sửa" in caplog.text


@pytest.mark.parametrize("name", sorted(NIGHTLY - {"audit.head", "audit.check"}))
def test_the_sweeps_run_on_an_empty_installation(site: Flask, name: str) -> None:
    do(site, name)


def test_of_eight_workers_one_gets_the_turn(site: Flask) -> None:
    """On both databases the conditional UPDATE decides; `tests/jobs` shows the race with it off."""
    now, ready, won = clock.now(), threading.Barrier(8), []
    with site.app_context(), unit_of_work():
        turns.note([TIMETABLE["audit.seal"]], now=now)

    def run(number: int) -> None:
        with site.app_context():
            session.execute(text("SELECT 1"))
            ready.wait(20)
            with unit_of_work():
                if turns.claim("audit.seal", f"worker-{number}", now=now):
                    won.append(number)
            session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(won) == 1
