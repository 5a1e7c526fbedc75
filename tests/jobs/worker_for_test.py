"""A worker process with a slow job, to be killed by `test_worker.py`."""

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.jobs import service, worker
from survey_app.jobs.registry import JobCall, job
from survey_app.jobs.timetable import TIMETABLE, every
from survey_app.organisations.models import UnitAlias
from tests.conftest import make_settings

PARTS = 12


@job("test.slow")
def add_aliases(call: JobCall) -> dict[str, Any]:
    """Adds one row per part, slowly."""
    for number in range(PARTS):
        call.step(f"part-{number}", lambda number=number: add_alias(call.params["unit"], number))
        call.progress(number + 1, PARTS)
        time.sleep(0.15)
    return {"parts": PARTS}


def add_alias(unit_id: int, number: int) -> int:
    """One row that must be there once."""
    from survey_app.core.db import session

    session.add(UnitAlias(unit_id=unit_id, code=f"OLD-{number:02d}", name="Tên cũ", source="test"))
    session.flush()
    return number


def take_a_while() -> None:
    """Regular work that the first worker is killed in; the next one ends it."""
    time.sleep(60 if sys.argv[3] == "worker-1" else 0)


def main(folder: str, task: str, argument: str) -> None:
    """`work NAME` runs a worker; `ask UNIT` asks for one slow job, `later UNIT` for one in two seconds."""
    app = create_app(make_settings(Path(folder)))
    if task == "work":
        worker.BEAT_SECONDS = 0.2
        TIMETABLE.clear()
        every("test.regular", minutes=1)(take_a_while)
        worker.work(app, argument)
    wait = timedelta(seconds=2) if task == "later" else None
    with app.app_context(), unit_of_work():
        params, now = {"unit": int(argument)}, clock.now()
        service.enqueue("test.slow", params, label="Việc chậm", actor=None, now=now, wait=wait)


if __name__ == "__main__":
    main(*sys.argv[1:])
