"""Regular work of the room: files that no evidence names any more."""

from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.evidence import service
from survey_app.jobs.timetable import every


@every("evidence.sweep", hour=1)
def sweep() -> None:
    """Remove them from the disk under the write lock: no row can appear while the list is compared."""
    with unit_of_work():
        service.sweep_files(now=clock.now())
