"""Regular work of the room: seals, heads, the daily check, what is long over."""

import logging
from pathlib import Path

from flask import current_app

from survey_app.accounts.forgetting import forget_long_over
from survey_app.core import clock
from survey_app.core.db import db, snapshot, unit_of_work
from survey_app.jobs.timetable import every
from survey_app.operations import backing, sealing
from survey_app.operations.fault_words import say
from survey_app.operations.heads import export_head, heads_file, load_heads
from survey_app.operations.models import JOB
from survey_app.operations.trail import last_block

_log = logging.getLogger(__name__)


@every("audit.seal", minutes=1)
def seal() -> None:
    """Seal what is older than ten seconds, a block in each transaction."""
    _seal_all(everything=False)


def _seal_all(*, everything: bool) -> None:
    more, since = True, None
    while more:
        with unit_of_work():
            step = sealing.seal_next(now=clock.now(), everything=everything, since=since)
        since = step.go_on_at if step else None
        more = since is not None


@every("audit.head", hour=0)
def tell_head() -> None:
    """Add the day's head to the file in the data folder."""
    with snapshot(db.engine) as connection:
        block = last_block(connection)
    if block:
        export_head(Path(current_app.config["DATA_DIR"]), block, now=clock.now())


@every("audit.check", hour=4)
def check() -> None:
    """Recompute the whole trail and keep the finding for the administrator."""
    _seal_all(everything=True)
    started = clock.now()
    heads = load_heads(heads_file(Path(current_app.config["DATA_DIR"])))
    with snapshot(db.engine) as connection:
        report = sealing.check_database(connection, heads)
    with unit_of_work():
        sealing.keep_check(report, started=started, now=clock.now())
    for finding in report.findings[:10]:
        _log.error("audit trail: %s", say(finding))


@every("backup.create", hour=2)
def back_up() -> None:
    """Make the night's backup when a folder is set, and keep the newest ones."""
    folder, settings = current_app.config["BACKUP_DIR"], current_app.config
    if folder is None:
        return
    source = backing.Source(db.engine, Path(settings["DATA_DIR"]))
    key = backing.require_key(settings["BACKUP_KEY"], unencrypted=False)
    made, run_id = backing.make_backup(source, folder, key, made_by=JOB, now=clock.now())
    with unit_of_work():
        backing.note_made(run_id, made, now=clock.now())
    backing.keep_newest(folder, settings["BACKUP_KEEP"])


@every("accounts.forget", hour=1)
def forget() -> None:
    """Remove sessions, activation codes and counts of tries that are long over."""
    with unit_of_work():
        forget_long_over(now=clock.now())
