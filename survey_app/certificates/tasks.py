"""Background work of the room: issuing a batch, drawing its papers, binding them for the printer."""

from functools import partial
from typing import Any

from flask import current_app

from survey_app.certificates import queries, service
from survey_app.certificates.content import read_content
from survey_app.certificates.pdf import draw_certificate, merge_papers
from survey_app.core import clock, logs
from survey_app.core.db import unit_of_work
from survey_app.core.files import StoreFull, file_store
from survey_app.documents.pdf import PdfMissing
from survey_app.jobs.registry import JobCall, job


@job(service.JOB)
def issue(call: JobCall) -> dict[str, Any]:
    """Issue what a batch lacks, 50 at a time, then draw what has no PDF yet.

    After a crash it runs again from its start: parts that took effect are remembered, papers that were
    stored are skipped, and a paper drawn twice has the same bytes.
    """
    batch_id = int(call.params["batch"])
    batch = queries.get_batch(batch_id)
    address, wanted = f"/certificates/batches/{batch.uid}", list(batch.result_ids)
    for start in range(0, len(wanted), service.PART):
        part = wanted[start : start + service.PART]
        call.step(f"issue-{start}", partial(_issue_part, call, batch_id, part))
    call.step("issued", lambda: service.close_batch(batch_id))
    if _draw(call, batch_id):
        _bind(batch_id)
    return {"url": address}


def _issue_part(call: JobCall, batch_id: int, part: list[int]) -> list[int]:
    base_url = current_app.config["BASE_URL"]
    return service.issue_part(batch_id, part, base_url=base_url, actor=call.actor, now=clock.now())


def _draw(call: JobCall, batch_id: int) -> bool:
    """Draw every paper that is missing, outside any transaction; False when none can be drawn.

    One that cannot be drawn is logged and left for the next run; a full disk ends the job. Without the PDF
    library nothing is drawn: the certificates are issued, their papers can be made later from the frozen
    contents.
    """
    missing = queries.undrawn(batch_id)
    for place, (certificate_id, content) in enumerate(missing, start=1):
        try:
            digest, _size = file_store().write(draw_certificate(read_content(content)))
        except PdfMissing:
            logs.log.warning("certificates issued without PDF: the library is missing", batch=batch_id)
            return False
        except StoreFull:
            raise  # nor would the others find room
        except Exception as error:
            logs.failure("certificate could not be drawn", error, certificate=certificate_id)
            continue
        with unit_of_work():
            service.keep_pdf(certificate_id, digest)
        if place % 5 == 0 or place == len(missing):
            call.progress(place, len(missing))
    return True


def _bind(batch_id: int) -> None:
    """Bind the papers of a batch to one file for the printer."""
    store = file_store()
    digests = [one.pdf_sha256 for one in queries.certificates_of(batch_id) if one.pdf_sha256]
    if not digests:
        return
    bundle, _size = store.write(merge_papers(store.read(digest) for digest in digests))
    with unit_of_work():
        service.keep_bundle(batch_id, bundle)
