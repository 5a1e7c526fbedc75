"""A worker process that issues slowly, two schools at a time, to be killed by `test_job.py`."""

import sys
import time
from pathlib import Path
from typing import Any

from survey_app.app import create_app
from survey_app.certificates import service, tasks
from survey_app.jobs import worker
from tests.conftest import make_settings

SCHOOLS = 8
_issue_part = service.issue_part


def slowly(*args: Any, **values: Any) -> list[int]:
    """Issue a part inside its transaction, then hold it a moment: a kill may strike before the commit."""
    made = _issue_part(*args, **values)
    time.sleep(0.15)
    return made


if __name__ == "__main__":
    service.PART = 2
    tasks.service.issue_part = slowly  # type: ignore[assignment]
    worker.BEAT_SECONDS = 0.2
    worker.work(create_app(make_settings(Path(sys.argv[1]))), sys.argv[2])
