"""Background work of the room: making a workbook."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.exports import queries, service
from survey_app.exports.store import export_store
from survey_app.jobs.registry import JobCall, job
from survey_app.jobs.timetable import every


@job(service.JOB)
def make(call: JobCall) -> dict[str, Any]:
    """Write the workbook outside any write transaction, store it by its hash, then name it."""
    assert call.actor is not None
    now, file = clock.now(), queries.get_file(int(call.params["export"]))
    file_id, url = file.id, f"/exports/{file.uid}"
    with TemporaryDirectory(prefix="export-") as folder:
        target = Path(folder) / "book.xlsx"
        service.write_export(file, target, actor=call.actor, now=now)
        with target.open("rb") as stream:
            digest, size = export_store().write(stream)
    call.step("made", lambda: _set_made(file_id, digest, size))
    return {"url": url}


def _set_made(file_id: int, digest: str, size: int) -> None:
    service.set_made(queries.get_file(file_id), digest, size, now=clock.now())


@every("exports.sweep", hour=1)
def sweep() -> None:
    """Remove the workbooks that have run out; under the write lock no row can appear meanwhile."""
    with unit_of_work():
        service.let_go_of_expired(now=clock.now())
    with unit_of_work():
        service.sweep_files(now=clock.now())
